"""Where a dataset's original files come from: declared, to be fetched and unpacked by others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What an archive may at most hold; more is taken for a bomb."""

    files: int = 500_000
    """Variants of the archive."""
    bytes: int = 32 * 2**30
    """Sum of their unpacked sizes."""
    ratio: float = 20
    """Unpacked bytes per byte of the archive; 1 for photographs, thousands for bombs."""


@dataclass(frozen=True)
class Source:
    """One original file, kept in data/raw/<dataset>."""

    name: str
    """File name there."""
    urls: tuple[str, ...] = ()
    """Mirrors, tried in order."""
    checksum: str | None = None
    """As pooch writes it, "sha256:..." or "md5:...". None where nobody publishes one: the first file is trusted, its
    SHA-256 recorded, and any other file refused."""
    size: int | None = None
    """Bytes, where published."""
    gunzipped: bool = False
    """Whether `checksum` is that of the content, because the same content is published packed in several ways."""
    places: tuple[str, ...] = ()
    """Folders that may hold the file already, looked into before any download; a variable that is set must."""
    by_hand: str = ""
    """What a person does where no mirror works, a clause such as "fill in the form at ... and download it"."""
    folder: str = ""
    """Of an archive: its one top-level folder, unpacked beside it; empty for a file that is read as it is."""
    wanted: tuple[str, ...] = ()
    """What of `folder` to unpack (a slash ends folders); everything if empty."""
    limits: Limits = Limits()
    """Of an archive."""
