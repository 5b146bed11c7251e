"""What minutes on one GPU can settle: called by gpu.sh, which says how.

1. checks.json: recorded steps against eager ones, and bf16 against fp32, for every method
2. timings.json: ms a step, images/s and TFLOP/s of every method, size and arithmetic
3. the trainings of a study, by `insm train`: its blocks first, then its seeds; results are in the study's folder
4. part-1.tar ... part-6.tar: of finished runs the translating networks in half precision, model.json and log.csv; of
   others the newest checkpoint; packed.json says what is where and what did not fit
"""

import argparse
import itertools
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from insm.commands.train import (  # before torch: it sets how torch computes
    is_finished,
    ordered,
    plan_from,
    state_of,
    train,
)

# isort: split
import torch
from stepping import SMALL, operations, seconds_per_step, updates_of

from insm.networks.method import METHODS
from insm.networks.model_file import read_info, read_tensors, save
from insm.support.files import read_json, write_json
from insm.support.places import run_files
from insm.support.runtime import setup

MODES: dict[str, dict[str, Any]] = {
    "eager fp32": {},
    "recorded fp32": {"cuda_graphs": True},
    "recorded tf32": {"cuda_graphs": True, "tf32": True},
    "recorded bf16": {"cuda_graphs": True, "precision": "bf16", "channels_last": True},
}
PARTS, BYTES = 6, 15 * 10**6  # archives, and bytes of each
PACKING = 20  # seconds kept for it
Record = dict[str, Any]


def measure(file: Path, keys: list[str], work: Callable[[str], Record], ends: float) -> None:
    """Add work(key) to a JSON file for each key that it lacks, until the time `ends` of time.monotonic()."""
    done: Record = read_json(file) if file.exists() else {}
    for key in keys:
        if key not in done and time.monotonic() < ends:
            try:
                done[key] = work(key)
            except torch.OutOfMemoryError:
                done[key] = {"error": "out of memory"}
            except RuntimeError as error:  # what cannot be recorded, say: told, and the rest goes on
                done[key] = {"error": " ".join(str(error).split())[:300]}
            print(f"{file.stem}: {key}: {done[key]}", flush=True)
            write_json(file, done)


def check(method: str, size: int, batch: int, steps: int, device: torch.device) -> Record:
    """How far steps of other modes are from eager ones in fp32: the largest and the mean difference of weights."""
    weights = {}
    for mode in ("eager fp32", "recorded fp32", "recorded bf16"):
        updates = updates_of(method, size, batch, device, **MODES[mode])
        for step in range(steps):
            updates(step)
        networks = updates.players().values()
        weights[mode] = torch.cat([value.detach().flatten() for net in networks for value in net.parameters()]).double()
    base = weights.pop("eager fp32")
    found: Record = {"device": name_of(device), "steps": steps, "mean weight": base.abs().mean().item()}
    for mode, other in weights.items():
        gap = (other - base).abs()
        found[mode] = {"largest": gap.max().item(), "mean": gap.mean().item(), "finite": bool(other.isfinite().all())}
    return found


def timing(key: str, batch: int, device: torch.device, seconds: float) -> Record:
    """Speed of a method at a size in a mode, as named by the key."""
    method, size, mode = key.split(", ")
    pixels = int(size.removesuffix(" px"))
    updates = updates_of(method, pixels, batch, device, **MODES[mode])
    took = seconds_per_step(updates, device, seconds)
    return {
        "device": name_of(device),
        "batch": batch,
        "ms_per_step": 1e3 * took,
        "images_per_second": batch / took,
        "tflops": operations(method, pixels, batch) / took / 1e12,
    }


def name_of(device: torch.device) -> str:
    """The GPU's name, or that there is none."""
    return torch.cuda.get_device_name() if device.type == "cuda" else "CPU, a rehearsal"


