"""What training and running a network takes, counted before it runs: parameters, multiply-accumulates, memory.

The method's own code makes one training step of each kind on tensors with shapes but no values (torch's "meta" device):
the count follows every option and takes a fraction of a second at any size of image. Labels and random draws are real.
"""

import functools
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from insm.data.batch import Batch
from insm.networks.embedding import EmbeddingConfig, build
from insm.networks.method import METHODS, Method, MethodConfig
from insm.support.runtime import ShapesOnly, generator

Steps = Callable[[Batch], Iterable[tuple[str, Tensor]]]  # a batch -> players with the losses that update them


@dataclass(frozen=True)
class Count:
    """What one training takes."""

    parameters: dict[str, int]  # by player
    updates: dict[str, float]  # by player, per step
    macs: float  # multiply-accumulates per step, forward and backward, of convolutions and matrix products
    activations: int  # bytes kept for backward in the heaviest update
    state: int  # bytes of weights, gradients, two Adam moments, averages, buffers and frozen networks


class Macs(TorchDispatchMode):
    """While active, counts multiply-accumulates, those of backward and double backward too.

    torch's FlopCounterMode gives the same numbers, but follows modules, which a gradient penalty does not survive.
    """

    def __init__(self):
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        result = func(*args, **kwargs)
        if formula := flop_registry.get(func.overloadpacket):
            self.total += formula(*args, **kwargs, out_val=result) // 2
        return result


class Saved(saved_tensors_hooks):
    """While active, knows the tensors that graphs keep for backward.

    Args:
        besides: tensors that are counted elsewhere, such as parameters.
    """

    def __init__(self, besides: Iterable[Tensor] = ()):
        self.besides = {storage_of(tensor) for tensor in besides}
        self.kept: weakref.WeakSet[Kept] = weakref.WeakSet()
        super().__init__(self._keep, lambda kept: kept.tensor)

    def _keep(self, tensor: Tensor) -> "Kept":
        kept = Kept(tensor)
        self.kept.add(kept)
        return kept

    def bytes(self) -> int:
        """Size of what is kept now, each storage once: views share theirs."""
        sizes = {storage_of(kept.tensor): kept.tensor.untyped_storage().nbytes() for kept in self.kept}
        return sum(size for storage, size in sizes.items() if storage not in self.besides)


class Kept:
    """A saved tensor held by its graph: it goes when the graph goes."""

    def __init__(self, tensor: Tensor):
        self.tensor = tensor


def storage_of(tensor: Tensor) -> int:
    """A number that tensors of one storage share."""
    return tensor.untyped_storage()._cdata


@contextmanager
def shapes_only() -> Iterator[None]:
    """Inside, tensors are made without values, on the device "meta"."""
    with ShapesOnly(), torch.device("meta"):
        yield


def count(
    whole: nn.Module,
    players: dict[str, nn.Module],
    steps: Steps,
    batches: Iterable[tuple[Batch, float]],
    averages: int = 0,
) -> Count:
    """Make training steps and count.

    Args:
        whole: everything that is held in memory, the players among it.
        players: the networks that are trained, by name.
        steps: makes the losses of a batch.
        batches: one for each kind of step, with the fraction of all steps that are of this kind.
        averages: bytes of moving averages.
    """
    saved, heaviest, total = Saved(whole.parameters()), 0, 0.0
    updates: dict[str, float] = defaultdict(float)
    for batch, fraction in batches:
        with Macs() as macs, saved:
            for player, loss in steps(batch):
                heaviest = max(heaviest, saved.bytes())
                players[player].zero_grad(set_to_none=True)
                loss.backward()
                updates[player] += fraction
        total += fraction * macs.total
    parameters = {name: sum(p.numel() for p in network.parameters()) for name, network in players.items()}
    trained = sum(p.nbytes for network in players.values() for p in network.parameters())
    return Count(
        parameters=parameters,
        updates={name: updates[name] for name in players},
        macs=total,
        activations=heaviest,
        state=size_of(whole) + 3 * trained + averages,
    )


def forward(compute: Callable[[], object]) -> int:
    """Multiply-accumulates of a computation that keeps no graph."""
    with torch.no_grad(), Macs() as macs:
        compute()
    return macs.total


def size_of(network: nn.Module) -> int:
    """Bytes of the parameters and buffers."""
    return sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))


def labels_of(batch: int, n_attr: int) -> Tensor:
    """Labels [B, A], all attributes 0 and all attributes 1 by turns."""
    return (torch.arange(batch) % 2).float()[:, None].repeat(1, n_attr)


def meta_images(batch: int, size: int) -> Tensor:
    """[B, 3, S, S] without values."""
    return torch.empty(batch, 3, size, size, device="meta")


def meta_batch(method: Method, size: int, batch: int, n_attr: int, paired: bool, step: int) -> Batch:
    """A batch of a method's step without values, which has drawn its random numbers for real."""
    source = labels_of(batch, n_attr)
    draws = method.draws(source, 1 - source, step, generator(0, step))
    return Batch(
        image=meta_images(batch, size),
        source=source.to("meta"),
        target=source.to("meta"),
        partner=meta_images(batch, size) if paired else None,
        draws={name: value.to("meta") for name, value in draws.items()},
        step=step,
    )


def count_training(
    config: MethodConfig, n_attr: int, size: int, batch: int, paired: bool, embedding: EmbeddingConfig
) -> Count:
    """Count the training of a method on batches of `batch` images of `size` px with `n_attr` attributes."""
    return _count_training(
        _with_defaults(config, "optimiser", "updates_factor"), n_attr, size, batch, paired, embedding
    )


@functools.lru_cache(maxsize=1024)
def _count_training(
    config: MethodConfig, n_attr: int, size: int, batch: int, paired: bool, embedding: EmbeddingConfig
) -> Count:
    with shapes_only():
        embed = None
        if config.needs_embedding:
            embed = build(embedding, n_attr, size).eval().requires_grad_(False)
        method: Method = METHODS.load(config.method).Method(config, n_attr, size, embed)

    def steps(batch: Batch) -> Iterator[tuple[str, Tensor]]:
        for player, losses, _ in method.steps(batch):
            yield player, config.objective(losses)

    batches = (
        (meta_batch(method, size, batch, n_attr, paired, step), fraction) for step, fraction in config.schedule.items()
    )
    averages = sum(size_of(getattr(method, name)) for name in method.translators) if config.ema else 0
    return count(method, {name: getattr(method, name) for name in method.players}, steps, batches, averages)


REFERENCE = 256, 2  # size and batch at which methods are compared


def relative_cost(config: MethodConfig) -> float:
    """Multiply-accumulates of one step, relative to those of a plain conditional GAN (INIT without AIW and MST).

    Both are counted with the methods' default networks at 256 px, for ten attributes (for one where a method knows no
    labels), so that methods whose networks a study makes smaller keep their costs relative to each other.
    """
    plain = METHODS.load("init").Config(method="init", aiw={"enabled": False}, mst={"hops": 1})
    return _macs(_with_defaults(config, "generator", "discriminator")) / _macs(plain)


def _macs(config: MethodConfig) -> float:
    n_attr, (size, batch) = 1 if config.two_domains else 10, REFERENCE
    return count_training(config, n_attr, size, batch, paired=True, embedding=EmbeddingConfig()).macs


def _with_defaults(config: MethodConfig, *names: str) -> MethodConfig:
    """The configuration with those of its fields that it has as they are by default."""
    fields = type(config).model_fields
    return config.model_copy(update={name: fields[name].default for name in names if name in fields})
