"""Everything that is trained: phi, the classifier and the identity_encoder of every task, then every run."""


def resuming(job, module):
    """Options of a pretraining: the folders of its checkpoints and of its lasting logs."""

    def options(wildcards):
        task, name = wildcards.task, wildcards.get("classifier", job)
        state = pretraining_state(STUDY["name"], task, TASKS[task]["settings"], job, code(module), name)
        return ["--state", str(state), "--attempts", f"{ROOT}/attempts/{task}/{name}"]

    return options


# Where there is one block, the costliest training is first, so that no core waits for one late, long job. Where there
# are several, the lower seeds of the lower blocks are: what a study finishes of a long list is a whole part of it.
BLOCKS = {run["block"] for task in TASKS.values() for run in task["runs"].values()}
COSTLIEST = max(run["cost"] for task in TASKS.values() for run in task["runs"].values())


def rank(task, variant, seed):
    """Priority of a training, below `FIRST`."""
    run = TASKS[task]["runs"][variant]
    if len(BLOCKS) == 1:
        return 1 + round(10_000 * run["cost"] / COSTLIEST)
    return 10_000 * (max(BLOCKS) - run["block"]) + max(1, 10_000 - int(seed))


def ahead(wildcards):
    """Priority of what the runs of a task are evaluated with: just before the first of them."""
    return 1 + max(rank(*key) for key in keys(wildcards.task))


rule embedding:
    input:
        train=split_files("train"),
        weights=lambda wc: TASKS[wc.task]["weights"]["embedding"],
    output:
        f"{ROOT}/pretrained/{{task}}/embedding.pt",
    log:
        f"{ROOT}/logs/{{task}}/embedding.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/embedding.tsv"
    priority: FIRST
    resources:
        **({"gpu": GPU} | cluster("embedding", DEVICE, resumes=True)),
        device=DEVICE,
    params:
        code=code("commands.jobs.embedding"),
        settings=settings("embedding"),
        dataset=dataset,
        resuming=resuming("embedding", "commands.jobs.embedding"),
    message:
        "Pretrain the embedding of {wildcards.task}"
    shell:
        "exec insm job embedding {params.settings:q} {params.dataset:q} {resources.device:q} {input.train[0]:q} {output:q}"
        " {params.resuming:q} > {log:q} 2>&1"


rule identity_encoder:
    input:
        train=split_files("train"),
        weights=lambda wc: TASKS[wc.task]["weights"]["identity_encoder"],
    output:
        f"{ROOT}/pretrained/{{task}}/identity_encoder.pt",
    log:
        f"{ROOT}/logs/{{task}}/identity_encoder.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/identity_encoder.tsv"
    priority: ahead
    resources:
        **({"gpu": GPU} | cluster("identity_encoder", DEVICE, resumes=True)),
        device=DEVICE,
    params:
        code=code("commands.jobs.embedding"),
        settings=settings("identity_encoder"),
        dataset=dataset,
        resuming=resuming("identity_encoder", "commands.jobs.embedding"),
    message:
        "Pretrain the identity_encoder of {wildcards.task}"
    shell:
        "exec insm job identity-encoder {params.settings:q} {params.dataset:q} {resources.device:q} {input.train[0]:q} {output:q}"
        " {params.resuming:q} > {log:q} 2>&1"


rule classifier:
    input:
        train=split_files("train"),
    output:
        f"{ROOT}/pretrained/{{task}}/{{classifier}}.pt",
    log:
        f"{ROOT}/logs/{{task}}/{{classifier}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/{{classifier}}.tsv"
    wildcard_constraints:
        classifier=r"classifier(-\d+)?",
    priority: ahead
    resources:
        **({"gpu": GPU} | cluster("classifier", DEVICE, resumes=True)),
        device=DEVICE,
    params:
        code=code("commands.jobs.classifier"),
        settings=settings("classifier"),
        dataset=dataset,
        number=lambda wc: wc.classifier.partition("-")[2] or 1,
        resuming=resuming("classifier", "commands.jobs.classifier"),
    message:
        "Train the attribute {wildcards.classifier} of {wildcards.task}"
    shell:
        "exec insm job classifier {params.settings:q} {params.dataset:q} {resources.device:q} {input.train[0]:q} {output:q}"
        " --number {params.number} {params.resuming:q} > {log:q} 2>&1"


def run_settings(wildcards):
    """Settings of one training."""
    return compact(TASKS[wildcards.task]["settings"]["runs"][wildcards.variant][wildcards.seed])


def state(wildcards, input):
    """Where a run resumes from; Snakemake does not compare what is a function of `input`."""
    task, run = wildcards.task, (wildcards.variant, wildcards.seed)
    return str(
        run_state(STUDY["name"], task, TASKS[task]["settings"], run, method_code("commands.jobs.train")(wildcards))
    )


def watching(key):
    """How a training is watched: resources, since no weights depend on them."""
    return lambda wc: TASKS[wc.task]["resources"][key]


# Kept for learning curves, where any task of the study has them.
SNAPSHOTS = (
    {"snapshots": f"{ROOT}/runs/{{task}}/{{variant}}/seed{{seed}}/snapshots.safetensors"}
    if any(task["curve"] for task in TASKS.values())
    else {}
)


# Variants that are trained as another one (`trained_as`): their models are copies that translate otherwise.
REUSED = sorted({name for task in TASKS.values() for name, run in task["runs"].items() if run["trained_as"]})


