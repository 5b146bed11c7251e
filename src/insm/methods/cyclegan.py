"""CycleGAN (Zhu et al., ICCV 2017): two domains without pairs, a generator to and a discriminator in each of them.

Where the paper and its released code differ, the released code is followed and the docstring of the key says so.
"""

from collections.abc import Iterator

from pydantic import NonNegativeFloat, NonNegativeInt
from torch import Tensor, nn

from insm.data.batch import Batch
from insm.losses.gan import l1, least_squares
from insm.networks.blocks import initialise
from insm.networks.cyclegan_generator import CycleGANGenerator, CycleGANGeneratorConfig
from insm.networks.image_pool import ImagePool
from insm.networks.method import PLAIN_GMAC, Losses, MethodConfig, OptimiserConfig, Task, frozen, require_two_domains
from insm.networks.method import Method as BaseMethod
from insm.networks.patch_discriminator import DiscriminatorConfig, PatchDiscriminator
from insm.support.errors import UserError


class Config(MethodConfig):
    """CycleGAN; the defaults are the paper's at 256 px."""

    optimiser: OptimiserConfig = OptimiserConfig(lr=2e-4, lr_decay="linear")
    """Adam, one for both generators and one for both discriminators."""
    generator: CycleGANGeneratorConfig = CycleGANGeneratorConfig()
    """Networks: generators."""
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    """Networks: discriminators."""
    pool: NonNegativeInt = 50
    """Earlier fakes kept for each discriminator; 0 shows it only new ones."""
    lambda_real: NonNegativeFloat = 0.5
    """Weight of the discriminators' loss on data; the halves slow them down relative to the generators."""
    lambda_fake: NonNegativeFloat = 0.5
    """Weight of the discriminators' loss on fakes."""
    lambda_adv: NonNegativeFloat = 1.0
    """Weight of the generators' adversarial loss."""
    lambda_cyc: NonNegativeFloat = 10.0
    """Weight of the cycle loss |x - F(G(x))|, both ways."""
    lambda_idt: NonNegativeFloat = 0.5
    """Weight of the identity loss |x - F(x)| relative to `lambda_cyc`; 0.5 in the released code, which uses it for
    every task, while the paper does so for paintings only."""

    def weight(self, term: str) -> float:
        return self.lambda_idt * self.lambda_cyc if term == "idt" else super().weight(term)


class Method(BaseMethod):
    """CycleGAN: the networks and pools of domain k, the images whose attribute is k, are number k of their lists.

    `generators[k]` translates from the other domain to domain k; `discriminators[k]` tells domain k from its fakes.
    """

    players = ("discriminators", "generators")
    translators = ("generators",)
    config: Config

    def __init__(self, config: Config, n_attr: int, size: int, embed: nn.Module | None = None):
        """As every method's.

        Raises:
            UserError: more than one attributes.
        """
        super().__init__(config, n_attr, size)
        require_two_domains(config, n_attr)
        generator, discriminator = (
            part.model_dump(exclude={"init"}) for part in (config.generator, config.discriminator)
        )
        self.generators = nn.ModuleList(CycleGANGenerator(**generator) for _ in range(2))
        self.discriminators = nn.ModuleList(PatchDiscriminator(0, **discriminator) for _ in range(2))
        self.pools = nn.ModuleList(ImagePool(config.pool, size) for _ in range(2))
        for networks, settings in ((self.generators, config.generator), (self.discriminators, config.discriminator)):
            initialise(networks, settings.init)

    @classmethod
    def check(cls, config: Config, task: Task) -> None:
        require_two_domains(config, task.n_attr)
        if task.sampling != "balanced":
            raise UserError("cyclegan needs images of both domains in every batch: set training.sampling to balanced")
        super().check(config, task)

    @classmethod
    def relative_cost(cls, config: Config) -> float:
        # GMAC: fake and cycle of every image, and its identity, each a pass through a generator
        return (322 + 148 * (config.lambda_idt > 0)) / PLAIN_GMAC

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        """Every image through the generator of its target domain, those that are in it already unchanged."""
        translated = image.clone()
        for domain, generator in enumerate(self.generators):
            chosen = ((target == domain) & (source != target))[:, 0].nonzero()[:, 0]  # numbers: see `domains`
            if len(chosen):
                translated[chosen] = generator(image[chosen])
        return translated

    def steps(self, batch: Batch) -> Iterator[tuple[str, Losses]]:
        """Both generators, then both discriminators on the same fakes, exchanged with their pools."""
        real = self.domains(batch)
        fakes = [generator(real[1 - domain]) for domain, generator in enumerate(self.generators)]
        yield "generators", self.generator_losses(real, fakes)
        shown = [pool.exchange(fake, batch.rng) for pool, fake in zip(self.pools, fakes, strict=True)]
        yield "discriminators", self.discriminator_losses(real, shown)

    def domains(self, batch: Batch) -> list[Tensor]:
        """The batch's images whose attribute is 0 and those whose attribute is 1, any number of each.

        Raises:
            UserError: a domain is missing.
        """
        # By numbers, not by a mask: its length would be unknown to `insm estimate`, whose images have no values
        real = [batch.image[(batch.source[:, 0] == domain).nonzero()[:, 0]] for domain in (0, 1)]
        if not all(map(len, real)):
            raise UserError(
                f"step {batch.step + 1}: cyclegan needs images of both domains in every batch: "
                "set key training.sampling to balanced"
            )
        return real

    def generator_losses(self, real: list[Tensor], fakes: list[Tensor]) -> Losses:
        """Adversarial, cycle and identity losses, each the sum over both directions; fakes[k] belong to domain k."""
        with frozen(self.discriminators):
            logits = [discriminator(fake) for discriminator, fake in zip(self.discriminators, fakes, strict=True)]
        cycled = [generator(fakes[1 - domain]) for domain, generator in enumerate(self.generators)]
        losses = {
            "adv": sum(least_squares(d, 1).mean() for d in logits),
            "cyc": sum(l1(back, x) for back, x in zip(cycled, real, strict=True)),
        }
        if self.config.lambda_idt > 0:
            losses["idt"] = sum(l1(generator(x), x) for generator, x in zip(self.generators, real, strict=True))
        return losses

    def discriminator_losses(self, real: list[Tensor], fakes: list[Tensor]) -> Losses:
        """Least squares: 1 on data and 0 on fakes, each the sum over both domains."""
        judged = [
            (discriminator(x), discriminator(fake))
            for discriminator, x, fake in zip(self.discriminators, real, fakes, strict=True)
        ]
        return {
            "real": sum(least_squares(d, 1).mean() for d, _ in judged),
            "fake": sum(least_squares(d, 0).mean() for _, d in judged),
        }
