"""CycleGAN against float64 oracles."""

import pytest
import torch

from insm.config.jobs import BudgetConfig, RunConfig
from insm.data.batch import Batch
from insm.methods.cyclegan import Config, Method
from insm.support.runtime import generator
from insm.training.model_file import load_method
from tests.methods.steps import terms, updates

SIZE = 16
SMALL = {
    "method": "cyclegan",
    "generator": {"width": 4, "downs": 1, "blocks": 1, "kernel": 3},
    "discriminator": {"width": 4, "downs": 1},
    "pool": 3,
}
ATTRIBUTE = [0, 1, 1, 0, 1, 0]


def method(**options) -> Method:
    torch.manual_seed(0)
    return Method(Config.model_validate(SMALL | options), 1, SIZE)


def batch(seed=0, labels=ATTRIBUTE, dtype=torch.float32, step=0) -> Batch:
    rng = generator(seed)
    image = (torch.rand(len(labels), 3, SIZE, SIZE, generator=rng) * 2 - 1).to(dtype)
    source = torch.tensor(labels, dtype=dtype)[:, None]
    return Batch(image, source, 1 - source, None, step=step)


# Networks.


@pytest.mark.parametrize(("size", "blocks", "count"), [(256, 9, 11_378_179), (128, 6, 7_837_699)])
def test_parameters_at_the_papers_sizes(size, blocks, count):
    with torch.device("meta"):
        m = Method(Config(method="cyclegan", generator={"blocks": blocks}), 1, size)
    for player, each in (("generators", count), ("discriminators", 2_764_737)):
        assert [sum(p.numel() for p in net.parameters()) for net in getattr(m, player)] == [each, each]
    assert Config(method="cyclegan").generator.blocks == 9


def test_initial_weights():
    m = method(generator={"width": 16, "downs": 1, "blocks": 1, "kernel": 3}, discriminator={"width": 16, "downs": 2})
    for player in m.players:
        parameters = list(getattr(m, player).parameters())
        spread = [p.std().item() for p in parameters if p.ndim == 4 and p.numel() > 400]
        assert spread == pytest.approx([0.02] * len(spread), rel=0.15)
        assert all(not p.any() for p in parameters if p.ndim == 1), "biases"
    first, second = (next(net.parameters()) for net in m.generators)
    assert not torch.equal(first, second)


# Losses.


def test_losses_match_a_float64_oracle():
    m, b = method().double(), batch(dtype=torch.float64)
    got = terms(m, b)
    a, z = b.image[[0, 3, 5]], b.image[[1, 2, 4]]  # the domains 0 and 1
    to_a, to_z = m.generators
    d_a, d_z = m.discriminators
    oracle = {
        "adv": ((d_a(to_a(z)) - 1) ** 2).mean() + ((d_z(to_z(a)) - 1) ** 2).mean(),
        "cyc": (to_a(to_z(a)) - a).abs().mean() + (to_z(to_a(z)) - z).abs().mean(),
        "idt": (to_a(a) - a).abs().mean() + (to_z(z) - z).abs().mean(),
        "real": ((d_a(a) - 1) ** 2).mean() + ((d_z(z) - 1) ** 2).mean(),
        "fake": (d_a(to_a(z)) ** 2).mean() + (d_z(to_z(a)) ** 2).mean(),  # the empty pools pass the fakes on
    }
    assert got.keys() == oracle.keys()
    for name, value in oracle.items():
        assert got[name].item() == pytest.approx(value.item(), rel=1e-9), name


def test_weighted_losses_are_the_papers():
    """L_D = [(D(x) - 1)^2 + D(G)^2] / 2 for each D, L_G = adv + 10 cycle + 5 identity."""
    config = Config(method="cyclegan")
    weights = {term: config.weight(term) for term in ("real", "fake", "adv", "cyc", "idt")}
    assert weights == {"real": 0.5, "fake": 0.5, "adv": 1, "cyc": 10, "idt": 5}
    assert Config(method="cyclegan", lambda_cyc=4, lambda_idt=0.25).weight("idt") == 1


def test_constant_discriminators_give_least_squares_by_hand():
    m = method()
    with torch.no_grad():
        for net, value in zip(m.discriminators, (0.25, 3.0), strict=True):
            net.layers[-1].weight.zero_()
            net.layers[-1].bias.fill_(value)
    got = terms(m, batch())
    assert got["real"].item() == pytest.approx(0.75**2 + 2**2) == got["adv"].item()
    assert got["fake"].item() == pytest.approx(0.25**2 + 3**2)


def test_patches_are_squared_before_they_are_averaged():
    m, b = method(), batch()
    got = terms(m, b)
    averaged_first = sum((m.discriminators[k](b.image[b.source[:, 0] == k]).mean() - 1) ** 2 for k in (0, 1))
    assert got["real"] > averaged_first + 1e-6


