"""AttGAN's networks: published sizes at 128 and 256 px, the same design on smaller images."""

import pytest
import torch
from torch.func import functional_call

from insm.losses.gan import gradient_penalty, penalty_places
from insm.networks.attgan import Discriminator, DiscriminatorConfig, Generator, GeneratorConfig, channels
from insm.networks.scaling import levels

A = 3


def count(kind, n_attr, size, config) -> int:
    with torch.device("meta"):
        return sum(p.numel() for p in kind(n_attr, size, config).parameters())


def small(kind, config, size=32, seed=0):
    torch.manual_seed(seed)
    return kind(A, size, config)


def image(n=2, size=32):
    return torch.rand(n, 3, size, size, generator=torch.Generator().manual_seed(1)) * 2 - 1


# Sizes.


@pytest.mark.parametrize("size", [128, 256])
@pytest.mark.parametrize(("n_attr", "parameters"), [(10, 43_385_475), (1, 43_164_291), (13, 43_459_203)])
def test_generator_parameters_are_the_released_ones(n_attr, size, parameters):
    assert count(Generator, n_attr, size, GeneratorConfig()) == parameters


@pytest.mark.parametrize(
    ("n_attr", "size", "parameters"),
    [(10, 128, 44_715_915), (10, 256, 145_379_211), (1, 128, 44_706_690), (1, 256, 145_369_986)],
)
def test_discriminator_parameters_are_the_released_ones(n_attr, size, parameters):
    assert count(Discriminator, n_attr, size, DiscriminatorConfig()) == parameters


@pytest.mark.parametrize(
    ("size", "number"), [(512, 5), (256, 5), (128, 5), (96, 4), (64, 4), (48, 3), (32, 3), (16, 2)]
)
def test_levels_keep_the_coarsest_map_of_128_px(size, number):
    assert levels(size, 5) == number
    if size <= 128:
        assert 4 <= size / 2**number < 8


@pytest.mark.parametrize(("size", "full", "number"), [(32, 6, 4), (32, 1, 1), (1, 5, 1), (1024, 2, 2)])
def test_levels_are_at_least_one_and_never_more_than_the_full_number(size, full, number):
    assert levels(size, full) == number


def test_channels_double_and_can_be_given():
    assert channels(32, GeneratorConfig(width=16), "generator") == [16, 32, 64]
    assert channels(32, GeneratorConfig(width=8, levels=2), "generator") == [8, 16]
    assert channels(256, GeneratorConfig(), "generator") == [64, 128, 256, 512, 1024]
    assert channels(256, DiscriminatorConfig(width=128), "discriminator") == [128, 256, 512, 1024, 1024], "as released"


def test_a_size_that_cannot_be_halved_often_enough_is_refused(complains):
    with complains("key generator.levels", "144 px", "5 times", "multiple of 32"):
        Generator(A, 144, GeneratorConfig(width=2))


@pytest.mark.parametrize("size", [16, 32, 48, 64, 128])
@pytest.mark.parametrize(("shortcuts", "injections"), [(0, 0), (1, 1), (2, 0), (9, 9)])
def test_shapes_at_any_size(size, shortcuts, injections):
    config = GeneratorConfig(width=2, shortcuts=shortcuts, injections=injections)
    made = small(Generator, config, size)(image(2, size), torch.zeros(2, A))
    assert made.shape == (2, 3, size, size) and made.abs().max() <= 1
    score, logits = small(Discriminator, DiscriminatorConfig(width=2, features=4), size)(image(2, size))
    assert score.shape == (2,) and logits.shape == (2, A)


def test_features_halve_from_level_to_level():
    shapes = [x.shape[1:] for x in small(Generator, GeneratorConfig(width=4)).encode(image())]
    assert shapes == [(4, 16, 16), (8, 8, 8), (16, 4, 4)]


# Behaviour.


def test_condition_changes_the_image_at_initialisation_in_either_mode():
    network, label = small(Generator, GeneratorConfig(width=8)), torch.tensor([[0.5] * A, [-0.5] * A])
    for mode in (True, False):
        network.train(mode)
        with torch.no_grad():
            assert (network(image(), label) - network(image(), -label)).abs().amax(dim=(1, 2, 3)).min() > 1e-3


def test_test_mode_translates_every_image_alone():
    network, label = small(Generator, GeneratorConfig(width=4)), torch.eye(A)[:2]
    network(image(), label)  # moves the running statistics
    network.eval()
    alone = torch.cat([network(image()[k : k + 1], label[k : k + 1]) for k in range(2)])
    torch.testing.assert_close(network(image(), label), alone, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("momentum", [0.001, 0.1])
def test_running_statistics_move_by_the_momentum(momentum):
    """With a share m of every batch, one batch takes means of 0 and variances of 1 that far towards its own."""
    network = small(Generator, GeneratorConfig(width=4, bn_momentum=momentum))
    norm = next(m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d))
    seen = []
    norm.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    network.encode(image())
    torch.testing.assert_close(norm.running_mean, momentum * seen[0].mean(dim=(0, 2, 3)))
    torch.testing.assert_close(norm.running_var, 1 - momentum + momentum * seen[0].var(dim=(0, 2, 3)))


