"""The chain from a number to raw bytes."""

import functools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from insm.reporting import provenance
from insm.reporting.provenance import Chain, Focus, made_by
from insm.support.files import load_array, read_json, save_array
from insm.support.records import sha256
from tests import ROOT
from tests.reporting.small_records import run, write_records


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Folder of a small study's results; the project's folder is the working directory."""
    monkeypatch.chdir(tmp_path)
    return write_records(tmp_path)


def files(lines):
    return [line.split()[0] for line in lines if "sha256 " in line and "by: " not in line]


def test_a_chain_leads_to_what_has_no_parents(results):
    lines = list(Chain(results / "tables/one.csv").lines(Focus()))
    assert files(lines) == [
        "results/tiny/tables/one.csv",
        "results/tiny/tables/metrics-land.csv",
        "results/tiny/runs/land/a/seed0/model.npy",
        "data/tiny/land/train.npy",
        "results/tiny/runs/land/b/seed0/model.npy",
        "data/tiny/land/train.npy",
    ]
    text = "\n".join(lines)
    assert sha256(results / "runs/land/a/seed0/model.npy")[:16] in text
    assert "from no file: drawn by the code" in text and "seed 7" in text and f"numpy {np.__version__}" in text
    assert "as above" in lines[-1], "the split is told once"


def test_a_cell_s_chain_leaves_out_other_variants(results):
    chain = Chain(results / "tables/metrics-land.csv")
    value, focus = chain.cell("b,accuracy", "value")
    assert (value, focus) == ("0.25", Focus("land", "b", "0"))
    assert [name for name in files(chain.lines(focus)) if "/runs/" in name] == [
        "results/tiny/runs/land/b/seed0/model.npy"
    ]


def test_a_copy_leads_to_what_it_is_a_copy_of(results):
    """Outcomes are kept in git as copies of what was measured."""
    copy = results / "outcomes/land/a.npy"
    copy.parent.mkdir(parents=True)
    copy.write_bytes((results / "runs/land/a/seed0/model.npy").read_bytes())
    with run("gather"):
        save_array(load_array(copy) + 1, results / "tables/all.npy")
    text = "\n".join(Chain(results / "tables/all.npy").lines(Focus()))
    assert "a copy of results/tiny/runs/land/a/seed0/model.npy" in text and "data/tiny/land/train.npy" in text


def test_other_bytes_and_missing_files_are_told(results):
    (results / "runs/land/a/seed0/model.npy").write_bytes(b"damaged")
    (results / "runs/land/b/seed0/model.npy").unlink()
    lines = list(Chain(results / "tables/one.csv").lines(Focus()))
    assert [line.rpartition(", ")[2] for line in lines if "/runs/" in line and "by: " not in line] == [
        "HERE WITH OTHER BYTES",
        "not here",
    ]


def test_mistakes_are_told(results, complains):
    with complains("no result of a study"):
        Chain(Path("Snakefile"))
    with complains("no record", "tables/other.csv"):
        Chain(results / "tables/other.csv")
    chain = Chain(results / "tables/metrics-land.csv")
    with complains("no column 'valu'", "did you mean 'value'"):
        chain.cell("a", "valu")
    with complains("2 rows", "variant, seed, metric"):
        chain.cell("accuracy", "value")


def test_the_command_prints_the_value_and_its_chain(results):
    command = [
        Path(sys.executable).parent / "insm",
        "provenance",
        "results/tiny/tables/one.csv",
        "--cell",
        "a",
        "value",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("a, value: 0.5\nresults/tiny/tables/one.csv")


def test_a_record_that_lacks_facts_is_told(results, complains):
    path = next((results / "provenance").rglob("one.csv.json"))
    record = read_json(path)
    del record["code"]
    path.write_text(json.dumps(record))
    with complains(path.name, "lacks code", "git checkout"):
        list(Chain(results / "tables/one.csv").lines(Focus()))
    with complains("names results/tiny/tables/gone.csv: name a result that is there"):
        Chain(results / "tables/gone.csv")


def test_every_committed_record_has_a_chain_for_all_that_it_tells(monkeypatch):
    """Whatever a job has read, such as the study's file, which is no result."""
    monkeypatch.setattr(provenance, "state_of", functools.cache(provenance.state_of))
    for study in (ROOT / "results").glob("*/provenance"):
        names = sorted(made_by(study))
        chain = Chain(ROOT / names[0])
        for name in names:
            chain.place = chain.place._replace(name=name)
            for focus in (Focus(), Focus(seed="0"), Focus(min(chain.tasks, default=None))):
                lines = list(chain.lines(focus))
                assert lines[0].startswith(name)
                assert len(lines) > 4


STUDIES = sorted(folder.parent.name for folder in ROOT.glob("results/*/provenance"))
NAMING = {name: [f"results/{name}/provenance/**/*.json", f"results/{name}/models/**/model.json"] for name in STUDIES}
NAMING["models"] = ["src/insm/editing/models/*/model.json"]


def git(*words):
    return subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", NAMING)
def test_every_commit_that_made_a_result_exists(name):
    """Otherwise nobody can look at the code that made it."""
    if git("rev-parse", "--is-shallow-repository").stdout.strip() != "false":
        pytest.skip("no whole clone: older commits are not here")
    contents = [read_json(path) for pattern in NAMING[name] for path in ROOT.glob(pattern)]
    commits = {content.get("code", content)["commit"] for content in contents} - {None, ""}
    assert {commit for commit in commits if git("cat-file", "-e", f"{commit}^{{commit}}").returncode} == set()


def test_no_committed_record_names_a_file_of_one_machine():
    records = [*(ROOT / "results").glob("*/provenance/**/*.json")]
    assert len(records) > 100
    for record in records:
        assert not [name for name in read_json(record)["inputs"] if name.startswith((".snakemake", "/", ".."))], record


@pytest.mark.parametrize("study", ["study", "smoke"])
def test_committed_trainings_have_no_input_that_is_for_their_curves_alone(study):
    """Trainings do not wait for it: a record with it would be written anew in a clone where it came later."""
    records = [read_json(path) for path in ROOT.glob(f"results/{study}/provenance/runs/*/*/*/log.csv.json")]
    assert len(records) > 5
    for record in records:
        assert not [name for name in record["inputs"] if "validation" in name or "classifier" in name]
