"""What minutes on one GPU can settle: called by gpu.sh, which says how.

1. checks.json: recorded steps against eager ones, and bf16 against fp32, for every method
2. timings.json: ms a step, images/s and TFLOP/s of every method, size and arithmetic, the most important first
3. peers.json: rounds of steps beside research code of which a checkout was given
4. the trainings of studies, by `insm train`: blocks first, then seeds; results are in the studies' folders
5. part-1.tar ... part-4.tar, as runs finish: of those the translating networks in half precision, model.json and
   log.csv; at the end also of others the newest checkpoint; packed.json says what is where and what did not fit

What stands in a file is not measured again, unless it is an error.
"""

import argparse
import itertools
import sys
import tempfile
import time
from pathlib import Path

from insm.commands.train import plan_from, train  # before torch: it sets how torch computes

# isort: split
from measuring import MODES, beside_peer, check, measured, timing
from packing import packing
from peers import PEERS
from stepping import PAPERS, SMALL

from insm.support.errors import UserError
from insm.support.files import write_json
from insm.support.memory import give_back
from insm.support.runtime import setup

PACKING = 20  # seconds kept for it
STUDIES = ["config/gpu.yaml"]  # not config/evidence.yaml, which is registered as one of CPUs


def main() -> int:
    """Returns an exit status: 1 where a training failed."""
    arguments, peers = parsed()
    began = time.monotonic()
    ends = began + 60 * arguments.minutes - PACKING
    folder, device = arguments.output, arguments.device
    setup(device)  # refuses one that is not there
    folder.mkdir(parents=True, exist_ok=True)
    plans = [plan_from(study) | {"device": device} for study in arguments.study]
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        shared = {"batch": arguments.batch, "device": device}
        log = scratch / "log"

        def stop(seconds: float) -> float:
            return min(ends, time.monotonic() + seconds)

        checked = shared | {"size": min(arguments.sizes), "steps": arguments.compared}
        measured(folder / "checks.json", check, arguments.methods, checked, log, stop(arguments.check_seconds))
        keys = [
            f"{method}, {size} px, {mode}"
            for size, mode, method in itertools.product(arguments.sizes, MODES, arguments.methods)
        ]
        each = shared | {"seconds": arguments.time_seconds / len(keys) / 2}
        measured(folder / "timings.json", timing, keys, each, log, stop(arguments.time_seconds))
        keys = [f"{method}, {arguments.peer_size} px" for method in peers]
        beside = shared | {"paths": peers, "rounds": 3}
        measured(folder / "peers.json", beside_peer, keys, beside, log, stop(arguments.peer_seconds))
        failed = False
        with packing(plans, folder, scratch / "half"):
            for plan in plans:
                if time.monotonic() < ends:
                    file = scratch / f"{plan['name']}.json"
                    write_json(file, plan)
                    failed |= not trained(file, (ends - time.monotonic()) / 60, arguments.parallel, device)
    print(f"results: {folder.resolve()}, after {time.monotonic() - began:.0f} s", flush=True)
    return int(failed)


def trained(plan: Path, minutes: float, parallel: int | None, device: str) -> bool:
    """Train the runs of a plan while there is time -> whether none failed."""
    give_back()
    try:
        train(plan, minutes=minutes, parallel=parallel, order="seeds", device=device)
    except SystemExit:
        pass  # time is over: everything is saved
    except UserError as error:
        print(f"error: {error}", file=sys.stderr, flush=True)
        return False
    return True


def parsed() -> tuple[argparse.Namespace, dict[str, str]]:
    """The arguments, and the checkouts of research code by method."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--study", nargs="+", type=Path, default=[*map(Path, STUDIES)], help=".yaml, or a plan, .json")
    parser.add_argument("--output", type=Path, default=Path("gpu-results"))
    parser.add_argument("--device", default="auto", help="cpu: a rehearsal")
    parser.add_argument("--methods", nargs="+", choices=list(SMALL), default=list(SMALL))
    parser.add_argument("--sizes", nargs="+", type=int, default=[32, 256, 128, 64], help="pixels")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--compared", type=int, default=200, help="steps of a check")
    parser.add_argument("--check-seconds", type=float, default=40)
    parser.add_argument("--time-seconds", type=float, default=90)
    parser.add_argument("--peer", nargs="*", default=[], metavar="METHOD=PATH", help="checkouts of research code")
    parser.add_argument("--peer-size", type=int, default=PAPERS)
    parser.add_argument("--peer-seconds", type=float, default=90)
    parser.add_argument("--parallel", type=int, help="trainings at once")
    arguments = parser.parse_args()
    peers = dict(pair.split("=", 1) for pair in arguments.peer)
    if unknown := ", ".join(peers.keys() - PEERS.keys()):
        parser.error(f"--peer: no adapter for {unknown}: choose from {', '.join(PEERS)}")
    return arguments, peers


if __name__ == "__main__":
    sys.exit(main())
