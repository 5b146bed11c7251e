"""The paper's tables from metrics that were made up, so that every number is known by hand."""

import pandas as pd
import pytest
import yaml

from insm.commands.jobs.tabulate import table1, table2, table3
from insm.data.dataset import DATASETS, load_dataset
from insm.reporting.paper_tables import beside
from tests import ROOT

PAPER = ROOT / "docs/paper/paper_results.yaml"
REPORTED = yaml.safe_load(PAPER.read_text())["reported"]
GROUPS = ["hair_color", "aging", "bangs", "smile", "gender", "beard", "skin_color", "eyeglasses"]


@pytest.fixture
def metrics(tmp_path):
    """Write rows (task, variant, seed, metric, scope, value) as `insm job tabulate` does."""

    def write(*rows):
        columns = ["task", "variant", "seed", "metric", "scope", "value"]
        pd.DataFrame(rows, columns=columns).assign(samples=1).to_csv(tmp_path / "metrics.csv", index=False)
        return tmp_path / "metrics.csv"

    return write


@pytest.fixture
def faces(metrics):
    """Two seeds of StarGAN, one of an INIT, the reference rows, and another task."""
    rows = [("faces", "real", "", "accuracy", "mean", 0.9), ("faces", "no edit", "", "accuracy", "mean", 0.1)]
    rows += [("faces", "full", 0, "accuracy", "mean", 0.7)]
    for seed, value in ((0, 0.5), (1, 0.7)):
        rows += [
            ("faces", "mine", seed, "accuracy", "group:Hair Color", value),
            ("faces", "mine", seed, "accuracy", "mean", value + 0.1),
            ("faces", "mine", seed, "frechet_classifier_perm_train", "all", 10 * value),
            ("faces", "mine", seed, "frechet_classifier_toggle_train", "all", -1),
            ("other", "mine", seed, "accuracy", "mean", -1),
        ]
    return metrics(*rows)


@pytest.fixture
def variants(tmp_path):
    """Write variants.csv from rows (variant, method, intensity[, paper_row])."""

    def write(*rows):
        columns = ["variant", "method", "intensity", "paper_row"]
        table = pd.DataFrame([(*row, None)[:4] for row in rows], columns=columns)
        table.assign(label="The " + table.variant).to_csv(tmp_path / "variants.csv", index=False)
        return tmp_path / "variants.csv"

    return write


def test_table1_by_hand(faces, variants, tmp_path):
    table1(faces, PAPER, "faces", variants(("full", "init", None), ("mine", "stargan", 1.5)), tmp_path / "table1.csv")
    table = pd.read_csv(tmp_path / "table1.csv")
    assert list(table) == [
        "source",
        "method",
        "variant",
        "label",
        "intensity",
        "seeds",
        *GROUPS,
        "mean",
        "frechet",
        "fid",
    ]
    mine = table[table.variant == "mine"].iloc[0]
    assert (mine.source, mine.method, mine.label, mine.seeds) == ("study", "stargan", "The mine", 2)
    assert mine.intensity == 1.5
    assert table.intensity.notna().sum() == 1
    assert mine[["hair_color", "mean", "frechet"]].tolist() == pytest.approx([0.6, 0.7, 6])
    assert pd.isna(mine.bangs) and pd.isna(mine.fid)
    theirs = table[table.variant == "StarGAN"].iloc[0]
    assert (theirs.source, theirs.method) == ("paper", "stargan")
    assert theirs[GROUPS].tolist() == pytest.approx([REPORTED["table1"]["methods"]["StarGAN"][g] / 100 for g in GROUPS])
    assert theirs["mean"] == pytest.approx(0.9003) and theirs.fid == 19.28 and pd.isna(theirs.frechet)


def test_rows_stand_in_blocks_in_the_studys_order(faces, variants, tmp_path):
    rows = variants(("full", "init", None), ("mine", "stargan", None))
    table1(faces, PAPER, "faces", rows, tmp_path / "table1.csv")
    order = pd.read_csv(tmp_path / "table1.csv").variant.tolist()
    assert order == ["full", "INIT", "mine", "StarGAN", "AttGAN", "STGAN", "no edit", "real", "RealData"]


