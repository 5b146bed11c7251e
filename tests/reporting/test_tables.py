"""Tables of results: files that are missing, and who is better than all others."""

import pandas as pd
import pytest

from insm.reporting.tables import concatenate, read_table, winner, write_table


def differences(*rows, seeds=3):
    """Rows of variant, other, low, high; a worse variant that would win on another metric and scope too."""
    columns = ["variant", "other", "low", "high"]
    table = pd.DataFrame(rows, columns=columns).assign(metric="accuracy", scope="mean", seeds=seeds)
    return pd.concat(
        [table, table.assign(metric="l1", low=-1, high=-0.5), table.assign(scope="Bangs", low=-1, high=-1)]
    )


def test_who_beats_everybody_wins():
    table = differences(("a", "b", 0.1, 0.3), ("a", "c", 0.2, 0.3), ("b", "c", -0.1, 0.2))
    assert winner(table, "abc", "accuracy") == "a"
    table = differences(("a", "b", -0.3, -0.1), ("a", "c", 0.2, 0.3), ("b", "c", 0.1, 0.2))
    assert winner(table, "abc", "accuracy") == "b", "whichever stands first in a row"


def test_nobody_wins_by_an_interval_that_holds_0():
    table = differences(("a", "b", 0.0, 0.3), ("a", "c", 0.2, 0.3), ("b", "c", 0.1, 0.2))
    assert winner(table, "abc", "accuracy") is None
    assert winner(table, "ac", "accuracy") == "a", "among these two alone"
    assert winner(table, "a", "accuracy") is None, "nobody to beat"
    assert winner(table, "ad", "accuracy") is None, "never compared"


def test_nobody_wins_by_a_single_training():
    table = differences(("a", "b", 0.1, 0.3), ("a", "c", 0.2, 0.3), ("b", "c", -0.1, 0.2), seeds=1)
    assert winner(table, "abc", "accuracy") is None


def test_lower_can_be_better():
    table = differences(("a", "b", 0.1, 0.3), ("a", "c", -0.3, 0.3), ("b", "c", -0.2, -0.1))
    assert winner(table, "abc", "accuracy", lower=True) == "b"
    assert winner(table, "abc", "l1", lower=True) == "a" and winner(table, "abc", "accuracy", scope="Bangs") == "c"


def test_a_table_is_read_as_it_was_written(tmp_path, complains):
    write_table(pd.DataFrame({"value": [1 / 3]}), tmp_path / "table.csv", digits=6)
    assert (tmp_path / "table.csv").read_text() == "value\n0.333333\n"
    assert read_table(tmp_path / "table.csv").value[0] == pytest.approx(1 / 3, abs=1e-6)
    with complains("none.csv", "missing", "run `snakemake"):
        read_table(tmp_path / "none.csv")


def test_names_that_look_like_missing_values_or_numbers_stay_names(tmp_path):
    """Attributes may be called NA, None or True, and labels 1: only an empty cell is missing."""
    names = ["NA", "None", "nan", "True", "1"]
    written = pd.DataFrame({"variant": names, "scope": names, "value": [0.5, None, 1, 2, 3]})
    write_table(written, tmp_path / "table.csv")
    table = read_table(tmp_path / "table.csv")
    assert list(table.scope) == names and list(table.variant) == names
    assert table.value.isna().tolist() == [False, True, False, False, False] and table.value[0] == 0.5
    for scope in ("True", "1"):
        write_table(written[written.scope == scope], tmp_path / "one.csv")
        assert list(read_table(tmp_path / "one.csv").scope) == [scope]
    whole = concatenate({"NA": tmp_path / "table.csv"})
    write_table(whole, tmp_path / "whole.csv")
    assert list(read_table(tmp_path / "whole.csv").scope) == names and set(whole.task) == {"NA"}
