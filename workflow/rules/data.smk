"""Packs of pictures: data/<study>/<task>/{train,test}.{npy,parquet}."""


rule fetch:
    input:
        code=lambda wc: code("commands.data", f"datasets.{wc.dataset}"),
    output:
        checksums=update("data/raw/{dataset}/checksums.json"),  # what was trusted once is compared with
        unpacked="data/raw/{dataset}/unpacked.json",
    log:
        f"{ROOT}/logs/fetch-{{dataset}}.log",
    localrule: True  # nodes of a cluster often have no way to the internet
    message:
        "Fetch and unpack the original files of {wildcards.dataset}"
    shell:
        "insm fetch {wildcards.dataset} {output.checksums} {output.unpacked} > {log} 2>&1"


def originals(wildcards):
    """The records of a dataset's original files, where it has any and the study names no folder of its own."""
    task = TASKS[wildcards.task]
    return multiext(f"data/raw/{task['dataset']}/", "checksums.json", "unpacked.json") if task["fetched"] else []


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
