"""AttGAN (He et al., IEEE TIP 2019): change attributes only, by an adversary, a classifier and reconstruction.

The discriminator is a WGAN-GP critic that shares its trunk with an attribute classifier, which learns from real
images alone. The generator decodes one latent code twice: with the target label, which both heads score, and with the
source label, which should give back the input.
"""

from collections.abc import Iterator
from typing import ClassVar, Literal

import torch
from pydantic import NonNegativeFloat, PositiveFloat, PositiveInt
from torch import Tensor, nn

from insm.data.batch import Batch
from insm.losses.gan import attribute_cross_entropy, full, gradient_penalty, l1, penalty_places
from insm.networks.attgan import Discriminator, DiscriminatorConfig, Generator, GeneratorConfig
from insm.networks.method import Losses, MethodConfig, Update, frozen
from insm.networks.method import Method as BaseMethod
from insm.networks.optimiser import OptimiserConfig


class Config(MethodConfig):
    """AttGAN; the defaults are the paper's and its released code's, for 128 and 256 px."""

    unit_terms: ClassVar[frozenset[str]] = frozenset({"real", "fake", "adv"})

    optimiser: OptimiserConfig = OptimiserConfig(lr=2e-4, lr_decay="tenth")
    """Adam. "tenth" is the first release's schedule: 200 epochs, the rate divided by 10 after 100 of them; the second
    release's is "linear"."""
    generator: GeneratorConfig = GeneratorConfig()
    """Networks: generator."""
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    """Networks: discriminator and classifier."""
    d_steps: PositiveInt = 5
    """Updates of the discriminator before each one of the generator, every update on a batch of its own."""
    label_range: Literal["half", "plus_minus_one"] = "half"
    """Values of attributes as the generator sees them: -1/2 and 1/2 (paper, first release) or -1 and 1 (second)."""
    test_intensity: PositiveFloat = 2.0
    """Factor on the edited attributes' values in translation; without the released code's 2 fewer edits succeed."""
    lambda_gp: NonNegativeFloat = 10.0
    """Weight of the critic's gradient penalty."""
    lambda_cls_real: NonNegativeFloat = 1.0
    """Weight of the classifier's error on real images, for the discriminator."""
    lambda_cls: NonNegativeFloat = 10.0
    """Weight of the classifier's error on translated images, for the generator."""
    lambda_rec: NonNegativeFloat = 100.0
    """Weight of reconstruction |x - G(x, a)|; 10 edits more strongly."""
    lambda_l1: NonNegativeFloat = 0.0
    """Weight of |G(x, b) - y| in the paired task."""

    @property
    def intensity(self) -> float:
        return self.test_intensity

    @property
    def schedule(self) -> dict[int, float]:
        return {0: self.d_steps / (self.d_steps + 1), self.d_steps: 1 / (self.d_steps + 1)}

    def kind(self, step: int) -> int:
        return self.d_steps if step % (self.d_steps + 1) == self.d_steps else 0

    @property
    def generator_updates_per_step(self) -> float:
        return 1 / (self.d_steps + 1)


class Method(BaseMethod):
    """AttGAN: G = decode(encode(x), label); the discriminator gives the critic's scores and the classifier's logits."""

    config: Config
    network: ClassVar[type[Generator]] = Generator

    def __init__(self, config: Config, n_attr: int, size: int, embed: nn.Module | None = None):
        super().__init__(config, n_attr, size)
        self.generator = self.network(n_attr, size, config.generator)
        self.discriminator = Discriminator(n_attr, size, config.discriminator)

    def encoded(self, label: Tensor) -> Tensor:
        """Labels in {0, 1} [B, A] -> the values a' that stand for them in the generator."""
        return (2 * label - 1) * (0.5 if self.config.label_range == "half" else 1.0)

    def condition(self, source: Tensor, target: Tensor, intensity: float = 1.0) -> Tensor:
        """The condition of the generator [B, A]: the target's values b', those of edited attributes amplified."""
        return torch.where(source != target, intensity, 1.0) * self.encoded(target)

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        return self.generator(image, self.condition(source, target, self.config.test_intensity))

    def draws(self, source: Tensor, target: Tensor, step: int, rng: torch.Generator) -> dict[str, Tensor]:
        """gp: places of the gradient penalty."""
        return {"gp": penalty_places(len(source), rng)}

    def steps(self, batch: Batch) -> Iterator[Update]:
        """One network per batch: in a cycle of d_steps + 1 batches the last one is the generator's."""
        if self.config.kind(batch.step) < self.config.d_steps:
            yield Update("discriminator", self.discriminator_losses(batch))
        else:
            yield Update("generator", self.generator_losses(batch))

    def discriminator_losses(self, batch: Batch) -> Losses:
        """L_D = -D(x) + D(G(x, b)) + lambda_gp GP + lambda_cls_real BCE(C(x), a)."""
        with torch.no_grad():
            fake = self.generator(batch.image, self.condition(batch.source, batch.target))
        score, logits = self.discriminator(torch.cat([batch.image, fake]))
        real, made = score.chunk(2)
        return {
            "real": -full(real).mean(),
            "fake": full(made).mean(),
            "gp": gradient_penalty(self.discriminator.score, batch.image, fake, batch.draws["gp"]),
            "cls_real": attribute_cross_entropy(logits[: len(fake)], batch.source, "mean"),
        }

    def generator_losses(self, batch: Batch) -> Losses:
        """L_G = -D(G(x, b)) + lambda_cls BCE(C(G(x, b)), b) + lambda_rec |x - G(x, a)| + lambda_l1 |G(x, b) - y|."""
        code = self.generator.encode(batch.image)
        fake = self.generator.decode(code, self.condition(batch.source, batch.target))
        same = self.generator.decode(code, self.condition(batch.source, batch.source))
        with frozen(self.discriminator):
            score, logits = self.discriminator(fake)
        return {
            "adv": -full(score).mean(),
            "cls": attribute_cross_entropy(logits, batch.target, "mean"),
            "rec": l1(same, batch.image),
        } | self.paired_l1(fake, batch)
