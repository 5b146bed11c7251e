"""Numbers of training logs by hand."""

import numpy as np
import pandas as pd

from insm.evaluation.log_measures import log_measures

STEPS = np.arange(10, 1001, 10)


def test_first_and_last_tenth():
    log = pd.DataFrame({"step": STEPS, "real": STEPS / 1000, "delta_l_n": STEPS / 500, "delta_l_p": 0.5})
    rows = {name: (value, samples) for name, scope, value, samples in log_measures(log) if scope == "mean"}
    np.testing.assert_allclose(rows["log_real"], (0.955, 10))
    np.testing.assert_allclose(rows["log_delta_l_rise"], (2 * (0.955 - 0.055), 20))


def test_what_a_log_lacks_has_no_row():
    assert log_measures(pd.DataFrame({"step": STEPS, "adv": 1.0})) == []
    assert [name for name, *_ in log_measures(pd.DataFrame({"step": STEPS, "real": 1.0}))] == ["log_real"]
    empty = pd.DataFrame({"step": STEPS, "real": np.nan, "delta_l_n": np.nan, "delta_l_p": np.nan})
    assert log_measures(empty) == []
