"""What tables and figures call variants, edits and metrics, and their order."""

import pytest

from insm.reporting.names import in_order, labels, leaders, metric_style, target_edit


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (("No_Beard", 0), "beard"), (("No_Beard", 1), "no beard"), (("Male", 0), "female"), (("Young", 0), "old"),
        (("Smiling", 0), "not smiling"), (("Black_Hair", 1), "black hair"), (("Bangs", 0), "no bangs"),
        (("Photo", 0), "edges"), (("Hat", 0), "no hat"), (("Hat", 1), "hat"),
    ],
)  # fmt: skip
def test_edits_in_words(edit, words):
    assert target_edit(*edit) == words


def test_labels_come_from_the_studys_list_and_the_first_of_each_method_leads(tmp_path):
    (tmp_path / "config" / "faces").mkdir(parents=True)
    (tmp_path / "config" / "faces" / "variants.csv").write_text(
        "variant,method,intensity,label,paper_row\nstgan,stgan,2.0,STGAN,\nplain,init,,(e) plain,e\n"
        "full,init,,(c) INIT,c\nmine,attgan,1.0,1,\nother,attgan,1.0,2,\n"
    )
    assert labels(tmp_path, "faces") == {
        "stgan": "STGAN (2 x edits)", "plain": "(e) plain", "full": "(c) INIT", "mine": "1 (1 x edits)",
        "other": "2 (1 x edits)",
    }  # fmt: skip
    assert leaders(tmp_path, "faces") == ["stgan", "full", "mine"]
    assert leaders(tmp_path, "faces", ["init", "attgan"]) == ["full", "mine"]


@pytest.mark.parametrize(
    ("metric", "heading", "value", "text"),
    [
        ("accuracy", "accuracy %", 0.5, "50.0"),
        ("counterfactual_l1", "L1 to truth", -1e-9, "0.0000"),
        ("identity", "identity distance", 0.12345, "0.123"),
        ("counterfactual_lpips_alex", "LPIPS to truth", 0.5, "0.500"),
        ("frechet_classifier_perm_train", "Frechet B", 12.345, "12.35"),
        ("fid_clean_toggle_train", "FID C", None, "-"),
        ("kid_clean_test_self_error", "KID A, standard error", 0.00012, "0.0001"),
        ("edge_sharpness", "edge sharpness", 1234.5, "1234"),
    ],
)
def test_metrics_in_words_and_numbers_without_a_negative_zero(metric, heading, value, text):
    style = metric_style(metric)
    assert (style.heading, style.write(value)) == (heading, text)


def test_metrics_that_are_not_known_come_last():
    metrics = ["zeta", "frechet_classifier_test_self", "counterfactual_l1", "accuracy", "alpha", "accuracy"]
    assert in_order(metrics) == ["accuracy", "counterfactual_l1", "frechet_classifier_test_self", "zeta", "alpha"]
