"""StarGAN (Choi et al., CVPR 2018): one generator for all domains, judged by a critic that also reads attributes.

Equations are those of its Sec. 3; constants and the order of updates are those of the authors' released code.
"""

from collections.abc import Iterator
from typing import Literal

import torch
from pydantic import NonNegativeFloat, PositiveInt
from torch import Tensor, nn

from insm.data.batch import Batch
from insm.losses.gan import attribute_cross_entropy, gradient_penalty, l1
from insm.networks.blocks import initialise
from insm.networks.method import PLAIN_GMAC, Losses, MethodConfig, OptimiserConfig, frozen
from insm.networks.method import Method as BaseMethod
from insm.networks.resnet_generator import GeneratorConfig, ResnetGenerator
from insm.networks.stargan_discriminator import DiscriminatorConfig, StarGANDiscriminator


class Config(MethodConfig):
    """StarGAN; the defaults are the published ones, at 128 and 256 px."""

    optimiser: OptimiserConfig = OptimiserConfig(lr=1e-4, lr_decay="linear")
    """Adam; the rate falls to 0 as the paper says ("released": as its code does)."""
    generator: GeneratorConfig = GeneratorConfig(first_norm="in", init="default")
    """Networks: generator."""
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    """Networks: discriminator."""
    d_steps: PositiveInt = 5
    """Updates of the discriminator for each one of the generator."""
    over_attributes: Literal["sum", "mean"] = "sum"
    """How the classification loss joins the attribute bits; the released code sums."""
    lambda_gp: NonNegativeFloat = 10.0
    """Weight of the gradient penalty."""
    lambda_cls_real: NonNegativeFloat = 1.0
    """Weight of the discriminator's classification of real images."""
    lambda_cls: NonNegativeFloat = 1.0
    """Weight of the generator's classification loss."""
    lambda_cyc: NonNegativeFloat = 10.0
    """Weight of the cycle |x - G(G(x, b), a)|."""
    lambda_l1: NonNegativeFloat = 0.0
    """Weight of |G(x, b) - y| in the paired task."""


class Method(BaseMethod):
    """StarGAN: G and D are `generator` and `discriminator`; labels are bits in {0, 1}."""

    config: Config

    def __init__(self, config: Config, n_attr: int, size: int, embed: nn.Module | None = None):
        super().__init__(config, n_attr, size)
        self.generator = ResnetGenerator(n_attr, **config.generator.model_dump(exclude={"init"}))
        initialise(self.generator, config.generator.init)
        self.discriminator = StarGANDiscriminator(n_attr, size, **config.discriminator.model_dump())

    @classmethod
    def generator_updates_per_step(cls, config: Config) -> float:
        return 1 / config.d_steps

    @classmethod
    def relative_cost(cls, config: Config) -> float:
        # GMAC: D's update with its fake; G's update beyond that fake, which both share
        return (74 + 207 / config.d_steps) / PLAIN_GMAC

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        return self.generator(image, target).clamp(-1, 1)

    def steps(self, batch: Batch) -> Iterator[tuple[str, Losses]]:
        """D on every batch, and G after it on every `d_steps`-th one; both see the same fakes."""
        both = (batch.step + 1) % self.config.d_steps == 0
        with torch.set_grad_enabled(both):
            fake = self.generator(batch.image, batch.target)
        yield "discriminator", self.discriminator_losses(batch, fake.detach())
        if both:
            yield "generator", self.generator_losses(batch, fake)

    def discriminator_losses(self, batch: Batch, fake: Tensor) -> Losses:
        """Eq. 5: Wasserstein critic with gradient penalty (Eq. 8); real images teach the classifier their labels."""
        real, bits = self.discriminator(batch.image)
        return {
            "real": -real.mean(),
            "fake": self.critic(fake).mean(),
            "gp": gradient_penalty(self.critic, batch.image, fake, batch.rng),
            "cls_real": attribute_cross_entropy(bits, batch.source, self.config.over_attributes),
        }

    def generator_losses(self, batch: Batch, fake: Tensor) -> Losses:
        """Eq. 6: be real, show the target's attributes, be translatable back to the source."""
        with frozen(self.discriminator):
            real, bits = self.discriminator(fake)
        return {
            "adv": -real.mean(),
            "cls": attribute_cross_entropy(bits, batch.target, self.config.over_attributes),
            "cyc": l1(self.generator(fake, batch.source), batch.image),
        } | self.paired_l1(fake, batch)

    def critic(self, image: Tensor) -> Tensor:
        """The critic's map, [B, 1, s, s]."""
        return self.discriminator(image)[0]
