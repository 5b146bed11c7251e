"""Where no method differs from another, claims seldom come out as held or as opposite."""

import pandas as pd
import pytest
from scipy import stats

from insm.reporting.claims import read_claims
from insm.reporting.false_alarms import SCENARIOS, false_alarms
from insm.reporting.protocol import read_protocol
from tests import ROOT

CLAIMS, PROTOCOL = read_claims(ROOT / "docs/paper/claims.yaml"), read_protocol(ROOT / "docs/paper/protocol.yaml")


def seldom(table: pd.DataFrame, rate: float) -> bool:
    """Whether no claim's count is one that a true rate would exceed in one of 10,000 tables of so many claims."""
    most = stats.binom.ppf(1 - 1e-4 / len(table), table.studies.iloc[0], rate)
    return bool((table[["held", "opposite"]].max(axis=None) * table.studies.iloc[0]) <= most)


@pytest.mark.parametrize("scenario", ["as planned", "classifiers dominate", "one variant differs by classifier"])
def test_false_alarms_are_rare(scenario):
    assert seldom(false_alarms(CLAIMS, PROTOCOL, scenario, 60), rate=0.05)


def test_the_committed_simulation_is_of_todays_claims_and_keeps_its_promise():
    table = pd.read_csv(ROOT / "docs/paper/false-alarms.csv")
    tested = {claim.id: len(claim.evidence) for claim in CLAIMS.claims if claim.evidence}
    assert set(table.scenario) == set(SCENARIOS) and table.studies.min() >= 500
    for scenario, rows in table.groupby("scenario"):
        assert rows.set_index("claim").comparisons.to_dict() == tested
        assert seldom(rows, rate=0.05), scenario
    planned = table[table.scenario == "as planned"]
    assert planned[["held", "opposite"]].max(axis=None) <= 0.05 and planned.studies.min() >= 2000


def test_equivalence_follows_the_margin():
    """The same simulation with a margin of nothing finds equivalence never, and with a wide one nearly always."""
    wide = PROTOCOL.model_copy(update={"margins": dict.fromkeys(PROTOCOL.margins, 1.0)})
    assert false_alarms(CLAIMS, wide, "trainings alone", 20).equivalent.max() > 0.8
    narrow = PROTOCOL.model_copy(update={"margins": dict.fromkeys(PROTOCOL.margins, 1e-9)})
    assert false_alarms(CLAIMS, narrow, "trainings alone", 20).equivalent.max() == 0
