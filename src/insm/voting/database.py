"""The votes of a served study in SQLite: acknowledged votes are on the disk, and a rater votes once on an item."""

import hashlib
import secrets
import sqlite3
import threading
import time
from pathlib import Path
from typing import NamedTuple

from insm.support.errors import UserError
from insm.voting.study import Study

SCHEMA = """
CREATE TABLE IF NOT EXISTS study (id TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS rater (
    number INTEGER PRIMARY KEY,
    token BLOB NOT NULL UNIQUE,  -- SHA-256 of the rater's cookie
    invite BLOB UNIQUE,          -- SHA-256 of the invite code, where codes are asked for
    part INTEGER NOT NULL,
    active REAL NOT NULL         -- seconds since 1970 of the last request that changed something
) STRICT;
CREATE TABLE IF NOT EXISTS vote (
    rater INTEGER NOT NULL REFERENCES rater (number),
    item TEXT NOT NULL,
    place INTEGER,               -- NULL is "can't tell"
    PRIMARY KEY (rater, item)
) STRICT, WITHOUT ROWID;
"""
IDLE = 2 * 3600  # seconds after which an unfinished part is given to another rater first


class Rater(NamedTuple):
    """Who votes, without anything about the person."""

    number: int
    part: int


class AlreadyVoted(Exception):
    """The rater has voted on this item; `place` is that vote, which stands."""

    def __init__(self, place: int | None):
        super().__init__(place)
        self.place = place


class Votes:
    """The raters and votes of one study.

    One connection serves all threads in turn. A vote is committed, and synced to the disk, before `vote` returns.

    Args:
        path: database file; made if it is missing.
        study: its parts are given to raters.
        raters: how many may join.
    """

    def __init__(self, path: Path, study: Study, raters: int = 1000):
        self.study, self.most, self.lock = study, raters, threading.Lock()
        try:
            self.connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self.connection.execute("PRAGMA journal_mode = WAL")
            self.connection.execute("PRAGMA synchronous = FULL")
            self.connection.execute("PRAGMA foreign_keys = ON")
            self.connection.executescript(SCHEMA)
            self.connection.execute("INSERT INTO study SELECT ? WHERE NOT EXISTS (SELECT * FROM study)", [study.id])
            (found,) = self.connection.execute("SELECT id FROM study").fetchone()
        except sqlite3.Error as error:
            raise UserError(f"{path} is no database of votes ({error}): name another with --database") from None
        if found != study.id:
            raise UserError(f"{path} holds the votes of another study: name another with --database")

    def close(self) -> None:
        """Close the database."""
        with self.lock:
            self.connection.close()

    def join(self, invite: str | None = None) -> tuple[str, Rater] | None:
        """A new rater with the part that lacks votes most, or the one who joined with this invite code before.

        Returns:
            The token that stands for the rater from now on, and the rater; None if the study is full.
        """
        token, code = secrets.token_urlsafe(32), digest(invite) if invite is not None else None
        with self.lock, self.connection as transaction:
            transaction.execute("BEGIN IMMEDIATE")
            known = transaction.execute("SELECT number, part FROM rater WHERE invite = ?", [code]).fetchone()
            if known:
                transaction.execute("UPDATE rater SET token = ? WHERE number = ?", [digest(token), known[0]])
                return token, Rater(*known)
            (count,) = transaction.execute("SELECT count(*) FROM rater").fetchone()
            if count >= self.most:
                return None
            part, now = self._next_part(transaction), time.time()
            row = transaction.execute(
                "INSERT INTO rater (token, invite, part, active) VALUES (?, ?, ?, ?)", [digest(token), code, part, now]
            )
            return token, Rater(row.lastrowid or 0, part)

    def _next_part(self, transaction: sqlite3.Connection) -> int:
        """The part with the fewest votes, raters who are at work counting as if they had finished."""
        expected = dict.fromkeys(range(len(self.study.parts)), 0.0)
        rows = transaction.execute(
            "SELECT part, active, (SELECT count(*) FROM vote WHERE rater = number) FROM rater"
        ).fetchall()
        for part, active, votes in rows:
            length = len(self.study.parts[part])
            expected[part] += 1 if time.time() - active < IDLE else votes / length
        return min(expected, key=lambda part: (expected[part], part))

    def rater(self, token: str) -> Rater | None:
        """Whose token it is."""
        with self.lock:
            row = self.connection.execute("SELECT number, part FROM rater WHERE token = ?", [digest(token)]).fetchone()
        return Rater(*row) if row else None

    def answered(self, rater: Rater) -> dict[str, int | None]:
        """Item -> place for the votes of a rater."""
        with self.lock:
            rows = self.connection.execute("SELECT item, place FROM vote WHERE rater = ?", [rater.number])
            return dict(rows.fetchall())

    def vote(self, rater: Rater, item: str, place: int | None) -> None:
        """Record one vote; it is on the disk when this returns.

        Raises:
            AlreadyVoted: the rater has voted on the item before.
        """
        with self.lock, self.connection as transaction:
            transaction.execute("BEGIN IMMEDIATE")
            old = transaction.execute(
                "SELECT place FROM vote WHERE rater = ? AND item = ?", [rater.number, item]
            ).fetchone()
            if old:
                raise AlreadyVoted(old[0])
            transaction.execute("INSERT INTO vote VALUES (?, ?, ?)", [rater.number, item, place])
            transaction.execute("UPDATE rater SET active = ? WHERE number = ?", [time.time(), rater.number])

    def progress(self) -> list[tuple[int, int, int, int]]:
        """For every rater: number, part, votes, items of the part."""
        with self.lock:
            rows = self.connection.execute(
                "SELECT number, part, (SELECT count(*) FROM vote WHERE rater = number) FROM rater ORDER BY number"
            ).fetchall()
        return [(number, part, votes, len(self.study.parts[part])) for number, part, votes in rows]

    def rows(self) -> list[tuple[int, str, int | None]]:
        """All votes: rater, item, place."""
        with self.lock:
            return self.connection.execute("SELECT rater, item, place FROM vote ORDER BY rater, item").fetchall()


def digest(secret: str) -> bytes:
    """What is stored of a token or an invite code."""
    return hashlib.sha256(secret.encode()).digest()
