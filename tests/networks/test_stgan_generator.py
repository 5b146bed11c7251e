"""STGAN's generator: published sizes, and the selective transfer unit against its equations."""

import math

import pytest
import torch
import torch.nn.functional as F

from insm.networks.stgan import Generator, GeneratorConfig, SelectiveTransferUnit

A = 3


def small(size=32, **options) -> Generator:
    torch.manual_seed(0)
    return Generator(A, size, GeneratorConfig(width=4, **options))


def image(n=2, size=32):
    return torch.rand(n, 3, size, size, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.mark.parametrize("size", [128, 256])
@pytest.mark.parametrize(("n_attr", "parameters"), [(10, 74_860_387), (1, 74_445_235)])
def test_parameters_are_the_released_ones(n_attr, size, parameters):
    with torch.device("meta"):
        network = Generator(n_attr, size, GeneratorConfig())
    assert sum(p.numel() for p in network.parameters()) == parameters


@pytest.mark.parametrize(("size", "units"), [(256, 4), (128, 4), (64, 3), (32, 2), (16, 1)])
def test_a_unit_for_every_level_but_the_coarsest(size, units):
    with torch.device("meta"):
        assert len(small(size).units) == units
        assert len(small(size, shortcuts=1).units) == 1


@pytest.mark.parametrize("size", [16, 32, 48, 64, 128])
@pytest.mark.parametrize(("shortcuts", "injections"), [(4, 4), (1, 0), (0, 1)])
def test_shapes_at_any_size(size, shortcuts, injections):
    made = small(size, shortcuts=shortcuts, injections=injections)(image(2, size), torch.zeros(2, A))
    assert made.shape == (2, 3, size, size) and made.abs().max() <= 1


# The selective transfer unit.


def test_unit_by_hand():
    """One channel, one attribute, a 1 x 1 state: every pixel sees the same numbers, so the equations are scalar."""
    unit = SelectiveTransferUnit(1, 1, 1)
    f, s, d = 0.3, -0.7, 1.0
    weights = {"up": (1.0, 0.1), "reset": (0.2, -0.3), "update": (-0.4, 0.5), "candidate": (0.6, -0.2)}
    layers = {"up": unit.up, "reset": unit.reset, "update": unit.update, "candidate": unit.candidate}
    for name, (weight, bias) in weights.items():
        torch.nn.init.constant_(layers[name].weight, weight)
        torch.nn.init.constant_(layers[name].bias, bias)
    sigmoid = lambda t: 1 / (1 + math.exp(-t))  # noqa: E731
    old = s + d + 0.1
    r = sigmoid(4 * 0.2 * (f + old) - 0.3)  # 3 x 3 windows on a 2 x 2 map see its 4 pixels and zeros
    u = sigmoid(4 * -0.4 * (f + old) + 0.5)
    state = r * old
    new = math.tanh(4 * 0.6 * (f + state) - 0.2)
    got, kept = unit(torch.full((1, 1, 2, 2), f), torch.full((1, 1, 1, 1), s), torch.tensor([[d]]))
    torch.testing.assert_close(kept, torch.full((1, 1, 2, 2), state))
    torch.testing.assert_close(got, torch.full((1, 1, 2, 2), (1 - u) * old + u * new))


def test_unit_matches_its_equations():
    torch.manual_seed(0)
    unit = SelectiveTransferUnit(A, 6, 4).double()
    f, s, d = torch.randn(2, 4, 6, 6).double(), torch.randn(2, 6, 3, 3).double(), torch.randn(2, A).double()
    tiled = d.view(2, A, 1, 1) * torch.ones(1, 1, 3, 3).double()
    old = F.conv_transpose2d(torch.cat([s, tiled], 1), unit.up.weight, unit.up.bias, stride=2, padding=1)
    conv = lambda layer, x: F.conv2d(x, layer.weight, layer.bias, padding=1)  # noqa: E731
    r = 1 / (1 + (-conv(unit.reset, torch.cat([f, old], 1))).exp())
    u = 1 / (1 + (-conv(unit.update, torch.cat([f, old], 1))).exp())
    new = conv(unit.candidate, torch.cat([f, r * old], 1)).tanh()
    got, kept = unit(f, s, d)
    torch.testing.assert_close(kept, r * old)
    torch.testing.assert_close(got, (1 - u) * old + u * new)


@pytest.mark.parametrize("gate", [-50.0, 50.0])
def test_a_closed_update_gate_passes_the_state_and_an_open_one_new_features(gate):
    torch.manual_seed(0)
    unit = SelectiveTransferUnit(A, 6, 4)
    torch.nn.init.constant_(unit.update.bias, gate)
    state, d = torch.randn(1, 6, 3, 3), torch.randn(1, A)
    one, other = (unit(torch.randn(1, 4, 6, 6), state, d)[0] for _ in range(2))
    assert torch.allclose(one, other, atol=1e-6) == (gate < 0)


def test_the_state_and_not_the_output_goes_to_the_next_unit():
    network, seen = small().eval(), []
    for unit in network.units:
        unit.register_forward_hook(lambda _, inputs, outputs: seen.append((inputs, outputs)))
    features = network.encode(image())
    network.decode(features, torch.ones(2, A))
    (first, made), (second, _) = seen
    assert first[1] is features[2] and first[0] is features[1], "coarsest features are the first state"
    assert second[1] is made[1] and second[0] is features[0]


# The generator.


def test_difference_changes_the_image_at_initialisation():
    network, ones = small().eval(), torch.ones(2, A)
    with torch.no_grad():
        nothing, forth, back = (network(image(), d) for d in (0 * ones, ones, -ones))
    for one, other in ((nothing, forth), (nothing, back), (forth, back)):
        assert (one - other).abs().amax(dim=(1, 2, 3)).min() > 1e-3


def test_the_units_see_the_difference():
    """With the decoder blind to it, the difference still reaches the image through the skips."""
    network = small(injections=0).eval()
    with torch.no_grad():
        network.decoder[0][0].weight.zero_()
        one, other = (network(image(), torch.full((2, A), d)) for d in (0.0, 1.0))
    assert not torch.equal(one, other)


@pytest.mark.parametrize("init", ["xavier", "normal"])
def test_units_are_initialised_like_the_rest(init):
    unit = small(init=init).units[0]
    for layer in (unit.up, unit.reset, unit.update, unit.candidate):
        fans = layer.weight[0, 0].numel() * sum(layer.weight.shape[:2])
        assert not layer.bias.any()
        assert layer.weight.std().item() == pytest.approx((2 / fans) ** 0.5 if init == "xavier" else 0.02, rel=0.1)
