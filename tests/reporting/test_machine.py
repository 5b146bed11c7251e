"""What `insm doctor` finds out about a machine."""

from importlib import metadata

from insm.data.settings import SplitConfig
from insm.reporting import machine
from tests import ROOT


def test_versions_are_compared_with_the_constraints(tmp_path):
    numpy = metadata.version("numpy")
    file = tmp_path / "constraints.txt"
    file.write_text(f"numpy=={numpy} ; python_full_version >= '3.11'\n    # via insm\nno-such-package==1\n")
    assert machine.environment(file) == ("environment", f"1 packages as in {file}", None)
    file.write_text("numpy==0.0.1\n")
    problem = machine.environment(file).problem
    assert problem and f"numpy is {numpy}, not 0.0.1" in problem


def test_without_constraints_nothing_is_compared(tmp_path):
    assert machine.environment(tmp_path / "constraints.txt").problem is None


def test_the_processor_s_instructions_are_told(tmp_path):
    file = tmp_path / "cpuinfo"
    file.write_text("flags : fpu avx2 avx512_bf16\n")
    assert machine.processor(file).fact == "avx2, avx512_bf16"
    file.write_text("flags : fpu avx\n")
    assert "no avx2" in machine.processor(file).fact
    assert "unknown" in machine.processor(tmp_path / "none").fact


def test_a_full_disk_is_a_problem():
    assert machine.disk(100).problem is None and machine.disk(1).problem


def split(dataset, source=None):
    return SplitConfig(dataset=dataset, split="train", count=1, size=32, seed=0, source=source)


def test_data_is_prepared_rendered_fetched_or_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    prepared = tmp_path / "train.npy"
    assert "rendered" in machine.data("a", split("portraits"), prepared).fact
    assert "insm data fetch yosemite" in machine.data("a", split("yosemite"), prepared).fact
    assert machine.data("a", split("folder:Red", tmp_path / "none"), prepared).problem
    assert machine.data("a", split("folder:Red", tmp_path), prepared).problem is None
    prepared.touch()
    assert "prepared" in machine.data("a", split("yosemite"), prepared).fact


def test_missing_weights_are_a_problem(tmp_path):
    (tmp_path / "there.pth").touch()
    there, missing = machine.weights([tmp_path / "there.pth", tmp_path / "missing.pth"])
    assert there.problem is None and missing.problem


def test_what_comes_next(tmp_path):
    study = ROOT / "config/smoke.yaml"
    assert "again" in machine.what_next(study, tmp_path, True)
    assert machine.what_next(study, tmp_path, False) == f"snakemake --config study={study}"
    assert machine.what_next(study, tmp_path, False, slurm=True) == f"snakemake --profile slurm --config study={study}"
    (tmp_path / "report").mkdir()
    (tmp_path / "report/index.html").touch()
    assert machine.what_next(study, tmp_path, False).startswith("open ")
