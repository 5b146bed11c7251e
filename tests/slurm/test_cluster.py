"""The literal `snakemake --profile slurm` on a real SLURM."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.slurm.suite import suffer, undisturbed
from tests.slurm.trial import INTERVAL, Trial, cluster

HIT = ("time limit, with signal", "main killed, job lives at the restart")


def test_a_study_on_the_cluster_has_the_bytes_of_a_local_run(study, local):
    assert local.finish() == 0, (local.folder / "main.log").read_text()[-5000:]
    here, there = local.hashes(), study.hashes()
    assert here.keys() == there.keys() and "results/tiny/tables/metrics.csv" in here
    assert [name for name in here if here[name] != there[name]] == []


def test_a_study_submits_two_jobs_a_run_and_eight_a_task_at_most(study):
    jobs = cluster("sacct", "-X", "--noheader", "--format=workdir%300").split().count(str(study.folder))
    assert 0 < jobs <= 2 * 1 + 8 * 1


def test_every_attempt_has_a_log_that_tells_what_it_asked_for(study):
    lines = (study.attempts / "001.log").read_text().splitlines()
    assert lines[0].startswith("attempt 1 on") and "JobId=" in lines[1] and "mem=" in lines[1]
    assert study.run("insm", "status", "config/tiny.yaml").stdout.count("finished") == 4 + 1


def test_states_of_recorded_results_are_removed(study):
    assert not list(study.state.rglob("*.pt"))


def test_a_gpu_that_torch_cannot_see_fails_and_is_not_tried_again(study, folder):
    trial = Trial(folder / "gpu", base=study, study="tiny")
    path = trial.folder / "config" / "tiny.yaml"
    path.write_text(path.read_text().replace("device: cpu", "device: auto"))
    target = "results/tiny/pretrained/land/embedding.pt"
    (trial.folder / target).unlink()
    done = trial.run(*trial.words(target))
    log = (trial.folder / "results/tiny/logs/land/embedding.log").read_text()
    assert done.returncode != 0 and "torch sees none" in log and not (trial.folder / target).exists()
    assert "not tried again" in done.stderr and "Trying to restart" not in done.stderr
    assert done.stderr.count("has been submitted") == 1


def test_the_status_is_told_as_plain_values(study):
    rows = json.loads(study.run("insm", "status", "config/tiny.yaml", "--json").stdout)
    (training,) = [row for row in rows if row["training"] == "land/plain/seed0"]
    assert training["state"] == "finished" and training["step"] == training["total"] == 4
    assert training["attempts"] == 1 and training["job"].isdigit() and training["host"] == "cpu1"


def test_the_doctor_finds_nothing_and_then_what_was_broken(study):
    healthy = study.run("insm", "doctor", "config/tiny.yaml", "--slurm")
    assert healthy.returncode == 0 and "problem" not in healthy.stdout, healthy.stdout
    site = study.folder / "slurm" / "site.yaml"
    site.write_text(
        site.read_text().replace("account: research", "account: other").replace("model: fake", "model: a100")
    )
    broken = study.run("insm", "doctor", "config/tiny.yaml", "--slurm")
    assert broken.returncode == 1 and broken.stdout.count("problem") == 2
    assert "research" in broken.stdout and "gpu:fake" in broken.stdout


@pytest.fixture(scope="session")
def rows(folder):
    """What becomes of two trainings that faults hit at the same time."""
    base, expected = undisturbed(folder)
    with ThreadPoolExecutor() as pool:
        return dict(zip(HIT, pool.map(lambda fault: suffer(fault, base, folder, expected), HIT), strict=True))


@pytest.mark.parametrize("fault", HIT)
def test_a_fault_costs_at_most_one_checkpoint_interval_and_changes_no_byte(rows, fault):
    row = rows[fault]
    assert (row["finished"], row["identical"]) == ("yes", "yes"), row
    assert row["steps repeated"] <= INTERVAL
