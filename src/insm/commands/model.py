"""`insm model export`, `info` and `card`: trained models as files."""

import json
from pathlib import Path
from typing import Annotated

import typer

from insm.editing import card as cards
from insm.editing import export as exports
from insm.editing.opening import find
from insm.networks.model_file import read_info
from insm.support.files import write_text


def export(
    run: Annotated[Path, typer.Argument(help="Folder of the run, results/<study>/runs/<task>/<variant>/seed<k>.")],
    output: Annotated[Path, typer.Argument(help="Folder of the model.")],
    classifier: Annotated[Path | None, typer.Option(help="Attribute classifier; the study's if not given.")] = None,
    train: Annotated[Path | None, typer.Option(help="Prepared training split (.npy); likewise.")] = None,
    test: Annotated[Path | None, typer.Option(help="Prepared test split (.npy); likewise.")] = None,
    example: Annotated[int, typer.Option(help="Row of the test image that goes with it, if rendered.")] = 0,
    half: Annotated[bool, typer.Option("--half", help="Store the generator in half precision.")] = False,
) -> None:
    """Write a run as a model of its own: generator, classifier, facts (model.json) and card (README.md)."""
    info = read_info(run)
    if classifier and train and test:
        sources = exports.Sources(classifier, train, test, None)
    else:
        sources = exports.sources_of(run, info)
    given = {"classifier": classifier, "train": train, "test": test}
    sources = sources._replace(**{name: path for name, path in given.items() if path})
    complete = exports.export(run, output, sources, half, example)
    write_text(output / "README.md", cards.card(complete, output.name))
    print(f"wrote {output}: use it with `insm edit PHOTO --model {output} --set NAME=VALUE`")


def info(
    model: Annotated[str, typer.Argument(help="A run's folder, an exported model, or a shipped one's name.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print all of model.json.")] = False,
) -> None:
    """Tell what a model is: method, data, attributes, hash."""
    facts = read_info(find(model)).model_dump(mode="json")
    if as_json:
        print(json.dumps(facts))
        return
    run = facts["run"]
    shown = {
        "method": f"{run['method']['method']} ({run.get('variant')}), seed {run.get('seed')}",
        "study": facts["study"] or "unknown",
        "data": f"{facts['dataset']}, {facts['size']} px",
        "licence": facts["licence"] or "unknown",
        "attributes": ", ".join(facts["attributes"]),
        "classifier": "beside it" if facts["predictor"] else "none beside it",
        "commit": facts["commit"] or "unknown",
        "sha256": facts["sha256"],
    }
    for name, value in shown.items():
        print(f"{name:<11}{value}")


def card(
    model: Annotated[str, typer.Argument(help="A run's folder, an exported model, or a shipped one's name.")],
    output: Annotated[Path | None, typer.Argument(help="Markdown file; printed if not given.")] = None,
) -> None:
    """Write a model's card: data, licence, metrics with intervals, intended use, risks."""
    path = find(model)
    text = cards.card(read_info(path), Path(model).name)
    if output is None:
        print(text)
    else:
        write_text(output, text)
