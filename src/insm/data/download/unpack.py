"""Unpacking .zip and .tar(.gz) files: nothing outside the folder, no links, no decompression bombs; all or nothing."""

import gzip
import lzma
import os
import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, BinaryIO, NamedTuple

from insm.data.download.source import Limits, Source
from insm.support.errors import UserError
from insm.support.files import read_json, write_cure, write_json
from insm.support.progress import Progress

MARKER = ".unpacked.json"  # in the unpacked folder: from which archive it is
CHUNK = 1 << 20  # bytes
BROKEN = (
    EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError, ValueError,
    NotImplementedError,
)  # fmt: skip


class Refused(Exception):
    """Why an archive is not unpacked."""


class Entry(NamedTuple):
    """One entry: its name, what it is ("file", "folder" or what is refused), its bytes, how far the archive is read."""

    name: str
    kind: str
    size: int
    content: IO[bytes] | None
    position: int

    @property
    def path(self) -> PurePosixPath:
        """The name without the "./" that some tar files begin every name with."""
        return PurePosixPath(self.name)


def unpack(archive: Path, source: Source, sha256: str) -> dict[str, str | int]:
    """Unpack what is wanted of an archive into `source.folder` beside it -> its record: archive, sha256, files, bytes.

    The folder appears only when complete. One that was made from the same archive is kept, from another one replaced.

    Raises:
        UserError: the archive is broken, unsafe, too large or lacks `source.folder`; or the folder is not ours.
    """
    folder = archive.parent / source.folder
    temporary = folder.with_name(f".{folder.name}.unpacking")
    marker = folder / MARKER
    if marker.exists() and (record := read_json(marker)).get("sha256") == sha256:
        return record
    if folder.exists() and not marker.exists():
        raise UserError(f"{folder} was not unpacked by insm: move it away, or name it in the study's key data.source")
    try:
        if temporary.exists():  # of a run that was killed
            shutil.rmtree(temporary)
        files, size = write(archive, source, temporary)
        record = {"archive": archive.name, "sha256": sha256, "files": files, "bytes": size}
        write_json(temporary / source.folder / MARKER, record)
        if folder.exists():
            shutil.rmtree(folder)
        os.rename(temporary / source.folder, folder)
    except Refused as problem:
        raise UserError(f"{archive} {problem}: nothing of it was unpacked; put the published file there") from None
    except BROKEN as error:
        raise UserError(
            f"{archive} is truncated or no whole archive ({error or type(error).__name__}): delete it and run again"
        ) from None
    except OSError as error:
        raise UserError(f"cannot unpack {archive} ({error.strerror or error}): {write_cure(error)}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return record


def write(archive: Path, source: Source, place: Path) -> tuple[int, int]:
    """Write the wanted entries below `place` -> how many files, how many bytes."""
    packed = archive.stat().st_size
    whole = max(1, packed >> 20)
    progress = Progress(f"Unpack {archive.name}", whole, unit="MiB")
    wanted = tuple(f"{source.folder}/{part}" for part in source.wanted or ("",))
    seen, total, files, written = 0, 0, 0, 0
    with archive.open("rb") as raw:
        for entry in zip_entries(raw) if archive.suffix == ".zip" else tar_entries(raw, source.limits):
            seen, total = seen + 1, total + entry.size
            check(entry, seen, total, packed, source.limits)
            if entry.kind == "file" and str(entry.path).startswith(wanted):
                copy(entry, place / entry.path)
                files, written = files + 1, written + entry.size
            progress(min(entry.position >> 20, whole - 1))
    progress(whole)
    if not files:
        raise Refused(f"holds no {' or '.join(wanted)}")
    return files, written


def check(entry: Entry, seen: int, total: int, packed: int, limits: Limits) -> None:
    """Refuse an unsafe entry, or the one that makes the archive too large: the `seen`-th, `total` bytes so far."""
    path, drive = entry.path, PureWindowsPath(str(entry.path)).drive  # a colon elsewhere is part of a plain name
    if path.is_absolute() or ".." in path.parts or drive or set(entry.name) & set("\\\0"):
        raise Refused(f"has an entry that would be written elsewhere ({entry.name!r})")
    if entry.kind not in ("file", "folder"):
        raise Refused(f"has {entry.kind} in it ({entry.name!r})")
    if seen > limits.files:
        raise Refused(f"has more than {limits.files:,} entries")
    if total > limits.bytes:
        raise Refused(f"would unpack to more than {limits.bytes:,} bytes")
    if total > max(limits.ratio * packed, CHUNK):
        raise Refused(f"would unpack to more than {limits.ratio:g} times its size")


def copy(entry: Entry, path: Path) -> None:
    """Write one file, which must not be there yet, with plain permissions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        raise Refused(f"has an entry twice ({entry.name!r})")
    assert entry.content is not None  # only a folder has none
    with path.open("xb") as file:
        shutil.copyfileobj(entry.content, file, CHUNK)
        if file.tell() != entry.size:
            raise EOFError(f"{entry.name} has {file.tell()} of {entry.size} bytes")


def zip_entries(raw: BinaryIO) -> Iterator[Entry]:
    """The entries of a zip file; opening one that is skipped costs nothing."""
    with zipfile.ZipFile(raw) as archive:
        position = 0
        for info in archive.infolist():
            position += info.compress_size
            kind = kind_of(stat.S_IFMT(info.external_attr >> 16), info.is_dir())
            if info.flag_bits & 1:
                kind = "an encrypted entry"
            name = info.orig_filename  # `filename` ends at a zero byte
            with archive.open(info) if kind == "file" and name == info.filename else open(os.devnull, "rb") as content:
                yield Entry(name, kind, info.file_size, content, position)


def kind_of(mode: int, is_folder: bool) -> str:
    """What a zip entry is; archives not made under Unix have no mode (0)."""
    if mode == stat.S_IFLNK:
        return "a link"
    if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "a device"
    return "folder" if is_folder else "file"


def tar_entries(raw: BinaryIO, limits: Limits) -> Iterator[Entry]:
    """The entries of a tar file, packed by gzip or not, read once from start to end."""
    packed = raw.read(2) == b"\x1f\x8b"
    raw.seek(0)
    stream = gzip.GzipFile(fileobj=raw) if packed else raw
    with tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            kind = "folder" if member.isdir() else "file" if member.isreg() and not member.issparse() else "a device"
            if member.issym() or member.islnk():
                kind = "a link"
            yield Entry(
                member.name, kind, member.size, archive.extractfile(member) if kind == "file" else None, raw.tell()
            )
    # tarfile takes a cut header for the end, and does not read on to the check sum of the gzip file.
    rest = 0
    while chunk := stream.read(CHUNK):
        rest += len(chunk)
        if rest > limits.bytes:
            raise Refused(f"would unpack to more than {limits.bytes:,} bytes")
    if stream.tell() < archive.offset + tarfile.BLOCKSIZE:
        raise EOFError("its end is missing")