def test_identity_can_be_switched_off():
    off = method(lambda_idt=0)
    assert terms(off, batch()).keys() == {"adv", "cyc", "real", "fake"}
    assert off.config.relative_cost < method().config.relative_cost


@pytest.mark.parametrize("labels", [[0, 1], [1, 1, 0, 0], [1, 0, 0, 1]])
def test_domains_come_in_any_order(labels):
    assert all(torch.isfinite(value) for value in terms(method(), batch(labels=labels)).values())


@pytest.mark.parametrize("labels", [[0, 0, 0], [1, 1], [1, 0, 0, 0], [0, 1, 1]])
def test_a_batch_of_unequal_domains_names_the_cure(complains, labels):
    with complains("step 1", "cyclegan", "both domains", "training.sampling", "balanced"):
        next(updates(method(), batch(labels=labels)))


@pytest.mark.parametrize("n_attr", [0, 2, 10])
def test_several_attributes_are_refused(complains, n_attr):
    with complains("cyclegan", f"{n_attr} attributes", "one attribute"):
        Method(Config.model_validate(SMALL), n_attr, SIZE)


# Updates.


def test_generators_are_updated_before_discriminators():
    assert [update.player for update in updates(method(), batch())] == ["generators", "discriminators"]


def test_each_step_leaves_the_other_player_without_gradient():
    m = method()
    for player, losses, _ in updates(m, batch()):
        sum(losses.values()).backward()
        other = next(name for name in m.players if name != player)
        assert all(p.grad is not None for p in getattr(m, player).parameters())
        assert all(p.grad is None and p.requires_grad for p in getattr(m, other).parameters())
        m.zero_grad(set_to_none=True)


def test_discriminators_see_the_fakes_from_before_the_generators_update():
    m, b = method(), batch()
    with torch.no_grad():
        fakes = [m.generators[k](b.image[b.source[:, 0] == 1 - k]) for k in (0, 1)]
    for player, losses, _ in updates(m, b):
        if player == "generators":
            with torch.no_grad():
                for p in m.generators.parameters():
                    p.add_(1)
        else:
            with torch.no_grad():
                oracle = sum((m.discriminators[k](fakes[k]) ** 2).mean() for k in (0, 1))
            assert losses["fake"].item() == pytest.approx(oracle.item(), rel=1e-5)


def test_discriminators_see_earlier_fakes_once_the_pools_are_full():
    pooled, plain = method(), method(pool=0)
    differs = []
    for k in range(6):
        one, other = (terms(m, batch(k, step=k), seed=k)["fake"] for m in (pooled, plain))
        differs.append(not torch.equal(one, other))
    assert not differs[0] and any(differs[1:])
    assert all(pool.images.flatten(1).any(dim=1).all() for pool in pooled.pools), "full"


def test_a_restored_method_draws_the_same_fakes():
    one, two = method(), method()
    for k in range(4):
        terms(one, batch(k, step=k))
    two.load_state_dict(one.state_dict())
    for k in range(4, 8):
        first, second = terms(one, batch(k, step=k)), terms(two, batch(k, step=k))
        assert all(torch.equal(first[name], second[name]) for name in first)


# Translation.


def test_images_go_through_the_generator_of_their_target_domain():
    m, b = method(), batch()
    with torch.no_grad():
        made = m.translate(b.image, b.source, b.target)
        for k, attribute in enumerate(ATTRIBUTE):
            alone = m.generators[1 - attribute](b.image[k : k + 1])[0]
            torch.testing.assert_close(made[k], alone, atol=1e-5, rtol=1e-4)
    assert made.shape == b.image.shape and made.abs().max() <= 1


def test_images_in_their_target_domain_stay_as_they_are():
    m, b = method(), batch()
    before = b.image.clone()
    assert torch.equal(m.translate(b.image, b.source, b.source), before)
    some = m.translate(b.image, b.source, torch.ones_like(b.source))
    assert [torch.equal(x, y) for x, y in zip(some, before, strict=True)] == [attribute == 1 for attribute in ATTRIBUTE]
    assert torch.equal(b.image, before)


# Training.


def test_training_stopped_and_resumed_gives_the_same_bytes(shoes, resumes):
    run = RunConfig(
        task="shoes", variant="tiny", seed=0, dataset="footwear", size=32, method=SMALL | {"ema": 0.5},
        training=BudgetConfig(updates=5, batch=4, sampling="balanced", target="flip"),
    )  # fmt: skip
    loaded, _ = load_method(resumes(run, shoes, crash_at=3), torch.device("cpu"))
    assert not any(pool.images.any() for pool in loaded.pools), "a finished model holds no pool"
