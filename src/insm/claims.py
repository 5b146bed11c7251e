"""The paper's claims (docs/paper/claims.yaml) and what the numbers of a study say of them: pure functions."""

from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from insm.schema import Section
from insm.tables import FRECHET, FRECHET_BY_DOMAIN

SEEDS = 3  # trainings of each entry without which no claim about a method is judged
Outcome = Literal["as claimed", "opposite", "not told apart", "not in this study"]
Verdict = Literal["reproduced", "not reproduced", "cannot be judged at this scale"]


class Comparison(Section):
    """Two entries of a study, one of which the paper expects to have the higher number."""

    task: Literal["table1", "table2a", "table2b"]
    """The paper's table of results on such pictures: faces, seasons, edges and photographs."""
    metric: str
    """accuracy, preservation or counterfactual_l1 (per picture), or frechet (between sets)."""
    scope: str
    """A bit, `mean` over bits, or what else `tables/metrics.csv` has."""
    entry: str
    """Of the study."""
    other: str
    """Of the study, or a reference row."""
    sign: Literal[1, -1]
    """1 if `entry` is expected to be the higher, -1 if the lower."""


class Claim(Section):
    """What the paper says and what would have to hold here."""

    id: str
    """Short name."""
    claim: str
    """In one sentence of our own."""
    quote: str
    """The paper's words."""
    section: str
    """Where they are."""
    evidence: list[Comparison] = []
    """What has to hold here, all of it; nothing where no experiment of this study can speak to the claim."""
    paper: str = ""
    """The paper's numbers."""
    note: str = ""
    """What a reader must know."""


class Inconsistency(Section):
    """Something in the paper that does not fit together."""

    id: str
    """Short name."""
    statement: str
    """In one sentence."""
    numbers: str
    """Those that expose it."""
    where: str
    """Section or table."""


class Claims(Section):
    """The file."""

    claims: list[Claim]
    """What experiments can speak to, or cannot."""
    inconsistencies: list[Inconsistency] = []
    """What the paper's own numbers contradict."""


def weigh(comparison: Comparison, differences: pd.DataFrame, metrics: pd.DataFrame) -> dict:
    """One comparison's numbers: difference (entry minus other) with its 95 % interval, seeds, and the outcome.

    Args:
        comparison: what is expected.
        differences: of the comparison's task, as `insm compare` writes them.
        metrics: of the same task, as `insm tabulate` writes them; used where pictures have no numbers of their own. The
            interval then is Student's, over the differences of trainings with the same seed.
    """
    found = _of_pictures(comparison, differences) or _of_sets(comparison, metrics)
    row = {"difference": np.nan, "low": np.nan, "high": np.nan, "seeds": 0} | found
    low, high = sorted((row["low"] * comparison.sign, row["high"] * comparison.sign)) if found else (np.nan, np.nan)
    outcome: Outcome = "not told apart"
    if not found:
        outcome = "not in this study"
    elif low > 0:
        outcome = "as claimed"
    elif high < 0:
        outcome = "opposite"
    return comparison.model_dump() | row | {"outcome": outcome}


def _of_pictures(comparison: Comparison, differences: pd.DataFrame) -> dict:
    rows = differences[(differences.metric == comparison.metric) & (differences.scope == comparison.scope)]
    for entry, other, turn in ((comparison.entry, comparison.other, 1), (comparison.other, comparison.entry, -1)):
        for row in rows[(rows.entry == entry) & (rows.other == other)].to_dict("records"):
            low, high = sorted((turn * row["low"] + 0.0, turn * row["high"] + 0.0))  # no -0
            return {"difference": turn * row["difference"] + 0.0, "low": low, "high": high, "seeds": row["seeds"]}
    return {}


def _of_sets(comparison: Comparison, metrics: pd.DataFrame) -> dict:
    names = {"frechet": FRECHET if comparison.scope == "all" else FRECHET_BY_DOMAIN}
    name = names.get(comparison.metric, comparison.metric)
    rows = metrics[(metrics.scope == comparison.scope) & metrics.metric.str.fullmatch(name)]
    ours, theirs = (rows[rows.entry == entry].set_index("seed").value for entry in (comparison.entry, comparison.other))
    if ours.empty or theirs.empty:
        return {}
    gaps = ours - theirs.iloc[0] if theirs.index.isna().all() else (ours - theirs).dropna()  # a reference has no seed
    if len(gaps) < 2:
        return {"difference": gaps.mean(), "seeds": len(gaps)}
    low, high = stats.t.interval(0.95, len(gaps) - 1, gaps.mean(), stats.sem(gaps))
    return {"difference": gaps.mean(), "low": low, "high": high, "seeds": len(gaps)}


def decide(outcomes: list[dict]) -> tuple[Verdict, str]:
    """The verdict on a claim from its comparisons, and its reason, in words.

    Reproduced: every comparison is as claimed. Not reproduced: one is the opposite. Anything else, and any claim with
    fewer than `SEEDS` trainings of an entry or entries that are not in the study, cannot be judged; the reason then
    tells which way the numbers lean.
    """
    if not outcomes:
        return "cannot be judged at this scale", "no experiment of this study speaks to it"
    counts = {name: sum(row["outcome"] == name for row in outcomes) for name in Outcome.__args__}
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    reason = f"of {len(outcomes)} comparison{'s' * (len(outcomes) > 1)}: {told}"
    if counts["not in this study"]:
        return "cannot be judged at this scale", reason
    seeds = min(row["seeds"] for row in outcomes)
    if seeds < SEEDS:
        return "cannot be judged at this scale", f"{seeds} seed{'s' * (seeds > 1)} of {SEEDS} needed; {reason}"
    if counts["as claimed"] == len(outcomes):
        return "reproduced", reason
    if counts["opposite"]:
        return "not reproduced", reason
    return "cannot be judged at this scale", reason
