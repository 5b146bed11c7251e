"""`insm edit`: edit photos with a trained model."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from insm.editing import files
from insm.editing.files import Wish
from insm.editing.opening import load
from insm.editing.photos import Paste


def edit(
    photos: Annotated[
        list[Path] | None, typer.Argument(help="Images, folders of them, and edits like Smiling=1.", show_default=False)
    ] = None,
    model: Annotated[
        str, typer.Option(help="A run's folder, an exported model, or a shipped one's name.")
    ] = "portraits",
    set_: Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An edit.")] = None,
    toggle_all: Annotated[bool, typer.Option("--toggle-all", help="Every attribute by itself, inverted.")] = False,
    source: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="What is true of the photos; else it is predicted.")
    ] = None,
    strength: Annotated[float | None, typer.Option(help="Factor on the edit (AttGAN and STGAN).")] = None,
    paste: Annotated[
        Paste | None, typer.Option(help="Add the change to the photo, or replace its square.", show_default=False)
    ] = None,
    align: Annotated[
        bool, typer.Option("--align", help="Edit the largest face, turned upright (extra `align`).")
    ] = False,
    grid: Annotated[bool, typer.Option("--grid", help="One sheet a photo, the input first.")] = False,
    out: Annotated[Path, typer.Option(help="Folder of the edited images (PNG).")] = Path("edited"),
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "cpu",
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Edit photos: `insm edit me.jpg --set Smiling=1 Eyeglasses=0`. Without photos, the model's example is edited.

    Any size and kind of image; its central square is edited and pasted back.
    """
    paths, values, known = files.split_arguments(photos or [], set_ or [], source or [])
    wish = Wish(values, toggle_all, known, strength, paste, align, grid)
    failed = 0
    for folder in filter(Path.is_dir, paths):
        if any(path.is_dir() and not path.name.startswith(".") for path in folder.iterdir()):
            print(f"note: {folder}: folders in it are not looked into: name them too", file=sys.stderr)
    for result in files.edit_files(load(model, device), paths, wish, out):
        for warning in result.warnings:
            print(f"warning: {result.photo}: {warning}", file=sys.stderr)
        if result.error:
            failed += 1
            print(f"error: {result.error}", file=sys.stderr)
        if as_json or not result.error:
            print(json.dumps(result.as_dict()) if as_json else result.as_text())
    if failed:
        raise SystemExit(2)
