"""The paper's tables with the numbers of a study."""

from pathlib import Path

import pandas as pd

from insm.reporting.names import REFERENCES
from insm.reporting.tables import FRECHET, FRECHET_BY_DOMAIN
from insm.support.files import read_yaml

# Column of Table 3 -> (pattern of the metric's name, scope) of the study's numbers.
TABLE3 = {
    "accuracy": ("accuracy", "mean"),
    "preservation": ("preservation", "mean"),
    "frechet": (FRECHET, "all"),
    "counterfactual_l1": ("counterfactual_l1", "mean"),
}
# Metrics of Table 2, each in both directions, by the name that their columns begin with.
TABLE2 = {
    "frechet": FRECHET_BY_DOMAIN,
    "kernel": "(kernel|kid)_.*_toggle_train",
    "error": "(kernel|kid)_.*_toggle_train_error",
    "accuracy": "accuracy",
    "l1": "counterfactual_l1",
    "psnr": "counterfactual_psnr",
    "ssim": "counterfactual_ssim",
}
REAL = {"realdata": "real"}  # the paper's name of a row -> ours; other rows have their method's name


def beside(
    ours: pd.DataFrame, reported: dict[str, dict[str, float]], shared: list[str], variants: pd.DataFrame
) -> pd.DataFrame:
    """Our rows and the paper's in blocks of one method each, in the study's order; reference rows come last.

    Args:
        ours: a row per variant and reference row.
        reported: the paper's percentages and FIDs by method. FIDs stay apart from our Frechet distances.
        shared: percentages that both have; ours are fractions.
        variants: variant, method (module of insm/methods), intensity (of the edits, where the method has one), label.
            An ablation stands in its method's block too: which of our variants is the paper's row, if any, is for the
            reader to say.

    Returns:
        Columns source ("study" or "paper"), method (or name of the reference), variant, label, intensity, then the
        numbers. Methods of the paper that the study lacks follow the study's.
    """
    order = [name for name in (*variants.variant, *ours.index) if name in ours.index]
    ours = ours.loc[list(dict.fromkeys(order))]
    facts = variants[[name for name in ("variant", "method", "intensity", "label") if name in variants]]
    ours = ours.rename_axis("variant").reset_index().merge(facts, how="left", on="variant")
    ours["method"] = ours.method.fillna(ours.variant)
    theirs = pd.DataFrame.from_dict(reported, orient="index").rename_axis("variant").reset_index()
    theirs = theirs[["variant", *shared, *(name for name in theirs if name.startswith("fid"))]]
    theirs[shared] /= 100
    theirs.insert(0, "method", [REAL.get(name.lower(), name.lower()) for name in theirs.variant])
    rows = pd.concat([ours.assign(source="study"), theirs.assign(source="paper")])
    rows["label"] = rows.label.fillna(rows.variant)
    papers = [name for name in theirs.method if name not in REFERENCES]
    place = {name: k for k, name in enumerate(dict.fromkeys([*variants.method, *papers, *REFERENCES]))}
    rows = rows.sort_values("method", key=lambda names: names.map(place), kind="stable")
    first = ["source", "method", "variant", "label", "intensity"]
    return rows[[*first, *rows.columns.drop([*first, "paper_row"], errors="ignore")]]


def table1(metrics: pd.DataFrame, paper: Path, task: str, variants: pd.DataFrame) -> pd.DataFrame:
    """Table 1: attribute accuracy by group and Frechet distance of a task, this study's and the paper's.

    Args:
        metrics: of the whole study, as `insm job tabulate` writes them.
        paper: the file of the paper's numbers (.yaml).
        task: faces.
        variants: as `insm job configure` writes them: tells which rows of the paper a variant belongs to.

    Returns:
        Columns of `beside`: the groups in the paper's order, mean (over the ten attributes; the paper's is computed
        from its groups), frechet, fid.
    """
    content = read_yaml(paper)
    reported, mean = content["reported"]["table1"], content["derived"]["table1_mean_over_10_attributes_hair_counted_3x"]
    columns = {name: ("accuracy", f"group:{name.replace('_', ' ').title()}") for name in reported["groups"]}
    columns["mean"] = ("accuracy", "mean")
    ours = _chosen(_of_task(metrics, task), columns | {"frechet": (FRECHET, "all")})
    theirs = {name: row | {"mean": mean[name]} for name, row in reported["methods"].items()}
    return beside(ours, theirs, list(columns), variants)


def table2(metrics: pd.DataFrame, paper: Path, task: str, part: str, variants: pd.DataFrame) -> pd.DataFrame:
    """Table 2: both directions of a two-domain task, this study's numbers and the paper's `part` (table2a or table2b).

    Returns:
        Columns of `beside` and, for both domains translated to, frechet, kernel and its error, accuracy and the
        distance to the truth where it is known (l1, psnr, ssim), then fid: frechet_photo, ...
    """
    numbers, reported = _of_task(metrics, task), read_yaml(paper)["reported"][part]
    domains = dict(zip(reported["fid_order"], (1, 0), strict=True))  # the paper's first column: the attribute becomes 1
    ours = _chosen(
        numbers,
        {
            f"{name}_{domain}": (metric, f".*={value}")
            for name, metric in TABLE2.items()
            for domain, value in domains.items()
        },
    )
    return beside(ours.dropna(axis="columns", how="all"), reported["methods"], [], variants)


def table3(metrics: pd.DataFrame, paper: Path, task: str, variants: pd.DataFrame) -> pd.DataFrame:
    """Table 3: the ablations on a task, mean over seeds, beside the paper's rows, which `variants.paper_row` names.

    Returns:
        Columns variant, label, seeds, those of `TABLE3`, then paper_row, paper_accuracy, paper_fid: a row per variant
        in the study's order, reference rows last.
    """
    table = _chosen(_of_task(metrics, task), TABLE3)
    reported = read_yaml(paper)["reported"]["table3"]["rows"]
    letters = variants.dropna(subset="paper_row").set_index("variant").paper_row
    table["paper_row"] = letters
    table["paper_accuracy"] = letters.map(lambda letter: reported[letter]["mean_acc"] / 100)
    table["paper_fid"] = letters.map(lambda letter: reported[letter]["fid"])
    table.insert(0, "label", variants.set_index("variant").label)
    table["label"] = table.label.fillna(table.index.to_series())
    order = [name for name in (*variants.variant, *REFERENCES) if name in table.index]
    return table.loc[order].rename_axis("variant").reset_index()


def _chosen(numbers: pd.DataFrame, columns: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Numbers by variant, mean over seeds: `seeds` and, per column, the (metric, scope) that match its patterns."""
    variants = numbers.groupby("variant", sort=False)
    table = pd.DataFrame({"seeds": variants.seed.nunique()})
    for column, (metric, scope) in columns.items():
        chosen = numbers[numbers.metric.str.fullmatch(metric) & numbers.scope.str.fullmatch(scope)]
        table[column] = chosen.groupby("variant").value.mean()
    return table


def _of_task(metrics: pd.DataFrame, task: str) -> pd.DataFrame:
    return metrics[metrics.task == task].astype({"seed": "string"})
