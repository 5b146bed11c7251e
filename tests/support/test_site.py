"""What a cluster's jobs ask for."""

import pytest

from insm.support import site as site_module
from insm.support.site import FROZEN, SNAKEMAKES, current_site, load_site, use_site
from tests import ROOT

SITE = """
account: research
cpu: {partition: cpu, minutes: 30, gflops: 1}
gpu: {partition: gpu, model: a100, minutes: 120, gflops: 1000}
memory: 1000
save_before: 90
"""


@pytest.fixture
def site(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    return load_site(path)


def need(mb=100, flop=0.0):
    return lambda wildcards: {"mb": mb, "flop": flop}


def test_memory_has_a_least_value_and_grows_with_the_attempt(site):
    small, large = site.resources(0, need(100))["mem_mb"], site.resources(0, need(4000))["mem_mb"]
    assert small(None, attempt=1) == 1000 + SNAKEMAKES
    assert small(None, attempt=2) == pytest.approx(1.5 * small(None, attempt=1), abs=1)
    assert large(None, attempt=1) == 5000 + SNAKEMAKES


@pytest.mark.parametrize(("flop", "minutes"), [(0, 10), (6e10, 12), (6e12, 30)])
def test_time_is_twice_the_estimate_and_ten_minutes_within_the_limit(site, flop, minutes):
    assert site.resources(0, need(flop=flop))["runtime"](None) == minutes


def test_only_jobs_with_a_gpu_ask_for_its_type_and_only_trainings_for_a_signal(site):
    cpu, gpu = site.resources(0, need()), site.resources(1, need(), resumes=True)
    assert (cpu["slurm_partition"], gpu["slurm_partition"]) == ("cpu", "gpu")
    assert "gpu_model" not in cpu and gpu["gpu_model"] == "a100"
    assert "slurm_extra" not in cpu and gpu["slurm_extra"] == "--signal=TERM@90"
    assert cpu["slurm_account"] == gpu["slurm_account"] == "research"


def test_the_example_site_is_valid():
    assert load_site(ROOT / "slurm/site.example.yaml").gpu


def test_a_missing_site_file_names_the_example(tmp_path, complains):
    with complains("site.yaml is missing", "slurm/site.example.yaml"):
        load_site(tmp_path / "site.yaml")


def test_a_study_with_a_gpu_needs_a_partition_for_it(tmp_path, complains):
    path = tmp_path / "site.yaml"
    path.write_text("cpu: {partition: cpu}\n")
    with complains("key gpu", "missing"):
        load_site(path).resources(1, need())


def test_jobs_see_the_site_as_it_was_when_the_run_began(tmp_path, monkeypatch):
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    monkeypatch.setenv(FROZEN, "")
    monkeypatch.setenv(site_module.SITE, str(path))
    begun = use_site()
    path.write_text("cpu: {mistake: 1}")
    assert current_site() == begun
