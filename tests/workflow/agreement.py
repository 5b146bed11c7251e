"""Do to a small finished study what may happen to it, run one engine or the other, and compare what both say.

python -m tests.workflow.agreement [WORD ...]    all of `perturbations.ALL`, or those whose name has one of the words

Appends a row for each to benchmarks/agreement.csv; those that agree there, with the code as it is now, are left out.
Exits with 1 if one fails.
"""

import csv
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import yaml

from insm.support.code_hash import syntax_hash
from tests import ROOT
from tests.workflow.conftest import Checkout, finished_tiny
from tests.workflow.perturbations import ALL, Perturbation, in_order
from tests.workflow.steps import PIPELINE, STUDY

TABLE = ROOT / "benchmarks/agreement.csv"
FOLDER = "AGREEMENT_FOLDER"
"""Environment variable: where the finished study is kept for the next time."""
COLUMNS = ("perturbation", "outputs or unnamed inputs", "rules to run", "snakemake -n", "dvc status", "snakemake ran",
           "dvc repro ran", "agreed", "code")  # fmt: skip
DECIDING = (
    "Snakefile",
    "workflow/rules/*.smk",
    "src/insm/support/*.py",
    "src/insm/config/*.py",
    "src/insm/data/source_listing.py",
    "tests/workflow/tiny.yaml",
)
"""What decides whether both engines agree: rules, the check of outputs, plans and pipelines of studies, the study."""


def code_of(project: Path) -> str:
    """Hash of what `DECIDING` does in a checkout: 16 hexadecimal digits."""
    files = sorted(path for pattern in DECIDING for path in project.glob(pattern))
    lines = [f"{path.relative_to(project)} {syntax_hash(path)}\n" for path in files]
    return sha256("".join(lines).encode()).hexdigest()[:16]


def open_cases(cases: Iterable[Perturbation], known: Sequence[Mapping[str, str]], code: str) -> list[Perturbation]:
    """Those to do, in order: not those that agreed with this very code and are still told to run the same rules."""
    done = {
        (row["perturbation"], row["rules to run"]) for row in known if (row["agreed"], row["code"]) == ("yes", code)
    }
    return [case for case in in_order(cases) if (case.what, foretold(case)) not in done]


def twin(built: Checkout, folder: Path) -> Checkout:
    """A copy of a checkout with the records of both engines, below a folder of its own.

    What is never written again, objects of git and of DVC's cache, is linked, not copied.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(built.folder, folder / "insm", symlinks=True, copy_function=copied)
    return Checkout(folder / "insm")


def copied(source: str, target: str) -> None:
    if "/.git/objects/" in source or "/.dvc/cache/" in source:
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def pending(copy: Checkout) -> set[str] | str:
    """Rules that Snakemake would run, or the message with which it refuses."""
    done = copy.run("snakemake", "-n", "--quiet", "rules", "--config", f"study={STUDY}", check=False)
    if done.returncode:
        return done.stderr
    lines = re.findall(r"^(\w+) +\d+$", done.stdout.partition("Job stats:")[2].partition("total")[0], re.M)
    return set(lines) - {"all"}


def stale(copy: Checkout) -> bool:
    """Whether DVC calls the study stale."""
    return json.loads(copy.run("dvc", "status", "--json", PIPELINE).stdout) != {}


def run(copy: Checkout, engine: str) -> set[str] | str:
    """Rules whose jobs an engine ran, or the message with which it refuses."""
    command = ("dvc", "repro", PIPELINE) if engine == "dvc" else ("snakemake", "--config", f"study={STUDY}")
    done = copy.run(*command, check=False)
    told = done.stdout + done.stderr
    return told if done.returncode else set(re.findall(r"^Finished jobid: \d+ \(Rule: (\w+)\)", told, re.M)) - {"all"}


def contents(copy: Checkout) -> dict[str, bytes]:
    """What DVC versions of the study: its pipeline's lock and the files that are not of one machine."""
    found = {}
    (stage,) = yaml.safe_load((copy.folder / PIPELINE).read_text())["stages"].values()
    for name in (next(iter(out)) for out in stage["outs"]):
        for path in sorted((copy.folder / name).rglob("*")):
            if path.is_file() and path.name != ".snakemake_timestamp":
                found[str(path.relative_to(copy.folder))] = path.read_bytes()
    return found


