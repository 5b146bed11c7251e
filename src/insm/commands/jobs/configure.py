"""`insm job configure`: check a study, write one JSON file per job, so that a job depends on just its own settings."""

from pathlib import Path

from insm.config.plan import plan_of, write_configs
from insm.config.study import load_study
from insm.support.files import write_json

RESULTS = Path("results")


def configure(study: Path, plan: Path) -> None:
    """Check the file STUDY, write the settings of every job below results/<name>/config, and PLAN for the Snakefile."""
    checked = load_study(study)
    write_configs(checked, RESULTS / checked.name / "config")
    write_json(plan, plan_of(checked))
