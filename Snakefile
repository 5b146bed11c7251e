"""The study: data -> embedding, classifier -> training -> translation -> evaluation -> tables -> notebooks.

snakemake                                          the embedded study, config/study.yaml
snakemake --config study=config/smoke.yaml         another one
"""

from snakemake.utils import min_version

min_version("9.0")


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/tables.smk"
include: "workflow/rules/notebooks.smk"


# On a cluster these run on the host that submits: they take seconds, and a job of their own would take longer.
localrules:
    card,
    sample_edits,
    gather,
    compare,
    tabulate,
    table1,
    table2,
    table3,
    verdict,
    gallery,
    notebook,
    report,


rule all:
    default_target: True
    input:
        rules.data.input,
        rules.pretrained.input,
        rules.models.input,
        rules.translations.input,
        rules.tables.input,
        rules.notebooks.input,
        rules.report.output if STUDY["notebooks"] else [],


onsuccess:
    if not (workflow.dryrun or workflow.touch):
        remove_states(Path(ROOT, "state"))


onerror:
    if runs_jobs(sys.argv[1:]):
        print(
            "error: the study is not complete: what stopped it is told above and in the logs below "
            f"{ROOT}/logs; the same command goes on from here",
            file=sys.stderr,
        )  # also with --quiet all
