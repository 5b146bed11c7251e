"""RelGAN (Lin et al., ICCV 2019): the generator gets the change of attributes, not the target attributes.

Constants are those of the authors' released code; v = b - a is the relative attribute vector in {-1, 0, 1}.
"""

from collections.abc import Iterator
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import NonNegativeFloat
from torch import Tensor, nn

from insm.data.batch import Batch
from insm.losses.gan import gradient_penalty, l1, least_squares, penalty_places, per_sample
from insm.networks.blocks import in_one_pass, initialise
from insm.networks.method import Losses, MethodConfig, Task, Update, frozen
from insm.networks.method import Method as BaseMethod
from insm.networks.optimiser import OptimiserConfig
from insm.networks.relgan_discriminator import DiscriminatorConfig, RelGANDiscriminator
from insm.networks.resnet_generator import GeneratorConfig, ResnetGenerator, instance_norm
from insm.networks.switchable_norm import SwitchableNorm2d
from insm.support.errors import UserError

NORMS = {"switchable": SwitchableNorm2d, "in": instance_norm}


class Config(MethodConfig):
    """RelGAN; the defaults are the released ones, at 128 and 256 px."""

    unit_terms: ClassVar[frozenset[str]] = frozenset(
        {"real", "fake", "match_real", "match_fake", "match_wrong", "adv", "match"}
    )

    optimiser: OptimiserConfig = OptimiserConfig(lr=5e-5)
    """Adam; the released code's rate (its notes say 1e-5), which is constant in effect."""
    generator: GeneratorConfig = GeneratorConfig(first_norm="in", init="he")
    """Networks: generator; its convolutions have biases, and a `first_norm` of "in" means `norm`."""
    norm: Literal["switchable", "in"] = "switchable"
    """Normalisation in the generator."""
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    """Networks: discriminator."""
    wrong_triples: Literal["all", "checked"] = "all"
    """Wrong triples for D: all, or only those whose vector really is wrong, which matters where few labels exist."""
    lambda_gp: NonNegativeFloat = 150.0
    """Weight of the gradient penalty."""
    lambda_interp_d: NonNegativeFloat = 10.0
    """Weight of the discriminator's estimate of the interpolation degree."""
    lambda_interp: NonNegativeFloat = 10.0
    """Weight of the generator's interpolation loss."""
    lambda_cyc: NonNegativeFloat = 10.0
    """Weight of the cycle |G(G(x, v), -v) - x|."""
    lambda_rec: NonNegativeFloat = 10.0
    """Weight of self-reconstruction |G(x, 0) - x|."""
    lambda_ortho: NonNegativeFloat = 2e-6
    """Weight of the orthogonality of the generator's filters."""
    lambda_l1: NonNegativeFloat = 0.0
    """Weight of |G(x, v) - y| in the paired task."""

    @property
    def fakes_per_step(self) -> int:
        return 3  # full, part and none: D estimates the interpolation degree of each

    def check(self, task: Task) -> None:
        if task.batch < 3:
            raise UserError(f"relgan compares 3 images, a batch has {task.batch}: set training.batch to 3 or more")
        super().check(task)


class Fakes(NamedTuple):
    """What the generator makes of one batch: images [B, 3, S, S]."""

    full: Tensor  # G(x, v)
    part: Tensor  # G(x, alpha v)
    none: Tensor  # G(x, 0)
    alpha: Tensor  # [B, 1] in [0, 1)


def square(answer: Tensor, goal: Tensor | float) -> Tensor:
    """Least squares, per image: a map [B, 1, h, w] and the value it should have everywhere -> [B]."""
    return per_sample(least_squares(answer, goal))


def orthogonality(network: nn.Module) -> Tensor:
    """Sum over convolutions of |W W^T * (1 - I)|_F^2, W [out, in k^2] (Brock et al., ICLR 2019): 0 if orthogonal."""
    total = next(network.parameters()).new_zeros(())  # where the filters are: a captured step copies nothing there
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            filters = layer.weight if isinstance(layer, nn.Conv2d) else layer.weight.transpose(0, 1)
            products = filters.flatten(1) @ filters.flatten(1).T
            total = total + (products - products.diag().diag()).square().sum()
    return total


