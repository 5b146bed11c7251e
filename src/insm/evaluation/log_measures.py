"""Numbers of a training's log (docs/training-log.md) that claims of the paper are about."""

import pandas as pd

from insm.evaluation.scopes import Rows

TENTH = 0.1  # of a training, at its beginning and its end


def log_measures(log: pd.DataFrame) -> Rows:
    """A log -> rows of scope "mean": metric, scope, value, samples, the rows of the log behind it.

    log_real: D's loss on real images over the last tenth of the training; the smaller, the surer is D.
    log_delta_l_rise: Delta l = Delta l_n - Delta l_p over the last tenth minus that over the first (INIT with AIW).
    """
    end = log.step.max()
    first, last = log[log.step <= end * TENTH], log[log.step > end * (1 - TENTH)]
    rows: Rows = []
    if "real" in log and last.real.notna().any():
        rows.append(("log_real", "mean", float(last.real.mean()), int(last.real.count())))
    if {"delta_l_n", "delta_l_p"} <= set(log):
        gaps = [(part.delta_l_n - part.delta_l_p).dropna() for part in (first, last)]
        if all(map(len, gaps)):
            rise = float(gaps[1].mean() - gaps[0].mean())
            rows.append(("log_delta_l_rise", "mean", rise, sum(map(len, gaps))))
    return rows
