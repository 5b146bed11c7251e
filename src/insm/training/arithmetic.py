"""The arithmetic of a training other than float32 as it comes: keys `precision`, `tf32`, `channels_last`, `compile`."""

import functools

import torch

from insm.config.jobs import BudgetConfig
from insm.training.updates import Updates


def use(updates: Updates, training: BudgetConfig, device: torch.device) -> None:
    """Let updates compute as the keys of a budget say, before their networks are divided or captured.

    Weights, their moments, losses, the weights of Eq. 7 and gradient penalties are float32 in every case.
    """
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = training.tf32
    if training.channels_last:
        updates.method.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if training.precision == "bf16":
        updates.arithmetic = functools.partial(torch.autocast, device.type, torch.bfloat16)
    if training.compile:
        for network in updates.players().values():
            network.compile()
