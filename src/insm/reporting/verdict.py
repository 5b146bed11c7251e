"""Whether the numbers of a study support the paper's claims, by the rules of docs/protocol.md: pure functions."""

from collections.abc import Collection, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from insm.evaluation.contrasts import Estimate, contrast, holm
from insm.reporting.claims import Claim, Claims, Comparison
from insm.reporting.measured import Numbers
from insm.reporting.names import CURVE, REFERENCES
from insm.reporting.protocol import Protocol
from insm.reporting.wording import decisive, sentence

Outcome = Literal["held", "opposite", "equivalent", "undecided here", "not run", "no experiment"]
NOTHING = Estimate(np.nan, np.nan, np.nan, {})
EVIDENCE = [
    "id", "task", "metric", "scope", "contrast", "sign", "estimate", "low", "high", "error_seeds", "error_images",
    "error_classifiers", "dof", "p_expected", "p_opposite", "p_equivalent", "margin", "detectable", "seeds", "needed",
    "images", "classifiers", "outcome",
]  # fmt: skip
VERDICTS = ["id", "section", "claim", "paper", "outcome", "exploratory", "estimate", "low", "high", "p_expected",
            "p_opposite", "p_equivalent", "detectable", "seeds", "sentence", "note"]  # fmt: skip


def decide_all(claims: Claims, protocol: Protocol, tasks: Mapping[str, Numbers]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every claim's verdict (columns `VERDICTS`), and its comparisons, a row each (columns `EVIDENCE`).

    Args:
        claims: the file of claims.
        protocol: levels, margins and numbers of seeds.
        tasks: table of the paper -> what a study measured on such images.
    """
    compared = {table: claims.variants(table) for table in tasks}
    decided = [(claim, compare(claim, protocol, tasks, compared)) for claim in claims.claims]
    verdicts = [verdict(claim, rows, protocol) for claim, rows in decided]
    evidence = [{"id": claim.id} | row for claim, rows in decided for row in rows]
    return pd.DataFrame(verdicts, columns=VERDICTS), pd.DataFrame(evidence, columns=EVIDENCE)


def compare(
    claim: Claim,
    protocol: Protocol,
    tasks: Mapping[str, Numbers],
    compared: Mapping[str, Collection[str]] | None = None,
) -> list[dict]:
    """The comparisons of a claim, rows of `EVIDENCE` without an id; p-values corrected by Holm in each direction.

    Args:
        compared: table of the paper -> variants whose interaction with classifiers and test draws counts, beside the
            comparison's own.
    """
    measured = [estimate(one, tasks.get(one.task), (compared or {}).get(one.task, ())) for one in claim.evidence]
    signed = [(one.sign, found) for one, (found, _) in zip(claim.evidence, measured, strict=True)]
    expected = holm([found.p_above() if sign > 0 else found.p_below() for sign, found in signed])
    opposite = holm([found.p_below() if sign > 0 else found.p_above() for sign, found in signed])
    rows = []
    for one, (found, facts), above, below in zip(claim.evidence, measured, expected, opposite, strict=True):
        margin = protocol.margins.get(facts["metric"].removeprefix(CURVE), np.nan)
        level = protocol.tests.alpha / len(claim.evidence)  # of the first step of Holm's correction
        low, high = found.interval(1 - protocol.tests.alpha)
        row = facts | {"estimate": found.value, "low": low, "high": high, "dof": found.dof, "margin": margin}
        row |= {f"error_{name}": np.sqrt(term.variance) for name, term in found.terms.items()}
        row |= {"p_expected": above, "p_opposite": below, "p_equivalent": found.p_equivalent(margin)}
        row |= {"detectable": found.detectable(level, protocol.tests.power), "needed": protocol.seeds[one.task]}
        rows.append(row | {"outcome": outcome_of(row, protocol)})
    return rows


def estimate(one: Comparison, task: Numbers | None, compared: Collection[str]) -> tuple[Estimate, dict]:
    """A comparison's estimate, and what it is of: task, metric, scope, contrast, sign, seeds, images, classifiers.

    Of variants that are not in it those of `compared` count, for the interaction with classifiers and test draws.
    Seeds are the fewest of any trained variant, 0 where a variant or the metric is missing.
    """
    facts: dict = {"task": one.task, "metric": one.metric, "scope": one.scope, "sign": one.sign}
    facts["contrast"] = one.name or spelled(one.of)
    found = task.of(one.metric, one.scope, one.of) if task else None
    if found is None:
        return NOTHING, facts | {"seeds": 0, "images": 0, "classifiers": 0}
    metric, values = found[0], {name: each for name, each in found[1].items() if name in {*one.of, *compared}}
    seeds = [len(values[name]) for name in one.of if name not in REFERENCES]
    facts |= {"metric": metric, "seeds": min(seeds, default=0)}
    facts |= {"classifiers": next(iter(values.values())).shape[1], "images": next(iter(values.values())).shape[2]}
    return contrast(values, one.of, one.pooled, REFERENCES), facts


def outcome_of(row: Mapping, protocol: Protocol) -> Outcome:
    """The outcome of one comparison from its row of `EVIDENCE`."""
    if row["seeds"] == 0:
        return "not run"
    if row["seeds"] < row["needed"]:
        return "undecided here"
    if row["p_expected"] <= protocol.tests.alpha / 2:
        return "held"
    if row["p_opposite"] <= protocol.tests.alpha / 2:
        return "opposite"
    return "equivalent" if row["p_equivalent"] <= protocol.tests.equivalence_alpha else "undecided here"


def combine(outcomes: list[str], equivalent: list[bool], few: bool = False) -> Outcome:
    """The outcome of a claim from those of its comparisons, and whether each is equivalent.

    A variant or a measure that is missing leaves the claim not run, a variant of too `few` seeds undecided, whatever
    the other comparisons say.
    """
    if not outcomes:
        return "no experiment"
    if "not run" in outcomes:
        return "not run"
    if few:
        return "undecided here"
    if all(one == "held" for one in outcomes):
        return "held"
    if "opposite" in outcomes:
        return "opposite"
    return "equivalent" if all(equivalent) else "undecided here"


def verdict(claim: Claim, rows: list[dict], protocol: Protocol) -> dict:
    """A claim's row of `VERDICTS`; its numbers are those of the comparison that decides (`wording.decisive`)."""
    level = protocol.tests.equivalence_alpha
    few = any(row["seeds"] < row["needed"] for row in rows)
    outcome = combine([row["outcome"] for row in rows], [row["p_equivalent"] <= level for row in rows], few)
    line = claim.model_dump(include={"id", "section", "claim", "paper"}) | {"outcome": outcome}
    line |= {"exploratory": any(protocol.explores(one.task, one.metric) for one in claim.evidence)}
    if rows:
        chosen = decisive(outcome, rows)
        line |= {name: chosen.get(name, np.nan) for name in VERDICTS if name in EVIDENCE and name not in line}
        line["seeds"] = min(row["seeds"] for row in rows)
    return line | {"sentence": sentence(outcome, rows, level), "note": claim.note.strip()}


def spelled(weights: Mapping[str, float]) -> str:
    """A contrast in letters: "init-c - init-a", or with its factor "0.5 init-c + 0.5 init-d - 0.5 init-a"."""
    words = []
    for name, weight in weights.items():
        words.append(("-" if weight < 0 else "+") + (" " if abs(weight) == 1 else f" {abs(weight):g} ") + name)
    return " ".join(words).removeprefix("+ ")
