"""The chosen trial of each method is the one with the highest measure; of equal ones, the first."""

from pathlib import Path

import pandas as pd
import pytest

from insm.config.cost import count_method
from insm.config.study import load_study
from insm.reporting.protocol import read_protocol
from insm.reporting.trials import tuning, tuning_figure
from tests import ROOT


def test_the_highest_wins_and_ties_go_to_the_first():
    values = {"init-c-1": 0.1, "init-c-2": 0.3, "init-c-10": 0.3, "stargan-1": -0.2, "stargan-2": -0.1, "no edit": 9.0,
              "attgan-1": 0.2}  # fmt: skip
    rows = [(variant, None if variant == "no edit" else "0", value) for variant, value in values.items()]
    metrics = pd.DataFrame(rows, columns=["variant", "seed", "value"]).assign(metric="r2", scope="mean")
    other = metrics.assign(metric="accuracy_possible", value=1 - metrics.value)
    trials = {"init-c": [1, 2, 10], "stargan": [1, 2], "attgan": [1, 2], "stgan": [1, 2]}
    table = tuning(pd.concat([metrics, other]), "r2", trials)
    assert list(table.columns) == ["method", "trial", "r2", "accuracy_possible", "chosen"]
    chosen = table[table.chosen].set_index("method").trial
    assert chosen.to_dict() == {"init-c": 2, "stargan": 2} and len(table) == 6, "a trial of AttGAN is not finished"


def test_the_evidence_study_has_the_chosen_settings(monkeypatch):
    monkeypatch.chdir(ROOT)
    study, trials = load_study(Path("config/evidence.yaml")), read_protocol().tuning.trials
    table = pd.read_csv("docs/trials/tuning.csv")
    assert table.chosen.any()
    for row in table[table.chosen].itertuples():
        config, settings = study.method_config(row.method).model_dump(), trials[row.method][row.trial - 1]
        known = {key: config["optimiser"]["lr"] if key == "optimiser.lr" else config[key] for key in settings}
        assert known == settings, row.method


def test_the_trials_are_those_of_the_protocol(monkeypatch):
    monkeypatch.chdir(ROOT)
    study, tuned = load_study(Path("config/trials.yaml")), read_protocol().tuning
    (task,) = study.tasks.values()
    expected = {f"{method}-{k}": one for method, all_of in tuned.trials.items() for k, one in enumerate(all_of, 1)}
    assert sorted(expected) == sorted(task.methods)
    assert (study.seeds, task.training.updates, task.data.validation) == ((tuned.seed,), tuned.updates, tuned.images)
    assert study.evaluation.on == "validation" and study.device == "cpu"
    for name, settings in expected.items():
        config = study.method_config(name).model_dump()
        known = {key: config["optimiser"]["lr"] if key == "optimiser.lr" else config[key] for key in settings}
        assert known == settings and config["ema"] == 0.99, name


def test_the_longer_control_costs_as_many_operations_as_init(monkeypatch):
    monkeypatch.chdir(ROOT)
    study = load_study(Path("config/evidence.yaml"))
    task, costs = study.tasks["portraits"], {}
    for variant in ("init-c", "init-e-long"):
        config = study.method_config(variant)
        costs[variant] = count_method(config, task).macs * task.training.steps(task.data.train, config)
    assert costs["init-e-long"] == pytest.approx(costs["init-c"], rel=0.005)


def test_every_trial_is_drawn_and_the_weights_of_the_content_term_are_joined(monkeypatch):
    monkeypatch.chdir(ROOT)
    trials = read_protocol().tuning.trials
    figure = tuning_figure(pd.read_csv("docs/trials/tuning.csv"), trials)
    assert [axis.get_title() for axis in figure.axes] == sorted(trials)
    for axis, method in zip(figure.axes, sorted(trials), strict=True):
        everything, curve, *points = axis.lines
        assert len(everything.get_xdata()) == sum(map(len, trials.values())) and len(points) == len(trials[method])
        base = [one for one in trials[method] if one["optimiser.lr"] == 5e-4 and one.get("test_intensity", 2) == 2]
        assert len(curve.get_xdata()) == len(base), method
        assert sum(point.get_markerfacecolor() != "white" for point in points) == 1, "the one that is taken"
