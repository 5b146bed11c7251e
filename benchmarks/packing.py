"""Archives of trained runs, small enough to be carried: each run whole in the first one that has room."""

import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from insm.commands.train import is_finished, ordered, state_of
from insm.networks.method import METHODS
from insm.networks.model_file import read_info, read_tensors, save
from insm.support.files import atomic, write_json
from insm.support.places import run_files

PARTS, BYTES = 4, 16_600_000  # archives, and bytes of each: a half INIT for 128 px has 16.3 million
EVERY = 20  # seconds between looks at what is finished
Plan = dict[str, Any]
Run = tuple[str, str, str]  # task, variant, seed


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


def finished(plans: list[Plan]) -> list[tuple[str, Run]]:
    """(study, run) of all that are trained."""
    return [(plan["name"], run) for plan in plans for run in ordered(plan, "seeds") if is_finished(plan, *run)]


def results(plan: Plan, scratch: Path, unfinished: bool) -> Iterator[tuple[str, list[tuple[Path, str]]]]:
    """(run, its files with their names in the archives), in the study's order."""
    for run in ordered(plan, "seeds"):
        name, files = "{}/{}/{}/seed{}".format(plan["name"], *run), run_files(plan["name"], *run)
        if is_finished(plan, *run):
            made = halved(files.model, scratch / name / "model.safetensors")
            yield name, [(path, f"{name}/{path.name}") for path in (*made, files.log)]
        elif unfinished and (saved := sorted(state_of(plan, *run).glob("step-*.pt"))[-1:]):
            yield name, [(saved[0], f"{name}/{saved[0].name}")]


def pack(plans: list[Plan], folder: Path, scratch: Path, unfinished: bool) -> None:
    """Fill the archives, and say in packed.json what is where; `unfinished`: with newest checkpoints."""
    room, packed = [BYTES] * PARTS, {}
    contents: list[list[tuple[Path, str]]] = [[] for _ in range(PARTS)]
    for plan in plans:
        for run, files in results(plan, scratch, unfinished):
            size = sum(path.stat().st_size + 2048 for path, _ in files) + 10240
            part = next((k for k in range(PARTS) if room[k] >= size), None)
            packed[run] = f"part-{part + 1}.tar" if part is not None else "left out: no room"
            if part is not None:
                room[part] -= size
                contents[part] += files
    for k, files in enumerate(contents):
        path = folder / f"part-{k + 1}.tar"
        if not files:
            path.unlink(missing_ok=True)
            continue
        with atomic(path) as whole, tarfile.open(whole, "w") as archive:
            for file, name in files:
                archive.add(file, name)
    write_json(folder / "packed.json", packed)


@contextmanager
def packing(plans: list[Plan], folder: Path, scratch: Path, every: float = EVERY) -> Iterator[None]:
    """Pack whatever is finished while the block runs, so that a machine that is lost leaves archives; then all."""
    over = threading.Event()

    def watch() -> None:
        known: list[tuple[str, Run]] = []
        while not over.wait(every):
            if (now := finished(plans)) != known:
                pack(plans, folder, scratch, unfinished=False)  # checkpoints come and go
                known = now

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        pack(plans, folder, scratch, unfinished=True)
