"""The study: data -> embedding, classifier -> training -> translation -> evaluation -> tables -> notebooks.

snakemake                                          the embedded study, config/study.yaml
snakemake --config study=config/smoke.yaml         another one
snakemake --workflow-profile workflow/profiles/slurm    on a cluster
"""

from snakemake.utils import min_version

min_version("9.0")


include: "workflow/rules/common.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/evaluate.smk"
include: "workflow/rules/notebooks.smk"


rule all:
    default_target: True
    input:
        rules.notebooks.input,
        rules.tables.input,
