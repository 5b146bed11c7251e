"""What a study finds on this machine: environment, processor, GPU, disk, data and weights."""

import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from insm.data.dataset import load_dataset
from insm.data.raw_files import CHECKSUMS, RAW, raw_folder
from insm.data.settings import SplitConfig

FREE = 5  # GB that the disk should have left
FLAGS = ("avx2", "avx512_bf16", "amx_bf16")
CPUINFO = Path("/proc/cpuinfo")


class Finding(NamedTuple):
    """One thing that was looked at."""

    name: str
    fact: str  # what was found
    problem: str | None = None  # what is wrong with it, and the cure


def checks(device: str, constraints: Path, folder: Path) -> Iterator[Finding]:
    """Everything that does not depend on a study's data.

    Args:
        device: key `device` of the study: auto, cpu or cuda.
        constraints: the file of pinned versions.
        folder: where the study is run.
    """
    yield python()
    yield environment(constraints)
    yield processor(CPUINFO)
    yield gpu(device)
    yield disk(shutil.disk_usage(folder).free / 1e9)


def python() -> Finding:
    """The interpreter: 3.11 or newer."""
    old = sys.version_info < (3, 11)
    return Finding("Python", sys.version.split()[0], "too old: make the environment with Python 3.11" if old else None)


def environment(constraints: Path) -> Finding:
    """Whether the installed packages have the versions of the constraints; missing ones are optional."""
    if not constraints.is_file():
        return Finding("environment", f"there is no {constraints}: versions were not compared")
    pinned: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", constraints.read_text(encoding="utf-8"), re.M):
        pinned.setdefault(name.lower(), set()).add(version)
    installed: dict[str, str] = {}
    for distribution in metadata.distributions():
        name = re.sub(r"[-_.]+", "-", distribution.metadata["Name"] or "").lower()
        installed.setdefault(name, distribution.version.partition("+")[0])  # 2.13.0+cpu is a build of 2.13.0
    compared = sorted(set(pinned) & set(installed))
    others = [
        f"{name} is {installed[name]}, not {' or '.join(sorted(pinned[name]))}"
        for name in compared
        if installed[name] not in pinned[name]
    ]
    if others:
        listed = "; ".join(others[:3]) + (f"; and {len(others) - 3} more" if len(others) > 3 else "")
        return Finding("environment", f"differs from {constraints}", f"{listed}: run `make .venv/ready`")
    return Finding("environment", f"{len(compared)} packages as in {constraints}")


def processor(cpuinfo: Path) -> Finding:
    """The processor's instructions; without AVX2 the last bits of results differ from those of other machines."""
    try:
        words = set(cpuinfo.read_text(encoding="utf-8").split())
    except OSError:
        return Finding("processor", "its instructions are unknown")
    there = [flag for flag in FLAGS if flag in words]
    fact = ", ".join(there) if "avx2" in there else "no avx2: the last bits of results differ from other machines'"
    return Finding("processor", fact)


def gpu(device: str) -> Finding:
    """Whether torch sees the GPU that a study asks for."""
    import torch

    if torch.cuda.is_available():
        return Finding("GPU", torch.cuda.get_device_name())
    wanted = "set key device to auto or cpu, or install a CUDA build of torch" if device == "cuda" else None
    return Finding("GPU", f"torch {torch.__version__} sees none", wanted)


def disk(free: float) -> Finding:
    """Whether GB are left."""
    problem = f"less than {FREE} GB: make room" if free < FREE else None
    return Finding("disk", f"{free:.0f} GB free", problem)


def data(task: str, settings: SplitConfig, prepared: Path) -> Finding:
    """Where the images of a task are: already prepared, raw, or still to be rendered or fetched."""
    dataset = load_dataset(settings.dataset)
    if prepared.is_file():
        fact = f"prepared in {prepared.parent}"
    elif settings.source is not None or not dataset.sources:
        missing = settings.source is not None and not settings.source.is_dir()
        problem = "put the images there, or correct key data.source" if missing else None
        folder = raw_folder(settings) if settings.source else None
        return Finding(f"data of {task}", f"{folder or 'rendered when the study runs'}", problem)
    elif (RAW / dataset.name / CHECKSUMS).is_file():
        fact = f"raw files in {RAW / dataset.name}"
    else:
        fact = f"to be fetched: `insm data fetch {dataset.name}`, or the study does it"
    return Finding(f"data of {task}", fact)


def weights(files: Iterable[Path]) -> Iterator[Finding]:
    """Files of published networks that a study names."""
    for path in files:
        problem = None if path.is_file() else "put the file there (docs/datasets.md), or remove the key that names it"
        yield Finding("weights", str(path), problem)


def what_next(study: Path, results: Path, problems: bool, slurm: bool = False) -> str:
    """What to do after the checks: of this machine, or of a cluster with SLURM."""
    report = results / "report" / "index.html"
    if problems:
        return f"mend what is marked above, then call `insm doctor{' --slurm' if slurm else ''}` again"
    if report.is_file():
        return f"open {report}"
    return f"snakemake{' --profile slurm' if slurm else ''} --config study={study}"
