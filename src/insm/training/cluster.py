"""Checks of a cluster before a study is run on it: each finds nothing, or says what to change."""

import getpass
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from insm.config.study import Study
from insm.support import slurm
from insm.support.errors import UserError
from insm.support.site import GpuPartitionConfig, PartitionConfig, SiteConfig
from insm.training.estimate import estimates

FREE = 5  # GB that the project's disk and a node's scratch space should have left
PROBE = """
import os, shutil, tempfile, torch
print(shutil.disk_usage(tempfile.gettempdir()).free // 10**9, os.environ.get("CUDA_VISIBLE_DEVICES", ""),
      torch.cuda.get_device_name() if torch.cuda.is_available() else "", sep="|")
"""
Finding = tuple[str, str | None]
"""What was checked, and what is wrong with its cure (None: nothing)."""


def checks(site: SiteConfig, study: Study, file: Path) -> Iterator[Finding]:
    """Everything that can be found out about the cluster of a site file; submits one short job for each partition."""
    wants_gpu = study.device != "cpu"
    if wants_gpu and site.gpu is None:
        yield "GPU partition", f"key gpu of {file} is missing, but the study's device is {study.device}: add it"
    places: list[PartitionConfig] = [site.cpu, *([site.gpu] if site.gpu else [])]
    yield "account", account(site, file)
    for place in places:
        problem = partition(place, file)
        yield f"partition {place.partition}", problem
        if problem is None:
            needs = wants_gpu and isinstance(place, GpuPartitionConfig)
            yield f"a job in partition {place.partition}", probe(site, place, needs)
    yield "disk of this folder", disk(shutil.disk_usage(Path.cwd()).free / 1e9, "this folder's disk")
    yield "time limit and checkpoints", intervals(site, study)


def account(site: SiteConfig, file: Path) -> str | None:
    """Whether the user may use the site's account."""
    try:
        query = ["sacctmgr", "--noheader", "--parsable2", "show", "associations", f"user={getpass.getuser()}"]
        known = sorted(set(slurm.command(*query, "format=account").split()))
    except UserError as error:  # no accounting, or none that answers
        return f"accounts cannot be looked up ({error})" if site.account else None
    if known and site.account not in known:
        return f"key account of {file} is {site.account}: choose from {', '.join(known)}"
    if not known and site.account:
        return (
            f"key account of {file} is {site.account}, but you have no account on the cluster: remove it or ask for one"
        )
    return None


def partition(place: PartitionConfig, file: Path) -> str | None:
    """Whether a partition is there, up, allows the time asked for, and has the type of GPU."""
    listed = [line.split("|") for line in slurm.command("sinfo", "--noheader", "--format=%R|%a|%l|%G").splitlines()]
    rows = [row for row in listed if row[0] == place.partition]
    if not rows:
        names = ", ".join(sorted({row[0] for row in listed}))
        return f"{file}: there is no partition {place.partition}: choose from {names}"
    _, state, limit, _ = rows[0]
    if state != "up":
        return f"partition {place.partition} is {state}: choose another one in {file}, or ask when it comes back"
    if limit != "infinite" and slurm.seconds(limit) < 60 * place.minutes:
        return (
            f"{file}: partition {place.partition} allows {limit}, less than {place.minutes} minutes: lower key minutes"
        )
    if isinstance(place, GpuPartitionConfig) and place.model:
        types = " ".join(row[3] for row in rows)
        if f"gpu:{place.model}:" not in types:
            return f"{file}: {place.partition} has {types}, not gpu:{place.model}: correct key model or remove it"
    return None


def probe(site: SiteConfig, place: PartitionConfig, gpu: bool) -> str | None:
    """Run a short job: whether it starts, has scratch space, and torch sees its GPU."""
    words = ["srun", "--immediate=50", f"--partition={place.partition}", f"--mem={site.memory}", "--time=5"]
    words += [f"--account={site.account}"] if site.account else []
    if gpu and isinstance(place, GpuPartitionConfig):
        words.append(f"--gpus={place.model}:1" if place.model else "--gpus=1")
    try:
        told = slurm.command(*words, sys.executable, "-c", PROBE)
    except UserError as error:
        busy = any(words in str(error) for words in ("Unable to allocate", "did not answer"))
        cure = (
            "the queue may be full: try again later"
            if busy
            else f"correct what it names; the node must see {sys.executable}, on a file system that all nodes share"
        )
        return f"no job of it ended well ({error}): {cure}"
    if told.count("|") < 2:
        return f"a job printed {told or 'nothing'} in place of its scratch space: look at what its shell prints"
    free, devices, name = told.splitlines()[-1].split("|")
    if gpu and not name:
        return (
            f"torch sees no GPU in a job that was given {devices or 'none'}: install a build of torch for the node's "
            "driver, or set the study's key device to cpu"
        )
    return disk(float(free), "a node's scratch space")


def disk(free: float, place: str) -> str | None:
    """Whether a disk with that many GB left is enough."""
    return None if free >= FREE else f"{place} has {free:.1f} GB left: free some, at least {FREE} GB"


def intervals(site: SiteConfig, study: Study) -> str | None:
    """Whether every training gets through two checkpoint intervals in one job."""
    place = site.gpu if site.gpu and study.device != "cpu" else site.cpu
    table = estimates(study, tflops=place.gflops / 1000)[:-1]
    for row in table[table.rule == "train"].itertuples():
        interval = row.gpu_hours * 3600 / row.steps * study.tasks[row.task].training.checkpoint_every
        allowed = 60 * place.minutes - site.save_before
        if 2 * interval > allowed:
            return (
                f"{row.task}/{row.job}: two checkpoint intervals take about {2 * interval:,.0f} s, "
                f"one job has {allowed:,.0f} s: lower key checkpoint_every of the study, "
                f"or raise key minutes of {place.partition}"
            )
    return None
