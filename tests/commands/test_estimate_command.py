"""`insm estimate`: the tables of a study."""

from pathlib import Path

import pandas as pd
import pytest

from insm.commands.estimate import estimate
from insm.config.plan import jobs_of, plan_of
from insm.config.study import load_study
from insm.training import estimate as computed
from insm.training.cost import Count
from insm.training.estimate import JOBS, PROCESS_CPU, PROCESS_GPU, TRAININGS, by_rule, estimates
from tests import ROOT

CONFIG = ROOT / "config"
UPDATES = {"discriminator": 1, "generator": 0.2, "generators": 1}
COUNT = Count({"discriminator": 1_000, "generator": 2_000}, UPDATES, macs=1e12, activations=10, state=20)


@pytest.fixture
def same(monkeypatch):
    """Every training counts the same, every translation and evaluation 1 GMAC: counting takes seconds each."""
    for name in ("count_method", "count_pretraining"):
        monkeypatch.setattr(computed, name, lambda config, task: COUNT)
    for name in ("count_translation", "count_classification", "count_identity_encoding"):
        monkeypatch.setattr(computed, name, lambda *_: 1e9)


def rows(lines):
    return [[word.strip() for word in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("name", ["study", "paper"])
def test_a_study_is_told_training_by_training(same, name, tmp_path, capsys):
    estimate(CONFIG / f"{name}.yaml", tflops=100, gflops=50, output=tmp_path / "table.csv")
    study, table = load_study(CONFIG / f"{name}.yaml"), pd.read_csv(tmp_path / "table.csv")
    *jobs, total = table.itertuples()
    expected = [
        (t, job) for t, x in study.tasks.items() for job in ("classifier", "embedding", "identity_encoder", *x.methods)
    ]
    assert [(job.task, job.job) for job in jobs] == expected
    networks = 3 * len(study.tasks)
    assert total.jobs == networks + len(study.seeds) * (len(jobs) - networks)
    assert total.flop == pytest.approx(sum(job.jobs * job.steps * 2e12 for job in jobs))
    assert total.gpu_hours == pytest.approx(total.flop / 100e12 / 3600)
    assert total.core_hours == pytest.approx(total.flop / 50e9 / 3600)
    assert total.cpu_memory == 30 + PROCESS_CPU and total.gpu_memory == 30 + PROCESS_GPU

    first, second = (text.splitlines() for text in capsys.readouterr().out.split("\n\n"))
    assert rows(first)[0] == [heading for heading in TRAININGS if heading != "seconds here"]
    assert len(first) == len(table) + 2 and len(set(map(len, first))) == 1
    assert "1,000 + 2,000" in first[2]
    heads, _, *rules = rows(second)
    assert heads == [heading for heading in JOBS if heading != "seconds here"]
    told = jobs_of(plan_of(study))
    assert [row[:2] for row in rules] == [[k, f"{v:,}"] for k, v in (*told.items(), ("total", sum(told.values())))]


def test_hours_of_every_rule(same):
    study = load_study(CONFIG / "paper.yaml")
    trainings = estimates(study, tflops=100)
    table = by_rule(study, trainings, tflops=100).set_index("rule")
    seeds, (faces, seasons, shoes) = 3, (10 * 300, 547, 400)  # edits: images times attributes
    permuted = 10 * 300  # of faces alone
    variants = {"portraits": 11, "seasons": 5, "shoes": 5}
    assert table.jobs["train"] == table.jobs["evaluate"] == seeds * sum(variants.values()) == 63
    assert table.flop["apply_edits"] == pytest.approx(
        2e9 * seeds * 11 * (2 * 3 + 8), rel=0.5
    )  # sets of Figures 1 and 5
    # An edit is translated, classified and its identity encoded; full target labels have no identity.
    edits = 11 * (3 * faces + 2 * permuted) + 5 * 3 * seasons + 5 * 3 * shoes
    assert table.flop["evaluate"] == pytest.approx(2e9 * seeds * edits)
    # The untouched input; the truth where there are pairs; both prepared splits themselves, the test's identities
    rows = (2 * faces + permuted) + 2 * seasons + 2 * 2 * shoes
    images = (29_700 + 300) + (2_193 + 547) + (99_650 + 400) + (300 + 547 + 400)
    assert table.flop["references"] == pytest.approx(2e9 * (rows + images))
    assert table.gpu_hours["evaluate"] == pytest.approx(table.flop["evaluate"] / 100e12 / 3600)
    for rule in ("classifier", "embedding", "identity_encoder", "train"):
        assert table.flop[rule] == pytest.approx((trainings.flop * trainings.jobs)[trainings.rule == rule].sum())
    assert table.flop["prepare"] == table.flop["notebook"] == 0
    assert table.flop["total"] == pytest.approx(table.flop[:-1].sum())


def test_steps_are_those_of_the_budget(same):
    table = estimates(load_study(CONFIG / "full.yaml"), 60).set_index(["task", "job"])
    assert table.steps["portraits", "stargan"] == 5 * table.steps["portraits", "init-c"] == 5 * 800
    assert table.generator_updates["portraits", "stargan"] == 800


def test_published_weights_of_phi_are_no_training(same):
    study = load_study(CONFIG / "smoke.yaml")
    task = study.tasks["vistas"]
    published = task.model_copy(update={"embedding": task.embedding.model_copy(update={"weights": Path("vgg.pt")})})
    table = estimates(study.model_copy(update={"tasks": {"vistas": published}}), 60)
    assert list(table.job) == ["classifier", "identity_encoder", *task.methods, ""]


def test_embeddings_that_stay_untrained_or_are_not_used_are_no_training(same):
    study = load_study(CONFIG / "sensitivity.yaml")
    table = estimates(study, 60)
    jobs = {task: list(rows) for task, rows in table.groupby("task").job}
    assert jobs["phi-none"] == ["classifier", "init-c"], (
        "without the metric identity there is no identity_encoder either"
    )
    assert jobs["phi-attributes"] == ["classifier", "embedding", "init-c"]


def test_a_missing_study(complains):
    with complains("papr.yaml", "missing", "did you mean"):
        estimate(CONFIG / "papr.yaml")


@pytest.mark.slow
def test_the_embedded_study_is_counted(capsys):
    estimate(CONFIG / "study.yaml")
    lines = capsys.readouterr().out.splitlines()
    init = next(line for line in lines if "init-c" in line)
    assert "699,361 + 362,688" in init and "1.06" in init
