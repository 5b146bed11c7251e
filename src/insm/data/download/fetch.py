"""Raw files: found in place, copied or downloaded, and verified before they get their name."""

import gzip
import hashlib
import os
import shutil
import zlib
from collections.abc import Sequence
from pathlib import Path

import pooch

from insm.data.download.source import Source
from insm.data.download.transfer import Failed, Patience, size_of, transfer
from insm.support.errors import UserError
from insm.support.files import atomic, write_cure

BY_HAND = "put there by hand"  # in place of a URL

Record = dict[str, str | int]


def fetch(sources: Sequence[Source], folder: Path, earlier: dict[str, Record], patience: Patience) -> dict[str, Record]:
    """Bring every file into `folder` -> by name: bytes, sha256 and the URL (or folder) that it came from.

    Files that are there already are only verified. Partial downloads stay, as `<name>.part`, for the next run.

    Args:
        earlier: the result of the last run, for sources whose checksum nobody publishes.

    Raises:
        UserError: a file cannot be had, is not the published one, or the disk is too small.
    """
    missing = [source for source in sources if not (folder / source.name).exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        check_space(missing, folder)
        return {source.name: provide(source, folder, earlier.get(source.name), patience) for source in sources}
    except OSError as error:
        place, reason = error.filename or folder, error.strerror or error
        raise UserError(f"cannot read or write {place} ({reason}): {write_cure(error)}") from None


def check_space(missing: Sequence[Source], folder: Path) -> None:
    """Refuse to begin where the disk cannot hold the downloads."""
    need = sum(max(0, (source.size or 0) - size_of(folder / f"{source.name}.part")) for source in missing)
    free = shutil.disk_usage(folder).free
    if need > free:
        raise UserError(f"{folder} has room for {free:,} bytes, but {need:,} are to be downloaded: free space")


def provide(source: Source, folder: Path, record: Record | None, patience: Patience) -> Record:
    """Verify, copy or download one file -> its record."""
    target, origin = folder / source.name, BY_HAND
    trusted = str(record["sha256"]) if record else None
    if target.exists():
        if problem := mismatch(target, source, trusted):
            raise UserError(f"{target} {problem}: delete it and run again, or put the published file there")
        origin = str(record["url"]) if record else BY_HAND
    elif place := next(filter(None, (copy_place(place, source.name) for place in source.places)), None):
        origin = place
        copied = Path(os.path.expandvars(place), source.name)
        with atomic(target) as part:
            try:
                shutil.copyfile(copied, part)
            except OSError as error:
                raise UserError(f"cannot read {copied} ({error.strerror}): {source.by_hand}") from None
            if problem := mismatch(part, source, trusted):
                raise UserError(f"{copied} {problem}: put the published file there")
    else:
        origin = download(source, folder, trusted, patience)
    return {"bytes": size_of(target), "sha256": pooch.file_hash(str(target)), "url": origin}


def copy_place(place: str, name: str) -> str | None:
    """`place` if it is to be copied from: a variable that is set, or a folder that has the file."""
    path = os.path.expandvars(place)
    return place if (place.startswith("$") and path != place) or Path(path, name).exists() else None


def mismatch(path: Path, source: Source, trusted: str | None) -> str | None:
    """What shows that a file is not the published one; nor the `trusted` SHA-256, where none is published."""
    if source.size is not None and size_of(path) != source.size:
        return f"has {size_of(path):,} bytes, not {source.size:,}"
    algorithm, _, published = (source.checksum or "").partition(":")
    try:
        if published and digest(path, algorithm, source.gunzipped) != published:
            return f"has the wrong {spelling(algorithm)} checksum"
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        return f"is truncated or no gzip file ({error})"
    if trusted and algorithm != "sha256" and pooch.file_hash(str(path)) != trusted:
        return "is not the file whose SHA-256 was recorded in checksums.json when it was first fetched"
    return None


def digest(path: Path, algorithm: str, gunzipped: bool) -> str:
    """The checksum of a file, or of what gunzip makes of it."""
    if not gunzipped:
        return pooch.file_hash(str(path), alg=algorithm)
    with gzip.open(path) as content:
        return hashlib.file_digest(content, algorithm).hexdigest()


def spelling(algorithm: str) -> str:
    """The usual spelling of a checksum's name."""
    return {"md5": "MD5", "sha256": "SHA-256"}.get(algorithm, algorithm)


def download(source: Source, folder: Path, trusted: str | None, patience: Patience) -> str:
    """Put the file there from the first mirror that has the published one -> that mirror's URL."""
    target, part = folder / source.name, folder / f"{source.name}.part"
    failures = []
    for url in source.urls:
        for resuming in (True, False):
            try:
                resumed = transfer(url, part, source, patience)
                if not (problem := mismatch(part, source, trusted)):
                    os.replace(part, target)
                    return url
            except Failed as failure:
                failures.append(f"{url}: {failure}")
                break
            part.unlink()
            if not (resumed and resuming):  # else two versions or mirrors may have been mixed: once more from the start
                failures.append(f"{url}: what it gives {problem}")
                break
    tried = f" ({'; '.join(failures)})" if failures else ""
    cure = source.by_hand or f"try again later, or put the file into {folder} yourself"
    raise UserError(f"cannot download {source.name} into {folder}{tried}: {cure}")
