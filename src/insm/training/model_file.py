"""A finished model as a file."""

from pathlib import Path

import torch
from torch import Tensor

from insm.config.jobs import RunConfig
from insm.data.dataset import load_dataset
from insm.networks.method import Method
from insm.support import torch_files
from insm.support.errors import UserError
from insm.support.schema import parse


def weights(method: Method) -> dict[str, Tensor]:
    """The trained parameters of every player, without phi."""
    return {
        f"{player}.{name}": value.cpu()
        for player in method.players
        for name, value in getattr(method, player).state_dict().items()
    }


def load_method(path: Path, device: torch.device) -> tuple[Method, RunConfig]:
    """Open a finished model for translation.

    Raises:
        UserError: the file is broken, or its weights do not fit the method that it names.
    """
    content = torch_files.load(path, "run", "weights", device=device)
    run: RunConfig = parse(RunConfig, content["run"], path)
    dataset = load_dataset(run.dataset)
    method = run.method_class()(run.method_config(), len(dataset.attributes), run.size).to(device)
    try:
        method.load_state_dict(content["weights"])
    except RuntimeError:
        raise UserError(f"{path} holds weights of another method than {run.method['method']}: train it again") from None
    return method.eval(), run
