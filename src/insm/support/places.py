"""Where the trainings of a study keep their files: for the rules, and for those who train without Snakemake."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

OLD = 315_705_600
"""The time, 1980-01-03, given to what is trained without Snakemake: older than the inputs. Snakemake therefore runs the
rule, which finds the training finished, writes the same bytes and is on record."""


class RunFiles(NamedTuple):
    """The files and folders of one run."""

    model: Path
    log: Path
    samples: Path
    snapshots: Path
    """Where the study has learning curves."""
    output: Path
    """What the training prints."""
    board: Path
    """TensorBoard's folder."""
    attempts: Path
    """Folder of the lasting logs."""


def run_files(study: str, task: str, variant: str, seed: int | str) -> RunFiles:
    """The files of a run in the project's folder, as rule `train` names them."""
    root, run = Path("results", study), f"{task}/{variant}/seed{seed}"
    folder = root / "runs" / run
    return RunFiles(
        model=folder / "model.safetensors",
        log=folder / "log.csv",
        samples=folder / "samples.png",
        snapshots=folder / "snapshots.safetensors",
        output=root / f"logs/{task}/{variant}/train-seed{seed}.log",
        board=root / "tensorboard" / run,
        attempts=root / "attempts" / run,
    )


def run_state(study: str, task: str, settings: dict[str, Any], run: tuple[str, str], code: str) -> Path:
    """Where a run saves what it resumes from: no output of a rule, so that Snakemake never deletes it.

    Its name tells the run's settings, those of its data and phi, and the code apart: after an edit a run starts anew.

    Args:
        study: name of the study.
        task: name of the task.
        settings: of all jobs of the task, as plain values (`insm.config.plan.settings_of`).
        run: variant and seed.
        code: hash of the code of the training (`insm.support.source_graph`).
    """
    variant, seed = run
    key = fingerprint(settings["runs"][variant][seed], [settings["train"], settings["embedding"]], code)
    return Path("results", study, "state", task, variant, f"seed{seed}-{key}")


def pretraining_state(
    study: str, task: str, settings: dict[str, Any], job: str, code: str, network: str | None = None
) -> Path:
    """Likewise of the training of phi or of a network that judges.

    `job` is its key in the settings, `network` its name where there are several: "classifier-2".
    """
    key = fingerprint(settings[job], settings["train"], code)
    return Path("results", study, "state", task, f"{network or job}-{key}")


def classifier_names(count: int) -> list[str]:
    """The evaluation classifiers of a task: "classifier", then "classifier-2" and so on."""
    return ["classifier", *(f"classifier-{number}" for number in range(2, count + 1))]


def fingerprint(*contents: Any) -> str:
    """Short hash of plain values."""
    return sha256("\n".join(map(compact, contents)).encode()).hexdigest()[:12]


def compact(content: Any) -> str:
    """Plain values as JSON: equal values give equal texts."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"))
