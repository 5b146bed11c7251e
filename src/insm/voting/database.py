"""The votes of a served study in SQLite: acknowledged votes are on the disk, and a rater votes once on an item."""

import hashlib
import queue
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

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
Change = Callable[[sqlite3.Connection], Any]
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

    Changes of many raters at once are committed together by a thread of its own: one sync to the disk serves them all.
    A change is on the disk before its method returns. Reading waits for no change.

    Args:
        path: database file; made if it is missing.
        study: its parts are given to raters.
        raters: how many may join.

    Raises:
        UserError: the file is no database of votes, or belongs to another study.
    """

    def __init__(self, path: Path, study: Study, raters: int = 1000):
        self.study, self.most, self.lock = study, raters, threading.Lock()
        try:
            self.writing, self.reading = (
                sqlite3.connect(path, check_same_thread=False, isolation_level=None) for _ in range(2)
            )
            self.writing.execute("PRAGMA journal_mode = WAL")
            self.writing.execute("PRAGMA synchronous = FULL")
            self.writing.execute("PRAGMA foreign_keys = ON")
            self.writing.executescript(SCHEMA)
            self.writing.execute("INSERT INTO study SELECT ? WHERE NOT EXISTS (SELECT * FROM study)", [study.id])
            (found,) = self.writing.execute("SELECT id FROM study").fetchone()
        except sqlite3.Error as error:
            raise UserError(f"{path} is no database of votes ({error}): name another with --database") from None
        if found != study.id:
            raise UserError(f"{path} holds the votes of another study: name another with --database")
        self.changes: queue.SimpleQueue[tuple[Change, Future] | None] = queue.SimpleQueue()
        self.writer = threading.Thread(target=self._write, daemon=True)
        self.writer.start()

    def close(self) -> None:
        """Finish the changes under way and close the database."""
        self.changes.put(None)
        self.writer.join()
        self.writing.close()
        self.reading.close()

    def _write(self) -> None:
        """Commit the changes that wait, together, until `close`."""
        going = True
        while going:
            waiting = [self.changes.get()]
            while not self.changes.empty():
                waiting.append(self.changes.get())
            going = None not in waiting
            batch = [change for change in waiting if change]
            answers: list[Callable[[], None]] = []
            try:
                self.writing.execute("BEGIN IMMEDIATE")
                for change, outcome in batch:
                    try:
                        answers.append(partial(outcome.set_result, change(self.writing)))
                    except AlreadyVoted as error:
                        answers.append(partial(outcome.set_exception, error))
                self.writing.execute("COMMIT")
            except Exception as error:  # a full disk, say: nothing of the batch is stored, and everybody is told
                if self.writing.in_transaction:
                    self.writing.execute("ROLLBACK")
                answers = [partial(outcome.set_exception, error) for _, outcome in batch]
            for answer in answers:
                answer()

    def _change(self, change: Change) -> Any:
        """What `change` returns, once it is on the disk."""
        outcome: Future = Future()
        self.changes.put((change, outcome))
        return outcome.result()

    def _read(self, query: str, *values: Any) -> list[Any]:
        with self.lock:
            return self.reading.execute(query, values).fetchall()

    def join(self, invite: str | None = None) -> tuple[str, Rater] | None:
        """A new rater with the part that lacks votes most, or the one who joined with this invite code before.

        Returns:
            The token that stands for the rater from now on, and the rater; None if the study is full.
        """
        token, code = secrets.token_urlsafe(32), digest(invite) if invite is not None else None

        def change(transaction: sqlite3.Connection) -> Rater | None:
            known = transaction.execute("SELECT number, part FROM rater WHERE invite = ?", [code]).fetchone()
            if known:
                transaction.execute("UPDATE rater SET token = ? WHERE number = ?", [digest(token), known[0]])
                return Rater(*known)
            (count,) = transaction.execute("SELECT count(*) FROM rater").fetchone()
            if count >= self.most:
                return None
            part, now = self._next_part(transaction), time.time()
            row = transaction.execute(
                "INSERT INTO rater (token, invite, part, active) VALUES (?, ?, ?, ?)", [digest(token), code, part, now]
            )
            return Rater(row.lastrowid or 0, part)

        rater = self._change(change)
        return (token, rater) if rater else None

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
        rows = self._read("SELECT number, part FROM rater WHERE token = ?", digest(token))
        return Rater(*rows[0]) if rows else None

    def answered(self, rater: Rater) -> dict[str, int | None]:
        """Item -> place for the votes of a rater."""
        return dict(self._read("SELECT item, place FROM vote WHERE rater = ?", rater.number))

    def vote(self, rater: Rater, item: str, place: int | None) -> None:
        """Record one vote; it is on the disk when this returns.

        Raises:
            AlreadyVoted: the rater has voted on the item before.
        """

        def change(transaction: sqlite3.Connection) -> None:
            old = transaction.execute(
                "SELECT place FROM vote WHERE rater = ? AND item = ?", [rater.number, item]
            ).fetchone()
            if old:
                raise AlreadyVoted(old[0])
            transaction.execute("INSERT INTO vote VALUES (?, ?, ?)", [rater.number, item, place])
            transaction.execute("UPDATE rater SET active = ? WHERE number = ?", [time.time(), rater.number])

        self._change(change)

    def progress(self) -> list[tuple[int, int, int, int]]:
        """For every rater: number, part, votes, items of the part."""
        rows = self._read(
            "SELECT number, part, (SELECT count(*) FROM vote WHERE rater = number) FROM rater ORDER BY number"
        )
        return [(number, part, votes, len(self.study.parts[part])) for number, part, votes in rows]

    def rows(self) -> list[tuple[int, str, int | None]]:
        """All votes: rater, item, place."""
        return self._read("SELECT rater, item, place FROM vote ORDER BY rater, item")


def digest(secret: str) -> bytes:
    """What is stored of a token or an invite code."""
    return hashlib.sha256(secret.encode()).digest()
