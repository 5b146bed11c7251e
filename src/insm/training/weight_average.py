"""Moving averages of a method's weights."""

from collections.abc import Collection, Iterator

from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from insm.networks.method import Method


class WeightAverage(nn.Module):
    """Exponential moving averages of the networks that translate; with a decay of 0 there are none.

    Args:
        method: `method.translators` names the networks.
        decay: share of the old average in the new one, in [0, 1).
    """

    def __init__(self, method: Method, decay: float):
        super().__init__()
        self.method = [method]  # in a list: not a submodule, so not part of the state
        average = get_ema_multi_avg_fn(decay)
        for name in method.translators if decay else ():
            self.add_module(name, AveragedModel(getattr(method, name), multi_avg_fn=average, use_buffers=True))

    def averages(self) -> Iterator[tuple[str, AveragedModel]]:
        """The averages by the names of their networks."""
        return ((name, child) for name, child in self.named_children() if isinstance(child, AveragedModel))

    def update(self, players: Collection[str]) -> None:
        """Take the weights of those networks into the averages that belong to `players`, who were just updated."""
        for name, average in self.averages():
            if name in players:  # the others' weights are as they were: their averages would only forget
                average.update_parameters(getattr(self.method[0], name))

    def replace(self) -> None:
        """Put the averages in place of the weights."""
        for name, average in self.averages():
            getattr(self.method[0], name).load_state_dict(average.module.state_dict())
