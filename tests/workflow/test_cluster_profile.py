"""The SLURM profile without a cluster: what would be submitted, and that local runs do not see it."""

import re
import shutil
import subprocess

import pytest
import yaml

from tests import ROOT
from tests.workflow.conftest import Checkout, checkout


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Checkout:
    copy = checkout(tmp_path_factory.mktemp("cluster") / "insm")
    shutil.copy(ROOT / "tests/slurm/site.yaml", copy.folder / "slurm/site.yaml")
    return copy


def dry_run(project: Checkout, *options: str) -> subprocess.CompletedProcess:
    return project.run("snakemake", "--dry-run", *options, "--config", "study=tests/slurm/tiny.yaml")


def test_the_literal_profile_takes_the_site_file(project):
    printed = dry_run(project, "--profile", "slurm").stdout
    assert "Train plain on land" in printed
    for word in ("slurm_partition=cpu", "slurm_account=research", "mem_mb=1200", "runtime=20"):
        assert word in printed


def submitted(printed: str) -> dict[str, int]:
    """Jobs that a dry run would submit: of each rule that is neither a target nor local, and of all groups."""
    text = "".join(path.read_text() for path in [ROOT / "Snakefile", *(ROOT / "workflow" / "rules").glob("*.smk")])
    local = set(re.findall(r"\w+", text.partition("localrules:")[2].partition("\n\n")[0]))
    local |= set(re.findall(r"rule (\w+):\n(?:(?! *rule ).*\n)*? {4}localrule: True", text))
    profile = (ROOT / "slurm" / "config.yaml").read_text()
    grouped = yaml.safe_load("groups:" + profile.partition("\ngroups:")[2].partition("\n\n")[0])["groups"]
    stats = re.findall(r"^(\w+) +(\d+)$", printed.partition("Job stats:")[2].partition("total")[0], re.M)
    jobs = {rule: int(number) for rule, number in stats if rule not in {"all", *local, *grouped}}
    return jobs | {"groups": printed.count("Group job ")}


@pytest.mark.parametrize(
    ("study", "runs", "trained", "tasks", "groups"),
    # A group for each run, and one for four of 6 or of 4 splits. A variant that reuses a training trains nothing.
    [("smoke", 12, 12, 3, 12 + 2), ("smoke-evidence", 5, 4, 1, 5 + 1)],
)
def test_a_study_submits_two_jobs_a_run_and_eight_a_task_at_most(project, study, runs, trained, tasks, groups):
    """Also one with several test draws and classifiers; none of whose outcomes is in git yet."""
    text = (project.folder / "config" / f"{study}.yaml").read_text()
    (project.folder / "config" / "counted.yaml").write_text(text.replace(f"name: {study}", f"name: counted-{study}"))
    options = ("--dry-run", "--profile", "slurm", "--config", "study=config/counted.yaml")
    jobs = submitted(project.run("snakemake", *options).stdout)
    assert jobs["train"] == trained and jobs["groups"] == groups
    assert 0 < sum(jobs.values()) <= 2 * runs + 8 * tasks, jobs


def test_a_local_run_asks_for_nothing_of_a_cluster(project):
    done = dry_run(project)
    assert "slurm_" not in done.stdout
    assert "localrules" not in done.stdout + done.stderr, "a warning of a rule that this study does not have"


def test_without_a_site_file_the_example_is_named(tmp_path):
    done = checkout(tmp_path / "insm").run("snakemake", "--profile", "slurm", "--dry-run", check=False)
    assert done.returncode and "slurm/site.example.yaml" in done.stderr
