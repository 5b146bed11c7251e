"""The committed file of claims: every comparison can be made, by the rules of the protocol."""

from pathlib import Path

import pytest

from insm.config.study import load_study
from insm.data.dataset import load_dataset
from insm.reporting.claims import Claims, Comparison, read_claims
from insm.reporting.names import REFERENCES
from insm.reporting.protocol import read_protocol
from insm.support.schema import parse
from tests import ROOT

DATASETS = {"table1": "portraits", "table2a": "vistas", "table2b": "footwear"}
CLAIMS = read_claims(ROOT / "docs/paper/claims.yaml")
COMPARISONS = [one for claim in CLAIMS.claims for one in claim.evidence]


def test_names_are_used_once_and_claims_have_the_papers_words():
    assert len({claim.id for claim in CLAIMS.claims}) == len(CLAIMS.claims) >= 20
    assert all(claim.quote and claim.section for claim in CLAIMS.claims)
    assert [claim.id for claim in CLAIMS.claims if not claim.evidence] == ["user-votes"], "people alone can test it"
    assert len(CLAIMS.inconsistencies) >= 10


def test_every_metric_has_a_margin_and_every_scope_is_one_of_the_dataset():
    margins = read_protocol(ROOT / "docs/paper/protocol.yaml").margins
    for one in COMPARISONS:
        dataset = load_dataset(DATASETS[one.task])
        groups = {f"group:{name}" for name in dataset.groups}
        assert one.scope.split("=")[0] in {*dataset.attributes, *groups, "mean", "all"}, one
        assert one.metric.removeprefix("curve_") in margins or one.metric.startswith("log_"), one


def test_every_variant_is_one_of_the_registered_study(monkeypatch):
    monkeypatch.chdir(ROOT)
    study = load_study(Path("config/evidence.yaml"))
    tasks = {load_dataset(task.data.dataset).paper_table: task for task in study.tasks.values()}
    for one in COMPARISONS:
        assert set(one.of) <= {*tasks[one.task].methods, *REFERENCES}, one


def test_contrasts_compare():
    """Weights add up to 0, unless a single variant is compared with 0; main effects are those of a 2 x 2."""
    for one in COMPARISONS:
        assert sum(one.of.values()) == 0 or (len(one.of) == 1 and one.metric.endswith("_rise")), one
        assert one.pooled == (sorted(one.of.values()) == [-0.5, -0.5, 0.5, 0.5]) == bool(one.name), one


def test_mistakes_in_the_file_are_told(complains):
    with complains("claims.yaml", "sign"):
        parse(Claims, {"claims": [{"id": "x", "claim": "c", "quote": "q", "section": "1",
                                   "evidence": [{"task": "table1", "metric": "r2", "of": {"a": 1}, "sign": 2}]}]},
              Path("claims.yaml"))  # fmt: skip
    with complains("missing.yaml", "restore it from git"):
        read_claims(Path("missing.yaml"))
    with pytest.raises(ValueError, match="at least 1"):
        Comparison(task="table1", metric="r2", of={})
