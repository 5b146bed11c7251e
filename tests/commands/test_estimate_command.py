"""`insm estimate`: the table of a study."""

from pathlib import Path

import pandas as pd
import pytest

from insm.commands import estimate as command
from insm.commands.estimate import COLUMNS, PROCESS_CPU, PROCESS_GPU
from insm.estimate import Count
from insm.study import load_study

CONFIG = Path(__file__).parents[2] / "config"
UPDATES = {"discriminator": 1, "generator": 0.2, "generators": 1}
COUNT = Count({"discriminator": 1_000, "generator": 2_000}, UPDATES, macs=1e12, activations=10, state=20)


@pytest.fixture
def same(monkeypatch):
    """Every training counts the same: counting takes seconds each."""
    for name in ("count_method", "count_judge"):
        monkeypatch.setattr(command, name, lambda config, task: COUNT)


@pytest.mark.parametrize("name", ["study", "paper"])
def test_a_study_is_told_training_by_training(same, name, tmp_path, capsys):
    command.estimate(CONFIG / f"{name}.yaml", tflops=100, output=tmp_path / "table.csv")
    study, table = load_study(CONFIG / f"{name}.yaml"), pd.read_csv(tmp_path / "table.csv")
    *jobs, total = table.itertuples()
    expected = [(t, job) for t, x in study.tasks.items() for job in ("classifier", "embedding", *x.methods)]
    assert [(job.task, job.job) for job in jobs] == expected
    judges = 2 * len(study.tasks)
    assert total.jobs == judges + len(study.seeds) * (len(jobs) - judges)
    assert total.flop == pytest.approx(sum(job.jobs * job.steps * 2e12 for job in jobs))
    assert total.gpu_hours == pytest.approx(total.flop / 100e12 / 3600)
    assert total.cpu_memory == 30 + PROCESS_CPU and total.gpu_memory == 30 + PROCESS_GPU

    heads, rule, *lines = capsys.readouterr().out.splitlines()
    assert [head.strip() for head in heads.strip("|").split("|")] == list(COLUMNS)
    assert len(lines) == len(table) and len({len(line) for line in (heads, rule, *lines)}) == 1
    assert "1,000 + 2,000" in lines[0]


def test_steps_are_those_of_the_budget(same):
    table = command.estimates(load_study(CONFIG / "full.yaml"), 60).set_index(["task", "job"])
    assert table.steps["portraits", "stargan"] == 5 * table.steps["portraits", "init-c"] == 5 * 800
    assert table.generator_updates["portraits", "stargan"] == 800


def test_published_weights_of_phi_are_no_training(same):
    study = load_study(CONFIG / "smoke.yaml")
    task = study.tasks["vistas"]
    published = task.model_copy(update={"embedding": task.embedding.model_copy(update={"weights": Path("vgg.pt")})})
    table = command.estimates(study.model_copy(update={"tasks": {"vistas": published}}), 60)
    assert list(table.job) == ["classifier", "init-c", ""]


def test_a_missing_study(complains):
    with complains("papr.yaml", "missing", "did you mean"):
        command.estimate(CONFIG / "papr.yaml")


@pytest.mark.slow
def test_the_embedded_study_is_counted(capsys):
    command.estimate(CONFIG / "study.yaml")
    lines = capsys.readouterr().out.splitlines()
    init = next(line for line in lines if "init-c" in line)
    assert "699,361 + 362,688" in init and "1.06" in init
