"""Executed notebooks, each with an HTML copy beside it. They draw tables and pictures that rules wrote."""


rule notebook:
    input:
        notebook="notebooks/{notebook}.ipynb",
        data=rules.data.input,
        tables=rules.tables.input,
        edits=rules.edits.input,
        logs=runs(rules.train.output.log),
        claims="docs/paper/claims.yaml",
        code=code("plotting", "sensitivity", *(f"datasets.{task['module']}" for task in TASKS.values())),
    output:
        notebook=f"{ROOT}/notebooks/{{notebook}}.ipynb",
        html=f"{ROOT}/notebooks/{{notebook}}.html",
        figures=directory(f"{ROOT}/figures/{{notebook}}"),
    log:
        f"{ROOT}/logs/notebooks/{{notebook}}.log",
    benchmark:
        f"{ROOT}/benchmarks/notebooks/{{notebook}}.tsv"
    params:
        results=ROOT,
        data=DATA,
    message:
        "Execute notebooks/{wildcards.notebook}.ipynb"
    shell:
        "(mkdir -p {output.figures} && papermill --cwd notebooks --no-progress-bar {input.notebook} {output.notebook}"
        " -p results ../{params.results} -p data ../{params.data} -p figures ../{output.figures}"
        " && jupyter nbconvert --to html {output.notebook}) > {log} 2>&1"


rule notebooks:
    input:
        expand(
            f"{ROOT}/notebooks/{{notebook}}.{{ending}}",
            notebook=STUDY["notebooks"],
            ending=["ipynb", "html"],
        ),


rule report:
    input:
        study=config.get("study", "config/study.yaml"),
        notebooks=expand(rules.notebook.output.notebook, notebook=STUDY["notebooks"]),
        pages=expand(rules.notebook.output.html, notebook=STUDY["notebooks"]),
        tables=rules.tables.input,
        models=runs(rules.train.output.model),
        code=code("commands.report"),
        template="src/insm/templates/report.html",
    output:
        f"{ROOT}/report/index.html",
        expand(f"{ROOT}/report/{{notebook}}.html", notebook=STUDY["notebooks"]),
    log:
        f"{ROOT}/logs/report.log",
    params:
        files=lambda wc, input: [f"--file {path}" for path in (*input.tables, *input.models)],
    message:
        "Gather the notebooks in {output[0]}"
    shell:
        "insm report {input.study} {output[0]} {input.notebooks} {params.files} > {log} 2>&1"
