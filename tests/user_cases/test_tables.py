"""Tables as they grow when several people and programs write them."""

import unicodedata

import pytest

from insm.data.dataset import load_dataset


def build(place, count):
    return load_dataset("folder:Hat").build("train", count, 16, 0, place)


def test_an_image_named_in_two_ways_is_refused(tmp_path, own, complains):
    """Two people labelled: one wrote `cat/000.png`, the other `000.png` and another label. It is one image, and nobody
    knows which label holds: the table is refused, with the image's name."""
    place = own(tmp_path / "mine")
    (place / "cat").mkdir()
    (place / "000.png").rename(place / "cat/000.png")
    with (place / "labels.csv").open("a") as stream:
        stream.write("cat/000.png,1,train\n")
    with complains("labels.csv", "cat/000.png", "twice"):
        build(place, 4)


def test_an_image_named_in_two_unicode_forms_is_refused(tmp_path, own, complains):
    """A Mac and a Linux machine each added the row of Größe.png: the two names look the same, and mean one file."""
    place = own(tmp_path / "mine")
    (place / "000.png").rename(place / unicodedata.normalize("NFD", "Größe.png"))
    rows = (place / "labels.csv").read_text().splitlines()
    rows[1] = unicodedata.normalize("NFC", "Größe.png,0,train")
    rows.append(unicodedata.normalize("NFD", "Größe.png,1,train"))
    (place / "labels.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    with complains("labels.csv", "twice"):
        build(place, 4)


def test_commas_and_quotes_in_names_of_files_are_read(tmp_path, own):
    """Files are called as their subjects, `Smith, John "Jack".png`, and a spreadsheet quotes such names."""
    place = own(tmp_path / "mine")
    (place / "001.png").rename(place / 'Smith, John "Jack".png')
    text = (place / "labels.csv").read_text().replace("001.png", '"Smith, John ""Jack"".png"')
    (place / "labels.csv").write_text(text)
    split = build(place, 8)
    row = split.table["file"].tolist().index('Smith, John "Jack".png')
    assert split.table["Hat"][row] == 1 and (split.images[row] == 4).all()


@pytest.mark.parametrize("name", ["001.PNG", "001.Png"])
def test_a_name_in_other_letters_is_told(tmp_path, own, complains, name):
    """On Windows 001.PNG opens 001.png; here it does not: the message names the file that is meant."""
    place = own(tmp_path / "mine")
    (place / "labels.csv").write_text((place / "labels.csv").read_text().replace("001.png", name))
    with complains(name, "001.png"):
        build(place, 8)
