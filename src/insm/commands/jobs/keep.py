"""`insm job keep`: put the outcomes of finished runs, and a model of each variant, where git keeps them."""

from pathlib import Path

from insm.editing.export import shrink
from insm.networks.model_file import WEIGHTS
from insm.support import outcomes

MODELS = "models"
LARGEST = 2_000_000  # bytes in half precision: larger models are DVC's alone


def keep(results: Path) -> None:
    """Copy what was measured of finished runs from RESULTS/metrics to RESULTS/outcomes; those runs are then done.

    The model of each variant's lowest seed goes to RESULTS/models in half precision, if it has up to 2 MB.
    """
    for path in outcomes.keep(results):
        print(path)
    for task, variant, seed in outcomes.first_runs(results):
        run, copy = results / "runs" / task / variant / f"seed{seed}", results / MODELS / task / variant
        if (run / WEIGHTS).exists():
            shrink(run, copy, LARGEST)
