"""What a study's networks need, counted before they run: parameters, multiply-accumulates, memory.

The job's own code makes the steps of one cycle of its schedule on fake tensors, which have shapes but no values, so the
count follows every option of a method and takes a second at any size of image. Labels and random draws are real.
"""

import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from insm.config.study import TaskConfig
from insm.data.batch import Batch
from insm.data.dataset import load_dataset
from insm.networks.classifier import Classifier, ClassifierConfig
from insm.networks.embedding import EmbeddingConfig, build, small_vgg
from insm.networks.method import METHODS, MethodConfig
from insm.support.runtime import generator
from insm.training.pretraining import attribute_loss, identity_loss

Steps = Callable[[Batch], Iterator[tuple[str, Tensor]]]  # a batch -> players with the losses that update them


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
        besides: tensors that have their room already, such as parameters.
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
    """A saved tensor in its graph's hands: it goes when the graph goes."""

    def __init__(self, tensor: Tensor):
        self.tensor = tensor


def storage_of(tensor: Tensor) -> int:
    """A number that tensors of one storage share."""
    return tensor.untyped_storage()._cdata


def count_method(config: MethodConfig, task: TaskConfig) -> Count:
    """Count a run of a method at the size and batch of its task."""
    dataset, size, method_class = load_dataset(task.data.dataset), task.data.size, METHODS.load(config.method).Method
    n_attr = len(dataset.attributes)
    with fake():
        needed = method_class.needs_embedding(config)
        embed = build(task.embedding, n_attr, size).eval().requires_grad_(False) if needed else None
        method = method_class(config, n_attr, size, embed)

    def steps(batch: Batch) -> Iterator[tuple[str, Tensor]]:
        for player, losses in method.steps(batch):
            yield player, sum(config.weight(name) * value for name, value in losses.items())

    cycle = Fraction(method_class.generator_updates_per_step(config)).limit_denominator(1000).denominator
    batches = (fake_batch(task.training.batch, size, n_attr, dataset.paired, step) for step in range(cycle))
    averages = sum(size_of(getattr(method, name)) for name in method.translators) if config.ema else 0
    return count(method, {name: getattr(method, name) for name in method.players}, steps, batches, averages)


def count_judge(config: ClassifierConfig | EmbeddingConfig, task: TaskConfig) -> Count:
    """Count the training of a task's classifier or phi."""
    n_attr, size = len(load_dataset(task.data.dataset).attributes), task.data.size
    identity = isinstance(config, EmbeddingConfig) and config.objective == "identity"
    with fake():
        network = small_vgg(config, n_attr, size) if isinstance(config, EmbeddingConfig) else Classifier(n_attr)
    batch = fake_batch(config.batch, size, n_attr)
    sampler = lambda step: batch  # noqa: E731
    loss = identity_loss(network.features, sampler, seed=0) if identity else attribute_loss(network, sampler)
    return count(network, {"network": network}, lambda batch: iter([("network", loss(batch.step))]), iter([batch]))


def count_translation(config: MethodConfig, task: TaskConfig) -> float:
    """Multiply-accumulates of a finished model for each test image and attribute, the mean over both values of the attributes."""
    n_attr, size, method_class = (
        len(load_dataset(task.data.dataset).attributes),
        task.data.size,
        METHODS.load(config.method).Method,
    )
    with fake():
        method = method_class(config, n_attr, size).eval()
    batch = fake_batch(2, size, n_attr)
    return forward(lambda: method.translate(batch.image, batch.source, batch.target)) / 2


def count_judgement(task: TaskConfig) -> int:
    """Multiply-accumulates of the finished classifier for one image."""
    return _one_image(task, lambda n_attr, size: Classifier(n_attr))


def count_recognition(task: TaskConfig) -> int:
    """Multiply-accumulates of the finished identity_encoder for one image."""
    return _one_image(task, lambda n_attr, size: build(task.identity_encoder, n_attr, size))


def _one_image(task: TaskConfig, make: Callable[[int, int], nn.Module]) -> int:
    """Multiply-accumulates of the network that `make` makes for a task's attributes and size."""
    n_attr, size = len(load_dataset(task.data.dataset).attributes), task.data.size
    with fake():
        network = make(n_attr, size).eval()
    return forward(lambda: network(fake_batch(1, size, n_attr).image))


def forward(compute: Callable[[], Tensor]) -> int:
    """Multiply-accumulates of a computation that keeps no graph."""
    with torch.no_grad(), Macs() as macs:
        compute()
    return macs.total


def count(
    whole: nn.Module, players: dict[str, nn.Module], steps: Steps, batches: Iterator[Batch], averages: int = 0
) -> Count:
    """Train on the batches and count.

    Args:
        whole: everything that is held in memory, the players among it.
        players: the networks that are trained, by name.
        steps: makes the losses of a batch, as `Method.steps`.
        batches: one cycle of the schedule.
        averages: bytes of moving averages.
    """
    macs, saved, updates, heaviest, length = Macs(), Saved(whole.parameters()), Counter(), 0, 0
    with macs, saved:
        for batch in batches:
            length += 1
            for player, loss in steps(batch):
                heaviest = max(heaviest, saved.bytes())
                players[player].zero_grad(set_to_none=True)
                loss.backward()
                updates[player] += 1
    parameters = {name: sum(p.numel() for p in network.parameters()) for name, network in players.items()}
    trained = sum(p.nbytes for network in players.values() for p in network.parameters())
    return Count(
        parameters=parameters,
        updates={name: updates[name] / length for name in players},
        macs=macs.total / length,
        activations=heaviest,
        state=size_of(whole) + 3 * trained + averages,
    )


def fake() -> FakeTensorMode:
    """Inside, tensors are made without values; outside, these may meet real ones."""
    return FakeTensorMode(allow_non_fake_inputs=True)


def fake_batch(batch: int, size: int, n_attr: int, paired: bool = False, step: int = 0) -> Batch:
    """Images without values; labels with all attributes 0 and all attributes 1 by turns, and their opposites as targets."""
    with fake():
        image, partner = (torch.empty(batch, 3, size, size) for _ in range(2))
    source = (torch.arange(batch) % 2).float()[:, None].repeat(1, n_attr)
    return Batch(image, source, 1 - source, partner if paired else None, generator(0, step), step)


def size_of(network: nn.Module) -> int:
    """Bytes of the parameters and buffers."""
    return sum(tensor.nbytes for tensor in (*network.parameters(), *network.buffers()))
