"""`insm job keep`: put the outcomes of finished runs, and a model of each variant, where git keeps them."""

from pathlib import Path

from insm.editing.export import shrink
from insm.networks.model_file import WEIGHTS
from insm.support import outcomes

MODELS = "models"
LARGEST = 2_000_000  # bytes in half precision: larger models are DVC's alone


def keep(results: Path) -> None:
    """Copy what was measured of finished runs from RESULTS/metrics to RESULTS/outcomes; those runs are then done.

    Where a study keeps pictures of a few edits, the model that made them goes to RESULTS/models in half precision, if
    it has up to 2 MB then.
    """
    for path in outcomes.keep(results):
        print(path)
    for task, variant, seed in outcomes.first_runs(results):
        run, copy = results / "runs" / task / variant / f"seed{seed}", results / MODELS / task / variant
        picture = results / outcomes.FOLDER / task / variant / f"{run.name}.examples.png"
        if picture.exists() and (run / WEIGHTS).exists():
            shrink(run, copy, LARGEST)
