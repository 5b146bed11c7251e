"""The paper's claims (docs/paper/claims.yaml) and whether the numbers of a study support them: pure functions."""

from pathlib import Path
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import stats

from insm.reporting.tables import FRECHET, FRECHET_BY_DOMAIN
from insm.support.errors import UserError
from insm.support.files import read_yaml
from insm.support.schema import Section, parse

SEEDS = 3  # trainings of each variant below which a claim about a method stays undecided
Outcome = Literal["as claimed", "opposite", "not significantly different", "not in this study"]
Verdict = Literal["reproduced", "not reproduced", "undecided at this scale"]


class Comparison(Section):
    """Two variants of a study, one of which the paper expects to have the higher number."""

    task: Literal["table1", "table2a", "table2b"]
    """The paper's table of results on such images: faces, seasons, edges and photographs."""
    metric: str
    """accuracy, preservation or counterfactual_l1 (per image), or frechet (between sets)."""
    scope: str
    """An attribute, `mean` over attributes, or what else `tables/metrics.csv` has."""
    variant: str
    """Of the study."""
    other: str
    """Of the study, or a reference row."""
    sign: Literal[1, -1]
    """1 if `variant` is expected to be the higher, -1 if the lower."""


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


def assess(comparison: Comparison, differences: pd.DataFrame, metrics: pd.DataFrame) -> dict:
    """One comparison's numbers: difference (variant minus other) with its 95 % interval, seeds, and the outcome.

    Args:
        comparison: what is expected.
        differences: of the comparison's task, as `insm job compare` writes them.
        metrics: of the same task, as `insm job tabulate` writes them; used where images have no numbers of their own.
            The interval then is Student's, over the differences of trainings with the same seed.
    """
    measured = _of_images(comparison, differences) or _of_sets(comparison, metrics)
    row = {"difference": np.nan, "low": np.nan, "high": np.nan, "seeds": 0} | measured
    low, high = sorted((row["low"] * comparison.sign, row["high"] * comparison.sign)) if measured else (np.nan, np.nan)
    outcome: Outcome = "not significantly different"  # the 95 % interval includes 0
    if not measured:
        outcome = "not in this study"
    elif low > 0:
        outcome = "as claimed"
    elif high < 0:
        outcome = "opposite"
    return comparison.model_dump() | row | {"outcome": outcome}


def _of_images(comparison: Comparison, differences: pd.DataFrame) -> dict:
    rows = differences[(differences.metric == comparison.metric) & (differences.scope == comparison.scope)]
    for variant, other, turn in ((comparison.variant, comparison.other, 1), (comparison.other, comparison.variant, -1)):
        for row in rows[(rows.variant == variant) & (rows.other == other)].to_dict("records"):
            low, high = sorted((turn * row["low"] + 0.0, turn * row["high"] + 0.0))  # no -0
            return {"difference": turn * row["difference"] + 0.0, "low": low, "high": high, "seeds": row["seeds"]}
    return {}


def _of_sets(comparison: Comparison, metrics: pd.DataFrame) -> dict:
    names = {"frechet": FRECHET if comparison.scope == "all" else FRECHET_BY_DOMAIN}
    name = names.get(comparison.metric, comparison.metric)
    rows = metrics[(metrics.scope == comparison.scope) & metrics.metric.str.fullmatch(name)]
    ours, theirs = (
        rows[rows.variant == variant].set_index("seed").value for variant in (comparison.variant, comparison.other)
    )
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
    fewer than `SEEDS` trainings of a variant or variants that are not in the study, is undecided; the reason then
    tells which way the numbers lean.
    """
    if not outcomes:
        return "undecided at this scale", "no experiment of this study tests it"
    counts = {name: sum(row["outcome"] == name for row in outcomes) for name in get_args(Outcome)}
    tally = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    reason = f"of {len(outcomes)} comparison{'s' * (len(outcomes) > 1)}: {tally}"
    if counts["not in this study"]:
        return "undecided at this scale", reason
    seeds = min(row["seeds"] for row in outcomes)
    if seeds < SEEDS:
        return "undecided at this scale", f"{seeds} seed{'s' * (seeds > 1)} of {SEEDS} needed; {reason}"
    if counts["as claimed"] == len(outcomes):
        return "reproduced", reason
    if counts["opposite"]:
        return "not reproduced", reason
    return "undecided at this scale", reason


NO_DIFFERENCES = pd.DataFrame(columns=["variant", "other", "metric", "scope", "difference", "low", "high", "seeds"])


def read_claims(path: Path) -> Claims:
    """The file of claims.

    Raises:
        UserError: it is missing, no YAML, or has other keys.
    """
    if not path.exists():
        raise UserError(f"{path} is missing: restore it from git")
    return parse(Claims, read_yaml(path), path)


def decide_all(
    claims: Claims, metrics: pd.DataFrame, differences: dict[str, pd.DataFrame], tasks: dict[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every claim's verdict (id, section, claim, paper, verdict, reason, note), and its comparisons, a row each.

    Args:
        claims: the file of claims.
        metrics: of the whole study, as `insm job tabulate` writes them.
        differences: by task, as `insm job compare` writes them.
        tasks: table of the paper -> the study's task of such images.
    """
    verdicts, rows = [], []
    for claim in claims.claims:
        names = [tasks.get(one.task, "") for one in claim.evidence]
        assessed = [
            assess(one, differences.get(name, NO_DIFFERENCES), metrics[metrics.task == name])
            for one, name in zip(claim.evidence, names, strict=True)
        ]
        decided, reason = decide(assessed)
        verdicts.append(
            claim.model_dump(include={"id", "section", "claim", "paper"})
            | {"verdict": decided, "reason": reason, "note": claim.note.strip()}
        )
        rows += [{"id": claim.id} | row for row in assessed]
    return pd.DataFrame(verdicts), pd.DataFrame(rows)
