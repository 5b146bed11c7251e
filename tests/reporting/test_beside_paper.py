"""The paper's tables beside a study's numbers."""

import re

import pandas as pd
import pytest

pytest.importorskip("seaborn")

from insm.reporting import beside_paper
from insm.reporting.beside_paper import rows_beside
from tests.reporting.small_study import write_study


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = write_study(tmp_path_factory.mktemp("study"), {"faces": "portraits", "views": "vistas"})
    return str(folder / "results")


def test_ablations_are_the_variants_of_the_methods_with_a_row_in_the_paper(results):
    names = beside_paper.ablations(results, "faces")
    assert names == {"full": "(c) INIT", "plain": "(d) w/o MST", "longer": "INIT, longer"}
    assert beside_paper.full_model(results, "faces") == "full"
    table = beside_paper.table3(results, "faces").data
    assert list(table.index) == [*names.values(), "no edit", "ground truth", "real", "majority"]
    gap = table.loc["(c) INIT", "accuracy %"] - table.loc["(c) INIT", "paper: accuracy %"]
    assert table.loc["(c) INIT", "accuracy minus paper"] == pytest.approx(gap)
    assert table.loc["(c) INIT", "paper: accuracy %"] == pytest.approx(95.08)


def test_table1_compares_the_full_method_with_the_papers_mean(results):
    table = beside_paper.table1(results, "faces").data
    gap = table[("mean minus paper", "")]
    assert gap.notna()[gap.notna()].index.tolist() == ["(c) INIT", "AttGAN (2 x edits)"], "no ablations"
    means = table[("mean %", "")]
    assert gap["(c) INIT"] == pytest.approx(means["(c) INIT"] - means["INIT, paper"])


def test_table2_ranks_each_source_by_itself(results):
    table = beside_paper.table2(results, "views").data
    rank = table["rank by distance, ours or the paper's"]["to summer"].dropna()
    paper = rank.index.str.endswith(", paper")
    assert sorted(rank[paper]) == [1, 2, 3, 4] and sorted(rank[~paper]) == [1, 2, 3, 4]
    assert rank["INIT, paper"] == 1 and "majority" not in rank.index


def test_relative_distances_are_in_units_of_the_no_edit_baseline(results):
    distance = beside_paper.by_edit(results, "faces", "counterfactual_l1")
    assert list(distance)[:2] == ["Black_Hair", "Blond_Hair"] and distance.shape[1] == 10
    names = {"full": "(c) INIT"}
    nearer = beside_paper.nearer_to_truth(results, "faces", names)
    assert nearer.iloc[0, 0] == (distance.loc["full"] < distance.loc["no edit"]).sum() and nearer["of"].tolist() == [10]
    figure = beside_paper.edits_figure(results, "faces", names)
    shown = [float(text.get_text()) for text in figure.axes[1].texts]
    assert shown == pytest.approx((distance.loc["full"] / distance.loc["no edit"]).tolist(), abs=0.006)


def test_groups_have_the_reference_rows_last(results):
    table = beside_paper.by_group(results, "faces", {"full": "(c) INIT"})
    assert list(table.index) == ["(c) INIT", "no edit", "ground truth", "real", "majority"]
    assert "Hair Color" in table


def test_rows_of_both_sources_differ_in_name_and_type():
    table = pd.DataFrame({"source": ["study", "paper"], "method": "stargan", "variant": ["mine", "StarGAN"]})
    table = table.assign(label=["My GAN", "StarGAN"], intensity=None, frechet=[1.0, None])
    html = rows_beside(table, {"frechet": ("Frechet", "to photo")}).format("{:.2f}", na_rep="-").to_html()
    for text in ("My GAN", "StarGAN, paper", "to photo", "1.00", "italic"):
        assert text in html


def test_only_the_winner_is_bold():
    rows = [("study", "gan", "gan"), ("study", "init", "full"), ("paper", "init", "INIT")]
    table = pd.DataFrame(rows, columns=["source", "method", "variant"]).assign(intensity=None, mean=[1, 2, 3], fid=0)
    table["label"] = table.variant
    html = rows_beside(table, {"mean": "mean", "fid": "FID"}, {"mean": "full", "fid": None}).to_html()
    bold = re.findall(r"#T_\w+_row(\d+)_col(\d+)[^{]*{[^}]*font-weight: bold", html)
    assert bold == [("1", "0")]
    assert "bold" not in rows_beside(table, {"mean": "mean"}, {"mean": None}).to_html()
