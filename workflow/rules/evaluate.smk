"""Edits of the test images, one attribute at a time and several at once, and their numbers."""


rule translate:
    input:
        model=rules.train.output.model,
        info=rules.train.output.info,
        test=split_files("test"),
    output:
        edits=f"{ROOT}/translations/{{task}}/{{variant}}/seed{{seed}}.npy",
        permuted=f"{ROOT}/translations/{{task}}/{{variant}}/permuted-seed{{seed}}.npy",
    log:
        f"{ROOT}/logs/{{task}}/{{variant}}/translate-seed{{seed}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/{{variant}}/translate-seed{{seed}}.tsv"
    resources:
        **cluster("translate", DEVICE),
        device=DEVICE,
    params:
        code=method_code("commands.jobs.translate"),
    message:
        "Translate the test images of {wildcards.task} with {wildcards.variant}, seed {wildcards.seed}"
    shell:
        "insm job translate {input.model:q} {input.test[0]:q} {resources.device:q} {output:q} > {log:q} 2>&1"


rule ground_truth:
    input:
        test=split_files("test"),
    output:
        edits=f"{ROOT}/translations/{{task}}/ground-truth.npy",
        permuted=f"{ROOT}/translations/{{task}}/permuted-ground-truth.npy",
    log:
        f"{ROOT}/logs/{{task}}/ground_truth.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/ground_truth.tsv"
    resources:
        **cluster("ground_truth"),
    params:
        code=lambda wc: code("commands.jobs.ground_truth", f"datasets.{module(wc)}"),
        dataset=dataset,
    message:
        "Render the exact counterfactuals of {wildcards.task}"
    shell:
        "insm job ground-truth {params.dataset:q} {input.test[0]:q} {output:q} > {log:q} 2>&1"


def one_way(wildcards):
    """Options for variants that translate to one of two domains only."""
    plans = TASKS[wildcards.task]["runs"].items()
    single = {variant: plan["translates_to"][0] for variant, plan in plans if len(plan["translates_to"]) == 1}
    return [word for variant, value in single.items() for word in ("--only", f"{variant}={value}")]


def runs_to_evaluate(wildcards, input):
    """Options of `insm job evaluate` that name each run of a task with its translations."""
    names = runs("{variant}/{seed}", wildcards.task)
    options = zip(names, input.edits, input.permuted, strict=True)
    return [word for run in options for pair in zip(("--run", "--edits", "--permuted"), run) for word in pair]


rule evaluate:
    input:
        train=split_files("train"),
        test=split_files("test"),
        classifier=rules.classifier.output[0],
        truth=rules.ground_truth.output,
        edits=lambda wc: runs(rules.translate.output.edits, wc.task),
        permuted=lambda wc: runs(rules.translate.output.permuted, wc.task),
        identity_encoder=branch("identity" in STUDY["metrics"], then=rules.identity_encoder.output[0], otherwise=[]),
        lpips=STUDY["lpips"] or [],
        features=STUDY["extractor"]["files"],
    output:
        numbers=f"{ROOT}/metrics/{{task}}.csv",
        outcomes=f"{ROOT}/metrics/{{task}}.parquet",
    log:
        f"{ROOT}/logs/{{task}}/evaluate.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/evaluate.tsv"
    resources:
        **cluster("evaluate", DEVICE),
        device=DEVICE,
    params:
        code=lambda wc: code("commands.jobs.evaluate", f"datasets.{module(wc)}", *STUDY["extractor"]["modules"]),
        dataset=dataset,
        metrics=",".join(STUDY["metrics"]),
        features=STUDY["features"],
        only=one_way,
        networks=lambda wc, input: [
            word
            for name in ("identity_encoder", "lpips")
            if input[name]
            for word in (f"--{name.replace('_', '-')}", input[name])
        ],
        runs=runs_to_evaluate,
    message:
        "Evaluate every run of {wildcards.task}"
    shell:
        "insm job evaluate --dataset {params.dataset:q} --device {resources.device:q} --metrics {params.metrics:q}"
        " --features {params.features:q} --train {input.train[0]:q} --test {input.test[0]:q} --classifier {input.classifier:q}"
        " --truth {input.truth[0]:q} --truth-permuted {input.truth[1]:q} --numbers {output.numbers:q}"
        " --outcomes {output.outcomes:q} {params.networks:q} {params.only:q} {params.runs:q} > {log:q} 2>&1"


rule sample_edits:
    input:
        train=split_files("train"),
        test=split_files("test"),
    output:
        target_edits=f"{ROOT}/translations/{{task}}/multi-attribute.json",
        truth=f"{ROOT}/translations/{{task}}/multi-attribute-ground-truth.npy",
    log:
        f"{ROOT}/logs/{{task}}/sample_edits.log",
    params:
        code=lambda wc: code("commands.jobs.sample_edits", f"datasets.{module(wc)}"),
        dataset=dataset,
    message:
        "Sample edits of several attributes at once on {wildcards.task}"
    shell:
        "insm job sample-edits {params.dataset:q} {input.train[0]:q} {input.test[0]:q} {output:q} > {log:q} 2>&1"


rule apply_edits:
    input:
        model=rules.train.output.model,
        info=rules.train.output.info,
        test=split_files("test"),
        target_edits=rules.sample_edits.output.target_edits,
        order=ancient(rules.translate.output.edits),  # not read: one after the other, they are one job of a cluster
    output:
        f"{ROOT}/translations/{{task}}/{{variant}}/multi-attribute-seed{{seed}}.npy",
    log:
        f"{ROOT}/logs/{{task}}/{{variant}}/apply_edits-seed{{seed}}.log",
    resources:
        **cluster("apply_edits", DEVICE),
        device=DEVICE,
    params:
        code=method_code("commands.jobs.apply_edits"),
    message:
        "Edit several attributes at once with {wildcards.variant} on {wildcards.task}, seed {wildcards.seed}"
    shell:
        "insm job apply-edits {input.model:q} {input.test[0]:q} {input.target_edits:q} {resources.device:q} {output:q} > {log:q} 2>&1"


# Tasks whose combined edits a notebook of the study draws.
COMBINED = [name for name, task in TASKS.items() if task["combined"]]


rule translations:
    input:
        [runs(output) for output in rules.translate.output],
        [tasks(output) for output in rules.ground_truth.output],
        [runs(rules.apply_edits.output[0], task) for task in COMBINED],
        expand(rules.sample_edits.output, task=COMBINED),
