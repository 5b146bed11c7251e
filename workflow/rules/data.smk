"""Packs of pictures: data/<study>/<task>/{train,test}.{npy,parquet}."""


rule fetch:
    input:
        code=lambda wc: code("commands.prepare", f"datasets.{wc.dataset}"),
    output:
        "data/raw/{dataset}/checksums.json",
    log:
        f"{ROOT}/logs/fetch-{{dataset}}.log",
    message:
        "Fetch the original files of {wildcards.dataset}"
    shell:
        "insm fetch {wildcards.dataset} {output} > {log} 2>&1"


def originals(wildcards):
    """The record of a dataset's original files, where it has any and the study names no folder of its own."""
    task = TASKS[wildcards.task]
    return f"data/raw/{task['dataset']}/checksums.json" if task["fetched"] else []


rule prepare:
    input:
        config=f"{CONFIG}/{{task}}/{{split}}.json",
        originals=originals,
        code=lambda wc: code("commands.prepare", f"datasets.{dataset(wc)}"),
    output:
        images=f"{DATA}/{{task}}/{{split}}.npy",
        table=f"{DATA}/{{task}}/{{split}}.parquet",
    log:
        f"{ROOT}/logs/{{task}}/prepare-{{split}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/prepare-{{split}}.tsv"
    priority: FIRST
    message:
        "Prepare the {wildcards.split} pictures of {wildcards.task}"
    shell:
        "insm prepare {input.config} {output.images} {output.table} > {log} 2>&1"


rule data:
    input:
        [tasks(f"{DATA}/{{task}}/{split}.{ending}") for split in ("train", "test") for ending in ("npy", "parquet")],
