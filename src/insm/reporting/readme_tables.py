"""Tables of README and docs, from committed result files: `make docs` writes them in place, `make lint` compares."""

import re
from collections.abc import Callable, Collection
from pathlib import Path

import pandas as pd

from insm.reporting.markdown import table
from insm.reporting.names import REFERENCES, in_order, label, metric_style
from insm.reporting.notebook_tables import overall
from insm.reporting.tables import read_table, winner

RESULTS = Path("results")
MISSING = "–"


SUMMARY = ("", "accuracy %", "L1 to truth", "paper: accuracy %")


def summary(study: str, task: str = "portraits") -> str:
    """The columns of `faces` that README's first screen shows."""
    return table(list(SUMMARY), [[line[column] for column in SUMMARY] for line in _face_lines(study, task)])


def faces(study: str, task: str = "portraits") -> str:
    """Single edits of faces, a row per variant of a study (Tables 1 and 3), the paper's numbers in the last columns.

    In brackets are the 95 % intervals of `insm job compare`; a number is in bold if its differences from those of all
    other variants have intervals that exclude 0. Edits nearer to the truth are those whose mean L1 distance to it is
    below that of the untouched input. The paper's numbers stand beside the variants that its Table 3 has, else beside
    the first variant of a method.
    """
    lines = _face_lines(study, task)
    return table(list(lines[0]), [list(line.values()) for line in lines])


def _face_lines(study: str, task: str) -> list[dict[str, str]]:
    """A row of `faces` per variant: column -> text."""
    tables = RESULTS / study / "tables"
    rows, metrics = read_table(tables / f"table1-{task}.csv"), read_table(tables / "metrics.csv")
    metrics = metrics[metrics.task == task]
    distances = metrics[metrics.metric == "counterfactual_l1"].groupby(["variant", "scope"], sort=False).value.mean()
    labels = [name for name in metrics.scope.unique() if name not in ("mean", "all") and not name.startswith("group:")]
    ours = rows[(rows.source == "study") & (rows.variant != "majority")]
    means = read_table(tables / f"intervals-{task}.csv").query("scope == 'mean'").set_index(["variant", "metric"])
    theirs = _paper_of(rows, tables / f"table3-{task}.csv")
    differences = read_table(tables / f"differences-{task}.csv")
    variants = [variant for variant in ours.variant if variant not in REFERENCES]
    best = {name: winner(differences, variants, name) for name in ("accuracy", "preservation")}
    best["counterfactual_l1"] = winner(differences, variants, "counterfactual_l1", lower=True)
    lines = []
    for row in ours.itertuples():
        bold = lambda metric, text, variant=row.variant: f"**{text}**" if variant == best[metric] else text  # noqa: E731
        mean = metrics[(metrics.variant == row.variant) & (metrics.scope == "mean")].groupby("metric").value.mean()
        nearer = MISSING
        if row.variant not in REFERENCES and len(distances):
            nearer = f"{(distances[row.variant][labels] < distances['no edit'][labels]).sum()} of {len(labels)}"
        accuracy, fid = theirs.get(row.variant, (None, None))
        lines.append(
            {
                "": label(row.label, row.intensity),
                "accuracy %": bold("accuracy", _percent(mean.get("accuracy")))
                + _around(means, row.variant, "accuracy", _percent),
                "preservation %": bold("preservation", _percent(mean.get("preservation"))),
                "Frechet (classifier)": _number(row.frechet, "{:.1f}"),
                "L1 to truth": bold("counterfactual_l1", _distance(mean.get("counterfactual_l1")))
                + _around(means, row.variant, "counterfactual_l1", _distance),
                "edits nearer to the truth": nearer,
                "paper: accuracy %": _percent(accuracy, "{:.2f}"),
                "paper: FID": _number(fid, "{:.2f}"),
            }
        )
    return lines


def _paper_of(rows: pd.DataFrame, ablations: Path) -> dict[str, tuple[float, float]]:
    """Variant -> the paper's accuracy and FID: its Table 3 for ablations, else Table 1 for a method's first variant."""
    paper, ours = rows[rows.source == "paper"].set_index("method"), rows[rows.source == "study"]
    numbers = {}
    if ablations.exists():
        table3 = read_table(ablations).dropna(subset="paper_row")
        numbers = {row.variant: (row.paper_accuracy, row.paper_fid) for row in table3.itertuples()}
    tabulated = ours.method[ours.variant.isin(list(numbers))]
    methods = paper.index.difference([*tabulated, *REFERENCES])
    first = ours[ours.method.isin(methods)].drop_duplicates("method")
    return numbers | {
        row.variant: (paper.loc[row.method, "mean"], paper.loc[row.method, "fid"]) for row in first.itertuples()
    }


