"""Files appear whole or not at all, and equal content gives equal bytes."""

import errno
import locale
import os
from pathlib import Path

import pytest

from insm.support.files import atomic, read_json, read_yaml, write_json


def test_atomic_makes_folders_and_the_file(tmp_path):
    path = tmp_path / "a" / "b" / "file.txt"
    with atomic(path) as part:
        part.write_text("new")
        assert not path.exists(), "not before it is complete"
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_exception_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "file.txt"
    path.write_text("old")
    with pytest.raises(error), atomic(path) as part:
        part.write_text("half of the new")
        raise error
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_unwritable_folder_is_named(tmp_path, complains):
    blocker = tmp_path / "file"
    blocker.write_text("a file in place of a folder")
    for path in (blocker / "output.json", blocker / "deeper" / "output.json"):
        with complains("cannot write", path):
            write_json(path, {})
    assert blocker.read_text() == "a file in place of a folder"


def test_a_folder_in_place_of_the_file_is_named(tmp_path, complains):
    (tmp_path / "output.json").mkdir()
    with complains("cannot write", tmp_path / "output.json"):
        write_json(tmp_path / "output.json", {})
    assert len(list(tmp_path.iterdir())) == 1


def test_equal_json_gives_equal_bytes(tmp_path):
    one, two = {"b": [1, 2.5, None], "a": {"y": "é", "x": True}}, {"a": {"x": True, "y": "é"}, "b": [1, 2.5, None]}
    write_json(tmp_path / "one.json", one)
    write_json(tmp_path / "two.json", two)
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert (tmp_path / "one.json").read_bytes().endswith(b"}\n")
    assert read_json(tmp_path / "one.json") == one


@pytest.mark.parametrize("content", [b"", b'{"a": 1', b"\xff\xfe"])
def test_broken_json_is_named(tmp_path, complains, content):
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with complains(path, "not valid JSON"):
        read_json(path)


def test_missing_json_is_named(tmp_path, complains):
    with complains(tmp_path / "no.json", "missing", "snakemake"):
        read_json(tmp_path / "no.json")


def test_bytes_are_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    """A power cut leaves the old file or the new, never an empty one: fsync the file, rename, fsync the folder."""
    order, real = [], {"fsync": os.fsync, "replace": os.replace}
    monkeypatch.setattr(os, "fsync", lambda descriptor: (order.append("fsync"), real["fsync"](descriptor)))
    monkeypatch.setattr(os, "replace", lambda *paths: (order.append("replace"), real["replace"](*paths)))
    write_json(tmp_path / "file.json", {})
    assert order == ["fsync", "replace", "fsync"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, ("free space",)),
        (errno.EIO, ("try again",)),
        (errno.EACCES, ("permit writing",)),
        (errno.EROFS, ("permit writing",)),
    ],
)
def test_the_cure_fits_the_cause(tmp_path, monkeypatch, complains, number, words):
    def fail(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "replace", fail)
    with complains("cannot write", *words):
        write_json(tmp_path / "file.json", {})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["a: 1\nb: 2\na: 3\n", "deep:\n  a: 1\n  a: 3\n", "- {a: 1, a: 3}\n"])
def test_a_key_that_stands_twice_is_told_with_its_lines(tmp_path, complains, text):
    (tmp_path / "twice.yaml").write_text(text)
    with complains(tmp_path / "twice.yaml", "key a stands twice", "lines"):
        read_yaml(tmp_path / "twice.yaml")


def test_merged_keys_may_be_changed(tmp_path):
    (tmp_path / "merged.yaml").write_text("base: &base { a: 1, b: 2 }\nmore: { <<: *base, a: 3 }\n")
    assert read_yaml(tmp_path / "merged.yaml")["more"] == {"a": 3, "b": 2}


def test_a_folder_and_a_missing_file_are_told(tmp_path, complains, monkeypatch):
    with complains(tmp_path, "is a folder"):
        read_yaml(tmp_path)
    monkeypatch.chdir(tmp_path)
    with complains("study.yaml", "missing", "project's folder"):
        read_yaml(Path("study.yaml"))


def test_files_are_utf_8_whatever_the_locale(tmp_path, monkeypatch):
    monkeypatch.setattr(locale, "getpreferredencoding", lambda *_: "ascii")
    write_json(tmp_path / "umlaut.json", {"a": "é"})
    (tmp_path / "umlaut.yaml").write_bytes("a: é\n".encode())
    assert read_json(tmp_path / "umlaut.json") == read_yaml(tmp_path / "umlaut.yaml") == {"a": "é"}


def test_words_and_numbers_are_those_of_yaml_1_2(tmp_path):
    """`no` may be the name of a method, and a seed of 010 is ten."""
    (tmp_path / "words.yaml").write_text("no: [yes, on, 010, -7, 0.5, true, 1e3, null]\n")
    assert read_yaml(tmp_path / "words.yaml") == {"no": ["yes", "on", 10, -7, 0.5, True, "1e3", None]}
