"""Files appear whole or not at all, and equal content gives equal bytes."""

import pytest

from insm.support.files import atomic, read_json, write_json


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
