"""Packs of pictures, data/<study>/<task>/{train,test}.{npy,parquet}, with their sums, and a card that describes them."""


rule fetch:
    input:
        code=lambda wc: code("commands.fetch", f"datasets.{wc.dataset}"),
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


rule weights:
    output:
        update("data/weights/{extractor}/{file}"),  # put there by hand, it is only verified
    log:
        f"{ROOT}/logs/weights-{{extractor}}-{{file}}.log",
    localrule: True  # nodes of a cluster often have no way to the internet
    message:
        "Fetch the weights of {wildcards.extractor}"
    shell:
        "insm weights {wildcards.extractor} data/weights/{wildcards.extractor} > {log} 2>&1"


def originals(wildcards):
    """The records of a dataset's original files, where it has any and the study names no folder of its own."""
    task = TASKS[wildcards.task]
    return multiext(f"data/raw/{task['module']}/", "checksums.json", "unpacked.json") if task["fetched"] else []


rule prepare:
    input:
        config=f"{CONFIG}/{{task}}/{{split}}.json",
        originals=originals,
        code=lambda wc: code("commands.prepare", f"datasets.{module(wc)}"),
    output:
        images=f"{DATA}/{{task}}/{{split}}.npy",
        table=f"{DATA}/{{task}}/{{split}}.parquet",
        sums=f"{DATA}/{{task}}/{{split}}.sha256",  # compared by every job that opens the pack
    log:
        f"{ROOT}/logs/{{task}}/prepare-{{split}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/prepare-{{split}}.tsv"
    priority: FIRST
    threads: 1  # photographs: --set-threads prepare=8; a wide job would wait until every core is free. The pack is the same
    message:
        "Prepare the {wildcards.split} pictures of {wildcards.task}"
    shell:
        "insm prepare --workers {threads} {input.config} {output.images} {output.table} > {log} 2>&1"


rule card:
    input:
        train_config=f"{CONFIG}/{{task}}/train.json",
        test_config=f"{CONFIG}/{{task}}/test.json",
        train=pack("train"),
        test=pack("test"),
        code=lambda wc: code("commands.data", "sheet", f"datasets.{module(wc)}"),
    output:
        multiext(f"{DATA}/{{task}}/card", ".md", ".json"),
        shown(f"{DATA}/{{task}}/card.png", "card", "Data", labels={"task": "{task}"}),
    log:
        f"{ROOT}/logs/{{task}}/card.log",
    message:
        "Describe the pictures of {wildcards.task}"
    shell:
        "insm data card {input.train_config} {input.test_config} {input.train[0]} {input.test[0]} {output[0]} > {log} 2>&1"


rule data:
    input:
        tasks(f"{DATA}/{{task}}/card.md"),
        [tasks(path) for split in ("train", "test") for path in pack(split)],
