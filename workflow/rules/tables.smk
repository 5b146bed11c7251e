"""The tables: the numbers of all runs, and the paper's tables with them."""


rule tabulate:
    input:
        tables=tasks(rules.evaluate.output.numbers),
        code=code("commands.tabulate"),
    output:
        shown(f"{ROOT}/tables/metrics.csv", "metrics", "Tables", labels={"table": "all numbers", "task": "all"}),
    log:
        f"{ROOT}/logs/tabulate.log",
    message:
        "Gather the numbers of all runs"
    shell:
        "insm tabulate {output} {input.tables} > {log} 2>&1"


rule compare:
    input:
        outcomes=rules.evaluate.output.outcomes,
        code=code("commands.compare"),
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
    message:
        "Compare the entries of {wildcards.task}, with intervals"
    shell:
        "insm compare {input.outcomes} {output} > {log} 2>&1"


def tables_of(table):
    """The outputs of a rule `table<n>` for every task that is to be beside that table of the paper."""
    pattern = getattr(rules, table).output[0]
    return [pattern.format(task=name) for name, task in TASKS.items() if table in task["tables"]]


rule table1:
    input:
        metrics=rules.tabulate.output[0],
        paper="docs/paper/paper_results.yaml",
        entries=f"{CONFIG}/{{task}}/entries.csv",
        code=code("commands.tabulate"),
    output:
        shown(f"{ROOT}/tables/table1-{{task}}.csv", "table1", "Tables", labels={"table": "Table 1", "task": "{task}"}),
    log:
        f"{ROOT}/logs/{{task}}/table1.log",
    message:
        "Table 1: accuracy by attribute on {wildcards.task}, beside the paper's"
    shell:
        "insm table1 {input.metrics} {input.paper} {wildcards.task} {input.entries} {output} > {log} 2>&1"


rule table2:
    input:
        metrics=rules.tabulate.output[0],
        paper="docs/paper/paper_results.yaml",
        entries=f"{CONFIG}/{{task}}/entries.csv",
        code=code("commands.tabulate"),
    output:
        shown(f"{ROOT}/tables/table2-{{task}}.csv", "table2", "Tables", labels={"table": "Table 2", "task": "{task}"}),
    log:
        f"{ROOT}/logs/{{task}}/table2.log",
    params:
        part=lambda wc: TASKS[wc.task]["paper_table"],
    message:
        "Table 2: both directions of {wildcards.task}, beside the paper's"
    shell:
        "insm table2 {input.metrics} {input.paper} {wildcards.task} {params.part} {input.entries} {output} > {log} 2>&1"


rule table3:
    input:
        metrics=rules.tabulate.output[0],
        paper="docs/paper/paper_results.yaml",
        code=code("commands.tabulate"),
    output:
        shown(f"{ROOT}/tables/table3.csv", "table3", "Tables", labels={"table": "Table 3", "task": "portraits"}),
    log:
        f"{ROOT}/logs/table3.log",
    params:
        task="portraits",
    message:
        "Table 3: the ablations beside the paper's"
    shell:
        "insm table3 {input.metrics} {input.paper} {params.task} {output} > {log} 2>&1"


rule verdict:
    input:
        claims="docs/paper/claims.yaml",
        metrics=rules.tabulate.output[0],
        differences=tasks(rules.compare.output.differences),
        code=code("commands.verdict"),
    output:
        verdicts=shown(f"{ROOT}/tables/verdict.csv", "verdict", "Tables", labels={"table": "verdicts", "task": "all"}),
        evidence=shown(f"{ROOT}/tables/evidence.csv", "verdict", "Tables", labels={"table": "evidence", "task": "all"}),
    log:
        f"{ROOT}/logs/verdict.log",
    params:
        tasks=[f"--task {task['paper_table']}={name}" for name, task in TASKS.items() if task["paper_table"]],
    message:
        "Judge the paper's claims"
    shell:
        "insm verdict {input.claims} {input.metrics} {output} {input.differences} {params.tasks} > {log} 2>&1"


rule tables:
    input:
        rules.tabulate.output,
        [tasks(output) for output in rules.compare.output],
        tables_of("table1"),
        tables_of("table2"),
        tables_of("table3"),
        rules.verdict.output if "verdict" in STUDY["notebooks"] else [],
