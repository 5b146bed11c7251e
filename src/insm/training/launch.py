"""A training of several processes on one machine: torchrun, with an exit status that says how it ended."""

import os
import uuid
from collections.abc import Sequence

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.launcher.api import LaunchConfig, elastic_launch

from insm.training.signals import STOP_CODES


def launch(command: Sequence[str], processes: int) -> int:
    """Run a command once per process; each finds its number and the others in environment variables, as under torchrun.

    Returns:
        0; the status of the first process that failed, 128 and the number of the signal that killed it; or where this
        process got a signal, which those of the command got too, the status of a stopped training (75 is resumed).
        torchrun itself has 1 for all of them.
    """
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # of each process, as torchrun has it
    config = LaunchConfig(
        min_nodes=1, max_nodes=1, nproc_per_node=processes, run_id=str(uuid.uuid4()), rdzv_backend="c10d",
        rdzv_endpoint="localhost:0", max_restarts=0, monitor_interval=0.1,
    )  # fmt: skip
    program, *arguments = command
    try:
        elastic_launch(config, program)(*arguments)
    except SignalException as stopped:
        return STOP_CODES.get(stopped.sigval, 128 + stopped.sigval)
    except ChildFailedError as failed:
        status = int(failed.get_first_failure()[1].exitcode)
        return 128 - status if status < 0 else status
    return 0
