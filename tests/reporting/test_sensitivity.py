"""Which runs differ from a base in one setting, and what their figure shows."""

import pandas as pd
import pytest

from insm.reporting.sensitivity import (
    choices,
    flat,
    full_run,
    most_influential,
    numbers,
    operations,
    sensitivity_figure,
    settings,
    variants_of,
)
from insm.support.files import read_json, write_json

BASE, TASKS = ("faces", "full"), ("faces", "random")


@pytest.fixture
def results(tmp_path):
    """Three variants of one task, and the base again in another task with another phi."""
    runs = {
        BASE: {"mst": {"hops": 2}, "rec": 1},
        ("faces", "four"): {"mst": {"hops": 4}, "rec": 1},
        ("faces", "one"): {"mst": {"hops": 1}, "rec": 1},
        ("faces", "both"): {"mst": {"hops": 1}, "rec": 0},
        ("random", "full"): {"mst": {"hops": 2}, "rec": 1},
    }
    for task in TASKS:
        content = {"train": {"count": 9}, "embedding": {"objective": "none" if task == "random" else "identity"}}
        content["runs"] = {
            variant: {str(seed): {"task": task, "variant": variant, "seed": seed, "method": method} for seed in (0, 1)}
            for (name, variant), method in runs.items()
            if name == task
        }
        write_json(tmp_path / f"config/{task}/settings.json", content)
    (tmp_path / "tables").mkdir()
    for task in ("faces", "random"):
        names = [variant for name, variant in runs if name == task]
        rows = ["c" if name == "full" else None for name in names]
        listed = pd.DataFrame({"variant": names, "paper_row": rows, "operations": range(2, 2 + 2 * len(names), 2)})
        listed.to_csv(tmp_path / f"config/{task}/variants.csv", index=False)
        variants = ["no edit", *(variant for name, variant in runs if name == task)]
        rows = [
            (variant, metric, scope, k / 10, k / 10 - 0.01, k / 10 + 0.02)
            for k, variant in enumerate(variants)
            for metric in ("accuracy", "preservation", "counterfactual_l1")
            for scope in ("mean", "Bangs")
        ]
        table = pd.DataFrame(rows, columns=["variant", "metric", "scope", "value", "low", "high"])
        table.to_csv(tmp_path / f"tables/intervals-{task}.csv", index=False)
    return tmp_path


def test_operations_are_relative_to_the_base(results):
    assert operations(results, [("faces", "four"), ("random", "full")], BASE) == [2, 1]


def test_nested_settings_get_dotted_keys():
    assert flat({"a": {"b": {"c": 1}, "d": [2]}, "e": None}) == {"a.b.c": 1, "a.d": [2], "e": None}


def test_runs_that_change_one_setting_are_found(results):
    runs = settings(results, TASKS)
    assert variants_of(runs, "method.mst.hops", BASE) == {("faces", "one"): 1, BASE: 2, ("faces", "four"): 4}
    assert list(variants_of(runs, "method.mst.hops", BASE)) == [("faces", "one"), BASE, ("faces", "four")], "in order"
    assert variants_of(runs, "embedding.objective", BASE) == {BASE: "identity", ("random", "full"): "none"}
    assert variants_of(runs, "method.rec", BASE) == {BASE: 1}, "`both` also has another number of hops"
    assert variants_of(runs, "method.rec", ("faces", "one")) == {("faces", "both"): 0, ("faces", "one"): 1}


def test_runs_on_other_images_are_others_and_removed_variants_are_forgotten(results):
    for task, change in (("random", {"train": {"count": 8}}), ("faces", {})):
        content = read_json(results / f"config/{task}/settings.json") | change
        content["runs"]["old"] = {"0": {"task": task, "variant": "old", "method": {"rec": 5}}}
        write_json(results / f"config/{task}/settings.json", content)
    runs = settings(results, TASKS)
    assert ("faces", "old") not in runs and runs["random", "full"]["data.count"] == 8
    assert variants_of(runs, "embedding.objective", BASE) == {BASE: "identity"}


def test_a_setting_that_nobody_has_is_named(results, complains):
    with complains("faces/full", "method.mst.hop"):
        variants_of(settings(results, TASKS), "method.mst.hop", BASE)


def test_the_figure_shows_the_numbers(results):
    chosen = variants_of(settings(results, TASKS), "method.mst.hops", BASE)
    rows = numbers(results, chosen)
    assert set(rows.variant) == {"no edit", "one", "full", "four"} and len(rows) == 4 * 3
    one = pd.DataFrame({"task": "faces", "variant": "full", "seed": [0], "metric": "accuracy", "value": [0.1]})
    accuracy, _, distance = sensitivity_figure(rows, chosen, BASE, "hops", one).axes
    marks = [line for line in accuracy.lines if len(line.get_xdata()) == 1]
    assert [mark.get_ydata()[0] for mark in marks] == pytest.approx([30, 10, 20])
    assert [mark.get_markerfacecolor() == "white" for mark in marks] == [True, False, True], "the base is filled"
    assert [tick.get_text() for tick in accuracy.get_xticklabels()] == ["1", "2", "4"]
    assert accuracy.lines[0].get_ydata() == pytest.approx([29, 32])
    assert distance.lines[-1].get_linestyle() == "--" and distance.lines[-1].get_ydata()[0] == 0, "the untouched input"
    two = pd.concat([one, one.assign(seed=1, value=0.12)])
    lines = sensitivity_figure(rows, chosen, BASE, "hops", two).axes[0].lines
    dots = [line for line in lines if line.get_markersize() == 2]
    assert dots[-1].get_ydata() == pytest.approx([10, 12]), "every training"


def test_every_setting_in_which_runs_differ_alone_is_found(results):
    """`one` and `both` share all but `rec`; neither is the full model, so the one nearer to it is their base."""
    runs, full = settings(results, TASKS), full_run(results, TASKS)
    assert full == BASE
    found = choices(runs, full)
    assert list(found) == ["method.mst.hops", "embedding.objective", "method.rec"]
    assert found["method.mst.hops"] == (BASE, variants_of(runs, "method.mst.hops", BASE))
    assert found["method.rec"] == (("faces", "one"), {("faces", "both"): 0, ("faces", "one"): 1})


def test_the_largest_difference_from_the_base_ranks_a_setting(results):
    runs = settings(results, TASKS)
    found = choices(runs, BASE)
    rows = {key: numbers(results, values) for key, (_, values) in found.items()}
    table = most_influential(rows, {key: base for key, (base, _) in found.items()}).set_index("setting")
    assert table.loc["method.mst.hops", ["base", "value", "runs"]].tolist() == ["2", "1", 3]
    assert table.loc["method.mst.hops", "difference, points"] == pytest.approx(20)
