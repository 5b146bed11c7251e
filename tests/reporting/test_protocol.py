"""The registered protocol: its file, the power that it promises, and that it came before results."""

import functools
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from insm.config.inheritance import resolved_methods
from insm.config.study import load_study
from insm.data.dataset import load_dataset
from insm.networks.method import method_config
from insm.reporting.protocol import FULL_SD, power_table, read_protocol, spread_markdown, spread_table
from insm.support.files import read_json, read_yaml
from tests import ROOT

FILE = "docs/paper/protocol.yaml"
PAGE = "docs/protocol.md"
REGISTERED = (PAGE, FILE, "docs/paper/claims.yaml", "config/evidence.yaml")
TRAININGS = "results/evidence/provenance/runs"


@pytest.fixture(scope="module")
def protocol():
    return read_protocol(ROOT / FILE)


SPREAD = pd.read_csv(ROOT / "docs/paper/spread.csv")


def test_power_is_computed_from_the_spread_that_is_registered():
    sd = SPREAD.set_index(["metric", "scope"]).sd
    assert sd[("accuracy", "mean")] == pytest.approx(FULL_SD, abs=5e-5)


def test_every_primary_measure_has_a_power(protocol):
    table = spread_table(protocol, SPREAD).set_index(["metric", "scope"])
    assert {("accuracy", "mean"), ("frechet", "all"), ("counterfactual_l1", "mean"), ("accuracy", "Bangs")} <= {
        *table.index
    }
    assert (table.main_effect < table.difference).all(), "a main effect is of twice as many trainings"
    welch = stats.t.ppf(0.975, 18) + stats.t.ppf(0.8, 18)
    expected = welch * np.sqrt(2 / protocol.seeds["table1"]) * table.sd
    assert table.difference.to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-3)
    assert "14 %" in spread_markdown(protocol, SPREAD)


def test_ten_seeds_have_the_power_that_the_page_claims(protocol):
    table = power_table(protocol).set_index(["comparison", "sd", "tests"])
    observed = 100 * FULL_SD
    assert table.loc[("difference of two variants", observed, 1), "power_3"] >= 0.8, "3 points"
    assert table.loc[("main effect of the factorial", observed, 1), "power_2_3"] >= 0.8, "the paper's AIW"


def test_every_method_has_as_many_trials_and_all_are_valid_settings(protocol):
    trials = protocol.tuning.trials
    assert {len(settings) for settings in trials.values()} == {6}
    variants = resolved_methods("config/methods/embedded.yaml", {})
    for variant, settings in trials.items():
        assert len({str(one) for one in settings}) == len(settings), "no setting twice"
        for one in settings:
            changed = {key: value for key, value in variants[variant].items() if key not in ("label", "paper_row")}
            for key, value in one.items():
                section, _, name = key.rpartition(".")
                changed |= {section: changed[section] | {name: value}} if section else {key: value}
            method_config(changed, variant)


def test_baselines_have_as_many_seeds_as_init(protocol):
    faces = [block for block in protocol.blocks[:3] if block.variants]
    assert {block.seeds for block in faces} == {protocol.seeds["table1"]}
    assert {"stargan", "attgan", "stgan"} <= {name for block in faces for name in block.variants}


@pytest.fixture(scope="module")
def study():
    """The registered study, as it is configured."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return load_study(Path("config/evidence.yaml"))


def test_the_study_follows_the_protocol(protocol, study):
    conditions, plan = protocol.conditions, protocol.evaluation
    assert len(study.seeds) == protocol.seeds["table1"] and study.device == conditions.device
    assert {task.training.precision for task in study.tasks.values()} == {conditions.precision}
    assert study.evaluation.classifiers == plan.classifiers and {"possible", "achieved", "axioms"} <= set(study.metrics)
    for task in study.tasks.values():
        table = load_dataset(task.data.dataset).paper_table
        assert (task.seeds or len(study.seeds)) == protocol.seeds[table]
        assert (task.data.size, task.training.budget) == (conditions.size, conditions.budget), table
        assert task.training.updates == conditions.updates[table], table
        assert (task.data.test, task.data.test_draws) == (plan.test, plan.test_draws[table]), table
        assert task.data.validation == plan.validation == plan.curve_images, table
        assert task.training.snapshots == plan.curve_points, table
        assert task.data.test_draw > 0, "the first draw has been used by earlier results"
        assert {study.method_config(name).ema for name in task.methods} == {conditions.ema}


def test_the_study_has_the_variants_and_seeds_of_every_block(protocol, study):
    faces = next(task for task in study.tasks.values() if task.data.dataset == "portraits")
    for block in protocol.blocks:
        assert set(block.variants) <= set(faces.methods)
        for name in block.variants:
            assert study.naming(name).seeds in (None, block.seeds), name


def test_settings_of_the_study_are_among_those_that_were_tried(protocol, study):
    for variant, settings in protocol.tuning.trials.items():
        config = study.method_config(variant).model_dump()
        values = [{key: functools.reduce(dict.__getitem__, key.split("."), config) for key in one} for one in settings]
        assert any(one == value for one, value in zip(settings, values, strict=True)), variant


def git(*words: str) -> str:
    """What a git command prints."""
    return subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True, check=True).stdout.strip()


def changes(page: str) -> str:
    """What a version of the page lists as changed."""
    return page.partition("## Changes")[2]


def test_the_protocol_was_committed_before_the_trainings_and_says_what_changed():
    """Every training had it; a commit that changed it later says so at the end of its page, or is named there."""
    if not (ROOT / ".git").exists() or git("rev-parse", "--is-shallow-repository") == "true":
        pytest.skip("no history here: a shallow clone, or no repository")
    records = [read_json(path) for path in (ROOT / TRAININGS).rglob("*.json")]
    assert len(records) >= 5
    first = min(records, key=lambda record: record["began"])["code"]["commit"]
    for file in REGISTERED:
        assert git("cat-file", "-t", f"{first}:{file}") == "blob", f"a training ran before {file}"
    listed = changes((ROOT / PAGE).read_text(encoding="utf-8"))
    for commit in git("log", "--no-merges", "--format=%h", f"{first}..HEAD", "--", *REGISTERED).split():
        now, before = (changes(git("show", f"{version}:{PAGE}")) for version in (commit, f"{commit}^"))
        assert now != before or commit[:7] in listed, f"{commit} changes the protocol: say how under Changes in {PAGE}"


def test_the_file_is_read_with_its_numbers(protocol):
    assert protocol.model_dump(mode="json").keys() == read_yaml(ROOT / FILE).keys()
    assert protocol.tests.alpha == 0.05 and protocol.margins["accuracy_possible"] == 0.02
    assert protocol.margins["frechet"] == pytest.approx(np.log(1.1), abs=1e-4)
