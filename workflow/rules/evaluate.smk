"""Edits of the test images, one attribute at a time and several at once, and their numbers, a job for each run."""

METRICS = f"{ROOT}/metrics/{{task}}"


rule ground_truth:
    input:
        images=lambda wc: f"{DATA}/{wc.task}/{split_of_truth(wc.truth)}.npy",
        table=lambda wc: f"{DATA}/{wc.task}/{split_of_truth(wc.truth)}.parquet",
    output:
        edits=f"{ROOT}/translations/{{task}}/{{truth}}.npy",
        permuted=f"{ROOT}/translations/{{task}}/permuted-{{truth}}.npy",
    log:
        f"{ROOT}/logs/{{task}}/{{truth}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/{{truth}}.tsv"
    wildcard_constraints:
        truth=r"ground-truth(-validation|-test-\d+)?",
    priority: ahead
    resources:
        **cluster("ground_truth"),
    params:
        code=lambda wc: code("commands.jobs.ground_truth", f"datasets.{module(wc)}"),
        dataset=dataset,
        labels=lambda wc: STUDY["evaluation"]["labels"] if split_of_truth(wc.truth) == edited(wc)[0] else 0,
    message:
        "Render the exact counterfactuals of {wildcards.task}"
    shell:
        "insm job ground-truth {params.dataset:q} {input.images:q} {output:q} --labels {params.labels} > {log:q} 2>&1"


def split_of_truth(name):
    """The split of a file of counterfactuals."""
    return name.removeprefix("ground-truth").removeprefix("-") or "test"


def edited(wildcards):
    """The splits of a task whose images are edited and measured."""
    return TASKS[wildcards.task]["edited"]


def truths(splits, permuted=""):
    """Files of counterfactuals of a task's splits."""
    suffixes = ["" if name == "test" else f"-{name}" for name in splits]
    return [f"{ROOT}/translations/{{task}}/{permuted}ground-truth{suffix}.npy" for suffix in suffixes]


def for_task(make):
    """An input function of a task's edited splits, from a function of their names to patterns with {task}."""
    return lambda wc: [path.format(task=wc.task) for path in make(edited(wc))]


# What every evaluation reads: prepared splits, counterfactuals, and the networks that look at images.
EVALUATING = {
    "train": split_files("train"),
    "splits": for_task(lambda names: [path for name in names for path in split_files(name)]),
    "truth": for_task(truths),
    "truth_permuted": for_task(lambda names: truths(names[:1], "permuted-")),
    "classifier": classifiers(),
    "identity_encoder": [rules.identity_encoder.output[0]] if "identity" in STUDY["metrics"] else [],
    "lpips": STUDY["lpips"] or [],
    "features": STUDY["extractor"]["files"],
}


def evaluation_settings(wildcards):
    """What is measured, and what is kept, as JSON."""
    keys = {key: STUDY["evaluation"][key] for key in ("labels", "outcomes")}
    named = {"dataset": dataset(wildcards), "metrics": STUDY["metrics"], "features": STUDY["features"]}
    return compact(named | keys)


def evaluation_files(wildcards, input):
    """Options of `insm job evaluate` that name what it reads."""
    words = ["--train", input.train[0], "--truth-permuted", input.truth_permuted[0]]
    places = [path for path in input.splits if path.endswith(".npy")]
    for name, place, truth in zip(edited(wildcards), places, input.truth, strict=True):
        words += ["--split", f"{name}={place}", "--truth", truth]
    words += each("--classifier", input.classifier)
    for name in ("identity_encoder", "lpips"):
        words += each(f"--{name.replace('_', '-')}", [input[name]] if isinstance(input[name], str) else input[name])
    return words


def each(option, paths):
    """The option before each of the paths."""
    return [word for path in paths for word in (option, path)]


EXTRACTOR = STUDY["extractor"]["modules"]

# Translations are kept where a notebook or the gallery draws them, or else a few of the first seed, for one figure.
DRAWN = {"edits": f"{ROOT}/translations/{{task}}/{{variant}}/seed{{seed}}.npy"} if STUDY["drawn"] else {}
FEW = STUDY["notebooks"] and not DRAWN
EXAMPLES = {"examples": f"{METRICS}/{{variant}}/seed{{seed}}.examples.png"} if FEW else {}
TRUE_EXAMPLES = {"examples": f"{METRICS}/references.examples.png"} if FEW else {}
ALL_EXAMPLES = {"examples": f"{METRICS}.examples.png"} if FEW else {}


def drawn(wildcards, output):
    """Options of `insm job evaluate` that name pictures."""
    return [word for key in ("edits", "examples") if key in output.keys() for word in (f"--{key}", output[key])]


rule references:
    input:
        **EVALUATING,
    output:
        **TRUE_EXAMPLES,
        numbers=f"{METRICS}/references.numbers.parquet",
        outcomes=f"{METRICS}/references.{OUTCOMES}",
        features=[f"{METRICS}/{name.replace('classifier', 'train-features')}.npy" for name in CLASSIFIERS],
        record=f"{METRICS}/references.json",
    log:
        f"{ROOT}/logs/{{task}}/references.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/references.tsv"
    priority: ahead
    resources:
        **cluster("references", DEVICE),
        device=DEVICE,
    params:
        code=lambda wc: code("commands.jobs.evaluate", f"datasets.{module(wc)}", *EXTRACTOR),
        settings=evaluation_settings,
        files=evaluation_files,
        features=lambda wc, output: each("--train-features", output.features),
        drawn=drawn,
        identity=lambda wc: compact({key: value for key, value in TASKS[wc.task]["settings"].items() if key != "runs"}),
    message:
        "Measure the reference rows of {wildcards.task}"
    shell:
        "insm job evaluate --settings {params.settings:q} --device {resources.device:q} {params.files:q}"
        " {params.features:q} --numbers {output.numbers:q} --outcomes {output.outcomes:q} {params.drawn:q}"
        " --identity {params.identity:q} --record {output.record:q} > {log:q} 2>&1"


