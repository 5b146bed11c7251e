"""`insm data crop`: photos of one's own, cropped before a study reads them."""

from pathlib import Path
from typing import Annotated

import typer

from insm.editing.crops import crop_folder


def crop(
    photos: Annotated[Path, typer.Argument(help="Folder of images; subfolders too.")],
    output: Annotated[Path, typer.Argument(help="Empty folder for the result, with the same names.")],
    align: Annotated[
        bool, typer.Option("--align", help="The largest face, turned upright (extra `align`), not the central square.")
    ] = False,
) -> None:
    """Crop every image below PHOTOS to a square, at its own size, and copy what else is there.

    Where no face is found, the central square is taken and the image named.
    """
    made = list(crop_folder(photos, output, align))
    print(f"{output}: {len(made)} images")
    for missed in (cropped.path for cropped in made if not cropped.found):
        print(f"{missed}: no face found, so its central square")
