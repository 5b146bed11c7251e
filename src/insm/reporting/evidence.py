"""The verdict on the paper's claims and the evidence behind it, as the notebook shows them."""

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from pandas.io.formats.style import Styler

from insm.reporting.claims import Claims
from insm.reporting.names import labels, metric_style

VERDICTS = {"reproduced": "#0173b2", "not reproduced": "#de8f05", "undecided at this scale": "#666"}
OUTCOMES = {
    "as claimed": "#0173b2", "not significantly different": "0.75", "opposite": "#de8f05", "not in this study": "0.93"
}  # fmt: skip
SIGNS = {1: "higher", -1: "lower"}
LEFT = [{"selector": "th, td", "props": "text-align: left; vertical-align: top; white-space: normal"}]


def verdict_table(verdicts: pd.DataFrame) -> Styler:
    """The claims with their verdicts in colour (what `insm job verdict` wrote)."""
    shown = verdicts[["claim", "section", "paper", "verdict", "reason"]]
    css = shown.style.map(lambda value: f"color: {VERDICTS[value]}; font-weight: bold", subset=["verdict"])
    return css.hide(axis="index").set_table_styles(LEFT)


def outcomes_figure(verdicts: pd.DataFrame, evidence: pd.DataFrame) -> Figure:
    """A bar per claim, split into its comparisons by outcome; a claim without a bar has no experiment."""
    counts = evidence.groupby(["id", "outcome"]).size().unstack(fill_value=0).reindex(verdicts.id, fill_value=0)
    figure, axis = plt.subplots(figsize=(6.5, 0.24 * len(verdicts) + 0.7))
    left = 0.0 * counts.sum(axis=1)
    for outcome, colour in OUTCOMES.items():
        if outcome in counts:
            width = (counts[outcome] / counts.sum(axis=1)).fillna(0)
            axis.barh(counts.index, width, left=left, color=colour, label=outcome, height=0.7)
            for place, (n, x, length) in enumerate(zip(counts[outcome], left, width, strict=True)):
                if n:
                    ink = "white" if outcome == "as claimed" else "black"
                    axis.text(x + length / 2, place, str(n), ha="center", va="center", fontsize=7, color=ink)
            left = left + width
    axis.set(xlim=(0, 1), ylim=(len(counts) - 0.5, -0.5), xticks=[])
    axis.grid(False)
    axis.legend(loc="upper center", bbox_to_anchor=(0.4, 0), ncols=4, frameon=False)
    return figure


def comparisons(rows: pd.DataFrame, results: str, tasks: Sequence[str]) -> Styler:
    """The comparisons of one claim: labels of the variants, numbers in their units, the outcome."""
    names: dict[str, str] = {}
    for task in tasks:
        names |= labels(results, task)
    name = lambda variant: names.get(variant, variant)  # noqa: E731
    lines = []
    for row in rows.itertuples():
        style = metric_style(row.metric)
        line = {"compared": f"{name(row.variant)} minus {name(row.other)}"}
        line |= {"on": f"{row.task}, {row.scope.replace('_', ' ')}", "in": style.heading.replace(" %", ", points")}
        line |= {"expected": SIGNS[row.sign], "difference": style.write(row.difference), "from": style.write(row.low)}
        lines.append(line | {"to": style.write(row.high), "seeds": row.seeds, "outcome": row.outcome})
    return pd.DataFrame(lines).style.hide(axis="index").set_table_styles(LEFT)


def inconsistencies(claims: Claims) -> Styler:
    """Where the paper does not fit together, with the numbers that expose it."""
    lines = pd.DataFrame([one.model_dump() for one in claims.inconsistencies])[["statement", "numbers", "where"]]
    return lines.style.hide(axis="index").set_table_styles(LEFT)
