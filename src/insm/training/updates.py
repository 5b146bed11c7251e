"""What a training computes: every update of a run's networks, a function of (settings, prepared split, phi, step).

The bytes of a trained model depend on this module and what it imports, beside torch; logs, checkpoints and commands
are elsewhere and change none of them.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from insm.config.jobs import RunConfig
from insm.data.batch import Batch
from insm.data.dataset import load_dataset
from insm.data.prepared_split import PreparedSplit
from insm.data.sampler import Sampler, fits
from insm.networks.method import Method, Update
from insm.support.errors import UserError
from insm.support.runtime import initial_seed
from insm.training.weight_average import WeightAverage

Values = dict[str, Tensor]


class Updates:
    """Networks, optimisers, batches and moving averages of one run.

    Args:
        run: what is trained.
        split: training images, of the run's size.
        embed: phi, for methods that use it.
        device: where everything is computed.

    Attributes:
        total: steps of the whole run.
        losses: last unweighted value of each loss term, a scalar on the device: not every step updates every network.
        logged: likewise of what else the method logs.
        finite: of each network, whether all of its losses were finite until now, a bool on the device.
        arithmetic: makes the context in which losses are computed, for another precision.
        gradients: called with the network between the backward pass of an update and the optimiser's step.

    Raises:
        UserError: the split is of another size, or does not fit the run.
    """

    def __init__(
        self, run: RunConfig, split: PreparedSplit, embed: nn.Module | None, device: torch.device | str = "cpu"
    ):
        if split.size != run.size:
            raise UserError(
                f"key data.size: {split.name} holds {split.size} px, the run wants {run.size} px: make it again"
            )
        config, training = run.method_config(), run.training
        self.dataset = load_dataset(run.dataset)
        torch.manual_seed(initial_seed(run.seed))
        method: Method = run.method_class()(config, len(self.dataset.attributes), split.size, embed)
        self.method = method.to(device)
        self.optimisers = {
            player: torch.optim.Adam(
                network.parameters(),
                config.optimiser.lr,
                (config.optimiser.beta1, config.optimiser.beta2),
                fused=True,
            )
            for player, network in self.players().items()
        }
        self.sampler = Sampler(
            split,
            self.dataset,
            batch=training.batch,
            seed=run.seed,
            flip=training.flip,
            jitter=training.jitter,
            sampling=training.sampling,
            target=training.target,
            draws=self.method.draws,
            device=device,
            resident=fits(split, device),
        )
        self.average = WeightAverage(self.method, config.ema)
        self.total = training.steps(len(split), config)
        self.losses: Values = {}
        self.logged: Values = {}
        self.finite = {player: torch.tensor(True, device=device) for player in self.method.players}
        self.arithmetic: Callable[[], AbstractContextManager] = nullcontext
        self.gradients: Callable[[nn.Module], None] = lambda network: None

    def players(self) -> dict[str, nn.Module]:
        """The networks that are trained, by name."""
        return {player: getattr(self.method, player) for player in self.method.players}

    def __call__(self, step: int) -> None:
        """One training step, counted from 0: one batch and every update that the method makes of it."""
        self.set_rates(step)
        self.average.update(self.apply(self.sampler(step)))

    def set_rates(self, step: int) -> None:
        """Give the optimisers the learning rate of a step."""
        rate = self.method.config.optimiser.rate(step, self.total)
        for optimiser in self.optimisers.values():
            for group in optimiser.param_groups:
                if isinstance(group["lr"], Tensor):  # a captured step reads it on the device
                    group["lr"].fill_(rate)
                else:
                    group["lr"] = rate

    def apply(self, batch: Batch) -> set[str]:
        """The updates of a batch, without reading any tensor's value in Python; returns who was updated."""
        updated = set()
        for player, losses, logged in inside(self.arithmetic, self.method.steps(batch)):
            self.optimisers[player].zero_grad(set_to_none=True)
            loss = self.method.config.objective(losses)
            loss.backward()
            self.gradients(getattr(self.method, player))
            self.optimisers[player].step()
            updated.add(player)
            self.finite[player].logical_and_(loss.detach().isfinite())
            self.losses |= {name: value.detach() for name, value in losses.items()}
            self.logged |= logged
        return updated

    def state_dict(self) -> dict[str, Any]:
        """Everything that going on from here needs."""
        return {
            "losses": self.losses,
            "logged": self.logged,
            "method": self.method.state_dict(),
            "optimisers": {player: optimiser.state_dict() for player, optimiser in self.optimisers.items()},
            "average": self.average.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from where `state_dict` was taken; other keys are left alone."""
        self.losses, self.logged = state["losses"], state["logged"]
        self.method.load_state_dict(state["method"])
        for player, content in state["optimisers"].items():
            self.optimisers[player].load_state_dict(content)
        self.average.load_state_dict(state["average"])


def inside(context: Callable[[], AbstractContextManager], updates: Iterable[Update]) -> Iterator[Update]:
    """The updates, each computed inside a context of its own that is left before it is used."""
    updates = iter(updates)
    while True:
        with context():
            update = next(updates, None)
        if update is None:
            return
        yield update
