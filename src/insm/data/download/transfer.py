"""One file from one mirror: resumed where the connection was cut, with patience for a busy server."""

import math
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
from urllib3.util import Retry

from insm.data.download.source import Source
from insm.support.progress import Progress

CHUNK = 1 << 16  # bytes; at most one such block is lost when the connection is cut
TEMPORARY = {408, 425, 429, 500, 502, 503, 504}  # HTTP codes of a server that may answer later


@dataclass(frozen=True)
class Patience:
    """How long to bear with a server, in seconds."""

    delays: tuple[float, ...] = (1, 2, 4, 8, 16, 30)
    """Before each further attempt; counted anew whenever an attempt brought something."""
    longest: float = 120
    """The most that a server's Retry-After is honoured."""
    timeout: float = 60
    """Without a connection or a byte."""
    sleep: Callable[[float], None] = time.sleep


class Failed(Exception):
    """Why a mirror does not give the file."""


def transfer(url: str, part: Path, source: Source, patience: Patience) -> bool:
    """Complete `part` from one mirror, in as many attempts as patience permits -> whether it is of several pieces.

    Raises:
        Failed: the mirror has no such file, is another one, or tried patience; what came stays in `part`.
    """
    downloader, failed = Resuming(source, patience.timeout), 0
    while True:
        before = size_of(part)
        try:
            downloader(url, part)
            return downloader.resumed
        except requests.RequestException as error:
            response = error.response
            reason = explain(error, patience.timeout)
            temporary = response is None or response.status_code in TEMPORARY
            if not temporary or isinstance(error, requests.exceptions.SSLError):
                raise Failed(reason) from None
            failed = 0 if size_of(part) > before else failed
            if failed == len(patience.delays):
                raise Failed(f"{reason}, {failed + 1} times") from None
            retry_after = Retry().get_retry_after(response.raw) if response is not None else None
            delay = max(patience.delays[failed], min(retry_after or 0, patience.longest))
            failed += 1
            print(f"{urlsplit(url).netloc}: {reason}, again in {delay:g} s", file=sys.stderr, flush=True)
            patience.sleep(delay)
        finally:
            if part.exists() and not size_of(part):
                part.unlink()


class Resuming:
    """Downloads one URL into a file that may hold its first bytes already (HTTP Range).

    pooch, which keeps the checksums, starts a download at the first byte each time.
    """

    def __init__(self, source: Source, timeout: float):
        self.source, self.timeout = source, timeout
        self.version: str | None = None  # ETag or date of the bytes that this object received
        self.resumed = False  # whether bytes of an earlier attempt were kept

    def __call__(self, url: str, output_file: Path) -> None:
        """One attempt.

        Raises:
            requests.RequestException: the connection failed, was cut or answered with an error.
            Failed: the server's file has another size than the published one.
        """
        start, size = size_of(output_file), self.source.size
        if not (self.source.checksum or self.version):
            start = 0  # nothing would tell that two versions of the file were mixed
        self.resumed = start > 0
        if start and start == size:
            return  # complete, but the process was killed before it was verified
        headers = {"Accept-Encoding": "identity"}  # the file's bytes, not packed for the transfer
        if start:
            headers["Range"] = f"bytes={start}-"
            headers |= {"If-Range": self.version} if self.version else {}
        with requests.get(url, headers=headers, timeout=self.timeout, stream=True) as response:
            if response.status_code == 416:  # no bytes after those: the part is complete, or of another file
                if response.headers.get("Content-Range", "").endswith(f"*/{start}") and size is None:
                    return
                output_file.unlink()
                raise requests.ConnectionError("the part is longer than the file")
            response.raise_for_status()
            start, total = self.extent(response, start)
            self.resumed = start > 0
            if size is not None and total not in (None, size):
                raise Failed(f"offers {total:,} bytes, not {size:,}")
            tag = response.headers.get("ETag", "W/")
            self.version = response.headers.get("Last-Modified") if tag.startswith("W/") else tag
            with output_file.open("r+b" if start else "wb") as file:
                file.seek(start)
                file.truncate()
                self.receive(response, file, total or size)
        if total is not None and size_of(output_file) != total:
            raise requests.ConnectionError("the connection was cut")

    def extent(self, response: requests.Response, start: int) -> tuple[int, int | None]:
        """Where the answer begins, 0 if the server did not resume at `start`, and the size of the whole file."""
        if response.status_code == 206:
            match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
            if not match or int(match[1]) != start:
                raise Failed("answers with another range than requested")
            return start, None if match[2] == "*" else int(match[2])
        length = response.headers.get("Content-Length")
        return 0, int(length) if length else None

    def receive(self, response: requests.Response, file, total: int | None) -> None:
        """Append the answer to an open file, with progress, whose end and ETA stay open where nobody tells the size."""
        whole = max(1, total >> 20) if total else math.inf
        progress = Progress(f"Fetch {self.source.name}", whole, start=file.tell() >> 20, unit="MiB")
        for chunk in response.iter_content(CHUNK):
            file.write(chunk)
            if total and file.tell() > total:
                file.truncate(0)
                raise Failed(f"gives more than {total:,} bytes")
            progress(min(file.tell() >> 20, whole - 1))
        if not total or file.tell() == total:
            progress.total = max(1, file.tell() >> 20)
            progress(progress.total)


def explain(error: requests.RequestException, timeout: float) -> str:
    """A failed attempt in a few words."""
    if error.response is not None:
        return f"HTTP {error.response.status_code}"
    if isinstance(error, requests.exceptions.SSLError):
        return "no trusted certificate"
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return f"no answer for {timeout:g} s"
    if isinstance(error, requests.exceptions.ChunkedEncodingError) or "cut" in str(error):
        return "the connection was cut"
    return "no connection" if isinstance(error, requests.ConnectionError) else type(error).__name__


def size_of(path: Path) -> int:
    """Bytes of a file, 0 if it is not there."""
    return path.stat().st_size if path.exists() else 0
