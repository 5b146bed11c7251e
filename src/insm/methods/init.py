"""INIT (Cao et al., ECCV 2020): a conditional GAN trained on informative samples.

Adversarial Importance Weighting (AIW, Sec. 3.1) weights every fake by how real the discriminator finds it;
Multi-hop Sample Training (MST, Sec. 3.2) also trains on images translated several times in a row.
The ablations (a)-(e) of Table 3 are values of `Config`.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from torch import Tensor, nn

from insm.data import target_labels as labels
from insm.data.batch import Batch
from insm.losses.gan import l1, minus_log_fake, minus_log_real, per_sample
from insm.losses.importance import delta_l, distance_matrix, importance, kappa, optimum
from insm.networks.blocks import initialise
from insm.networks.method import PLAIN_GMAC, Losses, MethodConfig, frozen
from insm.networks.method import Method as BaseMethod
from insm.networks.patch_discriminator import DiscriminatorConfig, PatchDiscriminator
from insm.networks.resnet_generator import GeneratorConfig, ResnetGenerator
from insm.support.schema import Section


class AIWConfig(Section):
    """Adversarial Importance Weighting, Eq. 5-8."""

    enabled: bool = True
    """Off: every weight is 1 (ablations (a) and (e))."""
    apply_to: Literal["both", "discriminator", "generator"] = "both"
    """Whose loss is weighted; Eq. 8 says both."""
    weight: Literal["literal", "clipped", "selfnorm"] = "selfnorm"
    """Form of e^d: with clamp at 10 against overflow, clamped at `clip`, or normalised to batch mean 1."""
    clip: PositiveFloat = 3.0
    """Bound on |d| in the clipped form."""
    grad_through_kappa: bool = False
    """Let the generator's loss differentiate kappa (an experiment: with the minimax loss this harms content)."""


class DeltaLConfig(Section):
    """The distance gap of Eq. 6 and its optimum."""

    reduce: Literal["mean", "sum"] = "mean"
    """Mean over pairs, or the printed sums (under which 2r is no optimum)."""
    optimum: Literal["two_r", "simplex"] = "two_r"
    """Delta l*: the printed 2r, or the reachable r sqrt(2n/(n-1))."""
    r: PositiveFloat = 1.0
    """Radius of the hypersphere; kappa grows like r squared."""


class MSTConfig(Section):
    """Multi-hop Sample Training, Eq. 9-10."""

    hops: PositiveInt = Field(2, le=6)
    """N, the longest chain; 1 switches MST off."""
    chain: Literal["separate", "nested"] = "separate"
    """A chain of its own for every n, or one chain whose prefixes are reused."""
    reduce: Literal["sum", "mean"] = "sum"
    """Sum over hop terms as printed, or their mean."""
    inter: Literal["perm", "path", "bits"] = "perm"
    """How intermediate labels are drawn."""
    detach_between_hops: bool = False
    """Stop gradients between hops (saves memory)."""


class Config(MethodConfig):
    """INIT; the defaults are the full model, ablation row (c), at 256 px."""

    generator: GeneratorConfig = GeneratorConfig()
    """Networks: generator."""
    discriminator: DiscriminatorConfig = DiscriminatorConfig()
    """Networks: discriminator."""
    gan: Literal["nonsat", "minimax"] = "nonsat"
    """Generator's adversarial loss: -log D, or the printed log(1 - D)."""
    aiw: AIWConfig = AIWConfig()
    """Adversarial Importance Weighting."""
    delta_l: DeltaLConfig = DeltaLConfig()
    """Distance gap that scales the weights."""
    mst: MSTConfig = MSTConfig()
    """Multi-hop Sample Training."""
    label_range: Literal["zero_one", "plus_minus_one"] = "zero_one"
    """Values of label bits as the networks see them."""
    update_order: Literal["discriminator", "generator"] = "discriminator"
    """Who is updated first; Algorithm 1 prints the generator first."""
    lambda_rec: NonNegativeFloat = 0.0
    """Weight of self-reconstruction |x - G(x, a)|; 0 is the paper's literal objective."""
    lambda_l1: NonNegativeFloat = 0.0
    """Weight of |G(x, b) - y| in the paired task."""


class Hop(NamedTuple):
    """One fake image of Eq. 10."""

    image: Tensor  # [B, 3, S, S]
    label: Tensor  # [B, A] in {0, 1}
    times: int  # how often the term occurs in Eq. 10


