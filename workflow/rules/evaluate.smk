"""Edits of the test pictures, their numbers, and the tables made of them."""


rule translate:
    input:
        model=rules.train.output.model,
        test=f"{DATA}/{{task}}/test.npy",
        table=f"{DATA}/{{task}}/test.parquet",
        code=method_code("commands.translate"),
    output:
        f"{ROOT}/edits/{{task}}/{{entry}}/seed{{seed}}.npy",
    log:
        f"{ROOT}/logs/{{task}}/{{entry}}/translate-seed{{seed}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/{{entry}}/translate-seed{{seed}}.tsv"
    params:
        device=DEVICE,
    message:
        "Translate the test pictures of {wildcards.task} with {wildcards.entry}, seed {wildcards.seed}"
    shell:
        "insm translate {input.model} {input.test} {params.device} {output} > {log} 2>&1"


rule truth:
    input:
        test=f"{DATA}/{{task}}/test.npy",
        table=f"{DATA}/{{task}}/test.parquet",
        code=lambda wc: code("commands.evaluate", f"datasets.{dataset(wc)}"),
    output:
        f"{ROOT}/edits/{{task}}/truth.npy",
    log:
        f"{ROOT}/logs/{{task}}/truth.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/truth.tsv"
    params:
        dataset=dataset,
    message:
        "Render the exact counterfactuals of {wildcards.task}"
    shell:
        "insm truth {params.dataset} {input.test} {output} > {log} 2>&1"


rule evaluate:
    input:
        train=f"{DATA}/{{task}}/train.npy",
        test=f"{DATA}/{{task}}/test.npy",
        tables=multiext(f"{DATA}/{{task}}/", "train.parquet", "test.parquet"),
        classifier=rules.classify.output[0],
        truth=rules.truth.output[0],
        edits=lambda wc: runs(rules.translate.output[0], wc.task),
        features=[] if STUDY["features"] == "classifier" else STUDY["features"],
        code=lambda wc: code("commands.evaluate", f"datasets.{dataset(wc)}"),
    output:
        f"{ROOT}/metrics/{{task}}.csv",
    log:
        f"{ROOT}/logs/{{task}}/evaluate.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/evaluate.tsv"
    params:
        dataset=dataset,
        device=DEVICE,
        metrics=",".join(STUDY["metrics"]),
        features=STUDY["features"],
    message:
        "Evaluate every run of {wildcards.task}"
    shell:
        "insm evaluate {params.dataset} {params.device} {params.metrics} {params.features} {input.train} {input.test} {input.classifier} {input.truth}"
        " {output} {input.edits} > {log} 2>&1"


rule edits:
    input:
        runs(rules.translate.output[0]),
        tasks(rules.truth.output[0]),


rule tabulate:
    input:
        tables=tasks(rules.evaluate.output[0]),
        code=code("commands.tabulate"),
    output:
        f"{ROOT}/tables/metrics.csv",
    log:
        f"{ROOT}/logs/tabulate.log",
    message:
        "Gather the numbers of all runs"
    shell:
        "insm tabulate {output} {input.tables} > {log} 2>&1"


rule table3:
    input:
        metrics=rules.tabulate.output[0],
        paper="docs/paper/paper_results.yaml",
        code=code("commands.tabulate"),
    output:
        f"{ROOT}/tables/table3.csv",
    log:
        f"{ROOT}/logs/table3.log",
    params:
        task="portraits",
    message:
        "Table 3: the ablations beside the paper's"
    shell:
        "insm table3 {input.metrics} {input.paper} {params.task} {output} > {log} 2>&1"


rule tables:
    input:
        rules.tabulate.output,
        rules.table3.output if "portraits" in TASKS else [],
