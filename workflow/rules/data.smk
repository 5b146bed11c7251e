"""Packs of images, data/<study>/<task>/{train,test}.{npy,parquet}, with their sums, and a card that describes them."""


rule fetch:
    output:
        checksums=update("data/raw/{dataset}/checksums.json"),  # what was trusted once is compared with
        unpacked="data/raw/{dataset}/unpacked.json",
    log:
        f"{ROOT}/logs/fetch-{{dataset}}.log",
    localrule: True  # nodes of a cluster often have no way to the internet
    params:
        code=lambda wc: code("commands.jobs.fetch", f"datasets.{wc.dataset}"),
    message:
        "Fetch and unpack the original files of {wildcards.dataset}"
    shell:
        "insm job fetch {wildcards.dataset:q} {output.checksums:q} {output.unpacked:q} > {log:q} 2>&1"


rule weights:
    output:
        update("data/weights/{extractor}/{file}"),  # put there by hand, it is only verified
    log:
        f"{ROOT}/logs/weights-{{extractor}}-{{file}}.log",
    localrule: True  # nodes of a cluster often have no way to the internet
    message:
        "Fetch the weights of {wildcards.extractor}"
    shell:
        "insm data weights {wildcards.extractor:q} data/weights/{wildcards.extractor:q} > {log:q} 2>&1"


def originals(wildcards):
    """The records of a dataset's original files, where it has any and the study names no folder of its own."""
    task = TASKS[wildcards.task]
    return multiext(f"data/raw/{task['module']}/", "checksums.json", "unpacked.json") if task["fetched"] else []


def source(wildcards):
    """What a folder of one's own holds now: an edit of its table or images makes the split again."""
    folder = TASKS[wildcards.task]["settings"][wildcards.split]["source"]
    return source_fingerprint(Path(folder)) if folder else ""


rule prepare:
    input:
        originals=originals,
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
    resources:
        **cluster("prepare"),
    params:
        code=lambda wc: code("commands.jobs.prepare", f"datasets.{module(wc)}"),
        settings=lambda wc: settings(wc.split)(wc),
        source=source,
    message:
        "Prepare the {wildcards.split} images of {wildcards.task}"
    shell:
        "insm job prepare --workers {threads} {params.settings:q} {output.images:q} {output.table:q} > {log:q} 2>&1"


rule card:
    input:
        train=split_files("train"),
        test=lambda wc: [path.format(task=wc.task) for path in split_files(TASKS[wc.task]["edited"][0])],
    output:
        multiext(f"{DATA}/{{task}}/card", ".md", ".json"),
        shown(f"{DATA}/{{task}}/card.png", "card", "Data", labels={"task": "{task}"}),
    log:
        f"{ROOT}/logs/{{task}}/card.log",
    params:
        code=lambda wc: code("commands.jobs.card", "reporting.data_card_figures", f"datasets.{module(wc)}"),
        train=settings("train"),
        test=lambda wc: settings(TASKS[wc.task]["edited"][0])(wc),
    message:
        "Describe the images of {wildcards.task}"
    shell:
        "insm job card {params.train:q} {params.test:q} {input.train[0]:q} {input.test[0]:q} {output[0]:q} > {log:q} 2>&1"


rule data:
    input:
        [tasks(output, OPEN) for output in rules.card.output],
        [path.format(task=task) for task in OPEN for split in TASKS[task]["splits"] for path in split_files(split)],
