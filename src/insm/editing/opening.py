"""Opening a model: one that ships with the package, an exported one, or a run of a study."""

from importlib.resources import files
from pathlib import Path

import torch

from insm.editing import predictor as predictors
from insm.editing.model import Model
from insm.editing.predictor import Predictor
from insm.networks import model_file
from insm.networks.model_file import ModelInfo
from insm.support.errors import UserError, suggest
from insm.support.runtime import setup

EXAMPLE = "example.png"
SHIPPED = Path(str(files("insm.editing"))) / "models"


def load(model: str | Path, device: str = "cpu") -> Model:
    """Open a model.

    Args:
        model: its folder or file, or the name of one that ships with the package (`shipped()`).
        device: "cpu", "cuda" or "auto".

    Raises:
        UserError: there is no such model, or its files are damaged.
    """
    path = find(model)
    target = setup(device)
    method, info = model_file.open_model(path, target)
    folder = path if path.is_dir() else path.parent
    predictor = predictors.load(folder, info, target) or _of_study(folder, info, target)
    example = folder / EXAMPLE
    return Model(method, info, predictor, target, example if example.is_file() else None)


def find(model: str | Path) -> Path:
    """Where a model is: the path itself, or the folder of one that ships with the package.

    Raises:
        UserError: there is neither.
    """
    path, names = Path(model), shipped()
    if str(model) in names and not (path / model_file.INFO).exists():  # a folder of edited images may have its name
        return SHIPPED / str(model)
    if not path.exists():
        raise UserError(
            f"no model {str(model)!r}: name the folder of a run or of an exported model, or one that ships with insm: "
            f"{', '.join(names)}{suggest(str(model), names)}"
        )
    return path


def _of_study(run: Path, info: ModelInfo, device: torch.device) -> Predictor | None:
    """The classifier of the study whose results a run's folder is in; None if it is not there."""
    folder = run.resolve()
    if len(folder.parents) < 4:
        return None
    path = folder.parents[3] / "pretrained" / str(info.run.get("task")) / "classifier.pt"
    if not path.is_file():
        return None
    return Predictor(predictors.load_trained(path, len(info.attributes), info.size)[0].to(device))


def shipped() -> list[str]:
    """Names of the models that ship with the package."""
    return sorted(path.parent.name for path in SHIPPED.glob(f"*/{model_file.INFO}"))
