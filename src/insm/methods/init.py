"""INIT (Cao et al., ECCV 2020): a conditional GAN trained on informative samples.

Adversarial Importance Weighting (AIW, Sec. 3.1) weights every fake by how real the discriminator finds it;
Multi-hop Sample Training (MST, Sec. 3.2) also trains on images translated several times in a row.
The ablations (a)-(e) of Table 3 are values of `Config`.
"""

import itertools
from collections.abc import Iterator
from typing import ClassVar, Literal, NamedTuple

import torch
import torch.nn.functional as F
from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt
from torch import Tensor, nn

from insm.data import target_labels
from insm.data.batch import Batch
from insm.losses.gan import l1, minus_log_fake, minus_log_real, per_sample, total
from insm.losses.importance import delta_l, distance_matrix, importance, kappa, optimum
from insm.networks.blocks import initialise
from insm.networks.method import Losses, MethodConfig, Update, frozen
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
    inter: Literal["perm", "path", "independent"] = "perm"
    """Intermediate labels: the batch's own, permuted; between source and target; or every attribute at random."""
    detach_between_hops: bool = False
    """Stop gradients between hops (saves memory)."""


class Config(MethodConfig):
    """INIT; the defaults are the full model, ablation row (c), at 256 px."""

    unit_terms: ClassVar[frozenset[str]] = frozenset({"real", "fake", "adv"})

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
    """Values of labels as the networks get them."""
    update_order: Literal["discriminator", "generator"] = "discriminator"
    """Which network is updated first; Algorithm 1 prints the generator first."""
    lambda_rec: NonNegativeFloat = 0.0
    """Weight of self-reconstruction |x - G(x, a)|; 0 is the paper's literal objective."""
    lambda_l1: NonNegativeFloat = 0.0
    """Weight of |G(x, b) - y| in the paired task."""

    @property
    def needs_embedding(self) -> bool:
        return self.aiw.enabled

    @property
    def fakes_per_step(self) -> int:
        n = self.mst.hops
        return n if self.mst.chain == "nested" else n * (n + 1) // 2


class Hop(NamedTuple):
    """One fake image of Eq. 10."""

    image: Tensor  # [B, 3, S, S]
    label: Tensor  # [B, A] in {0, 1}
    times: int  # how often the term occurs in Eq. 10


