"""What the Snakefile does before it looks at any rule."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from insm.support import workflow
from insm.support.files import read_json, write_json
from insm.support.processes import running_snakemake


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Every test in an empty project folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(workflow.PLAN, raising=False)
    return tmp_path


def study(path: str, name: str) -> Path:
    file = Path(path)
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"name: {name}\n", encoding="utf-8")
    return file


def test_sources_of_another_folder_are_refused(tmp_path, complains):
    (tmp_path / "src").mkdir()
    workflow.check_sources(str(tmp_path / "src/insm/__init__.py"), Path("src"))
    with complains("another folder", "delete .venv"):
        workflow.check_sources("/elsewhere/src/insm/__init__.py", Path("src"))


def test_only_the_study_is_configuration(complains):
    workflow.check_config({})
    workflow.check_config({"study": "config/study.yaml"})
    workflow.check_config({"study": "config/study.yaml", "runs": "finished"})
    with complains("'stduy'", "did you mean 'study'", "--config study=FILE"):
        workflow.check_config({"stduy": "config/study.yaml"})
    with complains("'name'", "not with --configfile"):
        workflow.check_config({"name": "study", "seeds": [0]})
    with complains("runs=done", "finished"):
        workflow.check_config({"runs": "done"})


def test_results_belong_to_one_study_file(complains):
    first, second = study("config/a.yaml", "mine"), study("config/b.yaml", "mine")
    workflow.claim_results(first, "mine", write=True)
    workflow.claim_results(first, "mine", write=True)
    with complains("results/mine belongs to config/a.yaml", "another name"):
        workflow.claim_results(second, "mine", write=False)


def test_a_renamed_study_keeps_its_results():
    workflow.claim_results(study("config/a.yaml", "mine"), "mine", write=True)
    Path("config/a.yaml").unlink()
    workflow.claim_results(study("config/b.yaml", "mine"), "mine", write=True)
    assert read_json(Path("results/mine/config/study.json")) == {"file": "config/b.yaml"}


def test_results_are_given_up_with_the_name():
    workflow.claim_results(study("config/a.yaml", "mine"), "mine", write=True)
    study("config/a.yaml", "other")
    workflow.claim_results(study("config/b.yaml", "mine"), "mine", write=True)


def test_a_dry_run_claims_nothing():
    workflow.claim_results(study("config/a.yaml", "mine"), "mine", write=False)
    assert not Path("results").exists()


def test_every_state_of_a_study_has_a_plan_of_its_own(monkeypatch):
    calls = []

    def configure(command, check):
        calls.append(command)
        write_json(Path(command[-1]), {"made": len(calls)})
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(workflow.subprocess, "run", configure)
    file = study("config/a.yaml", "mine")
    assert workflow.resolved_study(file, main=True) == workflow.resolved_study(file, main=True) == {"made": 1}
    file.write_text("name: mine\nseeds: [1]\n", encoding="utf-8")
    assert workflow.resolved_study(file, main=True) == {"made": 2}
    file.write_text("name: mine\n", encoding="utf-8")
    assert workflow.resolved_study(file, main=True) == {"made": 1} and len(calls) == 2


def test_a_jobs_own_process_sees_the_study_as_it_was(monkeypatch):
    write_json(Path("plan.json"), {"frozen": True})
    monkeypatch.setenv(workflow.PLAN, "plan.json")
    assert workflow.resolved_study(Path("gone.yaml"), main=False) == {"frozen": True}


def test_locks_of_a_killed_snakemake_are_cleared(tmp_path):
    Path(".snakemake/locks").mkdir(parents=True)
    Path(".snakemake/locks/0.input.lock").touch()
    held = workflow.take_over_locks()
    assert held and not list(Path(".snakemake/locks").iterdir())
    assert json.loads(workflow.RUNNING.read_text())["process"] == os.getpid()


def test_locks_of_a_living_one_are_left(tmp_path, monkeypatch, complains):
    """Another process holds the mark: also a second `make study` beside a plain `snakemake`."""
    program = (
        "import sys; from insm.support.workflow import take_over_locks\n"
        "held = take_over_locks(); print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path
    )
    assert other.stdout.readline() == "held\n"
    Path(".snakemake/locks").mkdir()
    Path(".snakemake/locks/0.input.lock").touch()
    assert workflow.take_over_locks() is None and list(Path(".snakemake/locks").iterdir())
    monkeypatch.setattr(workflow, "current_site", lambda: "a cluster")
    with complains(f"process {other.pid}", "insm cancel"):
        workflow.take_over_locks()
    other.kill()
    other.wait()
    assert workflow.take_over_locks() and not list(Path(".snakemake/locks").iterdir())


def test_a_file_system_without_locks_stops_nothing(monkeypatch, capsys):
    def fails(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", fails)
    Path(".snakemake/locks").mkdir(parents=True)
    Path(".snakemake/locks/0.input.lock").touch()
    assert workflow.take_over_locks() and list(Path(".snakemake/locks").iterdir())
    assert "No locks available" in capsys.readouterr().err
    assert running_snakemake(Path.cwd()) is None


def test_locks_of_another_host_are_left(capsys):
    Path(".snakemake/locks").mkdir(parents=True)
    Path(".snakemake/locks/0.input.lock").touch()
    workflow.RUNNING.write_text(json.dumps({"host": "elsewhere", "process": 1}))
    assert workflow.take_over_locks() and list(Path(".snakemake/locks").iterdir())
    assert "process 1 on elsewhere" in capsys.readouterr().err


def test_a_snakemake_in_the_background_of_a_script_can_be_interrupted():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        workflow.heed_interrupts()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_home_that_cannot_be_written_is_replaced(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    workflow.ensure_home()
    assert os.environ["HOME"] == str(tmp_path)
    monkeypatch.setenv("HOME", "/proc/nohome")
    workflow.ensure_home()
    home = Path(os.environ["HOME"])
    assert home == (tmp_path / ".snakemake/home").resolve() and os.access(home, os.W_OK)


@pytest.mark.parametrize(
    ("arguments", "runs"),
    [
        ([], True),
        (["--config", "study=config/mine.yaml"], True),
        (["--profile", "slurm", "--", "models"], True),
        (["-n"], False),
        (["-np"], False),
        (["--dry-run", "--profile", "slurm"], False),
        (["--report", "report.html"], False),
        (["--lint"], False),
        (["-c", "2"], True),
    ],
)
def test_a_command_line_that_runs_jobs(arguments, runs):
    assert workflow.runs_jobs(arguments) is runs


def test_a_foreign_kernel_of_the_same_name_is_not_used(tmp_path):
    """A cluster's module sets JUPYTER_PATH, and a user installed a kernel python3 with --user."""
    foreign = json.dumps({"argv": ["/usr/bin/false"], "display_name": "Python 3", "language": "python"})
    for place in ("module", "home/.local/share/jupyter"):
        kernel = tmp_path / place / "kernels/python3/kernel.json"
        kernel.parent.mkdir(parents=True)
        kernel.write_text(foreign)
    environment = os.environ | {"JUPYTER_PATH": str(tmp_path / "module"), "HOME": str(tmp_path / "home")}
    workflow.own_kernel(environment)
    lines = (
        "from jupyter_client.kernelspec import KernelSpecManager",
        "print(KernelSpecManager().get_kernel_spec('python3').argv[0])",
    )
    program = "\n".join(lines)
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() != "/usr/bin/false"
