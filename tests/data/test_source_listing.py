"""The fingerprint of a folder of one's own changes with its tables and images, and with nothing else."""

import os

import pytest

from insm.data.source_listing import source_files, source_fingerprint, source_listing


@pytest.fixture
def place(tmp_path):
    place = tmp_path / "mine"
    (place / "cat").mkdir(parents=True)
    (place / "labels.csv").write_text("image,Hat\ncat/0.png,1\n")
    for k in range(3):
        (place / f"cat/{k}.png").write_bytes(bytes(k + 1))
    return place


def test_every_file_is_listed_with_its_size(place):
    assert [path.relative_to(place).as_posix() for path in source_files(place)] == [
        "cat/0.png", "cat/1.png", "cat/2.png", "labels.csv",
    ]  # fmt: skip
    assert [line.split("\t")[:2] for line in source_listing(place)][:3] == [
        [f"cat/{k}.png", f"{k + 1}"] for k in range(3)
    ]


CHANGES = {
    "a label": lambda place: (place / "labels.csv").write_text("image,Hat\ncat/0.png,0\n"),
    "an image of the same size": lambda place: os.utime(place / "cat/1.png", ns=(1, 1)),
    "an image of another size": lambda place: (place / "cat/1.png").write_bytes(b"other"),
    "a new image": lambda place: (place / "cat/3.png").touch(),
    "a removed image": lambda place: (place / "cat/2.png").unlink(),
    "a renamed image": lambda place: (place / "cat/2.png").rename(place / "cat/4.png"),
    "a dangling link": lambda place: (place / "cat/9.png").symlink_to("nowhere"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_changes_the_fingerprint(place, change):
    before = source_fingerprint(place)
    CHANGES[change](place)
    assert source_fingerprint(place) != before


def test_nothing_else_does(place):
    before = source_fingerprint(place)
    os.utime(place / "labels.csv", ns=(1, 1))
    (place / ".DS_Store").touch()
    os.utime(place, ns=(1, 1))
    assert source_fingerprint(place) == before == source_fingerprint(place)


def test_links_are_followed_but_not_in_circles(place, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/x.png").touch()
    (place / "more").symlink_to(tmp_path / "elsewhere")
    (place / "circle").symlink_to(place)
    assert [path.relative_to(place).as_posix() for path in source_files(place)][-1] == "more/x.png"


def test_a_missing_folder_has_a_fingerprint_of_its_own(place, tmp_path):
    assert len({source_fingerprint(tmp_path / "nowhere"), source_fingerprint(place)}) == 2
