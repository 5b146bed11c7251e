"""Reading the snapshots of a training: a method as it translated after so many steps."""

from collections.abc import Iterator
from pathlib import Path

import safetensors.torch
import torch

from insm.networks.method import Method
from insm.networks.model_file import build, part_of, read_info
from insm.support.records import opened


def read_snapshots(path: Path, model: Path, device: torch.device) -> Iterator[tuple[int, Method]]:
    """The points of a file of snapshots in order: the step, and the method as it translated then, on a device.

    Args:
        path: what `training.snapshots` wrote.
        model: a file of the finished model.

    Raises:
        UserError: either has other bytes than its record says.
    """
    opened(path)
    tensors, info = safetensors.torch.load(path.read_bytes()), read_info(model)
    for step in sorted({int(name.partition(".")[0]) for name in tensors}):
        method, weights = build(info, model), part_of(tensors, str(step))
        for name in method.translators:
            own = getattr(method, name).state_dict()
            state = {key: value.to(own[key].dtype) for key, value in part_of(weights, name).items()}
            getattr(method, name).load_state_dict(state)
        yield step, method.to(device).eval()