def examine(built: Checkout, case: Perturbation, work: Path) -> dict[str, str]:
    """Do it twice; run Snakemake in the one copy and DVC in the other; compare.

    Returns:
        A row of the table; "agreed" is "yes", or what was not as expected.
    """
    row, wrong, ends = {}, [], {}
    for engine in ("snakemake", "dvc"):
        copy = twin(built, work / engine)
        stale(copy)  # DVC knows times and inodes of these very files
        case.do(copy)
        if engine == "snakemake":
            listed = pending(copy)
            row["snakemake -n"] = told(listed)
            if not as_expected(listed, case):
                wrong.append(f"Snakemake lists {told(listed)}")
        else:
            clean = not stale(copy)
            row["dvc status"] = "clean" if clean else "stale"
            if clean == case.dvc:
                wrong.append(f"DVC says {row['dvc status']}")
        ran = run(copy, engine)
        row[f"{'dvc repro' if engine == 'dvc' else engine} ran"] = told(ran)
        if not as_expected(ran, case, has_run=True) and not (engine == "dvc" and case.blind):
            wrong.append(f"{engine} ran {told(ran)}")
        if isinstance(ran, str):
            continue
        if engine == "dvc" and case.blind:  # nothing wrong is recorded, and Snakemake mends it
            run(copy, "snakemake")
        left = pending(copy)
        if left:
            wrong.append(f"after {engine} Snakemake has left {told(left)}")
        if stale(copy):  # of what means nothing to any job: DVC runs its stage, and that runs nothing
            before = contents(copy)
            if (again := run(copy, "dvc")) or stale(copy) or contents(copy) != before:
                wrong.append(f"after {engine} DVC ran {told(again)}")
        ends[engine] = contents(copy), (copy.folder / PIPELINE).with_suffix(".lock").read_bytes()
    if len(ends) == 2 and ends["snakemake"] != ends["dvc"]:
        names = {n for n in ends["dvc"][0] if ends["dvc"][0].get(n) != ends["snakemake"][0].get(n)}
        wrong.append(f"the results differ: {', '.join(sorted(names)) or 'in the lock'}")
    return {
        "perturbation": case.what,
        "outputs or unnamed inputs": "yes" if case.damage else "",
        "rules to run": foretold(case),
        **row,
        "agreed": "; ".join(wrong) or "yes",
        "code": code_of(built.folder),
    }


def as_expected(found: set[str] | str, case: Perturbation, has_run: bool = False) -> bool:
    """Whether rules that were listed, or ran, are those that the perturbation tells in advance."""
    if case.refused or isinstance(found, str):
        return bool(case.refused) and isinstance(found, str) and case.refused in found
    return found == (set() if has_run and case.restored else set(case.jobs))


def foretold(case: Perturbation) -> str:
    """What a perturbation tells in advance, in the table's words."""
    return (case.refused and "refused") or told(case.jobs) + (", or put back" if case.restored else "")


def told(rules: set[str] | frozenset[str] | str) -> str:
    if isinstance(rules, str):
        return "refused: " + next((line for line in rules.splitlines() if "error" in line), rules[-200:])[:300]
    return " ".join(sorted(rules)) or "nothing"


def main() -> int:
    known = list(csv.DictReader(TABLE.open())) if TABLE.exists() else []
    words = sys.argv[1:]
    chosen = [case for case in ALL if not words or any(word in case.what for word in words)]
    work = Path(os.environ.get(FOLDER) or tempfile.mkdtemp(prefix="agreement-"))
    code, built = code_of(ROOT), Checkout(work / "built/insm")
    for case in open_cases(chosen, known, code):
        if code_of(built.folder) != code or not (built.folder / PIPELINE).with_suffix(".lock").exists():
            shutil.rmtree(built.folder, ignore_errors=True)
            finished_tiny(built.folder)
        row = examine(built, case, work)
        print(f"{row['perturbation']}: {row['agreed']}", flush=True)
        known = [old for old in known if old["perturbation"] != case.what] + [row]
        with TABLE.open("w", newline="") as stream:
            table = csv.DictWriter(stream, COLUMNS, restval="", lineterminator="\n")
            table.writeheader()
            table.writerows(known)
    if FOLDER not in os.environ:
        shutil.rmtree(work)
    return int(any(row["agreed"] != "yes" for row in known))


if __name__ == "__main__":
    sys.exit(main())
