"""`insm tabulate`, `table1`, `table2`, `table3`: the numbers of a whole study, and the paper's tables with them."""

import re
from pathlib import Path

import pandas as pd
import yaml

from insm.tables import FRECHET, FRECHET_BY_DOMAIN, read_table, write_table

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
REFERENCES = ("copy input", "ground truth", "real", "majority")
REAL = {"realdata": "real"}  # the paper's name of a row -> ours; other rows have their method's name


def tabulate(output: Path, inputs: list[Path]) -> None:
    """Write to OUTPUT the tables of INPUTS (files .../<task>.csv): task, entry, seed, metric, scope, value, samples."""
    tables = [read_table(path, dtype=str) for path in inputs]
    for table, path in zip(tables, inputs, strict=True):
        table.insert(0, "task", path.stem)
    write_table(pd.concat(tables), output)


def table1(metrics: Path, paper: Path, task: str, entries: Path, output: Path) -> None:
    """Table 1: edit accuracy of TASK by attribute group and Frechet distance, this study's METRICS and the PAPER's.

    ENTRIES (entry, method, intensity) tells which rows of the paper an entry belongs to. Columns are those of
    `beside`, the groups in the paper's order, mean (over the ten bits; the paper's is computed from its groups),
    frechet, fid.
    """
    content = _read_yaml(paper)
    reported, mean = content["reported"]["table1"], content["derived"]["table1_mean_over_10_bits_hair_counted_3x"]
    columns = {name: ("accuracy", f"group:{name.replace('_', ' ').title()}") for name in reported["groups"]}
    columns["mean"] = ("accuracy", "mean")
    ours = _chosen(_numbers(metrics, task), columns | {"frechet": (FRECHET, "all")})
    theirs = {name: row | {"mean": mean[name]} for name, row in reported["methods"].items()}
    write_table(beside(ours, theirs, list(columns), read_table(entries)), output)


def table2(metrics: Path, paper: Path, task: str, part: str, entries: Path, output: Path) -> None:
    """Table 2: both directions of the two-domain TASK, this study's METRICS and the PAPER's PART (table2a or table2b).

    ENTRIES as for table1. Columns are those of `beside` and, for both domains translated to, frechet, kernel and its
    error, accuracy and the distance to the truth where it is known (l1, psnr, ssim), then fid: frechet_photo, ...
    """
    numbers, reported = _numbers(metrics, task), _read_yaml(paper)["reported"][part]
    domains = dict(zip(reported["fid_order"], (1, 0), strict=True))  # the paper's first column: the bit becomes 1
    ours = _chosen(
        numbers,
        {
            f"{name}_{domain}": (metric, f".*={value}")
            for name, metric in TABLE2.items()
            for domain, value in domains.items()
        },
    )
    write_table(beside(ours.dropna(axis="columns", how="all"), reported["methods"], [], read_table(entries)), output)


def beside(
    ours: pd.DataFrame, reported: dict[str, dict[str, float]], shared: list[str], entries: pd.DataFrame
) -> pd.DataFrame:
    """Our rows and the paper's in blocks of one method each, in the paper's order; reference rows come last.

    Args:
        ours: a row per entry and reference row.
        reported: the paper's percentages and FIDs by method. FIDs stay apart from our Frechet distances.
        shared: percentages that both have; ours are shares.
        entries: entry, method (module of insm/methods), intensity (of the edits, where the method has one). An
            ablation stands in its method's block too: which of our entries is the paper's row, if any, is for the
            reader to say.

    Returns:
        Columns source ("study" or "paper"), method (or name of the reference), entry, intensity, then the numbers.
    """
    ours = ours.rename_axis("entry").reset_index().merge(entries, how="left", on="entry")
    ours["method"] = ours.method.fillna(ours.entry)
    theirs = pd.DataFrame.from_dict(reported, orient="index").rename_axis("entry").reset_index()
    theirs = theirs[["entry", *shared, *(name for name in theirs if name.startswith("fid"))]]
    theirs[shared] /= 100
    theirs.insert(0, "method", [REAL.get(name.lower(), name.lower()) for name in theirs.entry])
    rows = pd.concat([ours.assign(source="study"), theirs.assign(source="paper")])
    known = [name for name in theirs.method if name not in REFERENCES]
    place = {name: k for k, name in enumerate(dict.fromkeys([*known, *entries.method, *REFERENCES]))}
    rows = rows.sort_values("method", key=lambda names: names.map(place), kind="stable")
    first = ["source", "method", "entry", "intensity"]
    return rows[[*first, *rows.columns.drop(first)]]


def table3(metrics: Path, paper: Path, task: str, output: Path) -> None:
    """Table 3: this study's METRICS of TASK, mean over seeds, beside the numbers of the PAPER file.

    Entries called init-a to init-e are the paper's rows (a) to (e).
    """
    table = _chosen(_numbers(metrics, task), TABLE3)
    reported = _read_yaml(paper)["reported"]["table3"]["rows"]
    letters = {entry: match.group(1) for entry in table.index if (match := re.fullmatch(r"init-([a-e])", entry))}
    table["paper_row"] = pd.Series(letters, dtype="object")
    table["paper_accuracy"] = pd.Series(
        {entry: reported[letter]["mean_acc"] / 100 for entry, letter in letters.items()}
    )
    table["paper_fid"] = pd.Series({entry: reported[letter]["fid"] for entry, letter in letters.items()})
    write_table(table.rename_axis("entry").reset_index(), output)


def _chosen(numbers: pd.DataFrame, columns: dict[str, tuple[str, str]]) -> pd.DataFrame:
    """Numbers by entry, mean over seeds: `seeds` and, for each column, the (metric, scope) that match its patterns."""
    entries = numbers.groupby("entry", sort=False)
    table = pd.DataFrame({"seeds": entries.seed.nunique()})
    for column, (metric, scope) in columns.items():
        chosen = numbers[numbers.metric.str.fullmatch(metric) & numbers.scope.str.fullmatch(scope)]
        table[column] = chosen.groupby("entry").value.mean()
    return table


def _numbers(metrics: Path, task: str) -> pd.DataFrame:
    return read_table(metrics, dtype={"seed": "string"}).query("task == @task")


def _read_yaml(path: Path) -> dict:
    return yaml.safe_load(path.read_text())
