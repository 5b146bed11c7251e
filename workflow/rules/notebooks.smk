"""Executed notebooks, each with an HTML copy beside it. They draw tables and images that rules wrote."""

TEMPLATES = "src/insm/reporting/templates"
TEMPLATE = [f"{TEMPLATES}/notebook/{name}" for name in ("conf.json", "index.html.j2")]


rule notebook:
    input:
        notebook="notebooks/{notebook}.ipynb",
        data=rules.data.input,
        tables=rules.tables.input,
        edits=rules.translations.input,
        examples=[tasks(path) for path in ALL_EXAMPLES.values()],
        logs=pending(rules.train.output.log),
        claims="docs/paper/claims.yaml",
        paper="docs/paper/paper_results.yaml",
        votes=[path for path in tasks(f"{ROOT}/tables/votes-{{task}}.csv") if Path(path).exists()],
    output:
        notebook=f"{ROOT}/notebooks/{{notebook}}.ipynb",
        html=shown(f"{ROOT}/notebooks/{{notebook}}.html", "notebook", "Notebooks", labels={"notebook": "{notebook}"}),
        figures=shown(
            directory(f"{ROOT}/figures/{{notebook}}"),
            "figures",
            "Figures",
            subcategory="{notebook}",
            patterns=["{figure}.png"],
            labels={"figure": "{figure}"},
        ),
    log:
        f"{ROOT}/logs/notebooks/{{notebook}}.log",
    benchmark:
        f"{ROOT}/benchmarks/notebooks/{{notebook}}.tsv"
    params:
        code=lambda wc: code(
            "commands.jobs.notebook",
            "reporting.beside_paper",
            "reporting.budget",
            "reporting.curves",
            "reporting.evidence",
            "reporting.factorial",
            "reporting.plane",
            "reporting.sensitivity",
            "reporting.translations",
            "reporting.votes",
            *(f"datasets.{task['module']}" for task in TASKS.values()),
            files=(f"notebooks/{wc.notebook}.ipynb", *PAPER, *TEMPLATE),
        ),
        results=ROOT,
        data=DATA,
        tasks=",".join(TASKS),
    message:
        "Execute notebooks/{wildcards.notebook}.ipynb"
    shell:
        "insm job notebook {input.notebook:q} {params.results:q} {params.data:q} {output:q} --tasks {params.tasks:q}"
        " > {log:q} 2>&1"


def executed(pattern):
    """`pattern` for every notebook of the study."""
    return [pattern.format(notebook=name) for name in STUDY["notebooks"]]


rule notebooks:
    input:
        [executed(output) for output in rules.notebook.output],


rule frames:
    input:
        samples=rules.train.output.samples,
    output:
        f"{ROOT}/runs/{{task}}/{{variant}}/seed{{seed}}/frames.zip",
    log:
        f"{ROOT}/logs/{{task}}/{{variant}}/frames-seed{{seed}}.log",
    params:
        code=code("commands.jobs.frames"),
        board=rules.train.params.board,  # no input: it has the time and the machine in it, so it is no result
    message:
        "Take sample grids of the training of {wildcards.variant} on {wildcards.task}, seed {wildcards.seed}"
    shell:
        "insm job frames {params.board:q} {output:q} > {log:q} 2>&1"


def of_first_seeds(pattern, task):
    """`pattern` for the first seed of every variant of a task whose outcomes are not in git yet."""
    firsts = {(task, variant, min(run["seeds"], key=int)) for variant, run in TASKS[task]["runs"].items()}
    return [
        pattern.format(task=task, variant=variant, seed=seed)
        for _, variant, seed in keys(task)
        if (task, variant, seed) in firsts - DONE
    ]


rule gallery:
    input:
        test=split_files("test"),
        settings=rules.variants.output,
        outcomes=rules.gather.output.outcomes,
        truth=truths(["test"]),
        edits=lambda wc: [path for pattern in DRAWN.values() for path in pending(pattern, wc.task)],
        logs=lambda wc: pending(rules.train.output.log, wc.task),
        samples=lambda wc: of_first_seeds(rules.train.output.samples, wc.task),
        frames=lambda wc: of_first_seeds(rules.frames.output[0], wc.task),
    output:
        f"{ROOT}/report/gallery-{{task}}.html",
    log:
        f"{ROOT}/logs/{{task}}/gallery.log",
    params:
        code=lambda wc: code("commands.jobs.gallery", f"datasets.{module(wc)}"),
        results=ROOT,
        data=DATA,
    message:
        "Gather the images of {wildcards.task} in a page"
    shell:
        "insm job gallery {params.results:q} {params.data:q} {wildcards.task:q} {output:q} > {log:q} 2>&1"


rule report:
    input:
        notebooks=executed(rules.notebook.output.notebook),
        pages=executed(rules.notebook.output.html),
        tables=rules.tables.input,
        models=pending(rules.train.output.model),
        galleries=tasks(rules.gallery.output[0]) if DRAWN else [],
    output:
        f"{ROOT}/report/index.html",
        executed(f"{ROOT}/report/{{notebook}}.html"),
    log:
        f"{ROOT}/logs/report.log",
    params:
        code=code("commands.report"),
        study=STUDY_FILE.as_posix(),
        tasks=",".join(TASKS),
        told=compact([STUDY["seeds"], {name: [*task["tables"], *task["runs"]] for name, task in TASKS.items()}]),
        files=lambda wc, input: [word for path in (*input.tables, *input.models) for word in ("--file", path)],
        galleries=lambda wc, input: [word for path in input.galleries for word in ("--gallery", path)],
    message:
        "Gather the notebooks in {output[0]}"
    shell:
        "insm report {params.study:q} {output[0]:q} {input.notebooks:q} {params.files:q} {params.galleries:q}"
        " --tasks {params.tasks:q} > {log:q} 2>&1"
