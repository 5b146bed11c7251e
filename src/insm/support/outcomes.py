"""Committed outcomes of runs, `results/<study>/outcomes/<task>/<variant>/seed<seed>.*`: which runs are done.

A run is done if the record of its outcomes (.json) has the identity that the run would have now: the settings of the
run, of its data and its phi, and the code that its weights depend on. Its model, checkpoints and translations are then
needed no more, and nothing can want to make its outcomes again.
"""

import csv
import json
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from insm.support.errors import UserError
from insm.support.files import read_json
from insm.support.records import FOLDER as RECORDS
from insm.support.records import place_of, recorded, sha256

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


def original(name: str) -> str | None:
    """The file of which a kept one is a copy, by their paths in the project; None for others.

    Records tell of what a job measured; of the copy there is none.
    """
    match name.split("/"):
        case ["results", study, folder, *rest] if folder == FOLDER:
            return "/".join(["results", study, "metrics", *rest])
    return None


def check_kept(path: Path) -> None:
    """Compare a kept file with the record of the job that measured it; others pass, and one without a record.

    Raises:
        UserError: it has other bytes.
    """
    place = place_of(path)
    measured = original(place.name) if place else None
    if not place or not measured or not path.is_file():
        return
    expected = recorded(place._replace(name=measured))
    if expected and sha256(path) != expected:
        raise UserError(
            f"{path} has other bytes than {measured} had by its record in {place.records}: run `git checkout {path}`, "
            f"or, if that was measured anew, `insm job keep results/{place.study}`"
        )


def keep(study: Path) -> Iterable[Path]:
    """Copy what was measured of finished runs to where git keeps it -> the files that are new or changed there.

    Pictures are kept of the lowest seed of a variant.

    Args:
        study: folder of a study's results.

    Raises:
        UserError: a run was measured by other classifiers or on other images than those of its task that are kept, or
            trained on another kind of device.
    """
    known = sorted((study / FOLDER).rglob("*.json"))
    kept = {path: (read_json(path).get("measured"), trained_on(study, path)) for path in known}
    for record in sorted((study / "metrics").rglob("*.json")):
        inside = record.relative_to(study / "metrics")
        own, task = study / FOLDER / inside, study / FOLDER / inside.parts[0]
        facts = read_json(record).get("measured"), trained_on(study, own)
        check_alike(record, facts, {path: each for path, each in kept.items() if path != own and task in path.parents})
        kept[own] = facts
        stem, place = record.name.removesuffix(".json"), own.parent
        pictures = record.parent.glob(f"{stem}.*.png") if seed_of(record) == first_seed(place, record) else ()
        for path in (*sorted(record.parent.glob(f"{stem}.*.parquet")), *pictures, record):  # the record says "done"
            copy = place / path.name
            if not copy.exists() or copy.read_bytes() != path.read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)
                yield copy


def trained_on(study: Path, run: Path) -> str | None:
    """The kind of device of a run's training, "CPU" or the name of a GPU; None where no record tells.

    Args:
        study: folder of a study's results.
        run: .../<task>/<variant>/seed<seed>.json.
    """
    task, variant, seed = (*run.parts[-3:-1], run.stem)
    record = study / RECORDS / "runs" / task / variant / seed / "log.csv.json"
    if not record.exists():
        return None
    content = json.loads(record.read_text(encoding="utf-8"))  # not noted as an input: a record is no result
    return content["machine"]["gpu"] or "CPU"


def check_alike(record: Path, facts: tuple[Any, str | None], kept: Mapping[Path, tuple[Any, str | None]]) -> None:
    """Refuse a record of a run whose measures cannot be compared with those of others of its task that are kept.

    Older records do not tell what measured a run (None): they pass.

    Args:
        facts: what measured it, and the kind of device that trained it.
        kept: the same of others.
    """
    measured, device = facts
    for other, (before, known) in kept.items():
        if measured and before and before != measured:
            raise UserError(
                f"{record} was measured by other classifiers or on other images than {other}: measure all runs of the "
                "task again, or remove what is kept of them first"
            )
        if device and known and known != device:
            raise UserError(
                f"{record} was trained on {device}, {other} on {known}: runs of a study are trained on one kind of "
                "device, so remove one of them"
            )


def first_runs(study: Path) -> list[tuple[str, str, int]]:
    """(task, variant, seed) of the lowest kept seed of every variant."""
    folders = sorted({path.parent for path in (study / FOLDER).glob("*/*/seed*.json")})
    return [(each.parent.name, each.name, min(map(seed_of, each.glob("seed*.json")))) for each in folders]


def seed_of(record: Path) -> int:
    """The seed in the name of a run's record; -1 for reference rows."""
    number = record.stem.removeprefix("seed")
    return int(number) if number.isdigit() else -1


def first_seed(kept: Path, record: Path) -> int:
    """The lowest seed of a variant of which there is a record, kept or not."""
    return min(seed_of(path) for path in (*kept.glob("seed*.json"), *record.parent.glob("seed*.json"), record))


def finished(tasks: dict[str, Any], done: Collection[tuple[str, str, int]]) -> dict[str, Any]:
    """The plans of tasks with nothing but runs (task, variant, seed) that are done; a task without one is left out."""
    kept = {}
    for name, task in tasks.items():
        seeds = {k: [seed for seed in run["seeds"] if (name, k, seed) in done] for k, run in task["runs"].items()}
        runs = {k: run | {"seeds": seeds[k]} for k, run in task["runs"].items() if seeds[k]}
        settings = {k: {str(seed): task["settings"]["runs"][k][str(seed)] for seed in seeds[k]} for k in runs}
        listed = [row for row in task["variants"] if row["variant"] in runs]
        if runs:
            kept[name] = task | {
                "runs": runs, "settings": task["settings"] | {"runs": settings}, "variants": listed,
            }  # fmt: skip
    return kept