class Method(BaseMethod):
    """INIT: G and D are `generator` and `discriminator`, phi is `embed`."""

    config: Config

    def __init__(self, config: Config, n_attr: int, size: int, embed: nn.Module | None = None):
        super().__init__(config, n_attr, size)
        self.embed = embed if self.needs_embedding(config) else None
        self.generator = ResnetGenerator(n_attr, **config.generator.model_dump(exclude={"init"}))
        self.discriminator = PatchDiscriminator(n_attr, **config.discriminator.model_dump(exclude={"init"}))
        for network, settings in ((self.generator, config.generator), (self.discriminator, config.discriminator)):
            initialise(network, settings.init)

    @classmethod
    def needs_embedding(cls, config: Config) -> bool:
        return config.aiw.enabled

    @classmethod
    def fakes_per_step(cls, config: Config) -> int:
        n = config.mst.hops
        return n if config.mst.chain == "nested" else n * (n + 1) // 2

    @classmethod
    def relative_cost(cls, config: Config) -> float:
        # GMAC: an update of both players on one fake; AIW's D and (own) phi; every further fake; G and |x - G(x, a)|
        aiw, more, rec = config.aiw.enabled, cls.fakes_per_step(config) - 1, config.lambda_rec > 0
        return (PLAIN_GMAC + 10 * aiw + 138 * more + 120 * rec) / PLAIN_GMAC

    def g(self, image: Tensor, label: Tensor) -> Tensor:
        """G(x, a): images [B, 3, S, S] and bits [B, A] -> images [B, 3, S, S]."""
        return self.generator(image, self.encoded(label))

    def d(self, image: Tensor, label: Tensor) -> Tensor:
        """The raw logits of D(x, a), [B, 1, h, w]."""
        return self.discriminator(image, self.encoded(label))

    def encoded(self, label: Tensor) -> Tensor:
        """Bits in {0, 1} as the networks see them."""
        return label if self.config.label_range == "zero_one" else 2 * label - 1

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        return self.g(image, target).clamp(-1, 1)  # one hop in testing (Sec. 3.3)

    def steps(self, batch: Batch) -> Iterator[tuple[str, Losses]]:
        """Algorithm 1 with one forward pass of G: both updates see the same fakes and the same stored weights."""
        fakes = self.hops(batch)
        weights = self.weights(batch, fakes[0])
        sides = {"discriminator": self.discriminator_losses, "generator": self.generator_losses}
        second = next(player for player in self.players if player != self.config.update_order)
        for player in (self.config.update_order, second):
            yield player, sides[player](batch, fakes, weights)

    def hops(self, batch: Batch) -> list[Hop]:
        """Eq. 9-10: translated images, the 1-hop one first. "separate": N(N+1)/2 of them, "nested": N."""
        n = self.config.mst.hops
        if self.config.mst.chain == "nested":
            return self.chain(batch, [self.intermediate(batch) for _ in range(n - 1)], [n - i for i in range(n)])
        return [
            hop
            for length in range(1, n + 1)
            for hop in self.chain(batch, [self.intermediate(batch) for _ in range(length - 1)], [1] * length)
        ]

    def chain(self, batch: Batch, intermediates: list[Tensor], times: list[int]) -> list[Hop]:
        """Translate through the intermediate labels to the target, keeping every image on the way."""
        image, hops = batch.image, []
        for label, count in zip([*intermediates, batch.target], times, strict=True):
            source = image.detach() if self.config.mst.detach_between_hops else image
            image = self.g(source, label)
            hops.append(Hop(image, label, count))
        return hops

    def intermediate(self, batch: Batch) -> Tensor:
        """Algorithm 1, line 9: labels [B, A] of an intermediate hop."""
        match self.config.mst.inter:
            case "perm":
                return labels.permuted(batch.source, batch.rng)
            case "path":
                return labels.path(batch.source, batch.target, batch.rng)
            case "bits":
                return labels.bits(batch.source, batch.rng)

    def weights(self, batch: Batch, one_hop: Hop) -> Tensor:
        """Eq. 7: AIW(x^t) = (1 + Delta l* - Delta l)^2 e^d for every sample, from its 1-hop image -> [B], B > 1."""
        config = self.config
        if not config.aiw.enabled:
            return torch.ones(len(batch.image), device=batch.image.device)
        with torch.no_grad():
            d = per_sample(self.d(one_hop.image, one_hop.label))
        with torch.set_grad_enabled(config.aiw.grad_through_kappa):
            embed = lambda image: config.delta_l.r * F.normalize(self.embed(image))  # noqa: E731
            permuted, relative = delta_l(
                distance_matrix(embed(batch.image), embed(one_hop.image)), config.delta_l.reduce
            )
            scale = kappa(permuted - relative, optimum(config.delta_l.optimum, config.delta_l.r, len(d)))
        weights = scale * importance(d, config.aiw.weight, config.aiw.clip)
        w = weights.detach()
        self.diagnostics = {
            "kappa": scale.detach(),
            "delta_l_n": permuted.detach(),
            "delta_l_p": relative.detach(),
            "weight_mean": w.mean(),
            "weight_max": w.max(),
            "effective_samples": w.sum() ** 2 / (w**2).sum(),
        }
        return weights

    def discriminator_losses(self, batch: Batch, fakes: list[Hop], weights: Tensor) -> Losses:
        """Eq. 10 for D, to be minimised: -log D(x, a) on data, -AIW log(1 - D) on every hop."""
        weights = weights.detach() if self.config.aiw.apply_to != "generator" else torch.ones_like(weights)
        logits = [self.d(hop.image.detach(), hop.label) for hop in fakes]
        return {
            "real": minus_log_real(self.d(batch.image, batch.source)).mean(),
            "fake": self.over_hops(fakes, [weights * minus_log_fake(d) for d in logits]),
        }

    def generator_losses(self, batch: Batch, fakes: list[Hop], weights: Tensor) -> Losses:
        """Eq. 10 for G, to be minimised: AIW log(1 - D) as printed, or -AIW log D; content terms where asked for."""
        if self.config.aiw.apply_to == "discriminator":
            weights = torch.ones_like(weights)
        with frozen(self.discriminator):
            logits = [self.d(hop.image, hop.label) for hop in fakes]
        fool = minus_log_real if self.config.gan == "nonsat" else lambda d: -minus_log_fake(d)
        losses = {"adv": self.over_hops(fakes, [weights * fool(d) for d in logits])}
        if self.config.lambda_rec > 0:
            losses["rec"] = l1(self.g(batch.image, batch.source), batch.image)
        translated = next(hop for hop in fakes if hop.label is batch.target)
        return losses | self.paired_l1(translated.image, batch)

    def over_hops(self, fakes: list[Hop], terms: list[Tensor]) -> Tensor:
        """Sum (or mean) over hop terms of the batch means: values [B] each -> scalar."""
        total = sum(hop.times * term.mean() for hop, term in zip(fakes, terms, strict=True))
        return total if self.config.mst.reduce == "sum" else total / sum(hop.times for hop in fakes)