class Method(BaseMethod):
    """RelGAN: G and D are `generator` and `discriminator`."""

    config: Config

    def __init__(self, config: Config, n_attr: int, size: int, embed: nn.Module | None = None):
        super().__init__(config, n_attr, size)
        self.generator = ResnetGenerator(n_attr, config.generator, norm=NORMS[config.norm], bias=True)
        initialise(self.generator, config.generator.init)
        self.discriminator = RelGANDiscriminator(n_attr, size, config.discriminator)

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        return self.generator(image, target - source).clamp(-1, 1)

    def draws(self, source: Tensor, target: Tensor, step: int, rng: torch.Generator) -> dict[str, Tensor]:
        """alpha: fraction of the change [B, 1]; order: a permutation of the batch [B]; gp: places of the penalty."""
        n = len(source)
        return {
            "alpha": torch.rand(n, 1, generator=rng),
            "order": torch.randperm(n, generator=rng),
            "gp": penalty_places(n, rng),
        }

    def steps(self, batch: Batch) -> Iterator[Update]:
        """Both networks on every batch, on the same fakes."""
        fakes = self.fakes(batch)
        yield Update("discriminator", self.discriminator_losses(batch, Fakes(*(x.detach() for x in fakes))))
        yield Update("generator", self.generator_losses(batch, fakes))

    def fakes(self, batch: Batch) -> Fakes:
        """The whole change, a random fraction alpha ~ U(0, 1) of it, and no change."""
        v = batch.target - batch.source
        alpha = batch.draws["alpha"].to(v)
        changes = (v, alpha * v, torch.zeros_like(v))
        full, part, none = in_one_pass(self.generator, *((batch.image, change) for change in changes))
        return Fakes(full, part, none, alpha)

    def discriminator_losses(self, batch: Batch, fakes: Fakes) -> Losses:
        """Real or fake, right or wrong change, interpolation degree, all by least squares; gradient penalty.

        L_D = (D(x) - 1)^2 + D(G(x, v))^2 + L_match + lambda_interp_d L_interp + lambda_gp GP
        """
        d = self.discriminator
        image, full, part, none = in_one_pass(d.trunk, *((x,) for x in (batch.image, *fakes[:3])))
        degree = torch.minimum(fakes.alpha, 1 - fakes.alpha)[:, :, None, None]
        critic = lambda x: d.realness(d.trunk(x))  # noqa: E731
        interpolation = square(d.interpolation(part), degree) + sum(square(d.interpolation(x), 0) for x in (none, full))
        right, wrong = self.triples(batch, image)
        return {
            "real": square(d.realness(image), 1).mean(),
            "fake": square(d.realness(full), 0).mean(),
            "match_real": right,
            "match_fake": square(d.matching(image, full, batch.target - batch.source), 0).mean(),
            "match_wrong": wrong,
            "interp_d": interpolation.mean(),
            "gp": gradient_penalty(critic, batch.image, fakes.full, batch.draws["gp"]),
        }

    def triples(self, batch: Batch, features: Tensor) -> tuple[Tensor, Tensor]:
        """Losses of D_Match on photographs: real triples (x, y, b - a), and the sum over four kinds of wrong ones.

        x, y, z with labels a, b, c follow each other on a random cycle through the batch, so they differ, as B > 2.
        A wrong triple has one of its members replaced: (z, y, b - a), (x, z, b - a), (x, y, b - c), (x, y, c - a).
        """
        order = batch.draws["order"]
        x, y, z = (features[order.roll(-k)] for k in range(3))
        a, b, c = (batch.source[order.roll(-k)] for k in range(3))
        right = square(self.discriminator.matching(x, y, b - a), 1).mean()
        wrong = torch.zeros_like(right)
        for before, after, vector, truth in (
            (z, y, b - a, b - c),
            (x, z, b - a, c - a),
            (x, y, b - c, b - a),
            (x, y, c - a, b - a),
        ):
            error = square(self.discriminator.matching(before, after, vector), 0)
            counts = (vector != truth).any(dim=1) if self.config.wrong_triples == "checked" else torch.ones_like(error)
            wrong = wrong + (error * counts).mean()
        return right, wrong

    def generator_losses(self, batch: Batch, fakes: Fakes) -> Losses:
        """Look real, match the change, look finished at every degree; cycle, self-reconstruction, orthogonal filters.

        L_G = (D(G(x, v)) - 1)^2 + (D_match - 1)^2 + lambda_interp D_interp^2 + lambda_cyc |G(G(x, v), -v) - x|
              + lambda_rec |G(x, 0) - x| + lambda_ortho |W W^T (1 - I)|^2 + lambda_l1 |G(x, v) - y|
        """
        d, v = self.discriminator, batch.target - batch.source
        with frozen(d):
            image, full, part = in_one_pass(d.trunk, (batch.image,), (fakes.full,), (fakes.part,))
            losses = {
                "adv": square(d.realness(full), 1).mean(),
                "match": square(d.matching(image, full, v), 1).mean(),
                "interp": square(d.interpolation(part), 0).mean(),
            }
        losses["cyc"] = l1(self.generator(fakes.full, -v), batch.image)
        losses["rec"] = l1(fakes.none, batch.image)
        losses["ortho"] = orthogonality(self.generator)
        return losses | self.paired_l1(fakes.full, batch)
