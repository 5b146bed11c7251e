"""`insm job needs`: memory and operations of a study's jobs, for the resources that a cluster is asked for."""

from pathlib import Path

from insm.config.study import load_study
from insm.support.files import write_json
from insm.training.needs import needs_of


def needs(study: Path, output: Path) -> None:
    """Write to OUTPUT (.json) what every job of the file STUDY needs: `mb` of memory and `flop`."""
    write_json(output, needs_of(load_study(study)))
