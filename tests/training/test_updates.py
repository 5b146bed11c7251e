"""The updates of a run: a function of settings, images, phi and step, whose bytes depend on few modules."""

import copy

import grimp
import torch
from torch import nn

from insm.config.jobs import BudgetConfig, RunConfig
from insm.training.updates import Updates


class Colours(nn.Module):
    """A phi without weights."""

    def forward(self, image):
        return image.mean(dim=(2, 3))


def updates(split, **method) -> Updates:
    """Of a small run of INIT, or of another method."""
    small = {
        "method": "init", "lambda_rec": 1, "optimiser": {"lr_decay": "linear"},
        "generator": {"width": 4, "downs": 1, "blocks": 1, "kernel": 3}, "discriminator": {"width": 4, "downs": 1},
    }  # fmt: skip
    run = RunConfig(
        task="faces", variant="tiny", seed=0, method=small | method, dataset="portraits", size=32,
        training=BudgetConfig(updates=6, batch=4, flip=True),
    )  # fmt: skip
    return Updates(run, split, Colours())


def weights(u: Updates) -> list[torch.Tensor]:
    return [value.clone() for value in u.method.state_dict().values()]


def test_a_copy_of_the_state_goes_on_with_the_same_bytes(split):
    straight, resumed = updates(split), updates(split)
    for step in range(4):
        straight(step)
        if step == 1:
            resumed.load_state_dict(copy.deepcopy(straight.state_dict()))
    for step in (2, 3):
        resumed(step)
    assert all(torch.equal(a, b) for a, b in zip(weights(straight), weights(resumed), strict=True))
    assert straight.losses == resumed.losses and straight.logged == resumed.logged


def test_every_step_has_the_rate_of_its_place_in_the_run(split):
    u, rates = updates(split), []
    for step in range(u.total):
        u(step)
        rates += [group["lr"] for optimiser in u.optimisers.values() for group in optimiser.param_groups]
    expected = [u.method.config.optimiser.rate(step, u.total) for step in range(u.total) for _ in u.optimisers]
    assert rates == expected and rates[-1] < rates[0]


def test_a_loss_that_was_not_finite_is_remembered(split):
    u = updates(split, lambda_rec=1)
    u(0)
    assert all(u.finite.values())
    u.method.generator.layers[0].weight.data[0, 0, 0, 0] = float("inf")
    u(1)
    u(2)
    assert not u.finite["generator"]


def test_gradients_are_seen_before_the_weights_move(split):
    u, seen = updates(split), []
    before = weights(u)
    u.gradients = lambda network: seen.append((network, [p.grad is not None for p in network.parameters()]))
    u(0)
    assert [network for network, _ in seen] == list(u.players().values())
    assert all(all(has) for _, has in seen)
    assert any(not torch.equal(a, b) for a, b in zip(before, weights(u), strict=True))


def test_what_computes_nothing_is_not_imported():
    graph = grimp.build_graph("insm")
    needed = {name.removeprefix("insm.") for name in graph.find_upstream_modules("insm.training.updates")}
    assert {"networks.method", "data.sampler", "config.jobs"} <= needed
    assert {name for name in needed if name.startswith("training.")} == {"training.weight_average"}
    assert {name.split(".")[0] for name in needed} <= {"config", "data", "losses", "networks", "support", "training"}
    assert not needed & {"config.plan", "config.study", "networks.model_file"}
