"""What the Snakefile does before it looks at any rule: the study, and whose folder this is."""

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import MutableMapping
from hashlib import sha256
from pathlib import Path
from typing import IO, Any

from insm.support import slurm
from insm.support.errors import UserError, suggest
from insm.support.files import read_json, read_yaml, write_json
from insm.support.processes import holder_of
from insm.support.site import current_site

PLANS = Path(".snakemake", "plans")
RUNNING = Path(".snakemake", "running")  # locked while a Snakemake runs here
PLAN = "INSM_PLAN"
"""Environment variable: the plan of the Snakemake that started a job's own one."""


def check_sources(package: str, sources: Path) -> None:
    """Refuse an environment whose `insm` is of another folder: a copied project would run the old one's sources.

    Args:
        package: file of the imported package.
        sources: folder of the sources that are meant.
    """
    if not Path(package).resolve().is_relative_to(sources.resolve()):
        raise UserError(
            f"insm is imported from {Path(package).parent}, not from {sources.resolve()}: this environment belongs to "
            "another folder; delete .venv here and run `make study`, or install this folder with `pip install -e .`"
        )


def check_config(config: dict[str, Any]) -> None:
    """Refuse what Snakemake was given in place of `--config study=FILE runs=finished`."""
    for key in config:
        if key not in ("study", "runs"):
            raise UserError(
                f"unknown key {key!r} in Snakemake's configuration{suggest(key, ['study', 'runs'])}: name the study "
                "with `--config study=FILE` (not with --configfile) and write all other settings into that file"
            )
    if config.get("runs", "all") not in ("all", "finished"):
        raise UserError(f"--config runs={config['runs']}: choose all (the default), or finished: those in git")


def resolved_study(study: Path, main: bool) -> dict[str, Any]:
    """The study as plain values, checked and resolved by `insm job configure`.

    The plan's name is a hash of what it is made from, so that no two studies, and no two states of one, share a file.
    Jobs in processes of their own read the plan of the Snakemake that started them: they see the study as it was then.
    """
    if not main and PLAN in os.environ:
        return _read_plan(Path(os.environ[PLAN]))
    content = read_yaml(study)
    shared = content.get("methods_from") if isinstance(content, dict) else None
    files = [study, *([Path(shared)] if isinstance(shared, str) else []), *sorted(Path("src/insm").rglob("*.py"))]
    parts = [f"{path}\n".encode() + path.read_bytes() for path in files if path.is_file()]
    plan = PLANS / f"{study.stem}-{sha256(b''.join(parts)).hexdigest()[:16]}.json"
    if not plan.exists():
        done = subprocess.run([_insm(), "job", "configure", study, plan], check=False)
        if done.returncode:
            raise SystemExit(done.returncode)
    os.environ[PLAN] = str(plan.resolve())
    return _read_plan(plan)


def _read_plan(plan: Path) -> dict[str, Any]:
    """Not `read_json`, which would note the plan as an input of the job: it is a copy of what the study says."""
    content: dict[str, Any] = json.loads(plan.read_text(encoding="utf-8"))
    return content


def _insm() -> str:
    """This environment's command, whether it is on the PATH or not."""
    here = Path(sys.executable).with_name("insm")
    return str(here) if here.exists() else "insm"


def needs_of_jobs(study: Path) -> dict[str, Any]:
    """What the jobs of the study need of a machine, counted once per plan by `insm job needs`."""
    plan = Path(os.environ[PLAN])
    needs = plan.with_name(f"{plan.stem}-needs.json")
    if not needs.exists():
        done = subprocess.run([_insm(), "--quiet", "job", "needs", study, needs], check=False)
        if done.returncode:
            raise SystemExit(done.returncode)
    return read_json(needs)


def claim_results(study: Path, name: str, write: bool) -> None:
    """Refuse a study whose results' folder is another study file's.

    Args:
        study: the study file.
        name: its key `name`.
        write: whether to record that the folder is this file's; a dry run does not.
    """
    record = Path("results", name, "config", "study.json")
    owner = Path(read_json(record)["file"]) if record.exists() else study
    if owner != study and owner.exists() and _name_of(owner) == name:
        raise UserError(
            f"key name: results/{name} belongs to {owner}: give {study} another name, so that neither overwrites the "
            "other's results"
        )
    if write and (not record.exists() or owner != study):
        write_json(record, {"file": study.as_posix()})


def _name_of(study: Path) -> str | None:
    try:
        content = read_yaml(study)
    except UserError:
        return None
    return content.get("name") if isinstance(content, dict) else None


