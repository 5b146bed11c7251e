"""Fetching from a real server on this machine: whatever it does, the file is right, or one line tells why not."""

import gzip
import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from insm import fetching
from insm.commands.data import fetch as insm_fetch
from insm.downloading import CHUNK, Patience
from insm.fetching import BY_HAND, fetch
from insm.files import read_json
from insm.sources import Source

CONTENT = bytes(range(256)) * 4000
OTHER = CONTENT[::-1]
CUT = len(CONTENT) // 3  # where the server cuts a connection
KEPT = CUT - CUT % CHUNK
NAME, PART = "set.bin", "set.bin.part"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


class Server(ThreadingHTTPServer):
    """Serves `content` at any path; `script` holds what to do with the next requests, by name of a method below."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.tag, self.ranges, self.length = CONTENT, '"one"', True, True
        self.script, self.asked = [], []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def url(self, path="/set.bin"):
        return f"http://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, *_):
        """A client that hangs up is part of the game."""


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range"), self.headers.get("If-Range")))
        getattr(self, self.server.script.pop(0) if self.server.script else "whole")()

    def whole(self, upto=None):
        server, start = self.server, 0
        wanted = self.headers.get("Range") if server.ranges else None
        if wanted and self.headers.get("If-Range", server.tag) == server.tag:
            start = int(wanted[6:-1])
            if start >= len(server.content):
                return self.status(416, {"Content-Range": f"bytes */{len(server.content)}"})
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
        else:
            self.send_response(200)
        if server.tag:
            self.send_header("ETag", server.tag)
        if server.length:
            self.send_header("Content-Length", str(len(server.content) - start))
        self.end_headers()
        self.wfile.write(server.content[start:upto])

    def cut(self):
        """The answer ends after the first third (or where that is behind, at once)."""
        self.whole(CUT)

    def cut_and_change(self):
        self.cut()
        self.server.content, self.server.tag = CONTENT, self.server.tag and '"two"'

    plain = whole

    def slow(self):
        self.cut()
        self.wfile.flush()
        time.sleep(0.6)

    def silent(self):
        time.sleep(0.6)

    def away(self):
        self.status(302, {"Location": "/elsewhere"})

    def s404(self):
        self.status(404)

    def s429(self):
        self.status(429, {"Retry-After": "7"})

    def s503(self):
        self.status(503, {"Retry-After": "99999"})

    def s500(self):
        self.status(500)

    def wrong_range(self):
        self.send_response(206)
        self.send_header("Content-Range", f"bytes 5-9/{len(self.server.content)}")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"wrong")

    def status(self, code, headers=None):
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def second():
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def slept():
    """Every pause that was made."""
    return []


@pytest.fixture
def get(tmp_path, slept):
    """Fetch CONTENT from URLs into tmp_path/raw -> its record."""
    patience = Patience(delays=(1, 2, 3), longest=10, timeout=0.3, sleep=slept.append)

    def fetch_one(*urls, known=None, **more):
        source = Source(NAME, urls=urls, **({"checksum": f"sha256:{sha256(CONTENT)}", "size": len(CONTENT)} | more))
        return fetch([source], tmp_path / "raw", known or {}, patience)[NAME]

    return fetch_one


@pytest.fixture
def files(tmp_path):
    """What is in tmp_path/raw, by name."""
    return lambda: {path.name: path.read_bytes() for path in (tmp_path / "raw").glob("*")}


def test_a_file_is_downloaded_verified_and_recorded(server, get, files):
    assert get(server.url()) == {"bytes": len(CONTENT), "sha256": sha256(CONTENT), "url": server.url()}
    assert files() == {NAME: CONTENT}


def test_a_file_that_is_there_is_not_asked_for_again(server, get):
    first = get(server.url())
    assert get(server.url(), known={NAME: first}) == first and len(server.asked) == 1


def test_a_cut_connection_is_resumed_where_it_was_cut(server, get, files, slept):
    server.script = ["cut"]
    get(server.url())
    assert files() == {NAME: CONTENT} and slept == [1]
    assert server.asked[1][1:] == (f"bytes={KEPT}-", '"one"')


def test_a_run_that_gave_up_leaves_a_part_that_the_next_resumes(server, get, files, complains, slept):
    server.script = ["cut", "s500", "s500", "s500"]
    with complains(f"cannot download {NAME}", server.url(), "HTTP 500, 4 times"):
        get(server.url())
    assert files() == {PART: CONTENT[:KEPT]}
    assert slept == [1, 2, 3]
    server.script = []
    get(server.url())
    assert files() == {NAME: CONTENT} and server.asked[-1][1] == f"bytes={KEPT}-"


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
    assert files() == {NAME: CONTENT} and len(server.asked) == 2


def test_a_file_that_changes_between_two_attempts(server, get, files):
    server.script, server.content = ["cut_and_change"], OTHER
    get(server.url(), checksum=None)
    assert files() == {NAME: CONTENT} and server.asked[1][2] == '"one"'


def test_a_file_that_changes_on_a_server_without_etags(server, get, files):
    server.script, server.content, server.tag = ["cut_and_change", "plain"], OTHER, None
    get(server.url())
    assert files() == {NAME: CONTENT} and [asked[1] is None for asked in server.asked] == [True, False, True]


@pytest.mark.parametrize("part", [OTHER[:5000], b"<html>"])
def test_a_part_of_another_version_is_fetched_once_more_from_its_start(server, get, files, tmp_path, part):
    server.tag = None
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / PART).write_bytes(part)
    get(server.url())
    assert files() == {NAME: CONTENT} and [asked[1] for asked in server.asked] == [f"bytes={len(part)}-", None]


@pytest.mark.parametrize("checksum", [f"sha256:{sha256(CONTENT)}", f"md5:{hashlib.md5(CONTENT).hexdigest()}"])
def test_a_wrong_checksum_deletes_the_part_and_asks_the_next_mirror(server, second, get, files, complains, checksum):
    server.content = OTHER
    with complains(server.url(), "wrong", "checksum", "try again later, or put the file into"):
        get(server.url(), checksum=checksum)
    assert files() == {} and len(server.asked) == 1
    assert get(server.url(), second.url(), checksum=checksum)["url"] == second.url()
    assert files() == {NAME: CONTENT}


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
    assert [path for path, *_ in server.asked] == ["/set.bin", "/elsewhere"] * 2
    assert server.asked[3][1] == f"bytes={KEPT}-"


@pytest.mark.parametrize(
    ("answers", "pauses"), [(["s429"], [7]), (["s503", "s500"], [10, 2]), (["s500"] * 3, [1, 2, 3])]
)
def test_a_busy_server_is_asked_again_after_the_time_it_wants(server, get, files, slept, answers, pauses):
    server.script = list(answers)
    get(server.url())
    assert files() == {NAME: CONTENT} and slept == pauses


def test_what_is_not_there_is_not_asked_for_twice(server, second, get, files, slept):
    server.script = ["s404"]
    assert get(server.url(), second.url())["url"] == second.url()
    assert (len(server.asked), slept) == (1, []) and files() == {NAME: CONTENT}


@pytest.mark.parametrize("answer", ["slow", "silent"])
def test_a_server_that_falls_silent(server, get, files, slept, answer):
    server.script = [answer]
    get(server.url())
    assert files() == {NAME: CONTENT} and slept == [1]


def test_a_server_that_answers_with_another_range(server, second, get, files):
    server.script = ["cut", "wrong_range"]
    assert get(server.url(), second.url())["url"] == second.url()
    assert files() == {NAME: CONTENT} and second.asked[0][1] == f"bytes={KEPT}-", "resumed elsewhere"


def test_mirrors_in_order_and_the_reason_of_each(server, second, get, files, complains, slept):
    server.script, second.content = ["s404"], OTHER
    with complains(
        f"{server.url()}: HTTP 404; {second.url()}: what it gives has the wrong",
        "; http://127.0.0.1:9/x: no connection",
    ):
        get(server.url(), second.url(), "http://127.0.0.1:9/x")
    assert files() == {} and slept == [1, 2, 3]


def test_a_file_put_there_by_hand(get, files, tmp_path, complains):
    cure = "fill in the form at example.org and put it there"
    with complains(f"cannot download {NAME} into {tmp_path / 'raw'}: {cure}"):
        get(by_hand=cure)
    (tmp_path / "raw" / NAME).write_bytes(OTHER)
    with complains(tmp_path / "raw" / NAME, "wrong SHA-256 checksum", "delete it"):
        get(by_hand=cure)
    assert files() == {NAME: OTHER}, "a person's file is not deleted"
    (tmp_path / "raw" / NAME).write_bytes(CONTENT)
    assert get(by_hand=cure)["url"] == BY_HAND


def test_the_first_file_without_a_published_checksum_is_trusted_and_no_other(server, get, files, tmp_path, complains):
    first = get(server.url(), checksum=None)
    (tmp_path / "raw" / NAME).write_bytes(OTHER)
    with complains(tmp_path / "raw" / NAME, "recorded in checksums.json"):
        get(server.url(), checksum=None, known={NAME: first})
    (tmp_path / "raw" / NAME).unlink()
    server.content = OTHER
    with complains(server.url(), "recorded in checksums.json"):
        get(server.url(), checksum=None, known={NAME: first})
    assert files() == {}


def test_a_part_is_not_trusted_without_a_published_checksum(server, get, files, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / PART).write_bytes(OTHER[:100])
    get(server.url(), checksum=None, size=None)
    assert files() == {NAME: CONTENT} and server.asked[0][1] is None


def test_a_copy_elsewhere_spares_the_download(get, files, tmp_path, monkeypatch, complains):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / NAME).write_bytes(CONTENT)
    assert get(places=("$INSM_TEST", str(tmp_path / "one")))["url"] == str(tmp_path / "one")
    monkeypatch.setenv("INSM_TEST", str(tmp_path / "two"))
    (tmp_path / "raw" / NAME).unlink()
    with complains("cannot read", tmp_path / "two", "cure"):
        get(places=("$INSM_TEST", str(tmp_path / "one")), by_hand="cure")
    assert files() == {}


def test_the_content_may_be_packed_in_another_way(server, get, complains):
    server.content = gzip.compress(CONTENT, 1)
    get(server.url(), gunzipped=True, size=None)
    with complains("wrong SHA-256"):
        get(server.url(), gunzipped=True, size=None, checksum="sha256:0")


def test_a_disk_that_is_too_small_is_told_before_the_first_byte(server, get, files, monkeypatch, complains):
    monkeypatch.setattr(fetching.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 10})())
    with complains("room for 10 bytes", f"{len(CONTENT):,} are to be downloaded"):
        get(server.url())
    assert files() == {} and not server.asked


def test_an_unwritable_folder(server, get, tmp_path, complains):
    (tmp_path / "raw").write_text("in place of a folder")
    with complains("cannot read or write", tmp_path / "raw"):
        get(server.url())


def test_the_command_fetches_unpacks_and_writes_equal_records(server, tmp_path, monkeypatch):
    import zipfile

    from insm.commands import data

    with zipfile.ZipFile(tmp_path / "made.zip", "w") as archive:
        archive.writestr("set/a.txt", "a")
    server.content = (tmp_path / "made.zip").read_bytes()
    source = Source("set.zip", (server.url(),), f"sha256:{sha256(server.content)}", folder="set")
    monkeypatch.setattr(data, "load_dataset", lambda _: type("Set", (), {"sources": (source,)}))
    outputs = tmp_path / "raw/checksums.json", tmp_path / "raw/unpacked.json"
    insm_fetch("set", *outputs)
    assert read_json(outputs[0])["set.zip"]["url"] == server.url()
    assert read_json(outputs[1])["set"]["files"] == 1 and (tmp_path / "raw/set/a.txt").read_text() == "a"
    before = [path.read_bytes() for path in outputs]
    insm_fetch("set", *outputs)
    assert [path.read_bytes() for path in outputs] == before and len(server.asked) == 1
