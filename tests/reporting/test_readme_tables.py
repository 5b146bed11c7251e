"""Tables of README and docs: numbers of result files, written as people read them."""

import pandas as pd
import pytest

pytest.importorskip("seaborn")

from insm.reporting import readme_tables as readme

METRICS = ["task", "variant", "seed", "metric", "scope", "value", "samples"]


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """The folder of the tables of a study `mine`."""
    monkeypatch.setattr(readme, "RESULTS", tmp_path)
    (tmp_path / "mine" / "tables").mkdir(parents=True)
    return tmp_path / "mine" / "tables"


def cells(table: str) -> dict[str, dict[str, str]]:
    """First cell of every line -> its other cells by their heading."""
    head, _, *lines = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines())
    return {line[0]: dict(zip(head[1:], line[1:], strict=True)) for line in lines}


def test_faces_by_hand(tables):
    rows = [("study", "stgan", "stgan", 2.0), ("paper", "stgan", "STGAN", None), ("study", "init", "init-a", None)]
    rows += [("study", "init", "other", None), ("paper", "init", "INIT", None)]
    rows += [("study", name, name, None) for name in ("no edit", "majority")]
    table = pd.DataFrame(rows, columns=["source", "method", "variant", "intensity"])
    table["label"] = table.variant.replace({"stgan": "STGAN", "init-a": "(a) w/o AIW"})
    table["mean"], table["fid"] = table.source.map({"paper": 0.9}), table.source.map({"paper": 15.5})
    table["frechet"] = table.variant.map({"stgan": 149.07})
    table.to_csv(tables / "table1-portraits.csv", index=False)
    ablations = pd.DataFrame({"variant": ["init-a", "other"], "paper_row": ["a", None]})
    ablations = ablations.assign(paper_accuracy=[0.9286, None], paper_fid=[18.91, None])
    ablations.to_csv(tables / "table3-portraits.csv", index=False)
    distances = {"no edit": (0.1, 0.2), "stgan": (0.05, 0.3), "init-a": (0.05, 0.1), "other": (0.2, 0.3)}
    numbers = [
        ("portraits", variant, "", "counterfactual_l1", scope, value, 9)
        for variant, values in distances.items()
        for scope, value in zip(("Bangs", "Male", "mean"), (*values, sum(values) / 2), strict=True)
    ]
    numbers += [("portraits", "stgan", "0", "accuracy", "mean", 0.8347, 9)]
    numbers += [("other", "stgan", "0", "accuracy", "mean", 0.1, 9)]
    pd.DataFrame(numbers, columns=METRICS).to_csv(tables / "metrics.csv", index=False)
    intervals = [("stgan", "accuracy", "mean", 0.81, 0.85), ("stgan", "accuracy", "Male", 0, 0.1)]
    intervals += [("no edit", "counterfactual_l1", "mean", 0.15, 0.15)]
    columns = ["variant", "metric", "scope", "low", "high"]
    pd.DataFrame(intervals, columns=columns).to_csv(tables / "intervals-portraits.csv", index=False)
    gaps = [("stgan", "init-a", "counterfactual_l1", 0.01, 0.02), ("init-a", "other", "counterfactual_l1", -0.2, -0.1)]
    gaps += [("stgan", "init-a", "accuracy", -0.1, 0.1), ("stgan", "other", "counterfactual_l1", -0.1, 0.1)]
    gaps = pd.DataFrame(gaps, columns=["variant", "other", "metric", "low", "high"]).assign(scope="mean", seeds=3)
    gaps.to_csv(tables / "differences-portraits.csv", index=False)
    made = cells(readme.faces("mine"))
    assert list(made) == ["STGAN (2 x edits)", "(a) w/o AIW", "other", "no edit"]
    stgan = made["STGAN (2 x edits)"]
    assert stgan["accuracy %"] == "83.5 (81.0 to 85.0)"
    assert (stgan["Frechet (classifier)"], stgan["L1 to truth"]) == ("149.1", "0.1750")
    assert made["(a) w/o AIW"]["L1 to truth"] == "**0.0750**", "nearer than either of the others, whose order is open"
    assert made["no edit"]["L1 to truth"] == "0.1500", "an interval without extent is not written"
    assert stgan["paper: accuracy %"] == "90.00" and stgan["paper: FID"] == "15.50"
    assert [row["edits nearer to the truth"] for row in made.values()] == ["1 of 2", "2 of 2", "0 of 2", "–"]
    assert made["(a) w/o AIW"]["paper: accuracy %"] == "92.86" and made["other"]["paper: FID"] == "–"


def test_domains_by_hand(tables):
    pd.DataFrame(
        [
            ("study", "pix2pix", "pix2pix-photo", "Pix2pix, to photo",
             None, 1.0, None, 0.0392, None, 26.3, None, None, None),
            ("paper", "pix2pix", "Pix2pix", "Pix2pix", None, None, None, None, None, None, None, 39.59, 17.13),
            ("study", "real", "real", "real", None, 1.0, 0.5, None, None, 1.6, 1.5, None, None),
        ],
        columns=["source", "method", "variant", "label", "intensity", "accuracy_photo", "accuracy_edge", "l1_photo",
                 "l1_edge", "frechet_photo", "frechet_edge", "fid_photo", "fid_edge"],
    ).to_csv(tables / "table2-shoes.csv", index=False)  # fmt: skip
    made = cells(readme.domains("mine", "shoes"))
    assert list(made) == ["Pix2pix, to photo", "real"]
    pix2pix, real = made.values()
    assert pix2pix["accuracy %: to photo / edge"] == "100.0 / –" and pix2pix["paper: FID"] == "39.59 / –"
    assert real["L1 to truth: to photo / edge"] == "–" and real["accuracy %: to photo / edge"] == "100.0 / 50.0"


def test_differences_by_hand(tables):
    rows = [("study", name, f"the {name}", None) for name in ("a", "base", "b", "no edit")]
    rows += [("paper", "INIT", "INIT", None)]
    columns = ["source", "variant", "label", "intensity"]
    pd.DataFrame(rows, columns=columns).to_csv(tables / "table1-portraits.csv", index=False)
    gaps = [
        (*pair, metric, scope, *(sign * value for value in values))
        for pair, sign in ((("a", "base"), 1), (("base", "b"), -1), (("a", "b"), 1))
        for metric, scope, values in (
            ("accuracy", "mean", (0.1, 0.05, 0.15)),
            ("accuracy", "Male", (0.9, 0.9, 0.9)),
            ("preservation", "mean", (0.0, -0.0001, 0.0001)),
            ("counterfactual_l1", "mean", (-0.02, -0.03, -0.01)),
        )
    ]
    columns = ["variant", "other", "metric", "scope", "difference", "low", "high"]
    pd.DataFrame(gaps, columns=columns).to_csv(tables / "differences-portraits.csv", index=False)
    made = cells(readme.differences("mine", "base"))
    assert list(made) == ["the a", "the b"]
    for row in made.values():  # base minus b is the opposite of b minus base
        assert row["accuracy, points"] == "10.0 (5.0 to 15.0)"
        assert row["preservation, points"] == "0.0 (0.0 to 0.0)"
        assert row["L1 to truth"] == "-0.0200 (-0.0300 to -0.0100)"
    assert list(cells(readme.differences("mine", "base", variants=["b"]))) == ["the b"]
