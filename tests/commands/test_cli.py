"""The command line: a mistake is one line on stderr and exit code 2, and leaves no output behind."""

import os
import subprocess
import sys

import pytest
import yaml

from insm import cli
from insm.data.lazy_split import save_split
from insm.networks.embedding import EmbeddingConfig
from insm.support.files import write_json
from tests import ROOT


def insm(*arguments, **options) -> subprocess.CompletedProcess:
    program = "from insm.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True, **options
    )


def refused(done: subprocess.CompletedProcess, *words) -> None:
    """The command ended with code 2 and one line on stderr that holds all the words."""
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("error: ")
    for word in map(str, words):
        assert word in done.stderr


@pytest.fixture
def embed(tmp_path, split):
    """Arguments of `insm embed` on a small prepared split in tmp_path."""
    save_split(split, tmp_path / "train.npy", tmp_path / "train.parquet")
    write_json(tmp_path / "embedding.json", EmbeddingConfig(updates=1, batch=4).model_dump(mode="json"))
    return "embed", tmp_path / "embedding.json", "portraits", "cpu", tmp_path / "train.npy", tmp_path / "out" / "phi.pt"


def test_a_wrong_key(tmp_path):
    study = yaml.safe_load((ROOT / "config/smoke.yaml").read_text()) | {"seedz": [1]}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study))
    done = insm("configure", tmp_path / "study.yaml", tmp_path / "out")
    refused(done, tmp_path / "study.yaml", "unknown key seedz", "did you mean 'seeds'?")
    assert not (tmp_path / "out").exists()


def test_an_unwritable_output(tmp_path):
    (tmp_path / "results").write_text("in place of a folder")
    done = insm("configure", ROOT / "config/smoke.yaml", tmp_path / "plan.json", cwd=tmp_path)
    refused(done, "cannot write", "results/smoke")
    assert [path.name for path in tmp_path.iterdir()] == ["results"]


def test_a_missing_split(embed, tmp_path):
    (tmp_path / "train.npy").unlink()
    refused(insm(*embed), tmp_path / "train.npy", "missing")
    assert not (tmp_path / "out").exists()


def test_a_truncated_split(embed, tmp_path):
    os.truncate(tmp_path / "train.npy", 5000)
    refused(insm(*embed), tmp_path / "train.npy", "truncated")
    assert not (tmp_path / "out").exists()


def test_help_lists_every_command(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["insm", "--help"])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert done.value.code == 0
    text = capsys.readouterr().out
    assert all(name in text for name in (*cli.COMMANDS, "data"))


def test_the_group_of_data_commands(monkeypatch, capsys):
    for arguments, words in ((["--help"], cli.DATA), (["check", "--help"], ["PATH", "--workers", "--skip-unreadable"])):
        monkeypatch.setattr(sys, "argv", ["insm", "data", *arguments])
        with pytest.raises(SystemExit) as done:
            cli.main()
        assert done.value.code == 0
        text = capsys.readouterr().out
        assert all(word in text for word in words)
