"""The arithmetic of a training other than float32 as it comes: keys `precision`, `tf32`, `channels_last`, `compile`."""

import functools
import os

import torch
from torch import nn

from insm import DETERMINISTIC_CPU
from insm.config.jobs import BudgetConfig
from insm.support.errors import UserError
from insm.training.updates import Updates

ISA = "ONEDNN_MAX_CPU_ISA"
PINNED = DETERMINISTIC_CPU[ISA]  # which has no instructions for bf16: emulated, it takes 14 times as long as fp32


def begin(training: BudgetConfig, device: torch.device) -> None:
    """Choose the instructions that a run needs, before this process computes anything: its networks' weights too.

    Raises:
        UserError: bf16 on a processor that has no instructions for it, or in a process that began without them.
    """
    if training.precision == "bf16" and device.type == "cpu":
        allow_bf16()


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
        for name in updates.method.translators:  # gradient penalties differentiate the others twice, which it cannot
            compile_network(getattr(updates.method, name))


def compile_network(network: nn.Module) -> None:
    """Compile what a training step calls of a network: itself, each one of a list, or two halves that work apart."""
    if isinstance(network, nn.ModuleList):  # never called itself
        for member in network:
            member.compile()
        return
    network.compile()
    for half in ("encode", "decode"):  # their calls do not pass through the network's own
        if hasattr(network, half):
            setattr(network, half, torch.compile(getattr(network, half)))


def allow_bf16() -> None:
    """Let oneDNN use this processor's instructions for bf16; it looks once, before its first product of matrices.

    Raises:
        UserError: the processor has none, or oneDNN has looked already.
    """
    if not (torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()):
        raise UserError("key training.precision: this processor has no instructions for bf16: use fp32, or a GPU")
    if os.environ.get(ISA) == PINNED:
        os.environ[ISA] = "DEFAULT"
    if not computes_bf16():
        raise UserError(
            "key training.precision: bf16 would be emulated, since this process has computed in fp32 before, or since "
            f"{ISA} is {os.environ.get(ISA)!r}: train it in a process of its own, without {ISA}"
        )


def computes_bf16() -> bool:
    """Whether oneDNN computes bf16 with instructions for it, as it will until this process ends."""
    return torch.ops.mkldnn._is_mkldnn_bf16_supported()
