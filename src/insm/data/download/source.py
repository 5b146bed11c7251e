"""Where a dataset's raw files come from: only declared here; `fetch` and `unpack` use it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """The most that an archive may hold; more is refused as a decompression bomb."""

    files: int = 500_000
    """Entries of the archive."""
    bytes: int = 32 * 2**30
    """Sum of their unpacked sizes."""
    ratio: float = 20
    """Unpacked bytes per byte of the archive; 1 for photographs, thousands for bombs."""


@dataclass(frozen=True)
class Source:
    """One raw file, kept in data/raw/<dataset>."""

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
    """Whether `checksum` is that of the content, because the same content is published with several gzip headers."""
    places: tuple[str, ...] = ()
    """Folders that may hold the file already, tried before any download; `$NAME` is an environment variable, and where
    it is set the file must be there."""
    by_hand: str = ""
    """What a person does where no mirror works, a clause such as "fill in the form at ... and download it"."""
    folder: str = ""
    """Of an archive: its one top-level folder, unpacked beside it; empty for a file that is read as it is."""
    wanted: tuple[str, ...] = ()
    """What of `folder` to unpack (a slash ends folders); everything if empty."""
    limits: Limits = Limits()
    """Of an archive."""
