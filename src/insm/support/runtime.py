"""Where and how torch computes: device, one thread, the same attributes every time."""

import os

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from insm.support.errors import UserError


def setup(device: str) -> torch.device:
    """Choose the device ("auto", "cpu", "cuda") and make torch deterministic on one thread.

    Raises:
        UserError: another device was named; or torch sees no GPU, but "cuda" was named or SLURM gave one to this job.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise UserError(f"key device: {device!r} is none of auto, cpu, cuda")
    if device == "cuda" and not torch.cuda.is_available():
        raise UserError(
            "key device: 'cuda' but torch sees no GPU: use 'auto' or 'cpu', or install a CUDA build of torch"
        )
    if device == "auto" and allotted() and not torch.cuda.is_available():
        raise UserError(
            f"this job was given GPU {allotted()}, but torch sees none: install a CUDA build of torch, check with "
            "`insm doctor --slurm`, or set key device to cpu"
        )
    torch.set_num_threads(1)  # two jobs with two threads each are tens of times slower than with one
    torch.backends.cudnn.deterministic = True
    torch.backends.cudnn.benchmark = False
    return torch.device("cuda" if device != "cpu" and torch.cuda.is_available() else "cpu")


def allotted() -> str:
    """The GPUs that SLURM gave to the job of this process; empty outside of jobs."""
    devices = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    return devices if "SLURM_JOB_ID" in os.environ and devices not in ("-1", "NoDevFiles") else ""


def seed_sequence(*key: int) -> int:
    """One 63-bit seed from a key such as (seed, step), each below 2**32: different keys give unrelated streams."""
    return int(np.random.SeedSequence((len(key), *key)).generate_state(1, np.uint64)[0] >> 1)


def generator(*key: int) -> torch.Generator:
    """A CPU random generator for the key."""
    return torch.Generator().manual_seed(seed_sequence(*key))


class ShapesOnly(TorchFunctionMode):
    """While active, networks are built at once on torch's "meta" device, whose tensors have shapes but no numbers.

    Draws from a normal distribution do nothing: for them torch would import its Python reference implementations, which
    takes 3 seconds.
    """

    def __torch_function__(self, function, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if function.__name__ == "normal_":  # the tensor's own or that of torch.nn.init
            return args[0] if args else kwargs["tensor"]
        return function(*args, **kwargs)


def initial_seed(seed: int) -> int:
    """Seed of the networks' initial weights for a run."""
    return seed_sequence(seed, 2**31)
