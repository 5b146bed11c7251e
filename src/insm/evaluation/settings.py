"""How a study's runs are evaluated: the section `evaluation` of its file."""

from typing import Literal

from pydantic import PositiveInt

from insm.data.edits import LABELS
from insm.support.schema import Section


class EvaluationConfig(Section):
    """Who measures, on which images, and what is kept of it."""

    on: Literal["test", "validation"] = "test"
    """Which images are edited: those of the test, or, to choose settings, those for validation."""
    classifiers: PositiveInt = 1
    """Independently trained classifiers that measure accuracy. All other measures use the first one."""
    labels: PositiveInt = LABELS
    """Full target labels per image, each that of another image, for `target_accuracy`."""
    outcomes: Literal["edits", "images"] = "edits"
    """What is kept of a run beside its numbers: values of every edit, for intervals and differences of variants; or
    values of every image, small enough for git, with the measures of docs/protocol.md."""
