"""What a method is: loss terms by name for each of its networks, and a translation."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, NamedTuple

import torch
from pydantic import Field, NonNegativeFloat, PositiveFloat, ValidationError
from torch import Tensor, nn

from insm.data.batch import Batch
from insm.losses.gan import l1, total
from insm.networks.optimiser import OptimiserConfig
from insm.support.errors import UserError, located
from insm.support.registry import Registry
from insm.support.schema import Section, explain

Losses = dict[str, Tensor]
Players = tuple[str, ...]


class Task(NamedTuple):
    """What a method can know of its task before any job runs."""

    dataset: str  # its name
    n_attr: int  # A, attributes
    paired: bool  # whether every image has its true partner in the other domain
    batch: int  # B, images per step
    sampling: str  # key training.sampling


class Update(NamedTuple):
    """The update of one network in a training step."""

    player: str  # which network: a submodule of the method
    losses: Losses  # unweighted scalars by term; minimised is the sum of `config.weight(term) * losses[term]`
    logged: Losses = {}  # scalars for the log alone


class MethodConfig(Section):
    """What every method's configuration holds."""

    unit_terms: ClassVar[frozenset[str]] = frozenset()
    """Loss terms of weight 1; every other term has a field `lambda_<term>`."""
    two_domains: ClassVar[bool] = False
    """Whether the method knows no labels, only the two values of a single attribute."""

    method: str
    """Module in insm/methods that implements it."""
    optimiser: OptimiserConfig = OptimiserConfig()
    """Adam, with equal settings for every network."""
    updates_factor: PositiveFloat = 1.0
    """Length of this run relative to the task's number of updates; 2 doubles it (ablation (e) at double length)."""
    ema: NonNegativeFloat = Field(0.0, lt=1)
    """Decay, per update, of a moving average of the translating networks' weights, which replaces them at the end; 0 is
    off."""

    def weight(self, term: str) -> float:
        """Weight of a loss term: the field `lambda_<term>`, or 1 for those of `unit_terms`.

        Raises:
            KeyError: neither.
        """
        if term in self.unit_terms:
            return 1.0
        if f"lambda_{term}" not in type(self).model_fields:
            raise KeyError(f"{self.method}: loss term {term!r} has no field lambda_{term} and is not in unit_terms")
        return getattr(self, f"lambda_{term}")

    def check(self, task: Task) -> None:
        """Refuse a task that this configuration cannot learn; a study is checked before any of its jobs runs.

        Raises:
            UserError: what is missing, and the key that mends it.
        """
        if getattr(self, "lambda_l1", 0) > 0 and not task.paired:
            raise UserError(
                f"lambda_l1 compares with true partners, but {task.dataset} has no pairs: "
                "set lambda_l1 to 0, or choose a paired dataset"
            )

    def objective(self, losses: Losses) -> Tensor:
        """What an update minimises: the weighted sum of unweighted loss terms."""
        return total(self.weight(term) * value for term, value in losses.items())

    @property
    def needs_embedding(self) -> bool:
        """Whether training uses phi, and so waits for its pretraining."""
        return False

    @property
    def translates_to(self) -> tuple[int, ...]:
        """Values of the attribute of a two-domain task that the model translates to; only those are evaluated."""
        return (0, 1)

    @property
    def intensity(self) -> float | None:
        """Factor on edited attributes in translation, printed beside every result; None for methods without one."""
        return None

    @property
    def fakes_per_step(self) -> int:
        """Generated images that a step trains on, as multiples of the batch: those that the discriminator sees.

        Images that are only compared with a given one (cycles, reconstructions) do not count.
        """
        return 1

    @property
    def schedule(self) -> dict[int, float]:
        """The kinds of training steps: number of a step of each kind -> fraction of all steps that are of this kind."""
        return {0: 1.0}

    def kind(self, step: int) -> int:
        """The number in `schedule` of the step that this one is like: the same updates, tensors of the same shapes."""
        return 0

    @property
    def generator_updates_per_step(self) -> float:
        """Updates of the generator per step: 1/5 where the discriminator gets five for each of them."""
        return 1.0

    @property
    def relative_cost(self) -> float:
        """Multiply-accumulates of a step, relative to a plain conditional GAN's (`networks.counting`)."""
        from insm.networks.counting import relative_cost  # it builds methods

        return relative_cost(self)


