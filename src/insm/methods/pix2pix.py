"""Pix2pix (Isola et al., CVPR 2017): pairs of images, one model for each direction."""

from collections.abc import Iterator
from typing import ClassVar, Literal, NamedTuple

import torch
from pydantic import NonNegativeFloat
from torch import Tensor, nn

from insm.data.batch import Batch
from insm.losses.gan import l1, minus_log_fake, minus_log_real
from insm.networks.blocks import in_one_pass, initialise
from insm.networks.method import Losses, MethodConfig, Task, Update, frozen
from insm.networks.method import Method as BaseMethod
from insm.networks.optimiser import OptimiserConfig
from insm.networks.patch_discriminator import DiscriminatorConfig, PatchDiscriminator
from insm.networks.unet import UNet, UNetConfig
from insm.support import runtime
from insm.support.errors import UserError


class Config(MethodConfig):
    """Pix2pix; the defaults are the paper's at 256 px."""

    two_domains: ClassVar[bool] = True

    optimiser: OptimiserConfig = OptimiserConfig(lr=2e-4, lr_decay="linear")
    """Adam, with equal settings for both networks."""
    direction: Literal[0, 1] = 1
    """Value of the attribute that the model translates to."""
    generator: UNetConfig = UNetConfig()
    """Networks: generator."""
    discriminator: DiscriminatorConfig = DiscriminatorConfig(norm="bn")
    """Networks: discriminator."""
    lambda_real: NonNegativeFloat = 0.5
    """Weight of the discriminator's loss on data; the halves slow it down relative to the generator."""
    lambda_fake: NonNegativeFloat = 0.5
    """Weight of the discriminator's loss on fakes."""
    lambda_adv: NonNegativeFloat = 1.0
    """Weight of the generator's adversarial loss."""
    lambda_l1: NonNegativeFloat = 100.0
    """Weight of |y - G(x)|."""
    test_norm: Literal["eval", "batch1"] = "eval"
    """Batch norm in translation: running statistics, or those of the image itself, as the paper does."""
    test_dropout: bool = False
    """Dropout in translation too, as the paper does; its masks are the same at every call."""

    @property
    def translates_to(self) -> tuple[int, ...]:
        return (self.direction,)

    def check(self, task: Task) -> None:
        if not task.paired:
            raise UserError(f"pix2pix learns from pairs, but {task.dataset} has none: choose a paired dataset")
        super().check(task)


class Pair(NamedTuple):
    """An input of D."""

    image: Tensor  # [B, 3, S, S], images to translate: their attribute is not `direction`
    result: Tensor  # [B, 3, S, S], their true partners, whose attribute is, or G's translations


class Method(BaseMethod):
    """Pix2pix: G and D are `generator` and `discriminator`; D sees the input concatenated with the output."""

    reconstructs = False
    config: Config

    def __init__(self, config: Config, n_attr: int, size: int, embed: nn.Module | None = None):
        super().__init__(config, n_attr, size)
        self.generator = UNet(size, config.generator)
        self.discriminator = PatchDiscriminator(0, config.discriminator, channels=6)
        for network, settings in ((self.generator, config.generator), (self.discriminator, config.discriminator)):
            initialise(network, settings.init)
            if settings.init == "normal":
                init_scales(network)

    def d(self, *pairs: Pair) -> list[Tensor]:
        """The raw logits of D, [B, 1, h, w], of several pairs; in one pass unless D has batch norm."""
        return in_one_pass(self.discriminator, *((torch.cat(pair, dim=1),) for pair in pairs))

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        """Images to be translated to `direction`; all others come back unchanged and are not evaluated."""
        chosen = ((target == self.config.direction) & (source != target))[:, 0].nonzero()[:, 0]
        translated = image.clone()
        if len(chosen):
            masks = self.generator.dropout_masks(len(chosen), runtime.generator(0)) if self.config.test_dropout else []
            masks = [mask.to(image.device) for mask in masks]
            translated[chosen] = self.generator(image[chosen], masks, per_image=self.config.test_norm == "batch1")
        return translated

    def draws(self, source: Tensor, target: Tensor, step: int, rng: torch.Generator) -> dict[str, Tensor]:
        """dropout<k>: mask of the decoder's k-th level with dropout."""
        return {f"dropout{k}": mask for k, mask in enumerate(self.generator.dropout_masks(len(source), rng))}

    def steps(self, batch: Batch) -> Iterator[Update]:
        """The discriminator, then the generator with the same fake."""
        pair = self.pair(batch)
        masks = [batch.draws[f"dropout{k}"] for k in range(self.generator.dropout_levels)]
        fake = Pair(pair.image, self.generator(pair.image, masks))
        yield Update("discriminator", self.discriminator_losses(pair, fake))
        yield Update("generator", self.generator_losses(pair, fake))

    def pair(self, batch: Batch) -> Pair:
        """Every image of the batch with its partner, whichever of the two is the one to be translated.

        Raises:
            UserError: the dataset has no pairs.
        """
        if batch.partner is None:
            raise UserError(
                "key method: pix2pix learns from pairs, but the dataset has none: "
                "remove it from this task's methods, or choose a paired dataset"
            )
        is_result = (batch.source[:, 0] == self.config.direction).view(-1, 1, 1, 1)
        # Batches are channels_last; on a CPU contiguous (NCHW) images make these steps faster
        return Pair(
            image=torch.where(is_result, batch.partner, batch.image).contiguous(),
            result=torch.where(is_result, batch.image, batch.partner).contiguous(),
        )

    def discriminator_losses(self, pair: Pair, fake: Pair) -> Losses:
        """L_D = -lambda_real log D(x, y) - lambda_fake log(1 - D(x, G(x)))."""
        real, made = self.d(pair, Pair(fake.image, fake.result.detach()))
        return {
            "real": minus_log_real(real).mean(),
            "fake": minus_log_fake(made).mean(),
        }

    def generator_losses(self, pair: Pair, fake: Pair) -> Losses:
        """L_G = -lambda_adv log D(x, G(x)) + lambda_l1 |y - G(x)|."""
        with frozen(self.discriminator):
            (logits,) = self.d(fake)
        return {"adv": minus_log_real(logits).mean(), "l1": l1(fake.result, pair.result)}


def init_scales(module: nn.Module, std: float = 0.02) -> None:
    """N(1, std) for the scales of every batch norm, as in the released code; their shifts are 0."""
    for layer in module.modules():
        if isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1.0, std)
            nn.init.zeros_(layer.bias)
