"""STGAN (Liu et al., CVPR 2019): AttGAN with label differences and selective transfer units.

The generator is told what to change, b' - a', instead of what to show; reconstruction asks for no change, 0. Losses,
discriminator and schedule are AttGAN's.
"""

from typing import ClassVar

from pydantic import PositiveFloat
from torch import Tensor

from insm.methods import attgan
from insm.networks.stgan import Generator, GeneratorConfig


class Config(attgan.Config):
    """STGAN; the defaults are the paper's and its released code's, for 128 px."""

    generator: GeneratorConfig = GeneratorConfig()
    """Networks: generator."""
    test_intensity: PositiveFloat = 2.0
    """Factor on the target's edited values in translation: 2 turns differences of 1 into 1.5. The paper's accuracy
    (about 0.9) is that of 2; the released test script's default of 1, the differences seen in training, gives 0.6."""


class Method(attgan.Method):
    """STGAN: G(x, b' - a')."""

    config: Config
    network: ClassVar[type[Generator]] = Generator

    def condition(self, source: Tensor, target: Tensor, intensity: float = 1.0) -> Tensor:
        """The difference b' - a', [B, A]: in {-1, 0, 1} for values of 1/2 at intensity 1, 0 where nothing changes."""
        return super().condition(source, target, intensity) - self.encoded(source)
