"""The command line: a mistake is one line on stderr and exit code 2, and leaves no output behind."""

import json
import os
import subprocess
import sys

import pytest
import yaml

from insm import cli
from insm.data.preparation import save_split
from insm.networks.embedding import EmbeddingConfig
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
    """Arguments of `insm job embedding` on a small prepared split in tmp_path."""
    save_split(split, tmp_path / "train.npy", tmp_path / "train.parquet")
    settings = json.dumps(EmbeddingConfig(updates=1, batch=4).model_dump(mode="json"))
    return "job", "embedding", settings, "portraits", "cpu", tmp_path / "train.npy", tmp_path / "out" / "phi.pt"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (
            "x: run `snakemake data/smoke/a.npy` (or",
            "x: run `snakemake --config study=config/smoke.yaml data/smoke/a.npy` (or",
        ),
        (
            "run `snakemake --force results/full/b`",
            "run `snakemake --config study=config/full.yaml --force results/full/b`",
        ),
        ("run `snakemake results/study/c`", "run `snakemake results/study/c`"),
        ("run `snakemake` first", "run `snakemake` first"),
    ],
)
def test_advice_names_the_study(message, told):
    assert cli.with_study(message) == told


def test_a_wrong_key(tmp_path):
    study = yaml.safe_load((ROOT / "config/smoke.yaml").read_text()) | {"seedz": [1]}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study))
    done = insm("job", "configure", tmp_path / "study.yaml", tmp_path / "out")
    refused(done, tmp_path / "study.yaml", "unknown key seedz", "did you mean 'seeds'?")
    assert not (tmp_path / "out").exists()


def test_an_unwritable_output(tmp_path):
    (tmp_path / "plans").write_text("in place of a folder")
    done = insm("job", "configure", ROOT / "config/smoke.yaml", tmp_path / "plans" / "plan.json", cwd=tmp_path)
    refused(done, "cannot write", "plans/plan.json")
    assert [path.name for path in tmp_path.iterdir()] == ["plans"]


def test_a_missing_split(embed, tmp_path):
    (tmp_path / "train.npy").unlink()
    refused(insm(*embed), tmp_path / "train.npy", "missing")
    assert not (tmp_path / "out").exists()


def test_a_truncated_split(embed, tmp_path):
    os.truncate(tmp_path / "train.npy", 5000)
    refused(insm(*embed), tmp_path / "train.npy", "truncated")
    assert not (tmp_path / "out").exists()


def shown(monkeypatch, capsys, *arguments) -> str:
    """What `insm ARGUMENTS --help` prints."""
    monkeypatch.setattr(sys, "argv", ["insm", *arguments, "--help"])
    with pytest.raises(SystemExit) as done:
        cli.main()
    assert done.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("group", "commands"), [((), (*cli.PEOPLE, "data", "job")), (("data",), cli.DATA), (("job",), cli.JOBS)]
)
def test_help_lists_every_command(monkeypatch, capsys, group, commands):
    text = shown(monkeypatch, capsys, *group)
    assert all(f" {name} " in text for name in commands)


@pytest.mark.parametrize(("group", "modules"), [((), cli.PEOPLE), (("data",), cli.DATA), (("job",), cli.JOBS)])
def test_every_command_has_a_function_of_its_name(monkeypatch, capsys, group, modules):
    for name in modules:
        text = shown(monkeypatch, capsys, *group, name)
        assert name in text and "Usage" in text


def test_options_are_told_with_their_help(monkeypatch, capsys):
    text = shown(monkeypatch, capsys, "data", "check")
    assert all(word in text for word in ("PATH", "--workers", "--skip-unreadable"))


def test_a_mistyped_command_gets_a_suggestion():
    done = insm("job", "trian")
    assert done.returncode == 2 and "train" in done.stderr


def test_help_imports_no_command():
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "from insm.cli import main; main()", "--help"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and not {"torch", "numpy", "pandas"} & {
        line.split()[-1] for line in done.stderr.splitlines()
    }
