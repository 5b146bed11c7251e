"""`insm job pipeline`: the `dvc.yaml` of a study."""

from pathlib import Path

from insm.config import pipeline as pipelines
from insm.config.study import load_study


def pipeline(study: Path, output: Path) -> None:
    """Write OUTPUT (a `dvc.yaml` in a folder of the project) for the file STUDY."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(pipelines.pipeline(study, load_study(study), output.parent), encoding="utf-8")  # no job's result
