"""The fault suite: what becomes of a study that faults hit.

python -m tests.slurm.suite [FAULT...]      all of them without any; about three minutes a fault

Each writes its row in benchmarks/faults.csv, the table of docs/faults.md. With FAULTS_FOLDER=<folder> everything stays
there, and the undisturbed run is made once.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from insm.support.files import atomic
from tests import ROOT
from tests.slurm import faults_of_jobs, faults_of_storage, faults_of_users  # noqa: F401 - they register their faults
from tests.slurm.faults import AFTERWARDS, FAULTS, HARMLESS, MOST, PREPARE
from tests.slurm.trial import INTERVAL, STATE, Trial, up

TABLE = ROOT / "benchmarks" / "faults.csv"


def undisturbed(folder: Path) -> tuple[Trial, dict[str, str]]:
    """A trial in which all but the run is made, and the hashes of an undisturbed local run of its study."""
    if (folder / "undisturbed").exists():  # of an earlier call
        return Trial(folder / "base"), Trial(folder / "undisturbed").hashes()
    base = Trial(folder / "base")
    references = "results/faults/metrics/land/references.numbers.parquet"
    done = base.run(*base.words("data", "pretrained", references, profile=None))
    assert done.returncode == 0, done.stderr[-3000:]
    plain = Trial(folder / "undisturbed", base=base)
    done = plain.run(*plain.words(profile=None))
    assert done.returncode == 0, done.stderr[-3000:]
    return base, plain.hashes()


def suffer(name: str, base: Trial, folder: Path, expected: dict[str, str]) -> dict[str, object]:
    """Run the study with a fault; one row of the table."""
    place, began = folder / name.replace(" ", "-").replace(",", ""), time.monotonic()
    shutil.rmtree(place, ignore_errors=True)  # of an earlier call
    trial = Trial(place, base=base)
    row: dict[str, object] = {"fault": name}
    try:
        PREPARE.get(name, lambda trial: None)(trial)
        FAULTS[name](trial)
        row["finished"] = "yes" if trial.finish() == 0 else "no"
        if name not in HARMLESS and max(trial.logs(), trial.submissions()) < 2:
            raise AssertionError("the training ended before the fault could hit it")
        row["identical"] = "yes" if trial.hashes() == expected else "NO"
        row["steps repeated"] = sum(trial.repeated())
        if max(trial.repeated(), default=0) > MOST.get(name, INTERVAL):
            raise AssertionError(f"attempts computed {trial.repeated()} steps again")
        AFTERWARDS.get(name, lambda trial: None)(trial)
    except (TimeoutError, AssertionError, OSError, subprocess.SubprocessError, KeyError) as error:
        row |= {"finished": f"no: {type(error).__name__}: {error}", "identical": "", "steps repeated": ""}
    finally:
        trial.end()
        subprocess.run(["umount", str(trial.state)], capture_output=True)
        up()
    return row | {"attempts": trial.logs(), "seconds": round(time.monotonic() - began)}


def record(row: dict[str, object]) -> None:
    """Write a row in the table of all faults, in place of an earlier one of the same fault."""
    with (STATE / "table").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # faults that do not disturb each other may be done at the same time
        known = pd.read_csv(TABLE, dtype=str).to_dict("records") if TABLE.exists() else []
        rows = {str(old["fault"]): old for old in known} | {str(row["fault"]): row}
        table = pd.DataFrame([rows[name] for name in FAULTS if name in rows], columns=list(row))
        with atomic(TABLE) as part:
            table.to_csv(part, index=False, lineterminator="\n")


def main(names: list[str]) -> int:
    """Do the named faults, or all of them, and record what becomes of each; 1 if one is not survived."""
    up()
    survived = True
    with contextlib.ExitStack() as stack:
        folder = os.environ.get("FAULTS_FOLDER") or stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-"))
        base, expected = undisturbed(Path(folder))
        for name in names or FAULTS:
            row = suffer(name, base, Path(folder), expected)
            survived &= (row["finished"], row["identical"]) == ("yes", "yes")
            print(", ".join(f"{key}: {value}" for key, value in row.items()), flush=True)
            record(row)
    return int(not survived)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
