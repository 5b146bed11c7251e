"""Which results a Snakemake must make again although nothing they depend on has changed, and which DVC vouches for."""

import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from insm.support.errors import UserError
from insm.support.outputs import Outputs, is_begun, names_of, put_aside, refresh
from insm.support.places import OLD
from insm.support.records import place_of, recorded, sha256

IN_GIT = ("tables", "outcomes", "models", "provenance")  # folders of a study's results
EMBEDDED = "study"  # the study of the project's own dvc.yaml; the others have theirs beside their results


def pipeline_of(name: str) -> Path:
    """The file of DVC that describes a study, whether it is there or not."""
    return Path("dvc.yaml") if name == EMBEDDED else Path("results", name, "dvc.yaml")


def outputs_of(name: str) -> Outputs:
    """The record of a study's outputs."""
    return Outputs((f"data/{name}", f"results/{name}"), Path(".snakemake", f"outputs-{name}.json"))


def to_make_again(study: Path, name: str, wanted: Collection[str], run: bool) -> set[str]:
    """The outputs of a study that are not as their jobs left them.

    Where jobs run, those are put back from DVC's cache if it has them, or else aside, so that they are missing. What
    DVC's lock records of this very code and these settings (after `git checkout` and `dvc checkout`, or `dvc pull`) is
    accepted as it is.

    Args:
        study, name: the study's file and its key `name`.
        wanted: outputs that the study's rules can make.
        run: whether jobs run; a dry run only tells.

    Raises:
        UserError: there are outputs, but neither Snakemake nor DVC knows from what they were made.
    """
    outputs = outputs_of(name)
    changed = [output for output in outputs.changed() if output in wanted]
    made = {*outputs.made()}
    unknown = sorted(output for output in wanted if output not in made and _is_pulled(output))
    for output in changed:
        refresh(output)  # DVC trusts times: now it looks at the content too
    if (changed or unknown) and _vouched(pipeline_of(name)) and _as_recorded({*changed, *unknown}):
        if not run:
            print("Nothing to be done (a run takes over the results that DVC's lock records).", file=sys.stderr)
            raise SystemExit(0)
        _accept(study)
        return set()
    if unknown:
        others = f" (and {len(unknown) - 1} more)" if len(unknown) > 1 else ""
        raise UserError(
            f"{unknown[0]}{others} is there without Snakemake's record of how it was made, and is not what "
            f"{pipeline_of(name).with_suffix('.lock')} records of this code and these settings: run `make pull` in the "
            f"state of which that is, or remove data/{name} and results/{name} to make all again, or, where you know "
            f"that all is right as it is, run `snakemake --touch --forceall all --config study={study}`"
        )
    if changed and run:
        cache = _cache()
        restored = {output for output in changed if cache and outputs.restore(output, cache)}
        if restored:
            _tell("put back from DVC's cache, since they are not what their jobs made", restored)
        changed = [output for output in changed if output not in restored]
        for output in changed:
            put_aside(output)
    if run:
        outputs.save()
    if changed:
        _tell("made again, since they are not what their jobs made", changed)
    return set(changed)


def _is_pulled(output: str) -> bool:
    """Whether an output without a record of Snakemake is there by other ways than those it knows.

    These are `insm train`, which dates its files for Snakemake to take over, git, and a job that was killed: Snakemake
    remembers which it had begun.
    """
    path = Path(output)
    in_git = len(path.parts) > 2 and path.parts[2] in IN_GIT
    return not in_git and path.exists() and path.stat().st_mtime > OLD and not is_begun(output)


def _as_recorded(outputs: Collection[str]) -> bool:
    """Whether outputs have the bytes that records of their jobs say, where there are records: a lock can be forced."""
    files = (Path(output, name) for output in outputs for name in names_of(Path(output)))
    known = ((file, place_of(file)) for file in files if file.is_file())
    return all(recorded(place) in (None, sha256(file)) for file, place in known if place)


def keep_record(name: str) -> None:
    """Take what jobs have made into the record of a study's outputs."""
    outputs = outputs_of(name)
    outputs.changed()
    outputs.save()


def record_in_dvc(name: str) -> None:
    """Record a finished study in the lock of its pipeline and its files in DVC's cache, if the study has a pipeline.

    A stage of DVC records itself.
    """
    if pipeline_of(name).exists() and Path(".dvc").is_dir() and "DVC_STAGE" not in os.environ:
        done = subprocess.run(["dvc", "commit", "--quiet", "--force", pipeline_of(name)], check=False)
        if done.returncode:
            print(f"not recorded by DVC: run `dvc commit --force {pipeline_of(name)}`", file=sys.stderr)


def _vouched(pipeline: Path) -> bool:
    """Whether DVC's lock records these very files, made by this code with these settings."""
    if not pipeline.with_suffix(".lock").exists() or "DVC_STAGE" in os.environ:
        return False
    command = ["dvc", "status", "--json", str(pipeline)]
    done = subprocess.run(command, check=False, text=True, capture_output=True)
    return done.returncode == 0 and done.stdout.strip() == "{}"


def _accept(study: Path) -> None:
    """Let Snakemake record all outputs as they are."""
    command = ["snakemake", "--touch", "--forceall", "--quiet", "all", "--config", f"study={study}"]
    done = subprocess.run(command, check=False, stdout=subprocess.DEVNULL)
    if done.returncode:
        raise SystemExit(done.returncode)
    print("took over the results that DVC's lock records", file=sys.stderr, flush=True)


def _cache() -> Path | None:
    done = subprocess.run(["dvc", "cache", "dir"], check=False, text=True, capture_output=True)
    return Path(done.stdout.strip()) if done.returncode == 0 and done.stdout.strip() else None


def _tell(what: str, outputs: Collection[str]) -> None:
    print(f"{what}: {', '.join(sorted(outputs))}", file=sys.stderr, flush=True)