def test_variants_are_matched_by_their_method_not_their_name():
    ours = pd.DataFrame({"seeds": 1}, index=["init", "stargan", "free name", "unknown"])
    methods = {"init": "stargan", "stargan": "relgan", "free name": "init"}
    variants = pd.DataFrame({"variant": methods.keys(), "method": methods.values(), "intensity": None})
    variants["label"] = variants.variant
    table = beside(ours, {"StarGAN": {"fid": 1.0}, "INIT": {"fid": 2.0}}, [], variants)
    assert table.method.tolist() == ["stargan", "stargan", "relgan", "init", "init", "unknown"]
    assert table.variant.tolist() == ["init", "StarGAN", "stargan", "free name", "INIT", "unknown"]
    assert table.label.tolist()[-1] == "unknown", "a reference keeps its name"


def test_table2_by_hand(metrics, variants, tmp_path):
    rows = [("shoes", name, 0, "accuracy", f"Photo={value}", number) for name, value, number in (
        ("both", 1, 0.2), ("both", 0, 0.4), ("to photo", 1, 0.6))]  # fmt: skip
    rows += [("shoes", "both", 0, "frechet_x_toggle_train", f"Photo={value}", 5 + value) for value in (0, 1)]
    rows += [("shoes", "both", 0, "counterfactual_l1", f"Photo={value}", 0.1 + value) for value in (0, 1)]
    rows += [("shoes", "both", 0, "counterfactual_l1", "Photo", 9)]
    methods = variants(("both", "init", None), ("to photo", "pix2pix", None))
    table2(metrics(*rows), PAPER, "shoes", "table2b", methods, tmp_path / "table2.csv")
    table = pd.read_csv(tmp_path / "table2.csv")
    numbers = ["frechet_photo", "frechet_edge", "accuracy_photo", "accuracy_edge", "l1_photo", "l1_edge"]
    assert list(table) == [
        "source",
        "method",
        "variant",
        "label",
        "intensity",
        "seeds",
        *numbers,
        "fid_photo",
        "fid_edge",
    ]
    table = table.set_index("variant")
    assert table.loc["both", numbers].tolist() == pytest.approx([6, 5, 0.2, 0.4, 1.1, 0.1])
    assert table.loc["to photo", "accuracy_photo"] == 0.6
    assert table.loc["to photo"].drop(["source", "method", "label", "seeds", "accuracy_photo"]).isna().all()
    assert table.loc["Pix2pix", ["fid_photo", "fid_edge"]].tolist() == [39.59, 17.13]
    assert table.index.tolist()[:4] == ["both", "INIT", "to photo", "Pix2pix"]


@pytest.mark.parametrize("name", DATASETS.names())
def test_a_dataset_s_columns_are_the_papers(name):
    """Groups of Table 1 have the paper's names; of two domains, the one of attribute 1 is the paper's first."""
    dataset = load_dataset(name)
    if dataset.paper_table == "table1":
        assert [group.replace(" ", "_").lower() for group in dataset.groups] == REPORTED["table1"]["groups"]
    elif dataset.paper_table:
        assert REPORTED[dataset.paper_table]["fid_order"][0] == dataset.attributes[0].lower()


def test_table3_by_hand(metrics, variants, tmp_path):
    rows = [("faces", "real", "", "accuracy", "mean", 0.9), ("faces", "other", 0, "accuracy", "mean", 0.3)]
    rows += [("faces", "mine", seed, "accuracy", "mean", value) for seed, value in ((0, 0.5), (1, 0.6))]
    listed = variants(("mine", "init", None, "a"), ("other", "init", None))
    table3(metrics(*rows), PAPER, "faces", listed, tmp_path / "table3.csv")
    table = pd.read_csv(tmp_path / "table3.csv").set_index("variant")
    assert list(table.index) == ["mine", "other", "real"] and list(table.label) == ["The mine", "The other", "real"]
    numbers = table.loc["mine", ["accuracy", "paper_accuracy", "paper_fid"]].tolist()
    assert numbers == pytest.approx([0.55, 0.9286, 18.91]) and table.loc["mine", "paper_row"] == "a"
    assert pd.isna(table.loc["other", "paper_fid"])
