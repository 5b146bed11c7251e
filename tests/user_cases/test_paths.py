"""Folders as people have them."""

import pytest
from PIL import Image

from insm.data.dataset import load_dataset


@pytest.mark.parametrize("dataset", ["folder:dog", "folder:domains:cat,dog"])
def test_links_to_images_are_read_and_a_link_back_ends(tmp_path, dataset):
    """Images of a large disk are linked into the folder, beside a link `all` to the folder itself: each is once."""
    disk, place = tmp_path / "disk", tmp_path / "mine"
    for folder in (disk, place / "cat", place / "dog"):
        folder.mkdir(parents=True)
    for k in range(20):
        Image.new("L", (16, 16), 10 * k).save(disk / f"{k:02}.png")
        (place / ("cat", "dog")[k % 2] / f"{k:02}.png").symlink_to(disk / f"{k:02}.png")
    (place / "cat/all").symlink_to(place)
    splits = [load_dataset(dataset).lazy_split(split, 1, 16, 0, place) for split in ("train", "test")]
    assert all(len(split) == 1 for split in splits)
    found = []
    for split in ("train", "test"):
        for count in range(20, 0, -1):
            try:
                built = load_dataset(dataset).build(split, count, 16, 0, place)
            except Exception as error:
                assert "at most" in str(error)
                continue
            found += built.table["file"].tolist()
            for image, file, dog in zip(built.images, built.table["file"], built.table["dog"], strict=True):
                assert (image == 10 * int(file[-6:-4])).all() and dog == file.startswith("dog/")
            break
    assert sorted(found) == sorted(f"{('cat', 'dog')[k % 2]}/{k:02}.png" for k in range(20))


def test_a_table_and_a_link_to_its_own_folder(tmp_path, own):
    """The same with a table of names: an image is found in one place, not in a second one below the link."""
    place = own(tmp_path / "mine")
    (place / "again").symlink_to(place)
    split = load_dataset("folder:Hat").build("train", 8, 16, 0, place)
    assert sorted(split.table["file"]) == [f"{k:03}.png" for k in range(8)]
