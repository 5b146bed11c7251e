"""`insm job keep`: put the outcomes of finished runs where git keeps them."""

from pathlib import Path

from insm.support import outcomes


def keep(results: Path) -> None:
    """Copy what was measured of finished runs from RESULTS/metrics to RESULTS/outcomes; those runs are then done."""
    for path in outcomes.keep(results):
        print(path)
