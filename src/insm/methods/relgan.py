"""RelGAN (Lin et al., ICCV 2019): the generator is told the wanted change of attributes, not the wanted attributes.

Constants are those of the authors' released code; v = b - a is the relative attribute vector in {-1, 0, 1}.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import torch
from pydantic import NonNegativeFloat
from torch import Tensor, nn

from insm.data.batch import Batch
from insm.losses.gan import gradient_penalty, l1, least_squares, per_sample
from insm.networks.blocks import initialise
from insm.networks.method import PLAIN_GMAC, Losses, MethodConfig, OptimiserConfig, Task, frozen
from insm.networks.method import Method as BaseMethod
from insm.networks.relgan_discriminator import DiscriminatorConfig, RelGANDiscriminator
from insm.networks.resnet_generator import GeneratorConfig, ResnetGenerator, instance_norm
from insm.networks.switchable_norm import SwitchableNorm2d
from insm.support.errors import UserError

NORMS = {"switchable": SwitchableNorm2d, "in": instance_norm}


class Config(MethodConfig):
    """RelGAN; the defaults are the released ones, at 128 and 256 px."""

    optimiser: OptimiserConfig = OptimiserConfig(lr=5e-5, lr_decay="linear")
    """Adam; the released code's rate (its notes say 1e-5)."""
    generator: GeneratorConfig = GeneratorConfig(first_norm="in", init="default")
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


class Fakes(NamedTuple):
    """What the generator makes of one batch: images [B, 3, S, S]."""

    full: Tensor  # G(x, v)
    part: Tensor  # G(x, alpha v)
    none: Tensor  # G(x, 0)
    alpha: Tensor  # [B, 1] in [0, 1)


def square(answer: Tensor, wanted: Tensor | float) -> Tensor:
    """Least squares, per image: a map [B, 1, h, w] and the value it should have everywhere -> [B]."""
    return per_sample(least_squares(answer, wanted))


def orthogonality(network: nn.Module) -> Tensor:
    """Sum over convolutions of |W W^T * (1 - I)|_F^2, W [out, in k^2] (Brock et al., ICLR 2019): 0 if orthogonal."""
    total = torch.zeros(())
    for layer in network.modules():
        if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)):
            filters = layer.weight if isinstance(layer, nn.Conv2d) else layer.weight.transpose(0, 1)
            products = filters.flatten(1) @ filters.flatten(1).T
            total = total.to(products) + (products - products.diag().diag()).square().sum()
    return total


class Method(BaseMethod):
    """RelGAN: G and D are `generator` and `discriminator`."""

    config: Config

    def __init__(self, config: Config, n_attr: int, size: int, embed: nn.Module | None = None):
        super().__init__(config, n_attr, size)
        settings = config.generator.model_dump(exclude={"init"})
        self.generator = ResnetGenerator(n_attr, **settings, norm=NORMS[config.norm], bias=True)
        initialise(self.generator, config.generator.init)
        self.discriminator = RelGANDiscriminator(n_attr, size, **config.discriminator.model_dump())

    @classmethod
    def check(cls, config: Config, task: Task) -> None:
        if task.batch < 3:
            raise UserError(f"relgan compares 3 images, a batch has {task.batch}: set training.batch to 3 or more")
        super().check(config, task)

    @classmethod
    def fakes_per_step(cls, config: Config) -> int:
        return 3  # full, part and none: D tells the interpolation degree of each

    @classmethod
    def relative_cost(cls, config: Config) -> float:
        return 548 / PLAIN_GMAC  # GMAC: mostly four passes through G

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        return self.generator(image, target - source).clamp(-1, 1)

    def steps(self, batch: Batch) -> Iterator[tuple[str, Losses]]:
        """Both players on every batch, on the same fakes."""
        fakes = self.fakes(batch)
        yield "discriminator", self.discriminator_losses(batch, Fakes(*(x.detach() for x in fakes)))
        yield "generator", self.generator_losses(batch, fakes)

    def fakes(self, batch: Batch) -> Fakes:
        """The whole change, a random share alpha ~ U(0, 1) of it, and no change."""
        v = batch.target - batch.source
        alpha = torch.rand(len(v), 1, generator=batch.rng).to(v)
        g = self.generator
        return Fakes(g(batch.image, v), g(batch.image, alpha * v), g(batch.image, torch.zeros_like(v)), alpha)

    def discriminator_losses(self, batch: Batch, fakes: Fakes) -> Losses:
        """Real or fake, right or wrong change, degree of interpolation: all by least squares, and gradient penalty."""
        d = self.discriminator
        image, full, part, none = (d.trunk(x) for x in (batch.image, fakes.full, fakes.part, fakes.none))
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
            "gp": gradient_penalty(critic, batch.image, fakes.full, batch.rng),
        }

    def triples(self, batch: Batch, features: Tensor) -> tuple[Tensor, Tensor]:
        """Losses of D_Match on photographs: real triples (x, y, b - a), and the sum over four kinds of wrong ones.

        x, y, z with labels a, b, c follow each other on a random cycle through the batch, so they differ, as B > 2.
        A wrong triple has one of its members replaced: (z, y, b - a), (x, z, b - a), (x, y, b - c), (x, y, c - a).
        """
        order = torch.randperm(len(features), generator=batch.rng).to(features.device)
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
        """Be real, show just the wanted change, look finished at every degree; go back, stay, with unlike filters."""
        d, v = self.discriminator, batch.target - batch.source
        with frozen(d):
            full, part = d.trunk(fakes.full), d.trunk(fakes.part)
            losses = {
                "adv": square(d.realness(full), 1).mean(),
                "match": square(d.matching(d.trunk(batch.image), full, v), 1).mean(),
                "interp": square(d.interpolation(part), 0).mean(),
            }
        losses["cyc"] = l1(self.generator(fakes.full, -v), batch.image)
        losses["rec"] = l1(fakes.none, batch.image)
        losses["ortho"] = orthogonality(self.generator)
        return losses | self.paired_l1(fakes.full, batch)
