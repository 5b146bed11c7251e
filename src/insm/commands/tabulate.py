"""`insm tabulate` and `insm table3`: the numbers of a whole study, and the ablations beside the paper's."""

import re
from pathlib import Path

import pandas as pd
import yaml

from insm.errors import UserError
from insm.files import atomic

# Column of Table 3 -> (pattern of the metric's name, scope) of the study's numbers.
TABLE3 = {
    "accuracy": ("accuracy", "mean"),
    "preservation": ("preservation", "mean"),
    "frechet": ("frechet_.*_toggle_train", "all"),
    "counterfactual_l1": ("counterfactual_l1", "mean"),
}


def tabulate(output: Path, inputs: list[Path]) -> None:
    """Write to OUTPUT the tables of INPUTS (files .../<task>.csv): task, entry, seed, metric, scope, value, samples."""
    tables = [_read(path, dtype=str) for path in inputs]
    for table, path in zip(tables, inputs, strict=True):
        table.insert(0, "task", path.stem)
    _write(pd.concat(tables), output)


def table3(metrics: Path, paper: Path, task: str, output: Path) -> None:
    """Table 3: this study's METRICS of TASK, mean over seeds, beside the numbers of the PAPER file.

    Entries called init-a to init-e are the paper's rows (a) to (e).
    """
    numbers = _read(metrics, dtype={"seed": "string"}).query("task == @task")
    entries = numbers.groupby("entry", sort=False)
    table = pd.DataFrame({"seeds": entries.seed.nunique()})
    for column, (metric, scope) in TABLE3.items():
        chosen = numbers[numbers.metric.str.fullmatch(metric) & (numbers.scope == scope)]
        table[column] = chosen.groupby("entry").value.mean()
    reported = yaml.safe_load(paper.read_text())["reported"]["table3"]["rows"]
    letters = {entry: match.group(1) for entry in table.index if (match := re.fullmatch(r"init-([a-e])", entry))}
    table["paper_row"] = pd.Series(letters, dtype="object")
    table["paper_accuracy"] = pd.Series(
        {entry: reported[letter]["mean_acc"] / 100 for entry, letter in letters.items()}
    )
    table["paper_fid"] = pd.Series({entry: reported[letter]["fid"] for entry, letter in letters.items()})
    _write(table.rename_axis("entry").reset_index(), output)


def _read(path: Path, **options) -> pd.DataFrame:
    try:
        return pd.read_csv(path, **options)
    except (OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise UserError(f"{path} is missing or no table ({type(error).__name__}): run `snakemake {path}`") from None


def _write(table: pd.DataFrame, output: Path) -> None:
    with atomic(output) as part:
        table.to_csv(part, index=False, float_format="%.9g")
