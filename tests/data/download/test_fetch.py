"""Fetching: files are verified before they get their name, and one line tells why one cannot be had."""

import gzip
import hashlib
from zipfile import ZipFile

import pytest

from insm.data.download import dataset as raw
from insm.data.download import fetch as fetching
from insm.data.download.fetch import BY_HAND
from insm.data.download.source import Source
from insm.support.files import read_json
from tests.data.download.local_server import CONTENT, NAME, OTHER, PART, sha256


def test_a_file_is_downloaded_verified_and_recorded(server, get, files):
    assert get(server.url()) == {"bytes": len(CONTENT), "sha256": sha256(CONTENT), "url": server.url()}
    assert files() == {NAME: CONTENT}


def test_a_file_that_is_there_is_not_downloaded_again(server, get):
    first = get(server.url())
    assert get(server.url(), earlier={NAME: first}) == first and len(server.requests) == 1


@pytest.mark.parametrize("part", [OTHER[:5000], b"<html>"])
def test_a_part_of_another_version_is_fetched_once_more_from_its_start(server, get, files, tmp_path, part):
    server.tag = None
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / PART).write_bytes(part)
    get(server.url())
    assert files() == {NAME: CONTENT} and [request[1] for request in server.requests] == [f"bytes={len(part)}-", None]


@pytest.mark.parametrize("checksum", [f"sha256:{sha256(CONTENT)}", f"md5:{hashlib.md5(CONTENT).hexdigest()}"])
def test_a_wrong_checksum_deletes_the_part_and_asks_the_next_mirror(server, second, get, files, complains, checksum):
    server.content = OTHER
    with complains(server.url(), "wrong", "checksum", "try again later, or put the file into"):
        get(server.url(), checksum=checksum)
    assert files() == {} and len(server.requests) == 1
    assert get(server.url(), second.url(), checksum=checksum)["url"] == second.url()
    assert files() == {NAME: CONTENT}


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
        get(server.url(), checksum=None, earlier={NAME: first})
    (tmp_path / "raw" / NAME).unlink()
    server.content = OTHER
    with complains(server.url(), "recorded in checksums.json"):
        get(server.url(), checksum=None, earlier={NAME: first})
    assert files() == {}


def test_a_part_is_not_trusted_without_a_published_checksum(server, get, files, tmp_path):
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / PART).write_bytes(OTHER[:100])
    get(server.url(), checksum=None, size=None)
    assert files() == {NAME: CONTENT} and server.requests[0][1] is None


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
    assert files() == {} and not server.requests


def test_an_unwritable_folder(server, get, tmp_path, complains):
    (tmp_path / "raw").write_text("in place of a folder")
    with complains("cannot read or write", tmp_path / "raw"):
        get(server.url())


def test_the_command_fetches_unpacks_and_writes_equal_records(server, tmp_path, monkeypatch):
    with ZipFile(tmp_path / "made.zip", "w") as archive:
        archive.writestr("set/a.txt", "a")
    server.content = (tmp_path / "made.zip").read_bytes()
    source = Source("set.zip", (server.url(),), f"sha256:{sha256(server.content)}", folder="set")
    monkeypatch.setattr(raw, "load_dataset", lambda _: type("Set", (), {"sources": (source,)}))
    outputs = tmp_path / "raw/checksums.json", tmp_path / "raw/unpacked.json"
    raw.fetch_dataset("set", *outputs)
    assert read_json(outputs[0])["set.zip"]["url"] == server.url()
    assert read_json(outputs[1])["set"]["files"] == 1 and (tmp_path / "raw/set/a.txt").read_text() == "a"
    before = [path.read_bytes() for path in outputs]
    raw.fetch_dataset("set", *outputs)
    assert [path.read_bytes() for path in outputs] == before and len(server.requests) == 1
