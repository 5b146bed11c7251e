"""Results travel through a DVC remote: an S3 bucket, here of a server on this machine, and a folder."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests import ROOT

BIN = Path(sys.executable).parent
FILES = {
    "results/mine/runs/model.safetensors": bytes(range(256)) * 64,
    "results/mine/runs/log.csv": b"step\n1\n",
    "results/mine/state/portraits/init-c/seed0-00ff/step100.pt": b"a checkpoint",
}
NONE = "none-published-see-docs-dvc-md"
KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


def run(folder, *command, check=True):
    """Run a command of the environment in a folder -> what it told."""
    environment = os.environ | KEYS | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "no_proxy": "127.0.0.1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    if check and done.returncode:
        pytest.fail(f"{' '.join(map(str, command))} exited with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def commit(folder):
    run(folder, "git", "add", "-A")
    run(folder, "git", "-c", "user.name=me", "-c", "user.email=me@example.org", "commit", "-qm", "one")


@pytest.fixture
def project(tmp_path):
    """A clone with the project's settings of git and DVC, and results that DVC keeps as docs/dvc.md tells."""
    folder = tmp_path / "project"
    (folder / ".dvc").mkdir(parents=True)
    for name in (".dvc/config", f".dvc/{NONE}", ".dvc/.gitignore", ".dvcignore", ".gitignore"):
        if (ROOT / name).exists():
            (folder / name).write_bytes((ROOT / name).read_bytes())
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    run(folder, "git", "init", "-q", "-b", "main")
    run(folder, "dvc", "add", "-q", "results/mine/runs", "results/mine/state")
    commit(folder)
    return folder


@pytest.fixture
def bucket():
    """The address of an S3 server of this machine with an empty bucket `results`."""
    pytest.importorskip("moto", reason="needs the extra s3-test (make s3-test)")
    pytest.importorskip("dvc_s3", reason="needs the extra s3 (make s3-test)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [BIN / "moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        make_bucket(f"{address}/results")
        yield address
    finally:
        server.terminate()
        server.wait()


def make_bucket(address):
    """Make a bucket as soon as the server answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        try:
            opener.open(urllib.request.Request(address, method="PUT"))
            return
        except urllib.error.URLError:
            time.sleep(0.2)
    pytest.fail(f"{address} does not answer")


def share(project, options=()):
    """Name a remote, push, clone elsewhere and pull there: the same files; a second push and pull do nothing."""
    for words in options:
        run(project, "dvc", "remote", *words)
    commit(project)
    assert "5 files pushed" in run(project, "dvc", "push"), "three files, and the lists of their folders"
    assert "Everything is up to date" in run(project, "dvc", "push")
    clone = project.parent / "clone"
    run(project.parent, "git", "clone", "-q", project, clone)
    run(clone, "dvc", "pull")
    assert {name: (clone / name).read_bytes() for name in FILES} == FILES
    assert "Everything is up to date" in run(clone, "dvc", "pull")
    assert "up to date" in run(clone, "dvc", "status")
    assert run(clone, "git", "status", "--porcelain") == ""
    assert json.loads(run(clone, "dvc", "status", "--cloud", "--json")) == {}


@pytest.mark.slow
def test_an_s3_bucket_carries_results_to_another_clone(project, bucket):
    share(
        project,
        [
            ("add", "--default", "shared", "s3://results/insm"),
            ("modify", "shared", "endpointurl", bucket),
        ],
    )


@pytest.mark.slow
def test_a_shared_folder_carries_results_to_another_clone(project, tmp_path):
    share(project, [("add", "--default", "shared", str(tmp_path / "remote"))])


def test_a_plain_clone_tells_in_a_sentence_that_it_has_no_remote(project):
    clone = project.parent / "clone"
    run(project.parent, "git", "clone", "-q", project, clone)
    told = run(clone, "dvc", "pull", check=False)
    assert told.count("ERROR") == 1 and "WARNING" not in told
    assert told.startswith("ERROR: unexpected error - [Errno 20] Not a directory") and f".dvc/{NONE}/" in told
    assert "docs/dvc.md" in (ROOT / ".dvc" / NONE).read_text() and (ROOT / "docs/dvc.md").exists()


def test_without_a_remote_what_is_in_the_cache_is_checked_out_and_kept(project):
    (project / "results/mine/runs/log.csv").unlink()
    run(project, "dvc", "checkout")
    assert {name: (project / name).read_bytes() for name in FILES} == FILES
    run(project, "dvc", "gc", "--workspace", "--force")
    for name in FILES:
        (project / name).unlink()
    run(project, "dvc", "checkout")
    assert {name: (project / name).read_bytes() for name in FILES} == FILES


PIPELINE = """
stages:
  study:
    cmd: python -c "print(open('settings.yaml').read())" > results/mine/numbers.txt
    params: [settings.yaml: ]
    outs: [results/mine/numbers.txt]
"""


def test_without_a_remote_an_experiment_runs(project):
    (project / "dvc.yaml").write_text(PIPELINE)
    (project / "settings.yaml").write_text("lambda_l1: 100\nlr: 5.0e-4\n")
    run(project, "dvc", "repro")
    commit(project)
    run(project, "dvc", "exp", "run", "-S", "settings.yaml:lambda_l1=50")
    assert "lambda_l1: 50" in (project / "results/mine/numbers.txt").read_text()
    assert run(project, "dvc", "params", "diff").split()[-4:] == ["settings.yaml", "lambda_l1", "100", "50"]
    (project / "settings.yaml").write_text("lr: 0.0005\nlambda_l1: 100\n")
    assert run(project, "dvc", "params", "diff") == "", "the same settings in other words"