def test_injected_levels_see_the_condition_beside_the_latent_code():
    """With the latent code's part of the weights cleared, only an injection lets the condition through."""
    for injections in (0, 1):
        network = small(Generator, GeneratorConfig(width=4, injections=injections)).eval()
        with torch.no_grad():
            network.decoder[0][0].weight.zero_()
            one, other = (network(image(), torch.full((2, A), attribute)) for attribute in (-0.5, 0.5))
        assert torch.equal(one, other) == (injections == 0)


@pytest.mark.parametrize("shortcuts", [0, 1, 2])
def test_shortcuts_start_at_the_coarsest_level(shortcuts):
    network = small(Generator, GeneratorConfig(width=4, shortcuts=shortcuts)).eval()
    features = network.encode(image())
    used = []
    for k in (1, 0):  # the coarsest is always used
        changed = [x + (k == i) for i, x in enumerate(features)]
        used.append(
            not torch.equal(network.decode(features, torch.zeros(2, A)), network.decode(changed, torch.zeros(2, A)))
        )
    assert used == [shortcuts > 0, shortcuts > 1]


def test_score_is_the_first_head_alone():
    network = small(Discriminator, DiscriminatorConfig(width=4, features=8))
    assert torch.equal(network.score(image()), network(image())[0])


def test_discriminator_judges_every_image_alone_in_either_mode():
    network = small(Discriminator, DiscriminatorConfig(width=4, features=8))
    expected = network(image())[1]
    alone = torch.cat([network.train(mode)(image()[k : k + 1])[1] for k, mode in enumerate((True, False))])
    torch.testing.assert_close(expected, alone, atol=1e-5, rtol=1e-4)


def test_leaky_relu_has_the_given_slope():
    for kind, config, part in (
        (Generator, GeneratorConfig, lambda net: net.encoder[0][-1]),
        (Discriminator, DiscriminatorConfig, lambda net: net.critic[1]),
    ):
        for slope in (0.2, 0.05):
            assert part(small(kind, config(width=2, slope=slope)))(torch.tensor([-1.0])).item() == pytest.approx(-slope)


def test_normalisations_add_their_eps_to_the_variance():
    """Far above any variance it divides by its own root alone: a hundredfold eps makes features ten times smaller."""
    coarse = {}
    for eps in (1e6, 1e8):
        generator = small(Generator, GeneratorConfig(width=4, levels=1, bn_eps=eps))
        discriminator = small(Discriminator, DiscriminatorConfig(width=4, levels=1, in_eps=eps))
        coarse[eps] = torch.cat([generator.encode(image())[0].flatten(), discriminator.trunk(image()).flatten()])
    torch.testing.assert_close(coarse[1e6], 10 * coarse[1e8], rtol=1e-3, atol=1e-8)


@pytest.mark.parametrize(("kind", "config"), [(Generator, GeneratorConfig), (Discriminator, DiscriminatorConfig)])
def test_initial_weights(kind, config):
    xavier, normal, default = (small(kind, config(width=16, init=init)) for init in ("xavier", "normal", "default"))
    for name, layer in xavier.named_modules():
        if isinstance(layer, (torch.nn.Conv2d, torch.nn.ConvTranspose2d, torch.nn.Linear)):
            field = layer.weight[0, 0].numel() if layer.weight.ndim == 4 else 1
            bound = (6 / (field * sum(layer.weight.shape[:2]))) ** 0.5  # Glorot and Bengio, AISTATS 2010
            assert layer.weight.abs().max() <= bound
            assert layer.bias is None or not layer.bias.any()
            if layer.weight.numel() > 2000:
                assert layer.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.05)
                assert normal.get_submodule(name).weight.std().item() == pytest.approx(0.02, rel=0.1)
                assert default.get_submodule(name).weight.std().item() != pytest.approx(bound / 3**0.5, rel=0.1)


def test_the_gradient_penalty_differentiates_twice_through_the_norms():
    """In float64, against finite differences, for every weight of the critic."""
    critic = small(Discriminator, DiscriminatorConfig(width=2, levels=2, features=3), size=8).double()
    weights = {name: value for name, value in critic.named_parameters() if not name.startswith("classifier")}
    ends = image(4, size=8).double().chunk(2)

    def penalty(*values):
        changed = dict(zip(weights, values, strict=True))
        score = lambda x: functional_call(critic, changed, (x,))[0]  # noqa: E731
        return gradient_penalty(score, *ends, penalty_places(len(ends[0]), torch.Generator().manual_seed(0)))

    assert any("trunk.1." in name for name in weights), "a scale and a shift of instance norm"
    assert torch.autograd.gradcheck(penalty, tuple(weights.values()))
