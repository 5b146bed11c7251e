"""Everything that is trained: phi, the classifier and the recogniser of every task, then every run."""


rule embed:
    input:
        config=f"{CONFIG}/{{task}}/embedding.json",
        train=pack("train"),
        weights=lambda wc: TASKS[wc.task]["weights"]["embedding"],
        code=code("commands.embed"),
    output:
        f"{ROOT}/judges/{{task}}/embedding.pt",
    log:
        f"{ROOT}/logs/{{task}}/embed.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/embed.tsv"
    priority: FIRST
    resources:
        gpu=GPU,
    params:
        dataset=dataset,
        device=DEVICE,
    message:
        "Pretrain the embedding of {wildcards.task}"
    shell:
        "insm embed {input.config} {params.dataset} {params.device} {input.train[0]} {output} > {log} 2>&1"


rule recognise:
    input:
        config=f"{CONFIG}/{{task}}/recogniser.json",
        train=pack("train"),
        weights=lambda wc: TASKS[wc.task]["weights"]["recogniser"],
        code=code("commands.embed"),
    output:
        f"{ROOT}/judges/{{task}}/recogniser.pt",
    log:
        f"{ROOT}/logs/{{task}}/recognise.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/recognise.tsv"
    resources:
        gpu=GPU,
    params:
        dataset=dataset,
        device=DEVICE,
    message:
        "Pretrain the recogniser of {wildcards.task}"
    shell:
        "insm recognise {input.config} {params.dataset} {params.device} {input.train[0]} {output} > {log} 2>&1"


rule classify:
    input:
        config=f"{CONFIG}/{{task}}/classifier.json",
        train=pack("train"),
        code=code("commands.classify"),
    output:
        f"{ROOT}/judges/{{task}}/classifier.pt",
    log:
        f"{ROOT}/logs/{{task}}/classify.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/classify.tsv"
    resources:
        gpu=GPU,
    params:
        dataset=dataset,
        device=DEVICE,
    message:
        "Train the attribute classifier of {wildcards.task}"
    shell:
        "insm classify {input.config} {params.dataset} {params.device} {input.train[0]} {output} > {log} 2>&1"


def state(wildcards, input):
    """Where a run resumes from: no output, so that Snakemake never deletes it.

    Its name tells settings, embedding settings and code apart: after an edit a run starts anew.
    """
    files = [input.config, f"{CONFIG}/{wildcards.task}/embedding.json", f"{CONFIG}/{wildcards.task}/train.json"]
    content = b"".join(Path(name).read_bytes() for name in [*files, *input.code])
    key = hashlib.sha256(content).hexdigest()[:12]
    return f"{ROOT}/state/{wildcards.task}/{wildcards.entry}/seed{wildcards.seed}-{key}"


rule train:
    input:
        config=f"{CONFIG}/{{task}}/{{entry}}/seed{{seed}}.json",
        train=pack("train"),
        embedding=branch(lambda wc: run_plan(wc)["needs_embedding"], then=rules.embed.output[0], otherwise=[]),
        code=method_code("commands.train"),
    output:
        model=f"{ROOT}/runs/{{task}}/{{entry}}/seed{{seed}}/model.pt",
        log=f"{ROOT}/runs/{{task}}/{{entry}}/seed{{seed}}/log.csv",
        samples=shown(
            f"{ROOT}/runs/{{task}}/{{entry}}/seed{{seed}}/samples.png",
            "samples",
            "Samples",
            subcategory="{task}",
            labels={"entry": "{entry}", "seed": "{seed}"},
        ),
    log:
        f"{ROOT}/logs/{{task}}/{{entry}}/train-seed{{seed}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/{{entry}}/train-seed{{seed}}.tsv"
    priority: lambda wc: run_plan(wc)["cost"]  # the longest first, so that no core waits for one late, long job
    resources:
        gpu=GPU,
    params:
        state=state,
        board=f"{ROOT}/tensorboard/{{task}}/{{entry}}/seed{{seed}}",
        embedding=lambda wc, input: input.embedding or "-",
    message:
        "Train {wildcards.entry} on {wildcards.task}, seed {wildcards.seed}"
    shell:
        "exec insm train {input.config} {input.train[0]} {params.embedding} {params.state} {params.board}"
        " {output.model} {output.log} {output.samples} > {log} 2>&1"


def recognisers():
    """The recogniser of every task, where the study measures with it."""
    return tasks(rules.recognise.output[0]) if "identity" in STUDY["metrics"] else []


rule judges:
    input:
        tasks(f"{ROOT}/judges/{{task}}/embedding.pt"),
        tasks(f"{ROOT}/judges/{{task}}/classifier.pt"),
        recognisers(),


rule models:
    input:
        [runs(output) for output in rules.train.output],
