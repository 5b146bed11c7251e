"""Intervals and differences from outcomes that were made up."""

import numpy as np
import pandas as pd
import pytest

from insm.commands.jobs.compare import compare

COUNT = 60


def outcomes(variant, seed, accuracy, distance, labels=("Bangs", "Male"), images=None):
    """Rows of one run: per attribute and image, what `accuracy` and `distance` [A, N] say."""
    images = np.arange(COUNT) if images is None else images
    attribute, place = np.indices((len(labels), len(images))).reshape(2, -1)
    return pd.DataFrame(
        {
            "variant": variant,
            "seed": seed,
            "image": images[place].astype(np.int32),
            "attribute": pd.Categorical.from_codes(attribute, list(labels)),
            "accuracy": np.float32(accuracy[attribute, place]),
            "counterfactual_l1": np.float32(distance[attribute, place]),
        }
    )


@pytest.fixture
def compared(tmp_path):
    """Write outcomes, and read both tables made of them."""

    def run(*tables):
        table = pd.concat(tables, ignore_index=True).astype({"variant": "category", "seed": "category"})
        table.to_parquet(tmp_path / "outcomes.parquet", index=False)
        compare(tmp_path / "outcomes.parquet", tmp_path / "intervals.csv", tmp_path / "differences.csv")
        intervals, differences = (pd.read_csv(tmp_path / f"{name}.csv") for name in ("intervals", "differences"))
        return (
            intervals.set_index(["variant", "metric", "scope"]).sort_index(),
            differences.set_index(["variant", "other", "metric", "scope"]).sort_index(),
        )

    return run


@pytest.fixture
def faces(compared):
    """Two trainings each of two methods: `good` is 0.1 nearer to the truth in every image, always right on Bangs."""
    rng = np.random.default_rng(0)
    tables = []
    for seed in ("0", "1"):
        hits, distance = rng.random((2, COUNT)) < 0.5, rng.random((2, COUNT))
        hits[0, :] = True
        tables += [outcomes("good", seed, hits, distance), outcomes("bad", seed, ~hits, distance + 0.1)]
    tables.append(outcomes("real", "", np.ones((2, COUNT)), np.full((2, COUNT), np.nan)))
    return compared(*tables), tables


def test_intervals_hold_the_mean(faces):
    (intervals, _), (first, _, second, *_) = faces
    for row in intervals.itertuples():
        assert row.low <= row.value <= row.high
    rows = intervals.loc["good", "accuracy"]
    assert list(rows.index) == ["Bangs", "Male", "mean"] and (rows.seeds == 2).all() and (rows.images == COUNT).all()
    assert rows.value["Bangs"] == rows.low["Bangs"] == rows.high["Bangs"] == rows.wilson_high["Bangs"] == 1
    assert rows.wilson_low["Bangs"] == pytest.approx(1 / (1 + 1.96**2 / COUNT), abs=1e-3), "z^2 / (n + z^2) short"
    assert np.isnan(rows.wilson_low["mean"]), "edits of one image are not independent"
    means = [table.accuracy.mean() for table in (first, second)]
    assert rows.value["mean"] == pytest.approx(np.mean(means))
    half_width = 12.706 * abs(means[0] - means[1]) / 2
    assert rows.seed_high["mean"] - rows.value["mean"] == pytest.approx(half_width, rel=1e-3)


def test_one_seed_tells_nothing_about_others(faces):
    (intervals, _), _ = faces
    assert np.isnan(intervals.loc[("real", "accuracy", "mean")].seed_low)
    assert ("real", "counterfactual_l1", "mean") not in intervals.index


def test_differences_are_paired(faces):
    """Distances vary much more between images than between the methods, and still the difference is sure."""
    (intervals, differences), _ = faces
    assert set(differences.index.droplevel(["metric", "scope"])) == {("good", "bad")}, "not with `real`"
    row = differences.loc[("good", "bad", "counterfactual_l1", "mean")]
    assert row[["difference", "low", "high"]].tolist() == pytest.approx([-0.1, -0.1, -0.1], abs=1e-6)
    assert row.effect < -1000
    spread = intervals.loc[("good", "counterfactual_l1", "mean")]
    assert spread.high - spread.low > 0.05
    assert differences.difference["good", "bad", "accuracy", "Bangs"] == 1
    male = differences.loc[("good", "bad", "accuracy", "Male")]
    assert male.low < 0 < male.high, "a coin against its other side"


