"""The study: data -> embedding, classifier -> training -> translation -> evaluation -> tables -> notebooks.

snakemake                                          the embedded study, config/study.yaml
snakemake --config study=config/smoke.yaml         another one
snakemake --config study=... runs=finished         tables and notebooks of the runs whose outcomes are in git
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
    curves,
    tabulate,
    summary,
    table1,
    table2,
    table3,
    verdict,
    frames,
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
        [tasks(output, OPEN) for output in rules.references.output],
        [pending(output) for output in rules.evaluate.output],
        rules.tables.input,
        rules.notebooks.input,
        [path for name in TASKS for path in of_first_seeds(rules.frames.output[0], name)] if DRAWN else [],
        tasks(rules.gallery.output[0]) if DRAWN else [],
        rules.report.output if STUDY["notebooks"] else [],
        lambda wildcards: workflow.dag.forcefiles.update(AGAIN) or [],


def all_outputs():
    """Every file and folder of the finished study."""
    return {str(path) for path in rules.all.input if not callable(path)}


# What was damaged or replaced since its job made it is made again: Snakemake itself looks at inputs only.
AGAIN = set()
if workflow.is_main_process and checks_outputs(sys.argv[1:]):
    try:
        AGAIN = to_make_again(STUDY_FILE, STUDY["name"], all_outputs(), run=runs_jobs(sys.argv[1:]))
    except UserError as error:
        sys.exit(f"error: {error}")


onsuccess:
    keep_record(STUDY["name"])
    if not workflow.touch and not workflow.dag_settings.targets and not FINISHED_ONLY:  # every result is recorded
        remove_states(Path(ROOT, "state"))
        record_in_dvc(STUDY["name"])


onerror:
    if runs_jobs(sys.argv[1:]):
        keep_record(STUDY["name"])
        print(
            "error: the study is not complete: what stopped it is told above and in the logs below "
            f"{ROOT}/logs; the same command goes on from here",
            file=sys.stderr,
        )  # also with --quiet all
