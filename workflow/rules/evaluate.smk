"""Edits of the test pictures, one attribute at a time and several at once, and their numbers."""


rule translate:
    input:
        model=rules.train.output.model,
        test=pack("test"),
        code=method_code("commands.translate"),
    output:
        edits=f"{ROOT}/edits/{{task}}/{{entry}}/seed{{seed}}.npy",
        permuted=f"{ROOT}/edits/{{task}}/{{entry}}/permuted-seed{{seed}}.npy",
    log:
        f"{ROOT}/logs/{{task}}/{{entry}}/translate-seed{{seed}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/{{entry}}/translate-seed{{seed}}.tsv"
    params:
        device=DEVICE,
    message:
        "Translate the test pictures of {wildcards.task} with {wildcards.entry}, seed {wildcards.seed}"
    shell:
        "insm translate {input.model} {input.test[0]} {params.device} {output} > {log} 2>&1"


rule truth:
    input:
        test=pack("test"),
        code=lambda wc: code("commands.evaluate", f"datasets.{module(wc)}"),
    output:
        edits=f"{ROOT}/edits/{{task}}/truth.npy",
        permuted=f"{ROOT}/edits/{{task}}/permuted-truth.npy",
    log:
        f"{ROOT}/logs/{{task}}/truth.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/truth.tsv"
    params:
        dataset=dataset,
    message:
        "Render the exact counterfactuals of {wildcards.task}"
    shell:
        "insm truth {params.dataset} {input.test[0]} {output} > {log} 2>&1"


def one_way(wildcards):
    """Options for entries that translate to one of two domains only."""
    plans = TASKS[wildcards.task]["runs"].items()
    return [f"--only {entry}={plan['translates_to'][0]}" for entry, plan in plans if len(plan["translates_to"]) == 1]


rule evaluate:
    input:
        train=pack("train"),
        test=pack("test"),
        classifier=rules.classify.output[0],
        truth=rules.truth.output,
        edits=lambda wc: runs(rules.translate.output.edits, wc.task),
        permuted=lambda wc: runs(rules.translate.output.permuted, wc.task),
        recogniser=branch("identity" in STUDY["metrics"], then=rules.recognise.output[0], otherwise=[]),
        lpips=STUDY["lpips"] or [],
        features=STUDY["extractor"]["files"],
        code=lambda wc: code("commands.evaluate", f"datasets.{module(wc)}", *STUDY["extractor"]["modules"]),
    output:
        numbers=f"{ROOT}/metrics/{{task}}.csv",
        outcomes=f"{ROOT}/metrics/{{task}}.parquet",
    log:
        f"{ROOT}/logs/{{task}}/evaluate.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/evaluate.tsv"
    params:
        dataset=dataset,
        device=DEVICE,
        metrics=",".join(STUDY["metrics"]),
        features=STUDY["features"],
        only=one_way,
        others=lambda wc, input: [f"--{name} {input[name]}" for name in ("recogniser", "lpips") if input[name]],
    message:
        "Evaluate every run of {wildcards.task}"
    shell:
        "insm evaluate {params.dataset} {params.device} {params.metrics} {params.features} {input.train[0]} {input.test[0]} {input.classifier} {input.truth[0]}"
        " {output} {input.edits} {params.only} {params.others} > {log} 2>&1"


rule choose:
    input:
        train=pack("train"),
        test=pack("test"),
        code=lambda wc: code("commands.combine", f"datasets.{module(wc)}"),
    output:
        wishes=f"{ROOT}/edits/{{task}}/combined.json",
        truth=f"{ROOT}/edits/{{task}}/combined-truth.npy",
    log:
        f"{ROOT}/logs/{{task}}/choose.log",
    params:
        dataset=dataset,
    message:
        "Choose combined edits of {wildcards.task}"
    shell:
        "insm choose {params.dataset} {input.train[0]} {input.test[0]} {output} > {log} 2>&1"


rule combine:
    input:
        model=rules.train.output.model,
        test=pack("test"),
        wishes=rules.choose.output.wishes,
        code=method_code("commands.combine"),
    output:
        f"{ROOT}/edits/{{task}}/{{entry}}/combined-seed{{seed}}.npy",
    log:
        f"{ROOT}/logs/{{task}}/{{entry}}/combine-seed{{seed}}.log",
    params:
        device=DEVICE,
    message:
        "Edit several attributes at once with {wildcards.entry} on {wildcards.task}, seed {wildcards.seed}"
    shell:
        "insm combine {input.model} {input.test[0]} {input.wishes} {params.device} {output} > {log} 2>&1"


# Tasks whose combined edits a notebook of the study draws.
COMBINED = [name for name, task in TASKS.items() if task["combined"]]


rule edits:
    input:
        [runs(output) for output in rules.translate.output],
        [tasks(output) for output in rules.truth.output],
        [runs(rules.combine.output[0], task) for task in COMBINED],
        expand(rules.choose.output, task=COMBINED),
