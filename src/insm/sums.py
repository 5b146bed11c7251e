"""The SHA-256 sums of a pack, `<stem>.sha256`: written with it, compared by every job that learns from it.

The file is what `sha256sum` writes, so `sha256sum --check train.sha256` in its folder compares too.
"""

from hashlib import file_digest
from pathlib import Path

from insm.errors import UserError
from insm.files import atomic


def record(images: Path, table: Path) -> None:
    """Write the sums of a pack's two files, as they are now, beside its pictures."""
    with atomic(images.with_suffix(".sha256")) as part:
        part.write_text("".join(f"{sha256(path)}  {path.name}\n" for path in (images, table)))


def verify(images: Path) -> None:
    """Compare a pack with the sums beside it, reading it once; one that was carried here without them passes.

    Raises:
        UserError: a file is missing or has other bytes.
    """
    sums = images.with_suffix(".sha256")
    if not sums.exists():
        return
    for line in sums.read_text().splitlines():
        wanted, _, name = line.partition("  ")
        path = images.with_name(name)
        if not path.exists():
            raise UserError(f"{path} is missing: run `snakemake {path}` (or `dvc pull`)")
        if sha256(path) != wanted:
            raise UserError(
                f"{path} has other bytes than {sums} says: delete it and run `snakemake {path}` (or `dvc pull`)"
            )


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal digits; not pooch's, which a training does not need otherwise."""
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()
