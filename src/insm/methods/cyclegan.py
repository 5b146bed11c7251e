"""CycleGAN (Zhu et al., ICCV 2017): two domains without pairs, a generator to and a discriminator in each of them.

Where the paper and its released code differ, the released code is followed and the docstring of the key says so.
"""

from collections.abc import Iterable, Iterator
from typing import ClassVar, cast

import torch
from pydantic import NonNegativeFloat, NonNegativeInt
from torch import Tensor, nn

from insm.data.batch import Batch
from insm.losses.gan import l1, least_squares, total
from insm.networks.blocks import in_one_pass, initialise
from insm.networks.cyclegan_generator import CycleGANGenerator, CycleGANGeneratorConfig
from insm.networks.image_pool import Exchange, ImagePool, draw_exchange
from insm.networks.method import Losses, MethodConfig, Task, Update, frozen
from insm.networks.method import Method as BaseMethod
from insm.networks.optimiser import OptimiserConfig
from insm.networks.patch_discriminator import DiscriminatorConfig, PatchDiscriminator
from insm.support.errors import UserError


class Config(MethodConfig):
    """CycleGAN; the defaults are the paper's at 256 px."""

    two_domains: ClassVar[bool] = True

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

    def check(self, task: Task) -> None:
        if task.sampling != "balanced":
            raise UserError("cyclegan needs images of both domains in every batch: set training.sampling to balanced")
        super().check(task)


class Method(BaseMethod):
    """CycleGAN: the networks and pools of domain k, the images whose attribute is k, are number k of their lists.

    `generators[k]` translates from the other domain to domain k; `discriminators[k]` separates domain k from its fakes.
    """

    players = ("discriminators", "generators")
    translators = ("generators",)
    reconstructs = False
    config: Config

    def __init__(self, config: Config, n_attr: int, size: int, embed: nn.Module | None = None):
        super().__init__(config, n_attr, size)
        self.generators = nn.ModuleList(CycleGANGenerator(config.generator) for _ in range(2))
        self.discriminators = nn.ModuleList(PatchDiscriminator(0, config.discriminator) for _ in range(2))
        self.pools = nn.ModuleList(ImagePool(config.pool, size) for _ in range(2))
        for networks, settings in ((self.generators, config.generator), (self.discriminators, config.discriminator)):
            initialise(networks, settings.init)

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        """Every image through the generator of its target domain, those that are in it already unchanged."""
        translated = image.clone()
        for domain, generator in enumerate(self.generators):
            chosen = ((target == domain) & (source != target))[:, 0].nonzero()[:, 0]
            if len(chosen):
                translated[chosen] = generator(image[chosen])
        return translated

    def draws(self, source: Tensor, target: Tensor, step: int, rng: torch.Generator) -> dict[str, Tensor]:
        """Of each domain k: domain<k>, places [B/2] of its images in the batch; shown<k>, kept<k>, its pool's exchange.

        Raises:
            UserError: the batch does not hold as many images of either domain.
        """
        domains = [(source[:, 0] == domain).nonzero()[:, 0] for domain in (0, 1)]
        half = len(source) // 2
        if not half or any(len(domain) != half for domain in domains):
            raise UserError(
                f"step {step + 1}: cyclegan needs equally many images of both domains in every batch: "
                "set key training.sampling to balanced"
            )
        draws = {f"domain{k}": places for k, places in enumerate(domains)}
        for k in (0, 1):
            exchange = draw_exchange(self.config.pool, seen=step * half, n=half, rng=rng)
            draws |= {f"shown{k}": exchange.shown, f"kept{k}": exchange.kept}
        return draws

    def steps(self, batch: Batch) -> Iterator[Update]:
        """Both generators, then both discriminators on the same fakes, exchanged with their pools."""
        draws = batch.draws
        # Batches are channels_last; on a CPU contiguous (NCHW) images make these steps an eighth faster
        real = [batch.image[draws[f"domain{k}"]].contiguous() for k in (0, 1)]
        same: list[Tensor] = []
        if self.config.lambda_idt > 0:
            made = [in_one_pass(g, (real[1 - k],), (real[k],)) for k, g in enumerate(self.generators)]
            fakes, same = [list(images) for images in zip(*made, strict=True)]
        else:
            fakes = [generator(real[1 - k]) for k, generator in enumerate(self.generators)]
        yield Update("generators", self.generator_losses(real, fakes, same))
        pools = cast(Iterable[ImagePool], self.pools)  # a ModuleList yields modules of no particular class
        shown = [
            pool.exchange(fakes[k], Exchange(draws[f"shown{k}"], draws[f"kept{k}"])) for k, pool in enumerate(pools)
        ]
        yield Update("discriminators", self.discriminator_losses(real, shown))

    def generator_losses(self, real: list[Tensor], fakes: list[Tensor], same: list[Tensor]) -> Losses:
        """Each the sum over both domains k, with fakes[k] = G_k(x) for x of the other domain, same[k] = G_k(x_k):

        L_G = lambda_adv (D_k(G_k(x)) - 1)^2 + lambda_cyc |x - G(G_k(x))| + lambda_idt lambda_cyc |x_k - G_k(x_k)|
        """
        with frozen(self.discriminators):
            logits = [discriminator(fake) for discriminator, fake in zip(self.discriminators, fakes, strict=True)]
        cycled = [generator(fakes[1 - domain]) for domain, generator in enumerate(self.generators)]
        losses = {
            "adv": total(least_squares(d, 1).mean() for d in logits),
            "cyc": total(l1(back, x) for back, x in zip(cycled, real, strict=True)),
        }
        if self.config.lambda_idt > 0:
            losses["idt"] = total(l1(image, x) for image, x in zip(same, real, strict=True))
        return losses

    def discriminator_losses(self, real: list[Tensor], fakes: list[Tensor]) -> Losses:
        """L_D = lambda_real (D_k(x_k) - 1)^2 + lambda_fake D_k(fake)^2, each the sum over both domains k."""
        logits = [
            in_one_pass(discriminator, (x,), (fake,))
            for discriminator, x, fake in zip(self.discriminators, real, fakes, strict=True)
        ]
        return {
            "real": total(least_squares(d, 1).mean() for d, _ in logits),
            "fake": total(least_squares(d, 0).mean() for _, d in logits),
        }
