"""AttGAN's losses against definitions in float64, its schedule and its labels; what STGAN shares is tested for both."""

import pytest
import torch

from insm.config.jobs import BudgetConfig, RunConfig
from insm.data import target_labels
from insm.data.batch import Batch
from insm.methods import attgan
from insm.networks.method import METHODS
from insm.support.runtime import generator
from insm.training.model_file import load_method
from tests.methods.steps import updates, with_draws

B, A, SIZE = 4, 3, 32
SMALL = {"generator": {"width": 4}, "discriminator": {"width": 4, "features": 16}}
BOTH = pytest.mark.parametrize("name", ["attgan", "stgan"])
DISCRIMINATOR, GENERATOR = 0, 5  # steps of the two players


def method(name="attgan", **options):
    torch.manual_seed(0)
    module = METHODS.load(name)
    return module.Method(module.Config.model_validate({"method": name} | SMALL | options), A, SIZE)


def batch(step=0, paired=False, dtype=torch.float32) -> Batch:
    rng = generator(7)
    image, partner = (torch.rand(2, B, 3, SIZE, SIZE, generator=rng) * 2 - 1).to(dtype)
    source = torch.tensor([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]]).to(dtype)
    return Batch(image, source, target_labels.permuted(source, rng), partner if paired else None, step=step)


def losses(m, b) -> dict[str, torch.Tensor]:
    (update,) = updates(m, b)
    return update.losses


def bce(logits, labels):
    p = 1 / (1 + (-logits).exp())
    return -(labels * p.log() + (1 - labels) * (1 - p).log()).sum() / labels.numel()


# Losses.


@BOTH
def test_discriminator_losses_match_a_float64_oracle(name):
    m, b = method(name).double(), batch(DISCRIMINATOR, dtype=torch.float64)
    got = losses(m, b)
    assert got.keys() == {"real", "fake", "gp", "cls_real"}
    fake = m.generator(b.image, m.condition(b.source, b.target)).detach()
    (real_score, logits), (fake_score, _) = m.discriminator(b.image), m.discriminator(fake)
    alpha = with_draws(m, b).draws["gp"].flatten()
    norms = []
    for k in range(B):  # instance norm: images do not touch each other
        x = (alpha[k] * b.image[k] + (1 - alpha[k]) * fake[k])[None].requires_grad_()
        norms.append(torch.autograd.grad(m.discriminator(x)[0].sum(), x)[0].norm())
    assert torch.allclose(got["real"], -real_score.sum() / B)
    assert torch.allclose(got["fake"], fake_score.sum() / B)
    assert torch.allclose(got["gp"], sum((norm - 1) ** 2 for norm in norms) / B)
    assert torch.allclose(got["cls_real"], bce(logits, b.source))


@BOTH
def test_generator_losses_match_a_float64_oracle(name):
    m, b = method(name, lambda_l1=100).double(), batch(GENERATOR, paired=True, dtype=torch.float64)
    got = losses(m, b)
    assert got.keys() == {"adv", "cls", "rec", "l1"}
    fake = m.generator(b.image, m.condition(b.source, b.target))
    same = m.generator(b.image, m.condition(b.source, b.source))
    score, logits = m.discriminator(fake)
    assert torch.allclose(got["adv"], -score.sum() / B)
    assert torch.allclose(got["cls"], bce(logits, b.target))
    assert torch.allclose(got["rec"], (same - b.image).abs().sum() / b.image.numel())
    assert torch.allclose(got["l1"], (fake - b.truth).abs().sum() / b.image.numel())


def test_paired_term_is_left_out_without_weight_or_pairs():
    assert "l1" not in losses(method(), batch(GENERATOR, paired=True))
    assert "l1" not in losses(method(lambda_l1=100), batch(GENERATOR))


@BOTH
def test_weights_are_the_papers(name):
    config = method(name).config
    terms = ("real", "fake", "gp", "cls_real", "adv", "cls", "rec")
    assert [config.weight(term) for term in terms] == [1, 1, 10, 1, 1, 10, 100]
    assert config.optimiser.lr == 2e-4 and (config.optimiser.beta1, config.optimiser.beta2) == (0.5, 0.999)
    assert config.optimiser.rate(99, 200) == 2e-4 and config.optimiser.rate(100, 200) == pytest.approx(2e-5)


# Schedule.


@BOTH
@pytest.mark.parametrize("d_steps", [1, 5])
def test_every_batch_updates_one_player(name, d_steps):
    m = method(name, d_steps=d_steps)
    players = [[update.player for update in updates(m, batch(step))] for step in range(2 * d_steps + 2)]
    assert players == 2 * ([["discriminator"]] * d_steps + [["generator"]])
    assert m.config.generator_updates_per_step == 1 / (d_steps + 1)


