"""Downloading from a real server on this machine: whatever it does, the file is right, or one line tells why not."""

import errno
import os
import resource
from contextlib import contextmanager

import pytest

from insm.data.download.transfer import Resuming
from insm.support import progress
from tests.data.download.local_server import CONTENT, KEPT, NAME, OTHER, PART


def test_a_cut_connection_is_resumed_where_it_was_cut(server, get, files, slept):
    server.script = ["cut"]
    get(server.url())
    assert files() == {NAME: CONTENT} and slept == [1]
    assert server.requests[1][1:] == (f"bytes={KEPT}-", '"one"')


def test_a_run_that_gave_up_leaves_a_part_that_the_next_resumes(server, get, files, complains, slept):
    server.script = ["cut", "s500", "s500", "s500"]
    with complains(f"cannot download {NAME}", server.url(), "HTTP 500, 4 times"):
        get(server.url())
    assert files() == {PART: CONTENT[:KEPT]}
    assert slept == [1, 2, 3]
    server.script = []
    get(server.url())
    assert files() == {NAME: CONTENT} and server.requests[-1][1] == f"bytes={KEPT}-"


def test_a_part_that_was_complete_needs_no_server(get, files, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / PART).write_bytes(CONTENT)
    get("http://127.0.0.1:9/none")
    assert files() == {NAME: CONTENT}


@pytest.mark.parametrize("size", [len(CONTENT), None])
def test_a_part_that_is_complete_or_too_long_of_an_unknown_size(server, get, files, tmp_path, size):
    (tmp_path / "raw").mkdir()
    for part in (CONTENT, CONTENT + b"more"):
        (tmp_path / "raw" / PART).write_bytes(part)
        get(server.url(), size=size)
        assert files() == {NAME: CONTENT}
        (tmp_path / "raw" / NAME).unlink()


def test_a_server_that_ignores_ranges_starts_from_the_first_byte(server, get, files):
    server.script, server.ranges = ["cut"], False
    get(server.url())
    assert files() == {NAME: CONTENT} and len(server.requests) == 2


def test_a_file_that_changes_between_two_attempts(server, get, files):
    server.script, server.content = ["cut_and_change"], OTHER
    get(server.url(), checksum=None)
    assert files() == {NAME: CONTENT} and server.requests[1][2] == '"one"'


def test_a_file_that_changes_on_a_server_without_etags(server, get, files):
    server.script, server.content, server.tag = ["cut_and_change", "plain"], OTHER, None
    get(server.url())
    assert files() == {NAME: CONTENT} and [request[1] is None for request in server.requests] == [True, False, True]


def test_a_wrong_length_is_refused_before_it_is_downloaded(server, second, get, files, complains):
    server.content = CONTENT[:-1]
    with complains(f"offers {len(CONTENT) - 1:,} bytes, not {len(CONTENT):,}"):
        get(server.url())
    assert files() == {}
    assert get(server.url(), second.url())["url"] == second.url()


def test_more_than_the_published_size_without_a_stated_length(server, get, files, complains, slept):
    server.content, server.length = CONTENT + b"more", False
    with complains(f"gives more than {len(CONTENT):,} bytes"):
        get(server.url())
    assert files() == {}
    server.content = CONTENT[:-9]
    with complains(f"{len(CONTENT) - 9:,} bytes, not {len(CONTENT):,}"):
        get(server.url())
    server.content = CONTENT
    get(server.url())
    assert files() == {NAME: CONTENT}


def test_redirects_are_followed_also_when_resuming(server, get, files):
    server.script = ["away", "cut", "away", "whole"]
    get(server.url())
    assert files() == {NAME: CONTENT}
    assert [path for path, *_ in server.requests] == ["/set.bin", "/elsewhere"] * 2
    assert server.requests[3][1] == f"bytes={KEPT}-"


@pytest.mark.parametrize(
    ("answers", "pauses"), [(["s429"], [7]), (["s503", "s500"], [10, 2]), (["s500"] * 3, [1, 2, 3])]
)
def test_a_busy_server_is_tried_again_after_the_time_it_wants(server, get, files, slept, answers, pauses):
    server.script = list(answers)
    get(server.url())
    assert files() == {NAME: CONTENT} and slept == pauses


def test_what_is_not_there_is_not_requested_twice(server, second, get, files, slept):
    server.script = ["s404"]
    assert get(server.url(), second.url())["url"] == second.url()
    assert (len(server.requests), slept) == (1, []) and files() == {NAME: CONTENT}


def test_the_only_mirror_has_it_no_more_and_then_again(server, get, files, complains, slept):
    server.script = ["s404"]
    with complains(f"{server.url()}: HTTP 404)", "try again later, or put the file into"):
        get(server.url())
    assert files() == {} and slept == []
    get(server.url())
    assert files() == {NAME: CONTENT}


def test_proxies_are_honoured(server, get, files, monkeypatch):
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url(""))
    get("http://set.example/set.bin")
    assert files() == {NAME: CONTENT} and server.requests == [("http://set.example/set.bin", None, None)]


@pytest.mark.parametrize("answer", ["falls_silent", "silent"])
def test_a_server_that_falls_silent(server, get, files, slept, answer):
    server.script = [answer]
    get(server.url())
    assert files() == {NAME: CONTENT} and slept == [1]


def test_a_slow_but_steady_server_is_not_interrupted(server, get, files, slept):
    server.script = ["drip"]
    get(server.url())
    assert files() == {NAME: CONTENT} and slept == [] and len(server.requests) == 1


def test_a_server_that_answers_with_another_range(server, second, get, files):
    server.script = ["cut", "wrong_range"]
    assert get(server.url(), second.url())["url"] == second.url()
    assert files() == {NAME: CONTENT} and second.requests[0][1] == f"bytes={KEPT}-", "resumed elsewhere"


@pytest.mark.parametrize(("length", "before_the_end"), [(True, "/3 "), (False, "/inf ")])
def test_progress_is_told_also_without_a_stated_length(server, get, capsys, monkeypatch, length, before_the_end):
    monkeypatch.setenv("INSM_QUIET", "0")
    monkeypatch.setattr(progress, "PLAIN_EVERY", (0.0, 0.0))
    server.content, server.length = CONTENT * 4, length
    get(server.url(), size=None, checksum=None)
    *lines, last = capsys.readouterr().err.splitlines()
    assert last.startswith(f"Fetch {NAME}  3/3 100%") and "MiB/s" in last
    assert lines and all(before_the_end in line and "100%" not in line for line in lines)


@contextmanager
def full_disk(monkeypatch):
    """No room behind the first KEPT bytes of a file."""

    class Full:
        def __init__(self, file):
            self.file, self.tell, self.truncate = file, file.tell, file.truncate

        def write(self, chunk):
            if self.tell() + len(chunk) > KEPT:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self.file.write(chunk)

    receive = Resuming.receive
    with monkeypatch.context() as patch:
        patch.setattr(Resuming, "receive", lambda self, answer, file, size: receive(self, answer, Full(file), size))
        yield


@contextmanager
def ulimit(monkeypatch):
    """As a full disk, but the system itself refuses to write."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (KEPT, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(("fills", "reason"), [(full_disk, "No space left on device"), (ulimit, "File too large")])
def test_a_disk_that_fills_up_while_downloading(server, get, files, complains, slept, monkeypatch, fills, reason):
    with fills(monkeypatch), complains("cannot read or write", f"({reason}): free space"):
        get(server.url())
    assert files() == {PART: CONTENT[:KEPT]} and slept == []
    get(server.url())
    assert files() == {NAME: CONTENT} and server.requests[-1][1] == f"bytes={KEPT}-"
