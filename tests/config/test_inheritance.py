"""Method variants that extend each other, and those that studies share."""

import pytest
import yaml

from insm.config.inheritance import resolved_methods
from insm.config.study import load_study
from tests import ROOT

BASE = {"method": "init", "label": "base", "paper_row": "c", "mst": {"hops": 2, "reduce": "mean"}, "lambda_rec": 1}


def test_an_extension_keeps_what_it_does_not_change():
    methods = resolved_methods(None, {"base": BASE, "longer": {"extends": "base", "mst": {"hops": 3}}})
    assert methods["longer"] == {"method": "init", "mst": {"hops": 3, "reduce": "mean"}, "lambda_rec": 1}, (
        "no label, no row"
    )
    assert methods["base"] == BASE


def test_extensions_are_chained():
    methods = resolved_methods(
        None, {"base": BASE, "two": {"extends": "base", "lambda_rec": 2}, "three": {"extends": "two", "label": "three"}}
    )
    assert methods["three"]["lambda_rec"] == 2 and methods["three"]["label"] == "three"


def test_a_study_adds_to_and_replaces_shared_variants(tmp_path):
    (tmp_path / "shared.yaml").write_text(yaml.safe_dump({"base": BASE, "other": BASE}))
    methods = resolved_methods(str(tmp_path / "shared.yaml"), {"other": {"extends": "base", "lambda_rec": 5}})
    assert methods["base"] == BASE and methods["other"]["lambda_rec"] == 5


@pytest.mark.parametrize(
    ("methods", "words"),
    [
        ({"a": {"extends": "bse"}, "base": BASE}, ("methods.a.extends", "did you mean 'base'")),
        ({"a": {"extends": "b"}, "b": {"extends": "a"}}, ("methods.b.extends", "a -> b -> a")),
        ({"a": {"extends": "a"}}, ("never ends",)),
        ({"a": 3}, ("methods.a", "mapping")),
        (["a"], ("methods", "mapping")),
    ],
)
def test_what_cannot_be_resolved_is_told(methods, words, complains):
    with complains(*words):
        resolved_methods(None, methods)


def test_labels_and_rows_are_no_settings():
    """They reach tables and figures without training anything again."""
    study = load_study(ROOT / "config/study.yaml")
    assert study.naming("init-c").label == "(c) INIT" and study.naming("init-c").paper_row == "c"
    assert not {"label", "paper_row", "extends"} & set(study.method_config("init-c").model_dump())


def test_a_variant_without_a_label_is_called_by_its_name():
    study = load_study(ROOT / "config/sensitivity.yaml")
    assert study.naming("hops-3").label == "hops-3" and study.naming("hops-3").paper_row is None
