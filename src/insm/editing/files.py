"""Editing image files: which ones, what is wanted of them, and what is written."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image

from insm.data.edits import counted, toggled
from insm.datasets.photos.decoding import open_rgb
from insm.datasets.photos.files import image_files
from insm.editing import faces
from insm.editing.model import Model, Reading
from insm.editing.photos import Paste, centre, cut, is_edited, is_rendered, paste, region_of, save_edited, sheet
from insm.support.errors import UserError


class Wish(NamedTuple):
    """What is wanted of every photo."""

    values: Mapping[str, int]  # attribute -> wanted value, all in one edit
    toggle_all: bool = False  # every attribute by itself, inverted
    source: Mapping[str, int] = {}  # what is known of the photos
    strength: float | None = None
    paste: Paste | None = None
    align: bool = False
    grid: bool = False


@dataclass(frozen=True)
class Result:
    """What became of one photo."""

    photo: str
    rendered: bool = False  # by insm: no photograph
    labels: dict[str, int] = field(default_factory=dict)  # before the edit
    given: list[str] = field(default_factory=list)  # those of them that were given, not predicted
    probabilities: dict[str, float] | None = None  # that the classifier gives each attribute
    outputs: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: str | None = None  # why it was not edited

    def as_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)

    def as_text(self) -> str:
        """For people: what was seen, how surely, and what was written."""
        about = " (rendered by insm, no photograph)" if self.rendered else ""
        seen = [f"{name}={value}{self._surety(name, value)}" for name, value in self.labels.items()]
        return "\n  ".join(
            [f"{self.photo}{about}", "before: " + ", ".join(seen), *(f"wrote {path}" for path in self.outputs)]
        )

    def _surety(self, name: str, value: int) -> str:
        if self.probabilities is None or name in self.given:
            return " (given)"
        probability = self.probabilities[name] if value else 1 - self.probabilities[name]
        return f" ({probability:.0%})"


def values_of(texts: Iterable[str]) -> dict[str, int]:
    """["Smiling=1", "Male=0,Young=1"] -> {"Smiling": 1, "Male": 0, "Young": 1}.

    Raises:
        UserError: a text is no such assignment, or a name stands twice.
    """
    values: dict[str, int] = {}
    for text in (part for whole in texts for part in whole.split(",")):
        name, _, value = text.partition("=")
        if not name or value not in ("0", "1"):
            raise UserError(f"{text!r}: write NAME=0 or NAME=1, such as Smiling=1")
        if name in values:
            raise UserError(f"attribute {name} stands twice: name it once")
        values[name] = int(value)
    return values


def split_arguments(
    arguments: Sequence[Path], edits: Sequence[str], source: Sequence[str]
) -> tuple[list[Path], dict[str, int], dict[str, int]]:
    """The photos, the edits and what is known: `--set Smiling=1 Eyeglasses=0` leaves its second edit among the photos.

    Raises:
        UserError: an assignment among the photos may belong to either option.
    """
    loose = [str(path) for path in arguments if "=" in path.name and not path.exists()]
    if loose and source:
        raise UserError(
            f"{loose[0]} may belong to --set or --source: join values by commas, as --set Smiling=1,Bangs=0"
        )
    paths = [path for path in arguments if "=" not in path.name or path.exists()]
    return paths, values_of([*edits, *loose]), values_of(source)


def photos_of(paths: Sequence[Path], example: Path | None) -> list[Path]:
    """Files as they are, and every image of folders that is no earlier edit; the model's example if none is named.

    Raises:
        UserError: there is neither.
    """
    if not paths and example is None:
        raise UserError("no photo: name image files or folders; this model has no example of its own")
    named: list[Path] = []
    for path in paths:
        named += [photo for photo in image_files(path) if not is_edited(photo)] if path.is_dir() else [path]
    if paths and not named:
        raise UserError(f"{paths[0]} holds nothing but images that insm edited: name one to edit it again")
    return named if paths else [example] if example else []


def edit_files(model: Model, paths: Sequence[Path], wish: Wish, out: Path) -> Iterator[Result]:
    """Edit photos one after the other and write PNG files to `out`.

    Args:
        model: the model.
        paths: image files and folders; none: the model's example, a rendered image.
        wish: what is wanted.
        out: folder of the results.

    A photo that cannot be edited has a result with an error, and the others go on.

    Raises:
        UserError: nothing is wanted, it cannot be done to any photo, two photos would give the same file, or the folder
            cannot be written.
    """
    if not wish.values and not wish.toggle_all:
        raise UserError(f"give --set NAME=VALUE or --toggle-all; this model edits {', '.join(model.attributes)}")
    model.check(wish.values)
    model.check_strength(wish.strength)
    photos = photos_of(paths, model.example)
    stems = [photo.stem for photo in photos]
    if twice := sorted({stem for stem in stems if stems.count(stem) > 1}):
        raise UserError(
            f"two photos are called {twice[0]!r} and would give the same file: rename one, or edit it apart"
        )
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"cannot make the folder {out} ({error.strerror}): choose another one with --out") from None
    for photo in photos:
        try:
            yield edit_file(model, photo, wish, out)
        except UserError as error:
            about = str(error) if str(photo) in str(error) else f"{photo}: {error}"
            yield Result(str(photo), error=" ".join(about.split()))


def edit_file(model: Model, photo: Path, wish: Wish, out: Path) -> Result:
    """Edit one photo; see `edit_files`."""
    image, remarks = open_rgb(photo)
    warnings = [*remarks]
    square = faces.square_of(image) if wish.align else centre(image)
    before = cut(image, square, model.size)
    reading = model.read(before[None], wish.source)
    if reading.unlike[0]:
        warnings.append(f"unlike the images that the model was trained on ({model.info.dataset}): expect a poor edit")
    if square.side < model.size:
        warnings.append(f"its square has {square.side} px, the model works at {model.size} px")
    edits = edits_of(model, reading, wish)
    how = wish.paste or model.default_paste
    edited = {
        kind: paste(image, square, before, model.translate(reading, targets, wish.strength)[0], how)
        for kind, targets in edits.items()
    }
    rendered = is_rendered(photo)
    labels = _named(model, reading.labels[0])
    facts = {
        "insm": version("insm"), "model": model.name, "model_sha256": model.info.sha256, "dataset": model.info.dataset,
        "source": labels, "strength": wish.strength, "rendered": rendered,
        "paste": how, "square": list(square),
    }  # fmt: skip
    outputs = []
    if wish.grid:
        tiles = {"input": region_of(image, square)} | {kind: region_of(whole, square) for kind, whole in edited.items()}
        targets = {kind: _named(model, target[0]) for kind, target in edits.items()}
        outputs.append(_write(sheet(tiles), out / f"{photo.stem}-grid.png", facts | {"targets": targets}))
    else:
        for kind, whole in edited.items():
            target = {"target": _named(model, edits[kind][0])}
            outputs.append(_write(whole, out / f"{photo.stem}-{kind}.png", facts | target))
    probabilities = None
    if reading.probabilities is not None:
        probabilities = dict(zip(model.attributes, map(float, reading.probabilities[0]), strict=True))
    shown = photo.name if photo == model.example else str(photo)
    return Result(shown, rendered, labels, list(wish.source), probabilities, outputs, warnings)


def edits_of(model: Model, reading: Reading, wish: Wish) -> dict[str, np.ndarray]:
    """Names of the wanted edits -> target labels uint8 [1, A]."""
    edits = {}
    if wish.values:
        edits["edited"] = model.targets(reading.labels, wish.values)
    if wish.toggle_all:
        targets = toggled(reading.labels, model.info)
        for attribute, target, possible in zip(model.attributes, targets, counted(targets, model.info), strict=True):
            if possible[0]:
                edits[f"{attribute}={target[0, model.attributes.index(attribute)]}"] = target
    return edits


def _named(model: Model, labels: np.ndarray) -> dict[str, int]:
    return dict(zip(model.attributes, map(int, labels), strict=True))


def _write(image: Image.Image, path: Path, facts: dict[str, Any]) -> str:
    if path.exists() and not is_edited(path):
        raise UserError(f"{path} is there and no edit of insm: choose another folder with --out, or move it away")
    save_edited(image, path, facts)
    return str(path)
