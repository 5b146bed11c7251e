"""The chosen trial of each method is the one with the highest measure; of equal ones, the first."""

import pandas as pd

from insm.reporting.trials import tuning


def test_the_highest_wins_and_ties_go_to_the_first():
    values = {"init-c-1": 0.1, "init-c-2": 0.3, "init-c-10": 0.3, "stargan-1": -0.2, "stargan-2": -0.1, "no edit": 9.0}
    rows = [(variant, None if variant == "no edit" else "0", value) for variant, value in values.items()]
    metrics = pd.DataFrame(rows, columns=["variant", "seed", "value"]).assign(metric="r2", scope="mean")
    other = metrics.assign(metric="accuracy_possible", value=1 - metrics.value)
    table = tuning(pd.concat([metrics, other]), "r2")
    assert list(table.columns) == ["method", "trial", "r2", "accuracy_possible", "chosen"]
    chosen = table[table.chosen].set_index("method").trial
    assert chosen.to_dict() == {"init-c": 2, "stargan": 2} and len(table) == 5
