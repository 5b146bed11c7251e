"""`insm job reuse`: make a training the model of a variant that differs from it at test time alone."""

import shutil
from pathlib import Path
from typing import Annotated

from insm.commands.arguments import json_argument, option
from insm.config.jobs import RunConfig
from insm.config.study import TEST_TIME
from insm.data.images import save_png
from insm.networks.model_file import files_of, read_info
from insm.support.errors import UserError
from insm.support.files import atomic, write_json
from insm.support.records import opened
from insm.support.schema import parse
from insm.training.translator import Translator


def reuse(
    run: Annotated[str, option("JSON: settings of the variant's training, had it been made.")],
    trained: Annotated[Path, option("The training's model.")],
    trained_log: Annotated[Path, option("Its log (.csv).")],
    data: Annotated[Path, option("Prepared training split (.npy), for samples.")],
    model: Annotated[Path, option("Output: the variant's model (.safetensors); model.json goes beside it.")],
    log: Annotated[Path, option("Output: its log (.csv).")],
    samples: Annotated[Path, option("Output: its samples (.png).")],
    trained_snapshots: Annotated[Path | None, option("The training's snapshots.")] = None,
    snapshots: Annotated[Path | None, option("Output: the variant's snapshots.")] = None,
) -> None:
    """Write what a training of RUN would have written, from one that differs at test time alone."""
    config, info = parse(RunConfig, json_argument(run), Path("--run")), read_info(trained)
    if _of_training(info.run) != _of_training(config.model_dump(mode="json")):
        raise UserError(f"{trained} was trained with other settings than {config.variant}: train it by itself")
    copies = [(files_of(trained)[0], model), (trained_log, log)]
    if trained_snapshots and snapshots:
        copies.append((trained_snapshots, snapshots))
    for source, target in copies:
        opened(source)
        with atomic(target) as part:
            shutil.copyfile(source, part)
    write_json(
        model.with_suffix(".json"),
        info.model_copy(update={"run": config.model_dump(mode="json")}).model_dump(mode="json"),
    )
    with atomic(samples) as part, part.open("wb") as stream:
        save_png(Translator.open(model, data, "cpu").samples(), stream)


def _of_training(run: dict) -> dict:
    """Settings without those that no training depends on."""
    method = {key: value for key, value in run["method"].items() if key not in TEST_TIME}
    return run | {"variant": "", "method": method}