class Method(BaseMethod):
    """INIT: G and D are `generator` and `discriminator`, phi is `embed`.

    D and G minimise

        L_D = -log D(x, a) - sum over hops of w log(1 - D(x^ti, a^ti))
        L_G = -sum over hops of w log D(x^ti, a^ti) + lambda_rec |x - G(x, a)| + lambda_l1 |G(x, b) - y|

    with w = AIW(x^t) of the 1-hop image (Eq. 7), and G's first term as printed, w log(1 - D), where `gan` is "minimax".
    """

    config: Config

    def __init__(self, config: Config, n_attr: int, size: int, embed: nn.Module | None = None):
        super().__init__(config, n_attr, size)
        self.embed = embed if config.needs_embedding else None
        self.generator = ResnetGenerator(n_attr, config.generator)
        self.discriminator = PatchDiscriminator(n_attr, config.discriminator)
        for network, settings in ((self.generator, config.generator), (self.discriminator, config.discriminator)):
            initialise(network, settings.init)

    def g(self, image: Tensor, label: Tensor) -> Tensor:
        """G(x, a): images [B, 3, S, S] and labels [B, A] in {0, 1} -> images [B, 3, S, S]."""
        return self.generator(image, self.encoded(label))

    def d(self, image: Tensor, label: Tensor) -> Tensor:
        """The raw logits of D(x, a), [B, 1, h, w]."""
        return self.discriminator(image, self.encoded(label))

    def encoded(self, label: Tensor) -> Tensor:
        """Labels in {0, 1} as the networks get them."""
        return label if self.config.label_range == "zero_one" else 2 * label - 1

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        return self.g(image, target).clamp(-1, 1)  # one hop in testing (Sec. 3.3)

    def draws(self, source: Tensor, target: Tensor, step: int, rng: torch.Generator) -> dict[str, Tensor]:
        """intermediates: labels [K, B, A] of the hops before the last one of every chain (Algorithm 1, line 9)."""
        draw = {
            "perm": lambda: target_labels.permuted(source, rng),
            "path": lambda: target_labels.path(source, target, rng),
            "independent": lambda: target_labels.independent(source, rng),
        }[self.config.mst.inter]
        labels = [draw() for _ in range(sum(n - 1 for n in self.chain_lengths))]
        return {"intermediates": torch.stack(labels) if labels else source.new_empty(0, *source.shape)}

    def steps(self, batch: Batch) -> Iterator[Update]:
        """Algorithm 1 with one forward pass of G: both updates use the same fakes and the same stored weights."""
        hops = self.hops(batch)
        one_hop = self.one_hop(batch, hops)
        weights, logged = self.weights(batch, one_hop)
        losses = {"discriminator": self.discriminator_losses, "generator": self.generator_losses}
        first = self.config.update_order
        for player in (first, *(name for name in self.players if name != first)):
            yield Update(player, losses[player](batch, hops, one_hop, weights), logged)

    @property
    def chain_lengths(self) -> list[int]:
        """Hops of every chain of Eq. 10: 1 to N, or N alone whose prefixes count as the shorter chains."""
        n = self.config.mst.hops
        return [n] if self.config.mst.chain == "nested" else list(range(1, n + 1))

    def hops(self, batch: Batch) -> list[Hop]:
        """Eq. 9-10: the images of all chains, the first chain's first. "separate": N(N+1)/2 of them, "nested": N."""
        intermediates, hops = iter(batch.draws["intermediates"]), []
        for length in self.chain_lengths:
            image = batch.image
            labels = [*itertools.islice(intermediates, length - 1), batch.target]
            for k, label in enumerate(labels):
                image = self.g(image.detach() if self.config.mst.detach_between_hops else image, label)
                hops.append(Hop(image, label, times=length - k if self.config.mst.chain == "nested" else 1))
        return hops

    def one_hop(self, batch: Batch, hops: list[Hop]) -> Hop:
        """x^t = G(x^s, a^t) (Algorithm 1, line 6): part of Eq. 10 unless all chains go through intermediate labels."""
        return hops[0] if self.chain_lengths[0] == 1 else Hop(self.g(batch.image, batch.target), batch.target, times=0)

    def weights(self, batch: Batch, one_hop: Hop) -> tuple[Tensor, Losses]:
        """Eq. 7: AIW(x^t) = (1 + Delta l* - Delta l)^2 e^d of every sample, from its 1-hop image.

        Returns:
            The weights [B], B > 1, and what of them is logged.
        """
        config = self.config
        if not config.aiw.enabled:
            return torch.ones(len(batch.image), device=batch.image.device), {}
        assert self.embed is not None, "AIW needs phi"
        phi = self.embed
        with torch.no_grad():
            d = per_sample(self.d(one_hop.image, one_hop.label))
        with torch.set_grad_enabled(config.aiw.grad_through_kappa):
            embed = lambda image: config.delta_l.r * F.normalize(phi(image))  # noqa: E731
            permuted, relative = delta_l(
                distance_matrix(embed(batch.image), embed(one_hop.image)), config.delta_l.reduce
            )
            scale = kappa(permuted - relative, optimum(config.delta_l.optimum, config.delta_l.r, len(d)))
        weights = scale * importance(d, config.aiw.weight, config.aiw.clip)
        w = weights.detach()
        return weights, {
            "kappa": scale.detach(),
            "delta_l_n": permuted.detach(),
            "delta_l_p": relative.detach(),
            "weight_mean": w.mean(),
            "weight_max": w.max(),
            "effective_samples": w.sum() ** 2 / (w**2).sum(),
        }

    def discriminator_losses(self, batch: Batch, hops: list[Hop], one_hop: Hop, weights: Tensor) -> Losses:
        """Eq. 10 for D: L_D = -log D(x, a) - sum over hops of AIW log(1 - D(x^ti, a^ti))."""
        weights = weights.detach() if self.config.aiw.apply_to != "generator" else torch.ones_like(weights)
        logits = [self.d(hop.image.detach(), hop.label) for hop in hops]
        return {
            "real": minus_log_real(self.d(batch.image, batch.source)).mean(),
            "fake": self.over_hops(hops, [weights * minus_log_fake(d) for d in logits]),
        }

    def generator_losses(self, batch: Batch, hops: list[Hop], one_hop: Hop, weights: Tensor) -> Losses:
        """Eq. 10 for G: L_G = L_adv + lambda_rec |x - G(x, a)| + lambda_l1 |G(x, b) - y|.

        L_adv is -sum over hops of AIW log D(x^ti, a^ti), or as printed with + AIW log(1 - D).
        """
        if self.config.aiw.apply_to == "discriminator":
            weights = torch.ones_like(weights)
        with frozen(self.discriminator):
            logits = [self.d(hop.image, hop.label) for hop in hops]
        fool = minus_log_real if self.config.gan == "nonsat" else lambda d: -minus_log_fake(d)
        losses = {"adv": self.over_hops(hops, [weights * fool(d) for d in logits])}
        if self.config.lambda_rec > 0:
            losses["rec"] = l1(self.g(batch.image, batch.source), batch.image)
        return losses | self.paired_l1(one_hop.image, batch)

    def over_hops(self, hops: list[Hop], terms: list[Tensor]) -> Tensor:
        """Sum (or mean) over hop terms of the batch means: values [B] each -> scalar."""
        summed = total(hop.times * term.mean() for hop, term in zip(hops, terms, strict=True))
        return summed if self.config.mst.reduce == "sum" else summed / sum(hop.times for hop in hops)
