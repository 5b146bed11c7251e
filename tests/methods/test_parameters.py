"""Trainable parameters of every method at the published sizes: the acceptance numbers of the comparison."""

import pytest
import torch

from insm.networks.method import METHODS, method_config

ATTGAN_D = {(10, 128): 44_715_915, (10, 256): 145_379_211, (1, 128): 44_706_690, (1, 256): 145_369_986}


def at_any_size(ten: int, one: int) -> dict[tuple[int, int], int]:
    """(attributes, px) -> parameters, for a network that does not depend on the size of the images."""
    return {(10, 128): ten, (10, 256): ten, (1, 128): one, (1, 256): one}


def for_two_domains(at_128: int, at_256: int) -> dict[tuple[int, int], int]:
    """The same for a network without labels."""
    return {(1, 128): at_128, (1, 256): at_256}


# Method, its settings, a network -> numbers. INIT's generator is StarGAN's, with a bias in its first layer by default
# instead of an instance norm's scale and shift: 64 parameters fewer (docs/paper-map.md says why).
NUMBERS = [
    ("stargan", {}, "generator", at_any_size(8_446_208, 8_417_984)),
    ("stargan", {}, "discriminator", {
        (10, 128): 44_803_008, (10, 256): 45_048_768, (1, 128): 44_729_280, (1, 256): 44_753_856}),
    ("attgan", {}, "generator", at_any_size(43_385_475, 43_164_291)),
    ("attgan", {}, "discriminator", ATTGAN_D),
    ("stgan", {}, "generator", at_any_size(74_860_387, 74_445_235)),
    ("stgan", {}, "discriminator", ATTGAN_D),
    ("cyclegan", {}, "generators", for_two_domains(2 * 11_378_179, 2 * 11_378_179)),
    ("cyclegan", {"generator": {"blocks": 6}}, "generators", for_two_domains(2 * 7_837_699, 2 * 7_837_699)),
    ("cyclegan", {}, "discriminators", for_two_domains(2 * 2_764_737, 2 * 2_764_737)),
    ("pix2pix", {}, "generator", for_two_domains(41_828_995, 54_413_955)),
    ("pix2pix", {}, "discriminator", for_two_domains(2_768_705, 2_768_705)),
    ("relgan", {}, "generator", at_any_size(8_450_025, 8_421_801)),
    ("relgan", {}, "discriminator", at_any_size(53_249_026, 53_230_594)),
    ("init", {"generator": {"first_norm": "in"}}, "generator", at_any_size(8_446_208, 8_417_984)),
    ("init", {}, "generator", at_any_size(8_446_144, 8_417_920)),
    ("init", {"generator": {"first_norm": "in", "blocks": 9}}, "generator", at_any_size(11_988_224, 11_960_000)),
    ("init", {}, "discriminator", at_any_size(2_774_977, 2_765_761)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "settings", "network", "n_attr", "size", "count"),
    [(*row, *key, count) for *row, counts in NUMBERS for key, count in counts.items()],
)
def test_parameters_are_the_published_ones(method, settings, network, n_attr, size, count):
    config = method_config({"method": method} | settings, method)
    with torch.device("meta"):
        built = METHODS.load(method).Method(config, n_attr, size)
    assert sum(p.numel() for p in getattr(built, network).parameters()) == count