class Method(nn.Module):
    """Base class. A subclass is called `Method` in its module, its configuration `Config`.

    A player is a submodule with its own optimiser; `players` names them. The trainer does for every batch

        for player, losses, logged in method.steps(batch):
            loss = sum of config.weight(term) * losses[term];  backward;  step the player's optimiser

    so `steps` reads like the paper's algorithm, and may yield players in any order and as often as it needs; a player
    that is updated every few steps only looks at `batch.step`. A step draws no random numbers and reads no tensor's
    values in Python: what is random comes in `batch.draws`, made by `draws` before the step. So equal batches give
    equal updates, and a step can be captured as a CUDA graph. Everything that resuming needs beside the optimisers is
    in `state_dict()`: an image pool is a submodule with a buffer.
    """

    players: ClassVar[Players] = ("discriminator", "generator")
    translators: ClassVar[Players] = ("generator",)  # the players that `translate` uses
    reconstructs: ClassVar[bool] = True  # whether there is a G(x, a): a translation to the image's own labels a

    def __init__(self, config: MethodConfig, n_attr: int, size: int, embed: nn.Module | None = None):
        """Build networks for A = `n_attr` attributes and S = `size` px; `embed` is frozen phi: [B, 3, S, S] -> [B, E].

        Raises:
            UserError: the networks do not fit the size, or the method does not fit the number of attributes.
        """
        super().__init__()
        if config.two_domains and n_attr != 1:
            raise UserError(
                f"{config.method} translates between two domains, but the dataset has {n_attr} attributes: "
                "remove it from this task's methods, or choose a dataset of one attribute"
            )
        self.config = config

    def draws(self, source: Tensor, target: Tensor, step: int, rng: torch.Generator) -> dict[str, Tensor]:
        """Everything that `steps` needs and must not decide itself: random numbers, and indices that depend on labels.

        Args:
            source, target: labels of the batch, float [B, A] in {0, 1} on the CPU.
            step: number of the step, from 0.
            rng: CPU generator of this step.

        Returns:
            CPU tensors by name, a function of the arguments alone; `Batch.draws` holds them on the device.
        """
        return {}

    def steps(self, batch: Batch) -> Iterator[Update]:
        """The updates of one training step, in order."""
        raise NotImplementedError

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        """Images [B, 3, S, S] in [-1, 1] and labels [B, A] -> translated images [B, 3, S, S] in [-1, 1]."""
        raise NotImplementedError

    def paired_l1(self, translated: Tensor, batch: Batch) -> Losses:
        """{"l1": |G(x, b) - y|} where the task has pairs and `lambda_l1` a weight for it, else nothing."""
        if getattr(self.config, "lambda_l1", 0) > 0 and batch.truth is not None:
            return {"l1": l1(translated, batch.truth)}
        return {}


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Losses computed inside do not reach `module`'s parameters (gradients still flow through it to its input)."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)


METHODS = Registry("methods", "method")


def method_config(variant: dict[str, Any], key: str) -> MethodConfig:
    """Validate a method's settings, found at `key` of a file.

    Raises:
        UserError: no or an unknown `method`, or a key that its Config refuses.
    """
    if "method" not in variant:
        raise UserError(f"key {key}: names no `method`: choose from {', '.join(METHODS.names())}")
    with located(f"key {key}.method"):
        config = METHODS.load(variant["method"]).Config
    try:
        return config.model_validate(variant)
    except ValidationError as error:
        raise UserError(explain(error, config, f"{key}.")) from None