rule train:
    input:
        train=split_files("train"),
        embedding=branch(lambda wc: run_plan(wc)["needs_embedding"], then=rules.embedding.output[0], otherwise=[]),
    output:
        **SNAPSHOTS,
        model=f"{ROOT}/runs/{{task}}/{{variant}}/seed{{seed}}/model.safetensors",
        info=f"{ROOT}/runs/{{task}}/{{variant}}/seed{{seed}}/model.json",
        log=f"{ROOT}/runs/{{task}}/{{variant}}/seed{{seed}}/log.csv",
        samples=shown(
            f"{ROOT}/runs/{{task}}/{{variant}}/seed{{seed}}/samples.png",
            "samples",
            "Samples",
            subcategory="{task}",
            labels={"variant": "{variant}", "seed": "{seed}"},
        ),
    log:
        f"{ROOT}/logs/{{task}}/{{variant}}/train-seed{{seed}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/{{variant}}/train-seed{{seed}}.tsv"
    wildcard_constraints:
        variant="|".join({name for task in TASKS.values() for name in task["runs"]} - set(REUSED)),
    priority: lambda wc: rank(wc.task, wc.variant, wc.seed)
    threads: watching("gpus")
    resources:
        **(cluster("train", DEVICE, resumes=True) | {"gpu": lambda wc: GPU * watching("gpus")(wc)}),
        processes=watching("gpus"),
        device=DEVICE,
        log_every=watching("log_every"),
        checkpoint_every=watching("checkpoint_every"),
        sample_every=watching("sample_every"),
        dvclive=lambda wc: "--dvclive" if watching("dvclive")(wc) else "--no-dvclive",
    params:
        code=method_code("commands.jobs.train"),
        run=run_settings,
        state=state,
        study=STUDY["name"],
        board=f"{ROOT}/tensorboard/{{task}}/{{variant}}/seed{{seed}}",
        attempts=f"{ROOT}/attempts/{{task}}/{{variant}}/seed{{seed}}",
        embedding=lambda wc, input: ["--embedding", input.embedding] if input.embedding else [],
        snapshots=lambda wc, output: (
            ["--snapshots", output.snapshots, "--snapshot-count", watching("snapshots")(wc)] if SNAPSHOTS else []
        ),
        # For a curve to look at. No inputs: a training does not wait for them, and is not repeated for them.
        watch=f"--validation {DATA}/{{task}}/validation.npy --classifier {ROOT}/pretrained/{{task}}/classifier.pt",
    message:
        "Train {wildcards.variant} on {wildcards.task}, seed {wildcards.seed}"
    shell:
        "exec insm job train --run {params.run:q} --data {input.train[0]:q} {params.embedding:q} {params.snapshots:q} --state {params.state:q}"
        " --study {params.study:q} --board {params.board:q} --model {output.model:q} --log {output.log:q} --samples {output.samples:q}"
        " --device {resources.device:q} --log-every {resources.log_every} --checkpoint-every {resources.checkpoint_every}"
        " --sample-every {resources.sample_every} {resources.dvclive} {params.watch} --gpus {resources.processes}"
        " --attempts {params.attempts:q} > {log:q} 2>&1"


def trained_as(output):
    """That file of the training whose model a variant reuses."""
    return lambda wc: output.format(**{**wc, "variant": run_plan(wc)["trained_as"]})


if REUSED:

    rule reuse:
        input:
            **{name: trained_as(path) for name, path in SNAPSHOTS.items()},
            train=split_files("train"),
            model=trained_as(rules.train.output.model),
            info=trained_as(rules.train.output.info),
            log=trained_as(rules.train.output.log),
        output:
            **SNAPSHOTS,
            model=rules.train.output.model,
            info=rules.train.output.info,
            log=rules.train.output.log,
            samples=rules.train.output.samples,
        log:
            f"{ROOT}/logs/{{task}}/{{variant}}/reuse-seed{{seed}}.log",
        wildcard_constraints:
            variant="|".join(REUSED),
        priority: lambda wc: rank(wc.task, wc.variant, wc.seed)
        localrule: True
        params:
            code=method_code("commands.jobs.reuse"),
            run=run_settings,
            snapshots=lambda wc, input, output: (
                ["--trained-snapshots", input.snapshots, "--snapshots", output.snapshots] if SNAPSHOTS else []
            ),
        message:
            "Take the training of {wildcards.variant} on {wildcards.task}, seed {wildcards.seed}, from the variant that it is trained as"
        shell:
            "insm job reuse --run {params.run:q} --trained {input.model:q} --trained-log {input.log:q} --data {input.train[0]:q}"
            " --model {output.model:q} --log {output.log:q} --samples {output.samples:q} {params.snapshots:q} > {log:q} 2>&1"


CLASSIFIERS = classifier_names(STUDY["evaluation"]["classifiers"])


def classifiers():
    """The evaluation classifiers of a task."""
    return [f"{ROOT}/pretrained/{{task}}/{name}.pt" for name in CLASSIFIERS]


rule pretrained:
    input:
        tasks(rules.embedding.output[0], OPEN),
        [tasks(path, OPEN) for path in classifiers()],
        tasks(rules.identity_encoder.output[0], OPEN) if "identity" in STUDY["metrics"] else [],


rule models:
    input:
        [pending(output) for output in rules.train.output],
