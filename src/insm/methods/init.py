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
from insm.losses.gan import full, l1, minus_log_fake, minus_log_real, per_sample, total
from insm.losses.importance import delta_l, distance_matrix, importance, kappa, optimum
from insm.networks.blocks import in_one_pass, initialise
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
    shuffled: bool = False
    """Permute the weights over the batch, so that they select no samples (a control)."""
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


class Fakes(NamedTuple):
    """What the generator makes of one batch."""

    hops: list[Hop]  # of all chains of Eq. 9-10, the first chain's first: N(N+1)/2 if "separate", N if "nested"
    one_hop: Hop  # x^t = G(x^s, a^t) (Algorithm 1, line 6): none of `hops` where all go through intermediate labels
    same: Tensor | None  # [B, 3, S, S], the reconstruction G(x, a), if it has a weight


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

    def g(self, *pairs: tuple[Tensor, Tensor]) -> list[Tensor]:
        """G(x, a) of several (images [B, 3, S, S], labels [B, A] in {0, 1}), in one pass -> images [B, 3, S, S]."""
        return in_one_pass(self.generator, *((image, self.encoded(label)) for image, label in pairs))

    def d(self, *pairs: tuple[Tensor, Tensor]) -> list[Tensor]:
        """The raw logits of D(x, a), [B, 1, h, w], of several (images, labels) in one pass."""
        return in_one_pass(self.discriminator, *((image, self.encoded(label)) for image, label in pairs))

    def encoded(self, label: Tensor) -> Tensor:
        """Labels in {0, 1} as the networks get them."""
        return label if self.config.label_range == "zero_one" else 2 * label - 1

    def translate(self, image: Tensor, source: Tensor, target: Tensor) -> Tensor:
        return self.generator(image, self.encoded(target)).clamp(-1, 1)  # one hop in testing (Sec. 3.3)

    def draws(self, source: Tensor, target: Tensor, step: int, rng: torch.Generator) -> dict[str, Tensor]:
        """intermediates: labels [K, B, A] of the hops before the last one of every chain (Algorithm 1, line 9).

        order: whose weight every sample gets, [B], where weights are shuffled.
        """
        draw = {
            "perm": lambda: target_labels.permuted(source, rng),
            "path": lambda: target_labels.path(source, target, rng),
            "independent": lambda: target_labels.independent(source, rng),
        }[self.config.mst.inter]
        labels = [draw() for _ in range(sum(n - 1 for n in self.chain_lengths))]
        intermediates = torch.stack(labels) if labels else source.new_empty(0, *source.shape)
        order = {"order": torch.randperm(len(source), generator=rng)} if self.config.aiw.shuffled else {}
        return {"intermediates": intermediates} | order

    def steps(self, batch: Batch) -> Iterator[Update]:
        """Algorithm 1 with one forward pass of G: both updates use the same fakes and the same stored weights.

        The logits that weigh the samples are those that the first update computes of the 1-hop images anyway.
        """
        fakes, first = self.fakes(batch), self.config.update_order
        weighted: tuple[Tensor, Losses] | None = None
        for player in (first, *(name for name in self.players if name != first)):
            logits = self.logits(batch, fakes, player)
            if weighted is None:
                known = logits[-len(fakes.hops)] if fakes.one_hop is fakes.hops[0] else None
                weighted = self.weights(batch, fakes.one_hop, known)
            weights, logged = weighted
            if player == "discriminator":
                yield Update(player, self.discriminator_losses(fakes, logits, weights), logged)
            else:
                yield Update(player, self.generator_losses(batch, fakes, logits, weights), logged)

    @property
    def chain_lengths(self) -> list[int]:
        """Hops of every chain of Eq. 10: 1 to N, or N alone whose prefixes count as the shorter chains."""
        n = self.config.mst.hops
        return [n] if self.config.mst.chain == "nested" else list(range(1, n + 1))

    def fakes(self, batch: Batch) -> Fakes:
        """Everything that G makes: all first hops and the reconstruction in one pass, then all second hops, ..."""
        intermediates = iter(batch.draws["intermediates"])
        chains = [[*itertools.islice(intermediates, n - 1), batch.target] for n in self.chain_lengths]
        beside = [batch.target] if len(chains[0]) > 1 else []
        beside += [batch.source] if self.config.lambda_rec > 0 else []
        images: list[list[Tensor]] = [[batch.image] for _ in chains]  # of every chain, before and after each hop
        others: list[Tensor] = []
        for k in range(max(self.chain_lengths)):
            going = [chain for chain, labels in enumerate(chains) if k < len(labels)]
            inputs = [(images[chain][k], chains[chain][k]) for chain in going]
            if self.config.mst.detach_between_hops:
                inputs = [(image.detach(), label) for image, label in inputs]
            made = self.g(*inputs, *((batch.image, label) for label in beside if k == 0))
            for chain, image in zip(going, made, strict=False):
                images[chain].append(image)
            others += made[len(going) :]
        nested = self.config.mst.chain == "nested"
        hops = [
            Hop(image, label, times=len(labels) - k if nested else 1)
            for made, labels in zip(images, chains, strict=True)
            for k, (image, label) in enumerate(zip(made[1:], labels, strict=True))
        ]
        one_hop = hops[0] if len(chains[0]) == 1 else Hop(others[0], batch.target, times=0)
        return Fakes(hops, one_hop, others[-1] if self.config.lambda_rec > 0 else None)

    def logits(self, batch: Batch, fakes: Fakes, player: str) -> list[Tensor]:
        """D's logits for the update of a player, in one pass: of the data, for D itself, and then of all hops."""
        hops = [(hop.image, hop.label) for hop in fakes.hops]
        if player == "discriminator":
            return self.d((batch.image, batch.source), *((image.detach(), label) for image, label in hops))
        with frozen(self.discriminator):
            return self.d(*hops)

    def weights(self, batch: Batch, one_hop: Hop, logits: Tensor | None = None) -> tuple[Tensor, Losses]:
        """Eq. 7: AIW(x^t) = (1 + Delta l* - Delta l)^2 e^d of every sample, from its 1-hop image.

        Args:
            logits: D's of the 1-hop images, [B, 1, h, w]; without them it is asked here.

        Returns:
            The weights [B], B > 1, and what of them is logged.
        """
        config = self.config
        if not config.aiw.enabled:
            return torch.ones(len(batch.image), device=batch.image.device), {}
        assert self.embed is not None, "AIW needs phi"
        phi = self.embed
        with torch.no_grad():
            d = per_sample(full(self.d(one_hop[:2])[0] if logits is None else logits))
        with torch.set_grad_enabled(config.aiw.grad_through_kappa):
            places = [
                config.delta_l.r * F.normalize(full(x)) for x in in_one_pass(phi, (batch.image,), (one_hop.image,))
            ]
            permuted, relative = delta_l(distance_matrix(*places), config.delta_l.reduce)
            scale = kappa(permuted - relative, optimum(config.delta_l.optimum, config.delta_l.r, len(d)))
        weights = scale * importance(d, config.aiw.weight, config.aiw.clip)
        if config.aiw.shuffled:
            weights = weights[batch.draws["order"]]
        w = weights.detach()
        return weights, {
            "kappa": scale.detach(),
            "delta_l_n": permuted.detach(),
            "delta_l_p": relative.detach(),
            "weight_mean": w.mean(),
            "weight_max": w.max(),
            "effective_samples": w.sum() ** 2 / (w**2).sum(),
        }

    def discriminator_losses(self, fakes: Fakes, logits: list[Tensor], weights: Tensor) -> Losses:
        """Eq. 10 for D: L_D = -log D(x, a) - sum over hops of AIW log(1 - D(x^ti, a^ti))."""
        weights = weights.detach() if self.config.aiw.apply_to != "generator" else torch.ones_like(weights)
        real, *made = logits
        return {
            "real": minus_log_real(real).mean(),
            "fake": self.over_hops(fakes.hops, [weights * minus_log_fake(d) for d in made]),
        }

    def generator_losses(self, batch: Batch, fakes: Fakes, logits: list[Tensor], weights: Tensor) -> Losses:
        """Eq. 10 for G: L_G = L_adv + lambda_rec |x - G(x, a)| + lambda_l1 |G(x, b) - y|.

        L_adv is -sum over hops of AIW log D(x^ti, a^ti), or as printed with + AIW log(1 - D).
        """
        if self.config.aiw.apply_to == "discriminator":
            weights = torch.ones_like(weights)
        fool = minus_log_real if self.config.gan == "nonsat" else lambda d: -minus_log_fake(d)
        losses = {"adv": self.over_hops(fakes.hops, [weights * fool(d) for d in logits])}
        if fakes.same is not None:
            losses["rec"] = l1(fakes.same, batch.image)
        return losses | self.paired_l1(fakes.one_hop.image, batch)

    def over_hops(self, hops: list[Hop], terms: list[Tensor]) -> Tensor:
        """Sum (or mean) over hop terms of the batch means: values [B] each -> scalar."""
        summed = total(hop.times * term.mean() for hop, term in zip(hops, terms, strict=True))
        return summed if self.config.mst.reduce == "sum" else summed / sum(hop.times for hop in hops)
