"""One training on several GPUs: each process holds the whole batch and all losses; networks work on a part of the rows.

A network's input rows are divided among the processes and its output rows gathered, so that losses, the importance
weights and Delta l are those of the whole batch without any change in a method. Batch norm takes its statistics over
all parts. Up to rounding, a training gives what one process gives.

A parameter's gradient is the mean over the processes. Inside a network gradients are N times those of the part, so that
the mean is the whole batch's; what a loss takes from parameters themselves, or from a network that is not divided, is
the same in every process, and so is its mean.
"""

import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import torch
import torch.distributed as dist
import torch.distributed.nn.functional as collectives
from torch import Tensor, nn
from torch.utils._pytree import tree_map_only

from insm.networks.switchable_norm import SwitchableNorm2d
from insm.support.errors import UserError

ENTRIES = ("forward", "encode", "decode", "score", "features")  # what methods call of their networks


class Rows(torch.autograd.Function):
    """This process's part of the rows [B, ...] -> [B / N, ...]; backward gathers the gradient and divides it by N."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x.chunk(dist.get_world_size())[dist.get_rank()].clone()

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return Gathered.apply(grad) / dist.get_world_size()


class Gathered(torch.autograd.Function):
    """All processes' rows [B / N, ...] -> [B, ...]; backward takes N times the gradient of this process's part."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        parts = [torch.empty_like(x, memory_format=torch.contiguous_format) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, x.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return Rows.apply(grad) * dist.get_world_size()


class Processes:
    """The processes that train together; one alone communicates with nobody."""

    def __init__(self) -> None:
        self.number = int(os.environ.get("WORLD_SIZE", 1))
        """How many there are."""
        self.divided = False  # inside a network that works on a part of the rows
        self.together = True  # whether the others do the same now
        if self.number > 1 and not dist.is_initialized():
            dist.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
        self.rank = dist.get_rank() if self.number > 1 else 0

    def device(self, device: torch.device) -> torch.device:
        """The GPU of this process."""
        if self.number == 1 or device.type != "cuda":
            return device
        own = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(own)
        return own

    @property
    def first(self) -> bool:
        """Whether this process writes logs, checkpoints and results."""
        return self.rank == 0

    def divide(self, networks: Collection[nn.Module], batch: int) -> None:
        """Let networks work on a part of the rows from now on.

        Raises:
            UserError: the batch cannot be divided, or a network has statistics of the batch that cannot be shared.
        """
        if self.number == 1:
            return
        if batch % self.number:
            raise UserError(
                f"key training.batch: {batch} images cannot be divided among {self.number} GPUs: choose "
                "a multiple, or lower training.gpus"
            )
        for network in networks:
            for module in network.modules():
                if isinstance(module, SwitchableNorm2d):
                    raise UserError(
                        "key training.gpus: switchable normalisation cannot be divided among GPUs: set it to 1"
                    )
                if isinstance(module, nn.BatchNorm2d):
                    module.forward = self._batch_norm(module, module.forward)  # type: ignore[method-assign]
            for name in ENTRIES:
                if hasattr(network, name):
                    setattr(network, name, self._divided(getattr(network, name)))

    def _divided(self, function: Callable) -> Callable:
        def call(*arguments: Any, **named: Any) -> Any:
            if self.divided or not self.together:
                return function(*arguments, **named)
            rows, named_rows = tree_map_only(Tensor, Rows.apply, (arguments, named))
            self.divided = True
            try:
                result = function(*rows, **named_rows)
            finally:
                self.divided = False
            return tree_map_only(Tensor, Gathered.apply, result)

        return call

    def _batch_norm(self, module: nn.BatchNorm2d, usual: Callable) -> Callable:
        def forward(x: Tensor) -> Tensor:
            if not (self.divided and module.training):
                return usual(x)
            count = self.number * x.numel() // x.shape[1]
            mean = collectives.all_reduce(x.sum((0, 2, 3))) / count
            centred = x - mean[:, None, None]
            var = collectives.all_reduce(centred.square().sum((0, 2, 3))) / count
            if module.running_mean is not None and module.running_var is not None:
                with torch.no_grad():
                    module.running_mean.lerp_(mean, module.momentum or 0.0)
                    module.running_var.lerp_(var * count / (count - 1), module.momentum or 0.0)
                    if module.num_batches_tracked is not None:
                        module.num_batches_tracked += 1
            x = centred / (var + module.eps).sqrt()[:, None, None]
            return x * module.weight[:, None, None] + module.bias[:, None, None]

        return forward

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Inside, networks work on all rows in this process, as one that others do not run beside it must."""
        self.together = False
        try:
            yield
        finally:
            self.together = True

    def mean_gradients(self, network: nn.Module) -> None:
        """Give a network's parameters the mean of their gradients over the processes."""
        if self.number == 1:
            return
        for parameter in network.parameters():
            if parameter.grad is not None:
                dist.all_reduce(parameter.grad)
                parameter.grad /= self.number

    def any(self, flag: bool, device: torch.device) -> bool:
        """Whether it is so in any process; asked by all at the same step."""
        if self.number == 1:
            return flag
        flags = torch.tensor(int(flag), device=device)
        dist.all_reduce(flags, op=dist.ReduceOp.MAX)
        return bool(flags)

    def wait(self) -> None:
        """Wait for all processes."""
        if self.number > 1:
            dist.barrier()
