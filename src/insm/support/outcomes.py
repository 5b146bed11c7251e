"""Committed outcomes of runs, `results/<study>/outcomes/<task>/<variant>/seed<seed>.*`: which runs are done.

A run is done if the record of its outcomes (.json) has the identity that the run would have now: the settings of the
run, of its data and its phi, and the code that its weights depend on. Its model, checkpoints and translations are then
needed no more, and nothing can want to make its outcomes again.
"""

import csv
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from insm.support.errors import UserError
from insm.support.files import read_json

FOLDER = "outcomes"
EQUAL = Path("results", "equal-code.csv")
"""Pairs of hashes of code (before, after) of which a proof shows that they give the same bytes."""


def identity_of(task: dict[str, Any], variant: str, seed: int | str, code: Callable[..., str]) -> dict[str, Any]:
    """What the weights of a run depend on: its settings, those of its data and of phi, and the code that trains it.

    Args:
        task: the plan of the run's task (`config.plan`).
        code: names of modules -> hash of what they and all that they import do.
    """
    run, known = task["runs"][variant], task["settings"]
    settings = {"run": known["runs"][variant][str(seed)], "data": known["train"]}
    settings |= {"phi": known["embedding"]} if run["needs_embedding"] else {}
    modules = ("training.updates", f"methods.{run['method']}", f"datasets.{task['module']}")
    return {"settings": settings, "code": code(*modules)}


def explicit_of(task: dict[str, Any], variant: str) -> dict[str, Any]:
    """The part of those settings that is not at its defaults."""
    stated = task["explicit"]
    run = {"training": stated["training"], "method": task["runs"][variant]["explicit"]}
    return {"run": run, "data": stated["data"], "phi": stated["phi"]}


def is_done(record: Path, identity: dict[str, Any], explicit: dict[str, Any], equal: "EqualCode") -> bool:
    """Whether a record has a run's identity.

    Args:
        record: of the run's outcomes; it may be missing.
        identity: code, and settings with every default spelled out.
        explicit: the settings that are not at their defaults: others may be missing in a record, since they came later.
        equal: code that gives the same bytes.
    """
    if not record.exists():
        return False
    known = read_json(record)
    if not equal.same(known.get("code", ""), identity["code"]):
        return False
    return same_settings(known.get("settings"), identity["settings"], explicit)


def same_settings(known: Any, now: Any, explicit: Any) -> bool:
    """Whether recorded settings are those of now, but for keys that came later and are at their defaults."""
    if not (isinstance(known, dict) and isinstance(now, dict)):
        return bool(known == now)
    stated = explicit if isinstance(explicit, dict) else {}
    if known.keys() - now.keys():
        return False
    return all(
        same_settings(known[key], value, stated.get(key)) if key in known else key not in stated
        for key, value in now.items()
    )


class EqualCode:
    """Hashes of code that gives the same bytes: connected by pairs, in either direction.

    Args:
        path: a table with the columns before, after and proof; it may be missing.

    Raises:
        UserError: a row has no proof.
    """

    def __init__(self, path: Path = EQUAL):
        self.groups: dict[str, set[str]] = {}
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()) if path.exists() else ():
            if not row.get("proof"):
                raise UserError(
                    f"{path}: the pair {row.get('before')}, {row.get('after')} has no proof: say what shows it"
                )
            together = self.group(row["before"]) | self.group(row["after"])
            self.groups |= dict.fromkeys(together, together)

    def group(self, code: str) -> set[str]:
        """All hashes that are as good as this one."""
        return self.groups.get(code, {code})

    def same(self, one: str, other: str) -> bool:
        """Whether both give the same bytes."""
        return other in self.group(one)


def keep(study: Path) -> Iterable[Path]:
    """Copy what was measured of finished runs to where git keeps it -> the files that are new or changed there.

    Args:
        study: folder of a study's results.
    """
    for record in sorted((study / "metrics").rglob("*.json")):
        stem = record.name.removesuffix(".json")
        for path in (*sorted(record.parent.glob(f"{stem}.*.parquet")), record):  # the record last: it says "done"
            place = study / FOLDER / path.relative_to(study / "metrics")
            if not place.exists() or place.read_bytes() != path.read_bytes():
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, place)
                yield place
