"""The votes of a user study beside the paper's (Table 2, "Vote Percent")."""

from pathlib import Path

import pandas as pd

from insm.data.dataset import load_dataset
from insm.reporting.names import settings
from insm.reporting.tables import read_table
from insm.support.files import read_yaml

NONE = "no votes collected"


def vote_rows(results: str, task: str, paper: str) -> pd.DataFrame:
    """The rows of Table 2 on votes: this study's shares in percent with 95 % intervals, and the paper's shares.

    Args:
        results: folder of a study's results.
        task: of the study.
        paper: the file of the paper's numbers (.yaml).

    Returns:
        A column for each method of the paper's vote, or of this study's where the paper has none. Until people have
        voted (`insm vote export`), this study's row says so.
    """
    table = load_dataset(settings(results, task)["test"]["dataset"]).paper_table
    reported = read_yaml(Path(paper))["reported"][table]["methods"] if table else {}
    theirs = {name: row["vote_percent"] for name, row in reported.items() if "vote_percent" in row}
    votes = _votes(results, task)
    ours = {} if votes is None else {row.label: _share(row) for row in votes.itertuples()}
    columns = list(dict.fromkeys([*theirs, *ours]))
    rows = {
        "this study, % of votes": [ours.get(name, NONE if votes is None else "-") for name in columns],
        "paper, % of votes": [f"{theirs[name]:.2f}" if name in theirs else "-" for name in columns],
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def vote_facts(results: str, task: str) -> str:
    """What a vote is of, how far raters agree, and whether the place of an image mattered, in a sentence."""
    votes = _votes(results, task)
    if votes is None:
        return f"{NONE[0].upper()}{NONE[1:]} on {task}: see docs/user-study.md."
    first = votes.iloc[0]
    return (
        f"{votes.votes.sum() + first.cannot_tell} votes of {first.raters} raters on {first.comparisons} comparisons, "
        f'{first.cannot_tell} of them "can\'t tell"; raters left out by attention checks: {first.excluded}. '
        f"Agreement: Fleiss' kappa {first.kappa:.2f}. Equal choice of all places: p = {first.place_p:.3f}."
    )


def _votes(results: str, task: str) -> pd.DataFrame | None:
    """What `insm vote export` wrote, if it has."""
    path = Path(results, "tables", f"votes-{task}.csv")
    return read_table(path) if path.exists() else None


def _share(row) -> str:
    return "-" if pd.isna(row.share) else f"{row.share * 100:.1f} ({row.low * 100:.1f} to {row.high * 100:.1f})"
