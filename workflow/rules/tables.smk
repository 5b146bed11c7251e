"""The tables: the numbers of all runs, and the paper's tables with them."""


rule variants:
    output:
        table=f"{CONFIG}/{{task}}/variants.csv",
        settings=f"{CONFIG}/{{task}}/settings.json",
    log:
        f"{ROOT}/logs/{{task}}/variants.log",
    localrule: True
    params:
        code=code("commands.jobs.variants"),
        content=lambda wc: compact({key: TASKS[wc.task][key] for key in ("variants", "settings")}),
    message:
        "Name the method variants of {wildcards.task}"
    shell:
        "insm job variants {params.content:q} {output.table:q} {output.settings:q} > {log:q} 2>&1"


rule tabulate:
    input:
        tables=tasks(rules.gather.output.numbers),
    output:
        shown(f"{ROOT}/tables/metrics.csv", "metrics", "Tables", labels={"table": "all numbers", "task": "all"}),
    log:
        f"{ROOT}/logs/tabulate.log",
    params:
        code=code("commands.jobs.tabulate"),
    message:
        "Gather the numbers of all runs"
    shell:
        "insm job tabulate {output:q} {input.tables:q} > {log:q} 2>&1"


rule summary:
    input:
        rules.tabulate.output[0],
    output:
        f"{ROOT}/tables/summary.json",
    log:
        f"{ROOT}/logs/summary.log",
    params:
        code=code("commands.jobs.summary"),
    message:
        "Sum the numbers up, for `dvc metrics`"
    shell:
        "insm job summary {input:q} {output:q} > {log:q} 2>&1"


rule compare:
    input:
        outcomes=rules.gather.output.outcomes,
    output:
        intervals=shown(
            f"{ROOT}/tables/intervals-{{task}}.csv",
            "compare",
            "Tables",
            labels={"table": "intervals", "task": "{task}"},
        ),
        differences=shown(
            f"{ROOT}/tables/differences-{{task}}.csv",
            "compare",
            "Tables",
            labels={"table": "differences", "task": "{task}"},
        ),
    log:
        f"{ROOT}/logs/{{task}}/compare.log",
    params:
        code=code("commands.jobs.compare"),
    message:
        "Compare the variants of {wildcards.task}, with intervals"
    shell:
        "insm job compare {input.outcomes:q} {output:q} > {log:q} 2>&1"


PAPER = ("docs/paper/paper_results.yaml", "docs/paper/claims.yaml")


def tables_of(table):
    """The outputs of a rule `table<n>` for every task that is to be beside that table of the paper."""
    pattern = getattr(rules, table).output[0]
    return [pattern.format(task=name) for name, task in TASKS.items() if table in task["tables"]]


rule table1:
    input:
        metrics=rules.tabulate.output[0],
        paper="docs/paper/paper_results.yaml",
        variants=rules.variants.output.table,
    output:
        shown(f"{ROOT}/tables/table1-{{task}}.csv", "table1", "Tables", labels={"table": "Table 1", "task": "{task}"}),
    log:
        f"{ROOT}/logs/{{task}}/table1.log",
    params:
        code=code("commands.jobs.tabulate", files=PAPER[:1]),
    message:
        "Table 1: accuracy by attribute on {wildcards.task}, beside the paper's"
    shell:
        "insm job table1 {input.metrics:q} {input.paper:q} {wildcards.task:q} {input.variants:q} {output:q} > {log:q} 2>&1"


rule table2:
    input:
        metrics=rules.tabulate.output[0],
        paper="docs/paper/paper_results.yaml",
        variants=rules.variants.output.table,
    output:
        shown(f"{ROOT}/tables/table2-{{task}}.csv", "table2", "Tables", labels={"table": "Table 2", "task": "{task}"}),
    log:
        f"{ROOT}/logs/{{task}}/table2.log",
    params:
        code=code("commands.jobs.tabulate", files=PAPER[:1]),
        part=lambda wc: TASKS[wc.task]["paper_table"],
    message:
        "Table 2: both directions of {wildcards.task}, beside the paper's"
    shell:
        "insm job table2 {input.metrics:q} {input.paper:q} {wildcards.task:q} {params.part:q} {input.variants:q} {output:q} > {log:q} 2>&1"


rule table3:
    input:
        metrics=rules.tabulate.output[0],
        paper="docs/paper/paper_results.yaml",
        variants=rules.variants.output.table,
    output:
        shown(f"{ROOT}/tables/table3-{{task}}.csv", "table3", "Tables", labels={"table": "Table 3", "task": "{task}"}),
    log:
        f"{ROOT}/logs/{{task}}/table3.log",
    params:
        code=code("commands.jobs.tabulate", files=PAPER[:1]),
    message:
        "Table 3: the ablations on {wildcards.task}, beside the paper's"
    shell:
        "insm job table3 {input.metrics:q} {input.paper:q} {wildcards.task:q} {input.variants:q} {output:q} > {log:q} 2>&1"


rule verdict:
    input:
        claims="docs/paper/claims.yaml",
        protocol="docs/paper/protocol.yaml",
        numbers=tasks(rules.gather.output.everything),
        outcomes=tasks(rules.gather.output.outcomes),
    output:
        verdicts=shown(f"{ROOT}/tables/verdict.csv", "verdict", "Tables", labels={"table": "verdicts", "task": "all"}),
        evidence=shown(f"{ROOT}/tables/evidence.csv", "verdict", "Tables", labels={"table": "evidence", "task": "all"}),
    log:
        f"{ROOT}/logs/verdict.log",
    params:
        code=code("commands.jobs.verdict", files=PAPER[1:]),
        tasks=[
            word
            for name, task in TASKS.items()
            if task["paper_table"]
            for word in ("--task", f"{task['paper_table']}={name}")
        ],
        files=lambda wc, input: [
            word for key in ("numbers", "outcomes") for path in input[key] for word in (f"--{key}", path)
        ],
    message:
        "Decide the paper's claims"
    shell:
        "insm job verdict {input.claims:q} {input.protocol:q} {output:q} {params.files:q} {params.tasks:q} > {log:q} 2>&1"


rule curves:
    input:
        rules.gather.output.everything,
    output:
        shown(f"{ROOT}/tables/curves-{{task}}.csv", "curves", "Tables", labels={"table": "curves", "task": "{task}"}),
    log:
        f"{ROOT}/logs/{{task}}/curves.log",
    params:
        code=code("commands.jobs.curves"),
    message:
        "Write the learning curves of {wildcards.task}"
    shell:
        "insm job curves {input:q} {output:q} > {log:q} 2>&1"


rule tables:
    input:
        [tasks(output) for output in rules.variants.output],
        [tasks(output) for output in rules.gather.output],
        rules.tabulate.output,
        rules.summary.output,
        [tasks(output) for output in rules.compare.output],
        [rules.curves.output[0].format(task=name) for name, task in TASKS.items() if task["curve"]],
        tables_of("table1"),
        tables_of("table2"),
        tables_of("table3"),
        rules.verdict.output if "verdict" in STUDY["notebooks"] else [],