def domains(study: str, task: str) -> str:
    """A task of two domains, a row per variant of a study (Table 2), both directions, the paper's FIDs last."""
    rows = read_table(RESULTS / study / "tables" / f"table2-{task}.csv")
    names = [name.removeprefix("fid_") for name in rows if name.startswith("fid_")]
    paper = rows[rows.source == "paper"].set_index("method")
    ours = rows[(rows.source == "study") & (rows.variant != "majority")]
    columns: dict[str, tuple[str, Callable[[float | None], str]]] = {
        "accuracy %": ("accuracy", _percent),
        "L1 to truth": ("l1", lambda value: _number(value, "{:.3f}")),
        "Frechet (classifier)": ("frechet", lambda value: _number(value, "{:.1f}")),
    }
    lines = []
    for row in ours.to_dict("records"):
        line = {"": label(row["label"], row["intensity"])}
        for title, (prefix, written) in columns.items():
            line[f"{title}: to {' / '.join(names)}"] = " / ".join(written(row.get(f"{prefix}_{n}")) for n in names)
        known = row["method"] in paper.index and row["source"] == "study"
        translated = [name for name in names if pd.notna(row.get(f"frechet_{name}"))]  # Pix2pix: one of the two
        theirs = [paper.loc[row["method"], f"fid_{n}"] if known and n in translated else None for n in names]
        line["paper: FID"] = " / ".join(_number(value, "{:.2f}") for value in theirs)
        lines.append({key: re.sub(rf"^{MISSING}( / {MISSING})+$", MISSING, text) for key, text in line.items()})
    return table(list(lines[0]), [list(line.values()) for line in lines])


def differences(study: str, base: str, task: str = "portraits", variants: Collection[str] = ()) -> str:
    """Every other variant of a study minus the variant `base`, paired by image and seed, with 95 % intervals.

    Accuracy and preservation are in points. Only the given variants if any are given.
    """
    tables = RESULTS / study / "tables"
    rows = read_table(tables / f"table1-{task}.csv")
    rows = rows[(rows.source == "study") & ~rows.variant.isin([*REFERENCES, base])]
    gaps = read_table(tables / f"differences-{task}.csv").query("scope == 'mean'")
    forms = {"accuracy": (100, "{:z.1f}"), "preservation": (100, "{:z.1f}"), "counterfactual_l1": (1, "{:z.4f}")}
    lines = []
    for row in rows[rows.variant.isin(list(variants))].itertuples() if variants else rows.itertuples():
        line = [label(row.label, row.intensity)]
        for metric, (unit, form) in forms.items():
            one = gaps[(gaps.metric == metric) & gaps.variant.isin([row.variant, base])]
            one = one[one.other.isin([row.variant, base])].iloc[0]
            ends = [unit * one[name] * (1 if one.other == base else -1) for name in ("difference", "low", "high")]
            line.append("{} ({} to {})".format(*(form.format(end) for end in (ends[0], *sorted(ends[1:])))))
        lines.append(line)
    return table(["", "accuracy, points", "preservation, points", "L1 to truth"], lines)


def all_metrics(study: str, task: str) -> str:
    """Any task: every metric that was measured, a row per variant, means over seeds, reference rows last.

    In brackets are the 95 % intervals of `insm job compare`, where a metric has one.
    """
    tables = RESULTS / study / "tables"
    metrics = read_table(tables / "metrics.csv")
    known = overall(metrics[metrics.task == task])
    wide = known.pivot_table(index="variant", columns="metric", values="value", sort=False)
    names = {row.variant: label(row.label, row.intensity) for row in read_variants(study, task).itertuples()}
    means = read_table(tables / f"intervals-{task}.csv")
    means = means[means.scope.isin(["mean", *means.scope.unique()[:1]])].drop_duplicates(["variant", "metric"])
    means, order = means.set_index(["variant", "metric"]), in_order(wide.columns)
    lines = [
        [names.get(variant, variant), *(_cell(wide.loc[variant, metric], means, variant, metric) for metric in order)]
        for variant in (*names, *REFERENCES)
        if variant in wide.index
    ]
    return table(["", *(metric_style(metric).heading for metric in order)], lines)


def read_variants(study: str, task: str) -> pd.DataFrame:
    """The method variants of a study's task (`names.variants`)."""
    return read_table(RESULTS / study / "config" / task / "variants.csv")


def _cell(value: float, means: pd.DataFrame, variant: str, metric: str) -> str:
    style = metric_style(metric)
    return style.write(value, MISSING) + _around(means, variant, metric, style.write)


def _around(means: pd.DataFrame, variant: str, metric: str, written: Callable[[float], str]) -> str:
    """The interval of a mean in brackets, if it has one that is not a point."""
    if (variant, metric) not in means.index:
        return ""
    low, high = means.loc[(variant, metric), ["low", "high"]]
    return f" ({written(low)} to {written(high)})" if low < high else ""


def _percent(share: float | None, form: str = "{:.1f}") -> str:
    return MISSING if share is None or pd.isna(share) else form.format(100 * share)


def _distance(value: float | None) -> str:
    return _number(value, "{:.4f}")


def _number(value: float | None, form: str) -> str:
    return MISSING if pd.isna(value) else form.format(value)
