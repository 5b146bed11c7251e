"""`insm job compare`: how sure a task's numbers are, and the differences between its variants."""

from pathlib import Path

from insm.evaluation.comparison import differences_of, intervals_of, read_outcomes
from insm.evaluation.gathered import values_of
from insm.evaluation.image_comparison import differences_of_images, intervals_of_images
from insm.reporting.tables import write_table


def compare(outcomes: Path, intervals: Path, differences: Path) -> None:
    """From OUTCOMES (.parquet) of edits or of images, as `insm job gather` writes them, make two tables (.csv).

    INTERVALS: every variant's means with 95 % intervals; DIFFERENCES: between all pairs of variants
    (`evaluation.comparison`, and `evaluation.image_comparison` for outcomes of images).
    """
    table = read_outcomes(outcomes)
    if "split" in table:
        values = values_of(table)
        write_table(intervals_of_images(values), intervals, digits=6)
        write_table(differences_of_images(values), differences, digits=6)
        return
    write_table(intervals_of(table), intervals, digits=6)
    write_table(differences_of(table), differences, digits=6)