def own_kernel(environment: MutableMapping[str, str]) -> None:
    """Let Jupyter find this environment's kernel before others of the same name, of a user or a cluster's module."""
    environment["JUPYTER_PREFER_ENV_PATH"] = "1"
    environment.pop("JUPYTER_PATH", None)


def ensure_home() -> None:
    """Give this process and its jobs a home in .snakemake where their own cannot be written, as in some containers."""
    home = Path(os.environ.get("HOME", "/"))
    if not os.access(home, os.W_OK):
        replacement = (PLANS.parent / "home").resolve()
        replacement.mkdir(parents=True, exist_ok=True)
        os.environ["HOME"] = str(replacement)


def take_over_locks() -> IO[str] | None:
    """Mark this process as running here and clear what a killed Snakemake left locked; the caller keeps the result.

    Where another Snakemake is alive in this folder, or on a file system that cannot tell, nothing is cleared, and
    Snakemake's own locks decide.

    Raises:
        UserError: this one submits jobs and another one is alive: the next would take their jobs for left behind.
    """
    RUNNING.parent.mkdir(exist_ok=True)
    stream = RUNNING.open("a+", encoding="utf-8")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if current_site():
            raise UserError(
                f"Snakemake runs in this folder already ({_where(stream)}): wait for it, call `insm cancel` there, or "
                "run another study in another clone"
            ) from None
        return None
    except OSError as error:
        print(f"note: {RUNNING} cannot be locked ({error.strerror}): no other Snakemake is looked for", file=sys.stderr)
        return stream
    elsewhere = holder_of(stream).get("host", socket.gethostname()) != socket.gethostname()
    locks = list(RUNNING.parent.glob("locks/*"))
    if elsewhere and locks:  # on a shared disk, a process of another host may live
        print(f"note: locked from another host ({_where(stream)}): if no Snakemake runs there any more, call "
              "`snakemake --unlock`, with the same --config, then this again", file=sys.stderr)  # fmt: skip
        return stream
    for lock in locks:
        lock.unlink(missing_ok=True)
    stream.seek(0)
    stream.truncate()
    stream.write(json.dumps({"host": socket.gethostname(), "process": os.getpid()}))
    stream.flush()
    return stream


def _where(stream: IO[str]) -> str:
    """Host and process of the Snakemake that took a folder last."""
    known = holder_of(stream)
    return f"process {known.get('process', 'unknown')} on {known.get('host', 'unknown host')}"


def heed_interrupts() -> None:
    """Let SIGINT, which `insm cancel` sends, end this process also where a script started it with `&`.

    A shell makes such processes ignore it.
    """
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


DRY_RUN = {"--dry-run", "--dryrun"}
NO_RUN = {*DRY_RUN, "--lint", "--summary", "--detailed-summary", "--list-rules", "--list-target-rules",
          "--list-changes", "--dag", "--rulegraph", "--filegraph", "--d3dag", "--report", "--unlock"}  # fmt: skip


def runs_jobs(arguments: list[str]) -> bool:
    """Whether a command line of Snakemake runs jobs: Snakemake itself does not know while it reads the Snakefile."""
    return not any(word.split("=")[0] in NO_RUN or re.fullmatch("-[A-Za-z]*n[A-Za-z]*", word) for word in arguments)


def checks_outputs(arguments: list[str]) -> bool:
    """Whether a command line of Snakemake runs jobs or tells which ones would run, where no other Snakemake is at work.

    Those of the other are being written. `--touch` accepts all as it is.
    """
    words = [word.split("=")[0] for word in arguments]
    plans = runs_jobs(arguments) or any(word in DRY_RUN or re.fullmatch("-[A-Za-z]*n[A-Za-z]*", word) for word in words)
    return plans and not {"--touch", "-t"} & {*words} and not list(RUNNING.parent.glob("locks/*"))


def cancel_leftovers() -> None:
    """Cancel jobs of a Snakemake that was killed here and wait for their end: it cannot record what they make.

    They save first, so that the jobs submitted next go on where these stop. Nothing is cancelled while another
    Snakemake may be alive.
    """
    if list(RUNNING.parent.glob("locks/*")):
        return
    if jobs := slurm.cancel_jobs(Path.cwd()):
        print(f"cancelled {len(jobs)} jobs that an earlier Snakemake left behind", file=sys.stderr, flush=True)


def remove_states(root: Path) -> None:
    """Remove checkpoints of finished trainings below `root`, unless a killed Snakemake left results unrecorded."""
    if any(path.is_file() for path in Path(".snakemake", "incomplete").glob("*")):
        return
    for marker in list(root.rglob("finished")):
        shutil.rmtree(marker.parent, ignore_errors=True)