def test_a_reference_row_is_compared_with_every_seed(compared):
    rng = np.random.default_rng(0)
    distance = rng.random((2, COUNT))
    copy = outcomes("no edit", "", np.zeros((2, COUNT)), distance)
    mine = [outcomes("mine", seed, np.ones((2, COUNT)), distance - 0.2) for seed in "01"]
    _, differences = compared(copy, *mine)
    row = differences.loc[("no edit", "mine", "counterfactual_l1", "mean")]
    assert row.difference == pytest.approx(0.2) and row.seeds == 2


def test_one_way_variants_are_compared_where_they_translate(compared):
    """One attribute, so no mean beside it; the first half of the images alone is edited by `photo`."""
    rng, half = np.random.default_rng(0), np.arange(COUNT // 2)
    distance = rng.random((1, COUNT))
    both = outcomes("both", "0", np.ones((1, COUNT)), distance, ["Photo"])
    photo = outcomes("photo", "0", np.ones((1, COUNT)), distance - 0.3, ["Photo"], half)
    intervals, differences = compared(both, photo)
    assert set(intervals.index.get_level_values("scope")) == {"Photo"}
    assert intervals.images["photo", "accuracy", "Photo"] == COUNT // 2
    row = differences.loc[("both", "photo", "counterfactual_l1", "Photo")]
    assert row.images == COUNT // 2 and row.difference == pytest.approx(0.3, abs=1e-6)


def test_variants_without_a_common_image_are_not_compared(compared):
    ones = np.ones((1, COUNT // 2))
    photo = outcomes("photo", "0", ones, ones, ["Photo"], np.arange(0, COUNT, 2))
    edge = outcomes("edge", "0", ones, ones, ["Photo"], np.arange(1, COUNT, 2))
    intervals, differences = compared(photo, edge, outcomes("both", "0", *[np.ones((1, COUNT))] * 2, ["Photo"]))
    assert {"photo", "edge", "both"} == set(intervals.index.get_level_values("variant"))
    assert {*differences.index.droplevel(["metric", "scope"])} == {("photo", "both"), ("edge", "both")}


def test_same_numbers_every_time(faces, tmp_path):
    before = [(tmp_path / f"{name}.csv").read_bytes() for name in ("intervals", "differences")]
    compare(tmp_path / "outcomes.parquet", tmp_path / "intervals.csv", tmp_path / "differences.csv")
    assert [(tmp_path / f"{name}.csv").read_bytes() for name in ("intervals", "differences")] == before


def test_a_broken_table_is_told(tmp_path, complains):
    (tmp_path / "outcomes.parquet").write_bytes(b"PAR1")
    with complains("outcomes.parquet", "missing or no table", "snakemake"):
        compare(tmp_path / "outcomes.parquet", tmp_path / "a.csv", tmp_path / "b.csv")
    assert not (tmp_path / "a.csv").exists()


def test_outcomes_of_set_distances_alone_give_empty_tables(compared):
    """A study may measure FID only: no metric has a value per image."""
    nothing = outcomes("mine", "0", np.ones((2, 4)), np.ones((2, 4)), images=np.arange(4))
    intervals, differences = compared(nothing.drop(columns=["accuracy", "counterfactual_l1"])[:0])
    assert intervals.empty and differences.empty and "value" in intervals and "effect" in differences
    intervals, differences = compared(nothing.drop(columns=["accuracy", "counterfactual_l1"]))
    assert intervals.empty and differences.empty


def test_edits_that_do_not_count_leave_the_mean_over_the_others(compared):
    """Each image has one domain, and only switching the others on counts."""
    rng = np.random.default_rng(0)
    hits = np.where(np.arange(COUNT) % 2 == [[0], [1]], np.nan, rng.random((2, COUNT)))
    intervals, _ = compared(outcomes("mine", "0", hits, np.ones((2, COUNT))))
    rows = intervals.loc["mine", "accuracy"]
    assert rows.images.to_dict() == {"Bangs": COUNT // 2, "Male": COUNT // 2, "mean": COUNT}
    assert rows.value["mean"] == pytest.approx(np.nanmean(np.float32(hits)))
