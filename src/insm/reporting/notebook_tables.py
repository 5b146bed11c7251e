"""What notebooks print of one task beside the paper's tables: other metrics, the judge, intervals, effect sizes."""

from pathlib import Path

import pandas as pd
from pandas.io.formats.style import Styler

from insm.reporting.tables import read_table

# (metric, scope) patterns -> heading, factor, format.
SIDES = {
    ("target_accuracy", "mean"): ("whole labels %", 100, "{:.1f}"),
    ("preservation", "mean"): ("preservation %", 100, "{:.1f}"),
    ("identity", "mean"): ("identity", 1, "{:.3f}"),
    ("counterfactual_l1", "mean"): ("L1 to truth", 1, "{:.4f}"),
    ("counterfactual_psnr", "mean"): ("PSNR, dB", 1, "{:.1f}"),
    ("counterfactual_ssim", "mean"): ("SSIM", 1, "{:.3f}"),
    ("counterfactual_lpips_.*", "mean"): ("LPIPS to truth", 1, "{:.3f}"),
    ("lpips_.*", "mean"): ("LPIPS to input", 1, "{:.3f}"),
    ("(frechet|fid)_.*_test_self", "all"): ("Frechet A", 1, "{:.1f}"),
    ("(frechet|fid)_.*_perm_train", "all"): ("Frechet B", 1, "{:.1f}"),
    ("(frechet|fid)_.*_toggle_train", "all"): ("Frechet C", 1, "{:.1f}"),
    ("(kernel|kid)_.*_perm_train", "all"): ("kernel B", 1, "{:.3f}"),
    ("(kernel|kid)_.*_perm_train_error", "all"): ("its error", 1, "{:.3f}"),
}
SHARES = ("accuracy", "preservation")  # printed in points


def numbers(results: str, task: str) -> pd.DataFrame:
    """All numbers of a task: variant, seed, metric, scope, value, samples."""
    return read_table(Path(results, "tables", "metrics.csv")).query("task == @task")


def sides(results: str, task: str, names: dict[str, str]) -> Styler:
    """Means over seeds of what else is measured of the same edits, a row per variant, reference rows last.

    Args:
        results: folder of a study's results.
        task: of the study.
        names: variant -> its label, in the order of the rows.
    """
    known = numbers(results, task)
    table, formats = pd.DataFrame(index=known.variant.unique()), {}
    for (metric, scope), (heading, factor, form) in SIDES.items():
        chosen = known[known.metric.str.fullmatch(metric) & (known.scope == scope)]
        if len(chosen):
            table[heading], formats[heading] = chosen.groupby("variant").value.mean() * factor, form
    table = table.dropna(how="all")
    rows = [variant for variant in names if variant in table.index]
    return (
        table.loc[[*rows, *table.index.difference(rows, sort=False)]]
        .rename(index=names)
        .style.format(formats, na_rep="-")
    )


def counts(results: str, task: str) -> pd.DataFrame:
    """How many images or edits each number of a task is of; references may have fewer than runs."""
    samples = numbers(results, task).groupby("metric", sort=False).samples.agg(["min", "max"])
    text = samples["min"].astype(str) + (" to " + samples["max"].astype(str)).where(samples["min"] < samples["max"], "")
    return text.rename("images or edits").rename_axis(None).to_frame()


def judge(results: str, task: str) -> Styler:
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
    known = (
        known[known.scope == scope].set_index("name").loc[lambda table: _order(table.index, names)].rename_axis(None)
    )
    return pd.DataFrame(
        {
            "accuracy %": known.value.mul(100).map("{:.1f}".format),
            "95 % interval": _spans(known.low, known.high),
            "over seeds alone": _spans(known.seed_low, known.seed_high),
            "seeds": known.seeds,
        }
    )


def single_edits(results: str, task: str, names: dict[str, str]) -> pd.DataFrame:
    """Accuracy of every edit in percent with Wilson's interval over images: a row per attribute, a column per variant."""
    known = _intervals(results, task, names).query("scope != 'mean'")
    spans = zip(known.value, _spans(known.wilson_low, known.wilson_high), strict=True)
    known = known.assign(text=[f"{value * 100:.0f} ({span})" for value, span in spans], scope=known.scope.map(_words))
    wide = known.pivot(index="scope", columns="name", values="text").rename_axis(index=None, columns=None)
    return wide.loc[known.scope.unique(), _order(wide.columns, names)]


def gaps(rows: pd.DataFrame, names: dict[str, str]) -> Styler:
    """Differences of one variant from others, with interval and effect size.

    Args:
        rows: of one scope, as `plotting.against` returns them.
        names: other variant -> its label; variants without one are left out.
    """
    rows = rows[rows.other.isin(names)].assign(other=rows.other.map(names))
    rows.loc[rows.metric.isin(SHARES), ["difference", "low", "high"]] *= 100
    rows = rows.set_index(["metric", "other"])[["difference", "low", "high", "effect", "seeds"]]
    headings = {"low": "from", "high": "to", "effect": "Cohen's d"}
    return rows.rename(columns=headings).style.format(
        {"seeds": "{:.0f}"} | dict.fromkeys(("difference", "from", "to", "Cohen's d"), "{:.3f}")
    )


def _intervals(results: str, task: str, names: dict[str, str]) -> pd.DataFrame:
    known = read_table(Path(results, "tables", f"intervals-{task}.csv")).query("metric == 'accuracy'")
    known = known[known.variant.isin([*names, "ground truth"])]
    return known.assign(name=known.variant.replace(names))


def _order(found: pd.Index, names: dict[str, str]) -> list[str]:
    return [name for name in [*names.values(), "ground truth"] if name in found]


def _spans(low: pd.Series, high: pd.Series) -> list[str]:
    return ["-" if pd.isna(a) else f"{a * 100:.1f} to {b * 100:.1f}" for a, b in zip(low, high, strict=True)]


def _words(name: str) -> str:
    return name.replace("_", " ")
