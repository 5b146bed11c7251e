"""The verdict on the paper's claims and the evidence behind it, as the notebook shows them."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from insm.reporting.claims import Claims
from insm.reporting.names import labels, metric_style
from insm.reporting.wording import EXPECTED, amount, span

OUTCOMES = {
    "held": "#0173b2", "equivalent": "#56b4e9", "undecided here": "0.75", "opposite": "#de8f05", "not run": "0.93",
    "no experiment": "0.97",
}  # fmt: skip
INK = {"held": "#0173b2", "opposite": "#a85c00"}  # on white
LEFT = [{"selector": "th, td", "props": "text-align: left; vertical-align: top; white-space: normal"}]
TERMS = ("seeds", "images", "classifiers")


def verdict_table(verdicts: pd.DataFrame) -> Styler:
    """The claims with their outcomes in colour (what `insm job verdict` wrote)."""
    shown = verdicts[["claim", "section", "paper", "outcome", "sentence"]]
    shown = shown.assign(outcome=verdicts.outcome + np.where(verdicts.exploratory, " (exploratory)", ""))
    ink = lambda value: f"color: {INK.get(value.split(' (')[0], '#555')}; font-weight: bold"  # noqa: E731
    return shown.style.map(ink, subset=["outcome"]).hide(axis="index").set_table_styles(LEFT)


def counts(verdicts: pd.DataFrame) -> pd.DataFrame:
    """How many claims have each outcome, the confirmatory and the exploratory ones."""
    kinds = np.where(verdicts.exploratory, "exploratory", "confirmatory")
    table = pd.crosstab(verdicts.outcome, kinds).reindex([name for name in OUTCOMES if name in set(verdicts.outcome)])
    return table.rename_axis(index=None, columns=None)


def outcomes_figure(verdicts: pd.DataFrame, evidence: pd.DataFrame) -> Figure:
    """A bar per claim, split into its comparisons by outcome; a claim without a bar has no experiment."""
    table = evidence.groupby(["id", "outcome"]).size().unstack(fill_value=0).reindex(verdicts.id, fill_value=0)
    figure, axis = plt.subplots(figsize=(6.5, 0.24 * len(verdicts) + 0.7))
    left = 0.0 * table.sum(axis=1)
    for outcome, colour in OUTCOMES.items():
        if outcome in table:
            width = (table[outcome] / table.sum(axis=1)).fillna(0)
            axis.barh(table.index, width, left=left, color=colour, label=outcome, height=0.7)
            for place, (n, x, length) in enumerate(zip(table[outcome], left, width, strict=True)):
                if n:
                    ink = "white" if outcome == "held" else "black"
                    axis.text(x + length / 2, place, str(n), ha="center", va="center", fontsize=7, color=ink)
            left = left + width
    axis.set(xlim=(0, 1), ylim=(len(table) - 0.5, -0.5), xticks=[])
    axis.grid(False)
    axis.legend(loc="upper center", bbox_to_anchor=(0.4, 0), ncols=5, frameon=False)
    return figure


def comparisons(rows: pd.DataFrame, results: str, tasks: Sequence[str]) -> Styler:
    """The comparisons of one claim: labels of the variants, numbers in their units, the outcome."""
    names: dict[str, str] = {}
    for task in tasks:
        names |= labels(results, task)
    lines = []
    for row in rows.to_dict("records"):
        metric = row["metric"]
        line = {"compared": named(row["contrast"], names), "on": f"{row['task']}, {row['scope'].replace('_', ' ')}"}
        line |= {"in": metric_style(metric).heading.replace(" %", ""), "expected": EXPECTED[row["sign"]]}
        line |= {"estimate": amount(metric, row["estimate"]), "95 % interval": span(metric, row["low"], row["high"])}
        line |= {"p, corrected": probability(row["p_expected"]), "p against": probability(row["p_opposite"])}
        line |= {
            "p of equivalence": probability(row["p_equivalent"]),
            "found with 80 %": amount(metric, row["detectable"]),
        }
        line |= {"error of seeds, images, classifiers": " / ".join(_error(metric, row[f"error_{t}"]) for t in TERMS)}
        lines.append(line | {"seeds": f"{row['seeds']:.0f} of {row['needed']:.0f}", "outcome": row["outcome"]})
    return pd.DataFrame(lines).style.hide(axis="index").set_table_styles(LEFT)


def named(contrast: str, names: dict[str, str]) -> str:
    """A contrast with the labels of its variants: "init-c - init-a" is "(c) INIT - (a) w/o AIW"."""
    return " ".join(names.get(word, word) for word in contrast.split(" "))


def probability(p: float) -> str:
    """A p-value with two digits, no smaller than 0.0001; "n/a" where there is none."""
    return "n/a" if np.isnan(p) else "< 0.0001" if p < 1e-4 else f"{p:.2g}"


def _error(metric: str, error: float) -> str:
    return "n/a" if np.isnan(error) else amount(metric, error).removeprefix("+").removesuffix(" points")


def inconsistencies(claims: Claims) -> Styler:
    """Where the paper does not fit together, with the numbers that expose it."""
    lines = pd.DataFrame([one.model_dump() for one in claims.inconsistencies])[["statement", "numbers", "where"]]
    return lines.style.hide(axis="index").set_table_styles(LEFT)
