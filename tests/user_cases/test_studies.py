"""Studies as people write and edit them."""

import re

import pandas as pd
import pytest

from insm.config.study import load_study
from tests import ROOT
from tests.workflow.conftest import checkout
from tests.workflow.test_studies import start, wait_for

TINY = (ROOT / "tests/workflow/tiny.yaml").read_text()


@pytest.fixture
def load(tmp_path):
    """Load the tiny study with some of its text replaced."""

    def load(*changes: tuple[str, str]):
        text = TINY
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "tiny.yaml").write_text(text)
        return load_study(tmp_path / "tiny.yaml")

    return load


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("name: tiny", "name: ../other"), "key name"),
        (("name: tiny", "name: /tmp/other"), "key name"),
        (("  land:", "  ../land:"), "key tasks"),
        (("plain", "init/c"), "key methods"),
        (("plain", ".."), "key methods"),
    ],
)
def test_a_name_that_leads_out_of_the_results_is_refused(load, complains, change, key):
    """Names are parts of paths: one with a slash or dots would write into another study's folder."""
    with complains("tiny.yaml", key):
        load(change)


@pytest.mark.parametrize("written", ["1e-4", "1.0e-4", "0.0001"])
def test_a_small_number_may_be_written_as_in_python(load, written):
    """YAML 1.1 takes 1e-4 for a text; a learning rate is a number in whatever way it is written."""
    study = load(("lambda_rec: 1", f"lambda_rec: 1\n    optimiser: {{ lr: {written} }}"))
    assert study.method_config("plain").optimiser.lr == 1e-4


def test_a_seed_twice_is_called_a_seed(load, complains):
    """The line of seeds was copied: the message says that a seed occurs twice."""
    with complains("key seeds: a seed occurs twice: 0, 0"):
        load(("seeds: [0]", "seeds: [0, 0]"))
    with complains("key tasks.land.methods: a variant occurs twice: plain, plain"):
        load(("methods: [plain, other]", "methods: [plain, plain]"))


@pytest.mark.parametrize("name", ["no", "off"])
def test_a_word_that_old_yaml_takes_for_a_truth_value_is_a_name(load, name):
    """A variant is called `no`: it is called `no`."""
    assert load(("plain", name)).tasks["land"].methods == (name, "other")


@pytest.mark.parametrize("value", ["yes", ".inf", ".nan"])
def test_a_weight_that_is_no_number_is_refused(load, complains, value):
    """`lambda_rec: yes` is not 1."""
    with complains("tiny.yaml", "lambda_rec"):
        load(("lambda_rec: 1", f"lambda_rec: {value}"))


@pytest.mark.parametrize(
    ("name", "cure"), [("true", "true and false are no values"), ("1", "in quotes"), ("2020-01-01", "in quotes")]
)
def test_a_name_that_yaml_takes_for_something_else_is_refused(load, complains, name, cure):
    """A variant is called `true`: it is refused, not called `True` without a word."""
    with complains("tiny.yaml", "key ", cure):
        load(("plain", name))


@pytest.mark.parametrize("old", ["name: tiny", "seeds: [0]", "lambda_rec: 1"])
def test_a_placeholder_that_nobody_filled_in_is_one_line(load, complains, old):
    """A program writes studies from a template, and `{{ value }}` stayed in one: YAML reads that as a mapping whose key
    is a mapping. The message names the file and the line."""
    key = old.partition(":")[0]
    line = next(number for number, text in enumerate(TINY.splitlines(), start=1) if old in text)
    with complains("tiny.yaml", f"line {line}"):
        load((old, f"{key}: {{{{ value }}}}"))


@pytest.mark.slow
def test_labels_mended_while_the_data_are_prepared_are_prepared_again(tmp_path, own):
    """Own images are in a folder whose name has all that a shell or Snakemake would expand. While they are prepared,
    the person mends the labels: the next start prepares them again, and then nothing is left to do."""
    place = own(tmp_path / "it's {2024} $HOME #1 & co", 12)
    copy = checkout(tmp_path / "insm")
    source = str(place).replace("'", "''")
    text = re.sub(
        r"\{ dataset: .* \}", f"{{ dataset: 'folder:Hat', source: '{source}', size: 16, train: 8, test: 4 }}", TINY
    )
    (copy.folder / "config/tiny.yaml").write_text(text.replace("batch: 16", "batch: 4"))
    run, target = start(copy, "data/tiny/land/train.npy"), "data/tiny/land/train.npy"
    wait_for((copy.folder / "results/tiny/logs/land/prepare-train.log").exists, 120)
    table = place / "labels.csv"
    table.write_text(re.sub(r"(?<=png,)[01]", lambda label: str(1 - int(label[0])), table.read_text()))
    assert run.wait(300) == 0, run.stdout.read()

    copy.snakemake(target, study="tiny")
    rows = pd.read_parquet(copy.folder / "data/tiny/land/train.parquet")
    assert [int(name[:3]) % 2 for name in rows["file"]] == [1 - hat for hat in rows["Hat"]]
    dry = copy.run("snakemake", "-n", "--config", "study=config/tiny.yaml", "--", target)
    assert "Prepare the train images" not in dry.stdout
