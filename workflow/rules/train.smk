"""Everything that is trained: phi and the classifier of every task, then every run."""

import hashlib

from insm.methods import METHODS

GPU = 0 if STUDY.device == "cpu" else 1


rule embed:
    input:
        config=f"{CONFIG}/{{task}}/embedding.json",
        train=f"{DATA}/{{task}}/train.npy",
        table=f"{DATA}/{{task}}/train.parquet",
        weights=lambda wc: STUDY.tasks[wc.task].embedding.weights or [],
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
        device=STUDY.device,
    message:
        "Pretrain the embedding of {wildcards.task}"
    shell:
        "insm embed {input.config} {params.dataset} {params.device} {input.train} {output} > {log} 2>&1"


rule classify:
    input:
        config=f"{CONFIG}/{{task}}/classifier.json",
        train=f"{DATA}/{{task}}/train.npy",
        table=f"{DATA}/{{task}}/train.parquet",
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
        device=STUDY.device,
    message:
        "Train the attribute classifier of {wildcards.task}"
    shell:
        "insm classify {input.config} {params.dataset} {params.device} {input.train} {output} > {log} 2>&1"


def needs_embedding(wildcards):
    config = STUDY.method_config(wildcards.entry)
    return METHODS.load(config.method).Method.needs_embedding(config)


def cost(wildcards):
    """Expected length of a training relative to a plain conditional GAN's."""
    config = STUDY.method_config(wildcards.entry)
    training = STUDY.tasks[wildcards.task].training
    pictures = STUDY.tasks[wildcards.task].data.train
    relative = METHODS.load(config.method).Method.relative_cost(config)
    return relative * training.steps(pictures, config.updates_factor)


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
        train=f"{DATA}/{{task}}/train.npy",
        table=f"{DATA}/{{task}}/train.parquet",
        embedding=branch(needs_embedding, then=rules.embed.output[0], otherwise=[]),
        code=lambda wc: code("commands.train", f"methods.{method(wc)}", f"datasets.{dataset(wc)}"),
    output:
        model=f"{ROOT}/runs/{{task}}/{{entry}}/seed{{seed}}/model.pt",
        log=f"{ROOT}/runs/{{task}}/{{entry}}/seed{{seed}}/log.csv",
        samples=f"{ROOT}/runs/{{task}}/{{entry}}/seed{{seed}}/samples.png",
    log:
        f"{ROOT}/logs/{{task}}/{{entry}}/train-seed{{seed}}.log",
    benchmark:
        f"{ROOT}/benchmarks/{{task}}/{{entry}}/train-seed{{seed}}.tsv"
    priority: cost  # the longest first, so that no core waits for one late, long job
    resources:
        gpu=GPU,
    params:
        state=state,
        board=f"{ROOT}/tensorboard/{{task}}/{{entry}}/seed{{seed}}",
        embedding=lambda wc, input: input.embedding or "-",
    message:
        "Train {wildcards.entry} on {wildcards.task}, seed {wildcards.seed}"
    shell:
        "exec insm train {input.config} {input.train} {params.embedding} {params.state} {params.board}"
        " {output.model} {output.log} {output.samples} > {log} 2>&1"


rule judges:
    input:
        tasks(f"{ROOT}/judges/{{task}}/embedding.pt"),
        tasks(f"{ROOT}/judges/{{task}}/classifier.pt"),


rule models:
    input:
        [runs(output) for output in rules.train.output],
