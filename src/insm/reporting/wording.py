"""Comparisons and verdicts in plain sentences."""

from collections.abc import Mapping, Sequence

import numpy as np

from insm.reporting.names import metric_style

EXPECTED = {1: "higher", -1: "lower"}


def amount(metric: str, value: float) -> str:
    """A difference in the metric's unit: "+3.1 points", "-0.0021", or for distances between sets "-12 %"."""
    if value is None or np.isnan(value):
        return "n/a"
    if metric == "frechet":  # a difference of logarithms
        return f"{100 * np.expm1(value):+.0f} %"
    style = metric_style(metric)
    points = " points" if style.heading.endswith("%") else ""
    return f"{style.format.replace(':z', ':+').format(value * style.unit)}{points}"


def span(metric: str, low: float, high: float) -> str:
    """An interval in the metric's unit, "n/a" where it is not known."""
    return "n/a" if np.isnan(low) else f"{amount(metric, low)} to {amount(metric, high)}"


def decisive(outcome: str, rows: Sequence[Mapping]) -> Mapping:
    """Of a claim's rows of evidence the one that its outcome hangs on.

    It is the one most clearly against the claim where the outcome is opposite, else the one that supports it least.
    """
    known = [row for row in rows if not np.isnan(row["p_expected"])] or rows
    if outcome == "opposite":
        return min(known, key=lambda row: row["p_opposite"])
    return max(known, key=lambda row: row["p_expected"])


def sentence(outcome: str, rows: Sequence[Mapping], equivalence_alpha: float) -> str:
    """What came of a claim, from its rows of evidence (`verdict.compare`).

    A difference whose test of equivalence has a p-value of at most `equivalence_alpha` is below the margin.
    """
    if outcome == "no experiment":
        return "No experiment of this study can test it."
    if outcome == "not run":
        missing = sum(row["outcome"] == "not run" for row in rows)
        return "Not run." if missing == len(rows) else f"Not run: {missing} of {len(rows)} comparisons are missing."
    few = [row for row in rows if row["seeds"] < row["needed"]]
    start = f"{min(row['seeds'] for row in few)} of {few[0]['needed']} seeds; " if few else ""
    if len(rows) > 1:
        last = decisive(outcome, rows)
        kind = "most clearly against it" if outcome == "opposite" else "the least sure"
        small = " and less than the margin" if last["p_equivalent"] <= equivalence_alpha else ""
        return f"{start}{_several(rows)}; {kind}: {_one(last)}{small}."
    return f"{start}{_one(rows[0])}." if few else f"{_one(rows[0])}, {_read(rows[0], equivalence_alpha)}."


def _one(row: Mapping) -> str:
    heading = metric_style(row["metric"]).heading.removesuffix(" %")
    where = "" if row["scope"] in ("mean", "all") else f" of {row['scope'].replace('_', ' ')}"
    numbers = f"{amount(row['metric'], row['estimate'])} ({span(row['metric'], row['low'], row['high'])})"
    return f"{row['contrast']} in {heading}{where}: {numbers}"


def _read(row: Mapping, equivalence_alpha: float) -> str:
    small = " but less than the margin" if row["p_equivalent"] <= equivalence_alpha else ""
    return {
        "held": f"{EXPECTED[row['sign']]} as the paper says{small}",
        "opposite": f"against the paper{small}",
        "equivalent": "no difference above the margin",
    }.get(
        row["outcome"],
        f"open: {amount(row['metric'], row['detectable'])} would have been found in four of five studies",
    )


def _several(rows: Sequence[Mapping]) -> str:
    names = {
        "held": "as the paper says",
        "opposite": "against it",
        "equivalent": "without a difference above the margin",
    }
    counts = {name: sum(row["outcome"] == name for row in rows) for name in names}
    parts = [f"{count} {names[name]}" for name, count in counts.items() if count]
    rest = len(rows) - sum(counts.values())
    return f"of {len(rows)} comparisons " + ", ".join([*parts, *([f"{rest} open"] if rest else [])])