@BOTH
@pytest.mark.parametrize(
    ("step", "player", "other"), [(0, "discriminator", "generator"), (5, "generator", "discriminator")]
)
def test_a_step_leaves_the_other_player_without_gradient(name, step, player, other):
    m = method(name)
    sum(losses(m, batch(step)).values()).backward()
    assert all(p.grad is None and p.requires_grad for p in getattr(m, other).parameters())
    assert all(p.grad is not None and p.grad.isfinite().all() for p in getattr(m, player).parameters())


def test_only_real_images_teach_the_classifier():
    m, b = method(), batch(DISCRIMINATOR)
    terms = losses(m, b)
    bias = m.discriminator.classifier[-1].bias
    used = {
        term
        for term, value in terms.items()
        if torch.autograd.grad(value, bias, allow_unused=True, retain_graph=True)[0] is not None
    }
    assert used == {"cls_real"}


# Labels.


@pytest.mark.parametrize(("label_range", "low", "high"), [("half", -0.5, 0.5), ("plus_minus_one", -1.0, 1.0)])
def test_condition_is_the_target_and_intensity_amplifies_only_edited_labels(label_range, low, high):
    m = method(label_range=label_range)
    source, target = torch.tensor([[0.0, 1.0, 1.0, 0.0]]), torch.tensor([[1.0, 0.0, 1.0, 0.0]])
    assert m.condition(source, target).tolist() == [[high, low, high, low]]
    assert m.condition(source, target, 2.0).tolist() == [[2 * high, 2 * low, high, low]]
    assert m.condition(source, source, 2.0).tolist() == [[low, high, high, low]]


@BOTH
def test_the_generator_sees_conditions_and_intensity_only_in_translation(name):
    m, seen = method(name, test_intensity=3.0), []
    decode = m.generator.decode
    m.generator.decode = lambda features, condition: (seen.append(condition), decode(features, condition))[1]
    b = batch(GENERATOR)
    losses(m, b)
    losses(m, batch(DISCRIMINATOR))
    m.translate(b.image, b.source, b.target)
    plain = m.condition(b.source, b.target)
    expected = [plain, m.condition(b.source, b.source), plain, m.condition(b.source, b.target, 3.0)]
    assert len(seen) == 4 and all(torch.equal(one, other) for one, other in zip(seen, expected, strict=True))


@BOTH
def test_translation_has_shape_and_range_and_follows_the_label(name):
    m, b = method(name).eval(), batch()
    with torch.no_grad():
        here, there = (m.translate(b.image, b.source, target) for target in (b.source, 1 - b.source))
    assert here.shape == b.image.shape and here.abs().max() <= 1
    assert (here - there).abs().amax(dim=(1, 2, 3)).min() > 1e-3


# Training.


@BOTH
def test_a_crashed_run_resumes_bit_for_bit_and_translates(name, split, resumes):
    run = RunConfig(
        task="faces", variant="tiny", seed=0, method={"method": name, "d_steps": 2, "ema": 0.5} | SMALL,
        dataset="portraits", size=32, training=BudgetConfig(updates=6, batch=4),
    )  # fmt: skip
    loaded, _ = load_method(resumes(run, split, crash_at=5), torch.device("cpu"))
    image, labels = torch.rand(2, 3, 32, 32) * 2 - 1, torch.zeros(2, 10)
    together = loaded.translate(image, labels, 1 - labels)
    torch.testing.assert_close(
        together[:1], loaded.translate(image[:1], labels[:1], 1 - labels[:1]), atol=1e-5, rtol=1e-4
    )


def test_discriminator_steps_move_the_running_statistics_of_the_generator():
    """They see the same kind of batch as the generator's own steps do, and five times as many."""
    m = method()
    before = {name: value.clone() for name, value in m.generator.named_buffers() if "mean" in name}
    losses(m, batch(DISCRIMINATOR))
    after = dict(m.generator.named_buffers())
    assert before and all(not torch.equal(value, after[name]) for name, value in before.items())


def test_defaults_stay_those_of_the_paper():
    config = attgan.Config(method="attgan")
    assert (config.d_steps, config.label_range, config.test_intensity) == (5, "half", 2.0)
    assert (config.generator.shortcuts, config.generator.injections, config.generator.width) == (1, 1, 64)
    assert (config.generator.bn_eps, config.generator.bn_momentum, config.discriminator.in_eps) == (1e-3, 1e-3, 1e-6)
    assert config.generator.slope == config.discriminator.slope == 0.2
    assert config.discriminator.features == 1024