def halved(model: Path, target: Path) -> list[Path]:
    """Write the translating networks of a run in half precision, with its model.json; returns both files."""
    info = read_info(model)
    translators = METHODS.load(info.run["method"]["method"]).Method.translators
    tensors = read_tensors(model, info.sha256, model.with_suffix(".json"))
    kept = {
        name: value.half() if value.is_floating_point() else value
        for name, value in tensors.items()
        if name.partition(".")[0] in translators
    }
    save(kept, info, target)
    return [target, target.with_suffix(".json")]


def results(plan: Record, folder: Path) -> Iterator[tuple[str, list[tuple[Path, str]]]]:
    """(run, its files with their names in the archives), in the study's order."""
    for task, variant, seed in ordered(plan, "seeds"):
        run, files = f"{task}/{variant}/seed{seed}", run_files(plan["name"], task, variant, seed)
        if is_finished(plan, task, variant, seed):
            made = halved(files.model, folder / "half" / run / "model.safetensors")
            yield run, [(path, f"{run}/{path.name}") for path in (*made, files.log)]
        elif saved := sorted(state_of(plan, task, variant, seed).glob("step-*.pt"))[-1:]:
            yield run, [(saved[0], f"{run}/{saved[0].name}")]


def pack(plan: Record, folder: Path) -> None:
    """Fill the archives, each run whole in the first one that has room."""
    room, packed, contents = [BYTES] * PARTS, {}, [[] for _ in range(PARTS)]
    for run, files in results(plan, folder):
        size = sum(path.stat().st_size + 2048 for path, _ in files) + 10240
        part = next((k for k in range(PARTS) if room[k] >= size), None)
        packed[run] = f"part-{part + 1}.tar" if part is not None else "left out: no room"
        if part is not None:
            room[part] -= size
            contents[part] += files
    for k, files in enumerate(contents):
        path = folder / f"part-{k + 1}.tar"
        path.unlink(missing_ok=True)
        if files:
            with tarfile.open(path, "w") as archive:
                for file, name in files:
                    archive.add(file, name)
    write_json(folder / "packed.json", packed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--study", type=Path, default=Path("config/evidence.yaml"), help=".yaml, or a plan, .json")
    parser.add_argument("--output", type=Path, default=Path("gpu-results"))
    parser.add_argument("--device", default="auto", help="cpu: a rehearsal")
    parser.add_argument("--methods", nargs="+", choices=list(SMALL), default=list(SMALL))
    parser.add_argument("--sizes", nargs="+", type=int, default=[32, 128, 256, 64], help="pixels")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--compared", type=int, default=20, help="steps of a check")
    parser.add_argument("--check-seconds", type=float, default=30)
    parser.add_argument("--time-seconds", type=float, default=60)
    parser.add_argument("--parallel", type=int, help="trainings at once")
    arguments = parser.parse_args()
    began = time.monotonic()
    ends = began + 60 * arguments.minutes - PACKING
    folder, device = arguments.output, setup(arguments.device)
    folder.mkdir(parents=True, exist_ok=True)
    plan = plan_from(arguments.study)
    stop = min(ends, time.monotonic() + arguments.check_seconds)
    measure(
        folder / "checks.json",
        arguments.methods,
        lambda name: check(name, min(arguments.sizes), arguments.batch, arguments.compared, device),
        stop,
    )
    keys = [
        f"{method}, {size} px, {mode}"
        for size, mode, method in itertools.product(arguments.sizes, MODES, arguments.methods)
    ]
    stop = min(ends, time.monotonic() + arguments.time_seconds)
    each = arguments.time_seconds / len(keys) / 2
    measure(folder / "timings.json", keys, lambda key: timing(key, arguments.batch, device, each), stop)
    try:
        if time.monotonic() < ends:
            left = (ends - time.monotonic()) / 60
            train(arguments.study, minutes=left, parallel=arguments.parallel, order="seeds", device=arguments.device)
    except SystemExit:
        pass  # time is over: everything is saved
    finally:
        plan["device"] = arguments.device
        pack(plan, folder)
        print(f"results: {folder.resolve()}, after {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
