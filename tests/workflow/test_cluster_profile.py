"""The SLURM profile without a cluster: what would be submitted, and that local runs do not see it."""

import shutil

import pytest

from tests import ROOT
from tests.workflow.conftest import Checkout, checkout


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Checkout:
    copy = checkout(tmp_path_factory.mktemp("cluster") / "insm")
    shutil.copy(ROOT / "tests/slurm/site.yaml", copy.folder / "slurm/site.yaml")
    return copy


def dry_run(project: Checkout, *options: str) -> str:
    return project.run("snakemake", "--dry-run", *options, "--config", "study=tests/slurm/tiny.yaml").stdout


def test_the_literal_profile_takes_the_site_file(project):
    printed = dry_run(project, "--profile", "slurm")
    assert "Train plain on land" in printed
    for word in ("slurm_partition=cpu", "slurm_account=research", "mem_mb=1200", "runtime=20"):
        assert word in printed


def test_a_local_run_asks_for_nothing_of_a_cluster(project):
    assert "slurm_" not in dry_run(project)


def test_without_a_site_file_the_example_is_named(tmp_path):
    done = checkout(tmp_path / "insm").run("snakemake", "--profile", "slurm", "--dry-run", check=False)
    assert done.returncode and "slurm/site.example.yaml" in done.stderr
