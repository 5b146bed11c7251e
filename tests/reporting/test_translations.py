"""Images of a study: which variants and seeds are drawn, and what their rows and columns are called."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("seaborn")

from insm.reporting.translations import TaskImages, first_seeds, tasks_of, training_logs
from insm.support.files import save_array
from tests.reporting.small_study import FULL, OTHER, PLAIN, write_study

TASKS = {"mine": "folder:Hat,Male", "faces": "portraits", "one": "folder:Hat"}


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path, TASKS, (FULL, PLAIN, OTHER))


@pytest.fixture
def results(study):
    return str(study / "results")


def test_a_notebook_draws_the_tasks_that_have_what_it_shows(results, complains):
    assert tasks_of(results) == ["mine", "faces", "one"], "in the study's order"
    assert tasks_of(results, "one, mine") == ["one", "mine"]
    assert tasks_of(results, images="one attribute") == ["one"]
    assert tasks_of(results, images="several attributes") == ["mine", "faces"]
    assert tasks_of(results, images="several at once") == ["faces"] == tasks_of(results, table="table1")
    with complains("no task 'portrait'", "mine, faces, one"):
        tasks_of(results, "portrait")


def test_variants_and_seeds_that_the_study_no_longer_lists_are_not_drawn(study, results):
    stranger = study / "results/translations/mine"
    save_array(np.zeros((2, 6, 8, 8, 3), dtype=np.uint8), stranger / "dropped" / "seed0.npy")
    (study / "results/runs/mine/dropped/seed0").mkdir(parents=True)
    listed = study / "results/config/mine/variants.csv"
    table = pd.read_csv(listed)
    table[table.variant != "plain"].to_csv(listed, index=False)
    assert first_seeds(results, "mine") == {"full": 0, "other": 0}
    assert list(TaskImages(results, study / "data", "mine").edits) == ["full", "other"]
    assert list(training_logs(results, "mine")) == ["(c) INIT", "AttGAN (2 x edits)"]


def test_the_columns_of_single_edits_name_their_targets(study, results):
    images = TaskImages(results, study / "data", "mine")
    assert images.groups() == {"methods": ["full", "other"], "variants": ["plain"]}
    figure = images.single_edits(0, ["full"])
    titles = [axis.get_title() for axis in figure.axes if axis.get_title()]
    assert titles == ["input", "hat", "female"], "the first image has no hat and is male"
    assert [axis.get_ylabel() for axis in figure.axes if axis.get_ylabel()] == ["truth", "(c) INIT"]
    shown = figure.axes[4].images[0].get_array()
    assert (shown == images.edits["full"][0, 0]).all()


def test_domains_are_named_by_the_attribute_and_a_direction_shows_who_translates(study, results):
    path = study / "results/tables/metrics.csv"
    metrics = pd.read_csv(path)
    metrics[~((metrics.variant == "plain") & (metrics.scope == "Hat=1"))].to_csv(path, index=False)
    images = TaskImages(results, study / "data", "one")
    start, end, figure = images.direction(0)
    assert (start, end) == ("no hat", "hat")
    rows = [axis.get_ylabel() for axis in figure.axes if axis.get_ylabel()]
    assert rows == ["no hat", "truth: hat", "(c) INIT", "AttGAN (2 x edits)"]
    assert "(d) w/o MST" in [axis.get_ylabel() for axis in images.direction(1)[2].axes]


def test_edits_of_several_attributes_at_once(study, results):
    images = TaskImages(results, study / "data", "faces")
    figure = images.multi_attribute("figure5", ["full"])
    assert [axis.get_title() for axis in figure.axes if axis.get_title()] == ["no black hair"]
    assert images.multi_attribute("figure9", ["full"]) is None