def curve(wildcards):
    """Snapshots of a run with the split and the counterfactuals on which they are measured, if there are any."""
    if not TASKS[wildcards.task]["curve"]:
        return []
    places = [rules.train.output.snapshots, f"{DATA}/{{task}}/validation.npy", *truths(["validation"])]
    return [path.format(**wildcards) for path in places]


def curve_options(wildcards, input):
    """Options of `insm job evaluate` for a learning curve."""
    if not input.curve:
        return []
    snapshots, split, truth = input.curve
    return ["--snapshots", snapshots, "--validation", split, "--validation", truth]


rule evaluate:
    input:
        **EVALUATING,
        model=rules.train.output.model,
        info=rules.train.output.info,
        log=rules.train.output.log,
        train_features=rules.references.output.features,
        curve=curve,
    output:
        **DRAWN,
        **EXAMPLES,
        numbers=f"{METRICS}/{{variant}}/seed{{seed}}.numbers.parquet",
        outcomes=f"{METRICS}/{{variant}}/seed{{seed}}.{OUTCOMES}",
        record=f"{METRICS}/{{variant}}/seed{{seed}}.json",
    log:
        f"{ROOT}/logs/{{task}}/{{variant}}/evaluate-seed{{seed}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/{{variant}}/evaluate-seed{{seed}}.tsv"
    priority: FIRST - 1  # a run is finished before the next one begins
    resources:
        **cluster("evaluate", DEVICE),
        device=DEVICE,
    params:
        code=lambda wc: code(
            "commands.jobs.evaluate", f"methods.{run_plan(wc)['method']}", f"datasets.{module(wc)}", *EXTRACTOR
        ),
        settings=evaluation_settings,
        files=evaluation_files,
        features=lambda wc, input: each("--train-features", input.train_features),
        curve=curve_options,
        identity=lambda wc: compact(identity(wc.task, wc.variant, wc.seed)),
        drawn=drawn,
    message:
        "Evaluate {wildcards.variant} on {wildcards.task}, seed {wildcards.seed}"
    shell:
        "insm job evaluate --settings {params.settings:q} --device {resources.device:q} {params.files:q}"
        " {params.features:q} --model {input.model:q} --log {input.log:q} {params.curve:q} {params.drawn:q}"
        " --numbers {output.numbers:q} --outcomes {output.outcomes:q} --identity {params.identity:q}"
        " --record {output.record:q} > {log:q} 2>&1"


def references_of(task):
    """Numbers and outcomes of the reference rows, from git where the whole task is done."""
    folder = f"{ROOT}/{FOLDER if task in COMPLETE else 'metrics'}/{task}"
    return [
        f"{folder}/references.{ending}" for ending in ("numbers.parquet", OUTCOMES, *(["examples.png"] if FEW else []))
    ]


def first_runs(task):
    """The runs of a task that have the lowest seed of their variant."""
    return [(task, variant, min(run["seeds"])) for variant, run in TASKS[task]["runs"].items()]


def example_options(wildcards, input, output):
    """Options of `insm job gather` that name pictures."""
    if not FEW:
        return []
    words = ["--examples", output.examples, "--true-examples", input.references[2]]
    for (_, variant, _), path in zip(first_runs(wildcards.task), input.examples, strict=True):
        words += ["--run-examples", f"{variant}={path}"]
    return words


rule gather:
    input:
        references=lambda wc: references_of(wc.task),
        numbers=lambda wc: measured("numbers", keys(wc.task)),
        outcomes=lambda wc: measured("outcomes", keys(wc.task)),
        examples=lambda wc: measured("examples", first_runs(wc.task)) if FEW else [],
    output:
        **ALL_EXAMPLES,
        numbers=f"{METRICS}.csv",
        outcomes=f"{METRICS}.parquet",
        everything=f"{METRICS}.numbers.parquet",
    log:
        f"{ROOT}/logs/{{task}}/gather.log",
    params:
        code=code("commands.jobs.gather"),
        runs=lambda wc, input: [
            word
            for name, numbers, outcomes in zip(
                runs("{variant}/{seed}", wc.task), input.numbers, input.outcomes, strict=True
            )
            for word in ("--run", f"{name}={numbers}", "--run-outcomes", outcomes)
        ],
        examples=example_options,
    message:
        "Gather what was measured of {wildcards.task}"
    shell:
        "insm job gather --numbers {output.numbers:q} --outcomes {output.outcomes:q} --everything {output.everything:q}"
        " --reference {input.references[0]:q} --reference {input.references[1]:q} {params.runs:q} {params.examples:q} > {log:q} 2>&1"


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
        order=ancient(rules.evaluate.output.numbers),  # not read: one after the other, they are one job of a cluster
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
        [pending(pattern) for pattern in DRAWN.values()],
        [tasks(truths(["test"])[0]) for drawn in DRAWN],
        [pending(rules.apply_edits.output[0], task) for task in COMBINED],
        expand(rules.sample_edits.output, task=COMBINED),
