"""StarGAN (Choi et al., CVPR 2018): one generator for all domains, a critic that also classifies attributes.

Equations are those of its Sec. 3; constants and the order of updates are those of the authors' released code.
"""

from collections.abc import Iterator
from typing import ClassVar, Literal

import torch
from pydantic import NonNegativeFloat, PositiveInt
from torch import Tensor, nn

from insm.data.batch import Batch
from insm.losses.gan import attribute_cross_entropy, full, gradient_penalty, l1, penalty_places
from insm.networks.blocks import initialise
from insm.networks.method import Losses, MethodConfig, Update, frozen
from insm.networks.method import Method as BaseMethod
from insm.networks.optimiser import OptimiserConfig
from insm.networks.resnet_generator import GeneratorConfig, ResnetGenerator
from insm.networks.stargan_discriminator import DiscriminatorConfig, StarGANDiscriminator


class Config(MethodConfig):
    """StarGAN; the defaults are the published ones, at 128 and 256 px."""

    unit_terms: ClassVar[frozenset[str]] = frozenset({"real", "fake", "adv"})

    optimiser: OptimiserConfig = OptimiserConfig(lr=1e-4, lr_decay="linear")
    """Adam; the rate falls to 0 as the paper says ("released": as its code does)."""
    generator: GeneratorConfig = GeneratorConfig(first_norm="in", init="default")
    """Networks: generator."""
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    """Networks: discriminator."""
    d_steps: PositiveInt = 5
    """Updates of the discriminator for each one of the generator."""
    over_attributes: Literal["sum", "mean"] = "sum"
    """How the classification loss combines the attributes; the released code sums."""
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

    @property
    def schedule(self) -> dict[int, float]:
        """D alone, or D and then G."""
        both = 1 / self.d_steps
        return {0: 1 - both, self.d_steps - 1: both} if self.d_steps > 1 else {0: 1.0}

    def kind(self, step: int) -> int:
        return self.d_steps - 1 if (step + 1) % self.d_steps == 0 else 0

    @property
    def generator_updates_per_step(self) -> float:
        return 1 / self.d_steps


class Method(BaseMethod):
    """StarGAN: G and D are `generator` and `discriminator`; labels are in {0, 1}."""

    config: Config

    def __init__(self, config: Config, n_attr: int, size: int, embed: nn.Module | None = None):
        super().__init__(config, n_attr, size)
        self.generator = ResnetGenerator(n_attr, config.generator)
        initialise(self.generator, config.generator.init)
        self.discriminator = StarGANDiscriminator(n_attr, size, config.discriminator)

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        return self.generator(image, target).clamp(-1, 1)

    def draws(self, source: Tensor, target: Tensor, step: int, rng: torch.Generator) -> dict[str, Tensor]:
        """gp: places of the gradient penalty."""
        return {"gp": penalty_places(len(source), rng)}

    def steps(self, batch: Batch) -> Iterator[Update]:
        """D on every batch, and G after it on every `d_steps`-th one; both see the same fakes."""
        both = self.config.kind(batch.step) == self.config.d_steps - 1
        with torch.set_grad_enabled(both):
            fake = self.generator(batch.image, batch.target)
        yield Update("discriminator", self.discriminator_losses(batch, fake.detach()))
        if both:
            yield Update("generator", self.generator_losses(batch, fake))

    def discriminator_losses(self, batch: Batch, fake: Tensor) -> Losses:
        """L_D = -D(x) + D(G(x, b)) + lambda_gp GP + lambda_cls_real BCE(C(x), a): Eq. 5 with the critic of Eq. 8."""
        critic, logits = self.discriminator(torch.cat([batch.image, fake]))
        real, made = critic.chunk(2)
        return {
            "real": -full(real).mean(),
            "fake": full(made).mean(),
            "gp": gradient_penalty(self.critic, batch.image, fake, batch.draws["gp"]),
            "cls_real": attribute_cross_entropy(logits[: len(fake)], batch.source, self.config.over_attributes),
        }

    def generator_losses(self, batch: Batch, fake: Tensor) -> Losses:
        """Eq. 6, and the term of the paired task:

        L_G = -D(G(x, b)) + lambda_cls BCE(C(G(x, b)), b) + lambda_cyc |x - G(G(x, b), a)| + lambda_l1 |G(x, b) - y|
        """
        with frozen(self.discriminator):
            critic, logits = self.discriminator(fake)
        return {
            "adv": -full(critic).mean(),
            "cls": attribute_cross_entropy(logits, batch.target, self.config.over_attributes),
            "cyc": l1(self.generator(fake, batch.source), batch.image),
        } | self.paired_l1(fake, batch)

    def critic(self, image: Tensor) -> Tensor:
        """The critic's map, [B, 1, s, s]."""
        return self.discriminator(image)[0]
