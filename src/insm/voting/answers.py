"""Reading votes: from a server's database, and from the files that raters of a static export send."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from insm.support.errors import UserError
from insm.support.files import read_json
from insm.support.schema import Section, parse
from insm.voting.study import Key, Study

COLUMNS = ["rater", "item", "place"]
LARGEST = 10**6  # bytes of a file of answers


class Answers(Section):
    """A file of answers, as a rater sends it. It may have been tampered with, so everything in it is checked."""

    study: str
    """The study that was answered."""
    rater: Annotated[str, Field(pattern="^[0-9a-f]{24}$")]
    """Random; tells files apart, not people."""
    part: int = Field(ge=0)
    """The part that the rater had."""
    votes: dict[str, int | None]
    """Item -> place of the chosen output; null is "can't tell"."""


def from_files(paths: Iterable[Path], study: Study) -> pd.DataFrame:
    """Votes in files of answers: rater, item, place (missing is "can't tell"). A rater who sent two files counts once.

    Raises:
        UserError: a file is no answer to this study.
    """
    rows: dict[tuple[str, str], int | None] = {}
    places = {item.id: len(item.outputs) for item in study.items}
    for path in paths:
        if path.is_file() and path.stat().st_size > LARGEST:
            raise UserError(f"{path} is too large for a file of answers: leave it out")
        answers = parse(Answers, read_json(path), path)
        if answers.study != study.id:
            raise UserError(f"{path} answers another study: leave it out")
        if answers.part >= len(study.parts) or not set(answers.votes) <= set(study.parts[answers.part]):
            raise UserError(f"{path} answers comparisons that its rater was not shown: leave it out")
        if any(place is not None and not 0 <= place < places[item] for item, place in answers.votes.items()):
            raise UserError(f"{path} holds a choice that does not exist: leave it out")
        for item, place in answers.votes.items():
            rows.setdefault((answers.rater, item), place)
    return _table((*key, place) for key, place in rows.items())


def from_database(path: Path, study: Study) -> pd.DataFrame:
    """Votes in a server's database, which may go on serving: rater, item, place (missing is "can't tell").

    Raises:
        UserError: it cannot be read, or belongs to another study.
    """
    try:
        with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True) as connection:
            (found,) = connection.execute("SELECT id FROM study").fetchone()
            rows = connection.execute("SELECT rater, item, place FROM vote ORDER BY rater, item").fetchall()
    except (sqlite3.Error, TypeError) as error:
        raise UserError(f"{path} is no database of votes ({error}): name another with --database") from None
    if found != study.id:
        raise UserError(f"{path} holds the votes of another study: name another with --database")
    return _table((f"server-{rater}", item, place) for rater, item, place in rows)


def without_inattentive(votes: pd.DataFrame, key: Key, least: float) -> tuple[pd.DataFrame, int]:
    """Votes on real comparisons, of raters who were right on at least this fraction of their attention checks.

    Returns:
        The votes, and how many raters were left out.
    """
    checks = votes[votes["item"].isin(list(key.attention))]
    right = (checks.place == checks["item"].map(key.attention)).fillna(False).astype(float)  # "can't tell" is wrong
    fraction = right.groupby(checks.rater).mean()
    poor = fraction.index[fraction < least]
    return votes[~votes.rater.isin(poor) & votes["item"].isin(list(key.items))], len(poor)


def unblinded(votes: pd.DataFrame, key: Key) -> pd.DataFrame:
    """Votes with what they are of, raters numbered anew: rater, image, attribute, value, method, place.

    `method` is empty for "can't tell", as `place` is; places count from 1 here, as raters saw them.
    """
    shown = [key.items[name] for name in votes["item"]]
    chosen = [None if pd.isna(place) else int(place) for place in votes.place]
    table = pd.DataFrame(
        {
            "rater": pd.factorize(votes.rater, sort=True)[0] + 1,
            "image": [item.image for item in shown],
            "attribute": [item.attribute for item in shown],
            "value": [item.value for item in shown],
            "method": [None if k is None else item.methods[k] for item, k in zip(shown, chosen, strict=True)],
            "place": pd.array([None if k is None else k + 1 for k in chosen], dtype="Int64"),
        }
    )
    return table.sort_values(["rater", "attribute", "image"], ignore_index=True)


def _table(rows: Iterable[tuple[str, str, int | None]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=COLUMNS).astype({"place": "Int64"})
