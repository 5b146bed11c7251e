"""The SHA-256 checksums of a prepared split, `<stem>.sha256`: written with it, compared by every job that opens it.

The file is what `sha256sum` writes, so `sha256sum --check train.sha256` in its folder compares too.
"""

from collections.abc import Mapping
from pathlib import Path

from insm.support.errors import UserError
from insm.support.files import atomic
from insm.support.records import opened, sha256


def record(images: Path, table: Path) -> None:
    """Write the checksums of a prepared split's two files, as they are now, beside its images."""
    with atomic(images.with_suffix(".sha256")) as part:
        part.write_text("".join(f"{sha256(path)}  {path.name}\n" for path in (images, table)), encoding="utf-8")


def verify(images: Path) -> None:
    """Compare a prepared split with the checksums beside it, reading it once; a split without checksums passes.

    Raises:
        UserError: a file is missing or has other bytes.
    """
    path = images.with_suffix(".sha256")
    if path.exists():
        lines = (line.partition("  ") for line in path.read_text(encoding="utf-8").splitlines())
        compare(images.parent, {name: digest for digest, _, name in lines}, path)


def compare(folder: Path, wanted: Mapping[str, str], record: Path) -> None:
    """Compare files of a folder (name -> SHA-256) with what the file `record` says of them.

    Raises:
        UserError: a file is missing or has other bytes.
    """
    for name, expected in wanted.items():
        path = folder / name
        if not path.exists():
            raise UserError(f"{path} is missing: run `snakemake {path}` (or `dvc pull`)")
        if (found := sha256(path)) != expected:
            cure = f"delete it and run `snakemake {path}` (or `dvc pull`)"
            raise UserError(f"{path} has other bytes than {record} says: {cure}")
        opened(path, found)
