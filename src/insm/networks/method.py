"""What a method is: named loss terms for each player, and a translation."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field, NonNegativeFloat, PositiveFloat
from torch import Tensor, nn

from insm.data.batch import Batch
from insm.losses.gan import l1
from insm.support.errors import UserError
from insm.support.registry import Registry
from insm.support.schema import Section

Losses = dict[str, Tensor]
Players = tuple[str, ...]
PLAIN_GMAC = 146
"""1e9 multiply-accumulates, forward and backward, that a step of the plain conditional GAN (INIT's ablation (e)) takes
for each image of its batch, at 256 px with 10 attributes: the unit of `Method.relative_cost`."""


class Task(NamedTuple):
    """What a method can know of its task before any job runs."""

    dataset: str  # its name
    n_attr: int  # A, attributes
    paired: bool  # whether every image has its true partner in the other domain
    batch: int  # B, images per step
    sampling: str  # key training.sampling


class OptimiserConfig(Section):
    """Adam for one player."""

    lr: PositiveFloat = 1e-4
    """Learning rate."""
    lr_decay: Literal["none", "linear", "tenth", "released"] = "none"
    """"none" stays; the others start at half of the run: "linear" falls to 0, "tenth" drops to a tenth, "released"
    does what StarGAN's released code does: 100 drops of 1e-5 of the rate. A quirk of one method, it is here since
    schedules are values of a key, not code of methods."""
    beta1: NonNegativeFloat = 0.5
    """Decay of the first moment."""
    beta2: NonNegativeFloat = 0.999
    """Decay of the second moment."""

    def rate(self, step: int, total: int) -> float:
        """Learning rate of a step (from 0) in a run of `total` steps."""
        late = max(0.0, 2 * step / total - 1)  # 0 in the first half, 1 at the end
        match self.lr_decay:
            case "none":
                return self.lr
            case "linear":
                return self.lr * (1 - late)
            case "tenth":
                return self.lr if step < total / 2 else self.lr / 10
            case "released":
                return self.lr * (1 - math.floor(100 * late) * 1e-5)


class MethodConfig(Section):
    """What every method's configuration holds."""

    method: str
    """Module in insm/methods that implements it."""
    optimiser: OptimiserConfig = OptimiserConfig()
    """Adam, the same for every player."""
    updates_factor: PositiveFloat = 1.0
    """Length of this run relative to the task's number of updates; 2 doubles it (ablation (e) at double length)."""

    ema: NonNegativeFloat = Field(0.0, lt=1)
    """Decay, per update, of a moving average of the translating networks' weights, which replaces them at the end; 0 is
    off."""

    def weight(self, term: str) -> float:
        """lambda of a loss term: the field `lambda_<term>`, 1 where there is none."""
        return getattr(self, f"lambda_{term}", 1.0)


class Method(nn.Module):
    """Base class. A subclass is called `Method` in its module, its configuration `Config`.

    A player is a submodule with its own optimiser; `players` names them. The trainer does for every batch

        for player, losses in method.steps(batch):
            loss = sum of config.weight(term) * losses[term];  backward;  step the player's optimiser

    so `steps` reads like the paper's algorithm, and may yield players in any order and as often as it needs; a player
    that is updated every few steps only looks at `batch.step`. Everything that resuming needs beside the optimisers
    is in `state_dict()`: an image pool is a submodule with buffers.
    """

    players: ClassVar[Players] = ("discriminator", "generator")
    translators: ClassVar[Players] = ("generator",)  # the players that `translate` uses

    def __init__(self, config: MethodConfig, n_attr: int, size: int, embed: nn.Module | None = None):
        """Build networks for A = `n_attr` attributes and S = `size` px; `embed` is the frozen phi: [B, 3, S, S] -> [B, E]."""
        super().__init__()
        self.config = config
        self.diagnostics: Losses = {}  # scalars worth logging that are no losses

    def steps(self, batch: Batch) -> Iterator[tuple[str, Losses]]:
        """Yield (player, its named unweighted scalar losses) in update order."""
        raise NotImplementedError

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        """Images [B, 3, S, S] in [-1, 1] and labels [B, A] -> translated images [B, 3, S, S] in [-1, 1]."""
        raise NotImplementedError

    def paired_l1(self, translated: Tensor, batch: Batch) -> Losses:
        """{"l1": |G(x, b) - y|} where the task has pairs and `lambda_l1` a weight for it, else nothing."""
        if self.config.lambda_l1 > 0 and batch.truth is not None:
            return {"l1": l1(translated, batch.truth)}
        return {}

    @classmethod
    def check(cls, config: MethodConfig, task: Task) -> None:
        """Refuse a task that this configuration cannot learn; a study is checked before any of its jobs runs.

        Raises:
            UserError: what is missing, and the key that mends it.
        """
        if getattr(config, "lambda_l1", 0) > 0 and not task.paired:
            raise UserError(
                f"lambda_l1 compares with true partners, but {task.dataset} has no pairs: "
                "set lambda_l1 to 0, or choose a paired dataset"
            )

    @classmethod
    def needs_embedding(cls, config: MethodConfig) -> bool:
        """Whether this configuration uses phi (and so must wait for its pretraining)."""
        return False

    @classmethod
    def translates_to(cls, config: MethodConfig) -> tuple[int, ...]:
        """Values of the only attribute of a two-domain task that this configuration translates to; only those are judged."""
        return (0, 1)

    @classmethod
    def intensity(cls, config: MethodConfig) -> float | None:
        """Factor on the edits asked for in translation, told beside every result; None for methods without one."""
        return None

    @classmethod
    def fakes_per_step(cls, config: MethodConfig) -> int:
        """Generated images that a step trains on, as multiples of the batch: those that the discriminator judges.

        Images that are only compared with a given one (cycles, reconstructions) do not count.
        """
        return 1

    @classmethod
    def generator_updates_per_step(cls, config: MethodConfig) -> float:
        """Updates of the generator per step: 1/5 where the discriminator gets five for each of them."""
        return 1.0

    @classmethod
    def relative_cost(cls, config: MethodConfig) -> float:
        """Multiply-accumulates of one step for each image of the batch, the mean over the schedule, in PLAIN_GMAC.

        Counted with the default networks at 256 px (a test compares), for the options that change what a step does.
        """
        return 1.0


def require_two_domains(config: MethodConfig, n_attr: int) -> None:
    """For methods that know no labels, only two domains: the values of one attribute.

    Raises:
        UserError: any other number of attributes.
    """
    if n_attr != 1:
        raise UserError(
            f"{config.method} translates between two domains, but the dataset has {n_attr} attributes: "
            "remove it from this task's methods, or choose a dataset of one attribute"
        )


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Losses computed inside do not reach `module`'s parameters (gradients still flow through it to its input)."""
    module.requires_grad_(False)
    try:
        yield
    finally:
        module.requires_grad_(True)


METHODS = Registry("methods", "method")
