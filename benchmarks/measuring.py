"""What is measured on a GPU, a key at a time, in a process that is given up with all its memory after a failure."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import insm  # noqa: F401 - before torch: it sets how torch computes

# isort: split
import methods
import torch
from stepping import operations, seconds_per_step, updates_of

from insm.support.files import read_json, write_json
from insm.support.memory import give_back
from insm.support.pool import Call, Pool
from insm.support.runtime import setup
from insm.training import capture

MODES: dict[str, dict[str, Any]] = {
    "eager fp32": {},
    "recorded fp32": {"cuda_graphs": True},
    "recorded tf32": {"cuda_graphs": True, "tf32": True},
    "recorded bf16": {"cuda_graphs": True, "precision": "bf16", "channels_last": True},
}
Record = dict[str, Any]
Work = Callable[..., Record]  # a key and more -> what was found


def measured(file: Path, work: Work, keys: list[str], given: Record, log: Path, stop: float) -> None:
    """Add work(key, **given) to a JSON file for each key that it lacks or has an error of, one after the other.

    Args:
        work: a function of a module, which another process calls.
        log: gets what the last of them printed.
        stop: of time.monotonic(): who is at work then is ended.
    """
    done = read(file)
    keys = [key for key in keys if "error" in done.get(key, {"error": "missing"})]
    if not keys or time.monotonic() >= stop:
        return
    if done:
        write_json(file, {key: found for key, found in done.items() if key not in keys})
    pool = Pool(1, stop, lambda line: print(f"{file.stem}: {line}", flush=True))
    try:
        outcomes = pool.run(
            Call(key, measure, {"file": file, "key": key, "work": work, "given": given}, log) for key in keys
        )
    finally:
        pool.close()
    for key, outcome in outcomes.items():
        if key not in read(file):  # its process was ended
            note(file, key, {"error": outcome})
        print(f"{file.stem}: {key}: {read(file)[key]}", flush=True)


def measure(file: Path, key: str, work: Work, given: Record) -> None:
    """Add work(key, **given) to a JSON file, or why there is nothing.

    Raises:
        Exception: as `work`, unless only memory lacked: what follows on this GPU could fail for the same reason.
    """
    try:
        found = work(key, **given)
    except torch.OutOfMemoryError:
        found = {"error": "out of memory"}
    except Exception as error:
        note(file, key, {"error": " ".join(f"{type(error).__name__}: {error}".split())[:300]})
        raise
    note(file, key, found)


def read(file: Path) -> Record:
    return read_json(file) if file.exists() else {}


def note(file: Path, key: str, found: Record) -> None:
    write_json(file, read(file) | {key: found})


def check(method: str, size: int, batch: int, steps: int, device: str) -> Record:
    """How far steps of other modes are from eager ones in fp32: the largest and the mean difference of weights.

    Eager steps are made twice: what they differ by is the GPU's own. All learning rates are float32 on the device.
    """
    where, weights = setup(device), {}
    for name in ("eager fp32", "eager fp32 again", "recorded fp32", "recorded bf16"):
        updates = updates_of(method, size, batch, where, **MODES[name.removesuffix(" again")])
        capture.keep_rates_on_device(updates)
        for step in range(steps):
            updates(step)
        networks = updates.players().values()
        weights[name] = torch.cat([value.detach().flatten() for net in networks for value in net.parameters()]).double()
        del updates, networks
        give_back()
    base = weights.pop("eager fp32")
    found: Record = {"device": name_of(where), "steps": steps, "mean weight": base.abs().mean().item()}
    for name, other in weights.items():
        gap = (other - base).abs()
        found[name] = {"largest": gap.max().item(), "mean": gap.mean().item(), "finite": bool(other.isfinite().all())}
    found["agree"] = torch.allclose(weights["recorded fp32"], base, **capture.NEAR)
    return found


def timing(key: str, batch: int, device: str, seconds: float) -> Record:
    """Speed of a method at a size in a mode, as named by the key, from about so many seconds of steps."""
    method, size, mode = key.split(", ")
    pixels, where = int(size.removesuffix(" px")), setup(device)
    took = seconds_per_step(updates_of(method, pixels, batch, where, **MODES[mode]), where, seconds)
    return {
        "device": name_of(where),
        "batch": batch,
        "ms_per_step": 1e3 * took,
        "images_per_second": batch / took,
        "tflops": operations(method, pixels, batch) / took / 1e12,
    }


def beside_peer(key: str, paths: dict[str, str], batch: int, rounds: int, device: str) -> Record:
    """Seconds of a round in fp32, ours and the research code's in turn, waiting for the device after each step."""
    method, size = key.split(", ")
    where = setup(device)
    rows = methods.measure(method, paths[method], int(size.removesuffix(" px")), batch, "AVX2", rounds, where.type)
    seconds = {row["side"]: statistics.median(row["seconds"]) for row in rows if row["side"] in ("ours", "peer")}
    return {"device": name_of(where), "batch": batch, "seconds": seconds}


def name_of(device: torch.device) -> str:
    """The GPU's name, or that there is none."""
    return torch.cuda.get_device_name() if device.type == "cuda" else "CPU, a rehearsal"
