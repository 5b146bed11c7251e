"""Fetching from a real server on this machine: whatever it does, the file is right, or one line tells why not."""

import gzip
import hashlib

import pytest
from local_server import CONTENT, KEPT, OTHER, Server

from insm import fetching
from insm.commands.fetch import fetch as insm_fetch
from insm.downloading import Patience
from insm.fetching import BY_HAND, fetch
from insm.files import read_json
from insm.sources import Source

NAME, PART = "set.bin", "set.bin.part"


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def serve():
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


server, second = pytest.fixture(serve, name="server"), pytest.fixture(serve, name="second")


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

    from insm.commands import fetch as data

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
