"""What notebooks print of one task: all metrics, the classifier, intervals and effect sizes."""

from pathlib import Path

import pandas as pd
from pandas.io.formats.style import Styler

from insm.reporting.names import REFERENCES, in_order, metric_style
from insm.reporting.tables import read_table


def numbers(results: str, task: str) -> pd.DataFrame:
    """All numbers of a task: task, variant, seed, metric, scope, value, samples."""
    table = read_table(Path(results, "tables", "metrics.csv"))
    return table[table.task == task]


def differences(results: str, task: str) -> pd.DataFrame:
    """Differences between all pairs of a task's variants, as `insm job compare` writes them."""
    return read_table(Path(results, "tables", f"differences-{task}.csv"))


def mean_differences(results: str, task: str) -> pd.DataFrame:
    """Those of `differences` over all edits: the mean over attributes, or the only attribute."""
    table = differences(results, task)
    return table[(table.scope == "mean") | (table.scope.nunique() == 1)]


def overall(table: pd.DataFrame) -> pd.DataFrame:
    """Of numbers of a task, those of all attributes or domains together: scopes `mean` and `all`.

    A variant that translates into one domain only has no mean over both; then the numbers of that domain stand for it.
    """
    whole = table[table.scope.isin(["mean", "all"])]
    lacking = ~table.variant.isin(whole.variant[whole.scope == "mean"])
    return pd.concat([whole, table[lacking & table.scope.str.fullmatch(".*=[01]")]])


def all_metrics(results: str, task: str, names: dict[str, str], skip: tuple[str, ...] = ()) -> Styler:
    """Means over seeds of every metric of a task that was measured, a row per variant, reference rows last.

    Args:
        results: folder of a study's results.
        task: of the study.
        names: variant -> its label, in the order of the rows.
        skip: metrics that another table shows.
    """
    known = overall(numbers(results, task))
    known = known[~known.metric.isin(skip)]
    wide = known.pivot_table(index="variant", columns="metric", values="value", sort=False)
    styles = {metric: metric_style(metric) for metric in in_order(wide.columns)}
    rows = [name for name in (*names, *REFERENCES) if name in wide.index]
    table = pd.DataFrame({style.heading: wide[metric] * style.unit for metric, style in styles.items()})
    formats = {style.heading: style.format for style in styles.values()}
    return table.loc[rows].rename(index=names).rename_axis(None).style.format(formats, na_rep="-")


def counts(results: str, task: str) -> pd.DataFrame:
    """How many images or edits each number of a task is of; references may have fewer than runs."""
    samples = numbers(results, task).groupby("metric", sort=False).samples.agg(["min", "max"])
    text = samples["min"].astype(str) + (" to " + samples["max"].astype(str)).where(samples["min"] < samples["max"], "")
    return text.rename("images or edits").rename_axis(None).to_frame()


def classifier_quality(results: str, task: str) -> Styler:
    """The classifier on untouched test images, in percent: accuracy and calibration error, a column per attribute."""
    known = numbers(results, task)
    known = known[(known.variant == "real") & known.metric.isin(["accuracy", "calibration_error"])]
    known = known[~known.scope.str.contains("[:=]")]
    table = known.pivot_table(index="metric", columns="scope", values="value", sort=False).mul(100)
    table = table.rename(columns=_words, index={"calibration_error": "calibration error"})
    return table.rename_axis(index=None, columns=None).style.format("{:.1f}")


def certainty(results: str, task: str, names: dict[str, str], scope: str = "mean") -> pd.DataFrame:
    """Every variant's accuracy in percent with its 95 % intervals: over images and seeds, and over seeds alone."""
    known = _intervals(results, task, names)
    known = known[known.scope == scope].set_index("name").rename_axis(None)
    known = known.loc[_order(known.index, names)]
    return pd.DataFrame(
        {
            "accuracy %": known.value.mul(100).map("{:.1f}".format),
            "95 % interval": _spans(known.low, known.high),
            "over seeds alone": _spans(known.seed_low, known.seed_high),
            "seeds": known.seeds,
        }
    )


def single_edits(results: str, task: str, names: dict[str, str]) -> pd.DataFrame:
    """Accuracy of edits in percent with Wilson's intervals over images: a row per attribute, a column per variant."""
    known = _intervals(results, task, names)
    known = known[known.scope != "mean"]
    spans = zip(known.value, _spans(known.wilson_low, known.wilson_high), strict=True)
    known = known.assign(text=[f"{value * 100:.0f} ({span})" for value, span in spans], scope=known.scope.map(_words))
    wide = known.pivot(index="scope", columns="name", values="text").rename_axis(index=None, columns=None)
    return wide.loc[known.scope.unique(), _order(wide.columns, names)]


def effect_sizes(rows: pd.DataFrame, names: dict[str, str]) -> Styler:
    """Differences of one variant from others, with interval and effect size, metric by metric.

    Args:
        rows: of one scope, as `figures.against` returns them.
        names: other variant -> its label; variants without one are left out.
    """
    lines = []
    for metric in in_order(rows.metric):
        style = metric_style(metric)
        ours = rows[rows.metric == metric].set_index("other")
        for variant, name in names.items():
            if variant in ours.index:
                row = ours.loc[variant]
                heading = style.heading.replace(" %", ", points")
                line = {"metric": heading, "other": name, "difference": style.write(row.difference)}
                line |= {"from": style.write(row.low), "to": style.write(row.high)}
                lines.append(line | {"Cohen's d": f"{row.effect:z.2f}", "seeds": f"{row.seeds:.0f}"})
    columns = ["metric", "other", "difference", "from", "to", "Cohen's d", "seeds"]
    return pd.DataFrame(lines, columns=columns).set_index(["metric", "other"]).style


def _intervals(results: str, task: str, names: dict[str, str]) -> pd.DataFrame:
    known = read_table(Path(results, "tables", f"intervals-{task}.csv"))
    known = known[(known.metric == "accuracy") & known.variant.isin([*names, "ground truth"])]
    return known.assign(name=known.variant.replace(names))


def _order(found: pd.Index, names: dict[str, str]) -> list[str]:
    return [name for name in [*names.values(), "ground truth"] if name in found]


def _spans(low: pd.Series, high: pd.Series) -> list[str]:
    return ["-" if pd.isna(a) else f"{a * 100:.1f} to {b * 100:.1f}" for a, b in zip(low, high, strict=True)]


def _words(name: str) -> str:
    return name.replace("_", " ")
