"""Tables of labels: however they are written, the labels are the same, or a message tells the cause."""

import unicodedata

import pytest
from PIL import Image

from insm.data.dataset import load_dataset
from insm.datasets.photos.notes import Notes
from insm.datasets.photos.table_layout import read_table

NAMES = [f"{k:03}.png" for k in range(30)]
LABELS = {name: (k % 2, k // 2 % 2) for k, name in enumerate(NAMES)}
PLAIN = "image,Hat,Male\n" + "".join(f"{name},{hat},{male}\n" for name, (hat, male) in LABELS.items())


@pytest.fixture
def place(tmp_path):
    for name in NAMES:
        Image.new("L", (16, 16), 200).save(tmp_path / name)
    (tmp_path / "labels.csv").write_text(PLAIN)
    return tmp_path


def read(place, attributes=("Hat", "Male")):
    """The labels by file, and the notes."""
    notes = Notes()
    table = read_table(place, attributes, notes)
    return {row.file: (row.Hat, row.Male) for row in table.itertuples()}, notes.lines()


def lines(change) -> str:
    head, *rows = PLAIN.splitlines()
    return "\n".join(change(head, rows)) + "\n"


ACCEPTED = {  # what a program writes -> the table, a word of the note
    "plain": (PLAIN, None),
    "trailing commas": (lines(lambda head, rows: [f"{row}," for row in (head, *rows)]), None),
    "trailing commas in rows": (lines(lambda head, rows: [head, *(f"{row}," for row in rows)]), None),
    "empty lines": (PLAIN.replace("\n", "\n\n") + ",,\n", None),
    "Windows": (PLAIN.replace("\n", "\r\n"), None),
    "an old Mac": (PLAIN.replace("\n", "\r"), None),
    "Excel's first line": ("sep=;\n" + PLAIN.replace(",", ";"), "separated by semicolons"),
    "spaces": (PLAIN.replace(",", " , "), None),
    "quotes": (PLAIN.replace("image", '"image"').replace(".png", ".png").replace("000.png", '"000.png"'), None),
    "pandas' index": (
        lines(lambda head, rows: [f",{head}", *(f"{k},{row}" for k, row in enumerate(rows))]),
        "column of row numbers",
    ),
    "booleans": (
        PLAIN.replace(",0", ",False").replace(",1", ",TRUE"),
        "false and true, read as 0 and 1: 2 (Hat, Male)",
    ),
    "floats": (PLAIN.replace(",0", ",0.0").replace(",1", ",1.0"), "0.0 and 1.0, read as 0 and 1: 2 (Hat, Male)"),
    "signs": (PLAIN.replace(",0", ",-1"), "-1 and 1, read as 0 and 1: 2 (Hat, Male)"),
    "semicolons": (PLAIN.replace(",", ";"), "separated by semicolons"),
    "tabs": (PLAIN.replace(",", "\t"), "separated by tabs"),
    "Windows paths": (lines(lambda head, rows: [head, *(f".\\{row}" for row in rows)]), "read as /: 30"),
    "current folder": (lines(lambda head, rows: [head, *(f"./{row}" for row in rows)]), None),
    "UTF-16": (("\ufeff" + PLAIN).encode("utf-16-le"), "UTF-16"),
    "UTF-8 with a mark": (("\ufeff" + PLAIN).encode(), None),
}


@pytest.mark.parametrize("kind", ACCEPTED)
def test_every_way_to_write_a_table_gives_the_same_labels(place, kind):
    content, note = ACCEPTED[kind]
    (place / "labels.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    labels, notes = read(place)
    assert labels == LABELS
    assert len(notes) == bool(note) and all(note in line for line in notes)


@pytest.mark.parametrize("name", ["LABELS.CSV", "labels.tsv"])
def test_other_endings_of_a_table_are_found(place, name):
    (place / "labels.csv").rename(place / name)
    assert read(place)[0] == LABELS


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (PLAIN.replace(".png", ""), ["names '000', but the file is 000.png: write its name with that ending"]),
        (PLAIN.replace("007.png", "007.jpg"), ["names '007.jpg', but the file is 007.png"]),
        (
            PLAIN.replace("003.png,1", "003.png,2"),
            ["Hat of 003.png is '2'", "0 and 1 (or -1 and 1, or false and true)"],
        ),
        (PLAIN.replace("003.png,1", "003.png,"), ["Hat of 003.png is ''"]),
        (PLAIN.replace("003.png,1", "003.png,-1"), ["Hat of 000.png is '0'"]),
        (PLAIN.replace("003.png,1", "003.png,1,1,1"), ["line 5 has 5 columns, the header has 3"]),
        (PLAIN.replace("003.png,1,1", "003.png,1"), ["line 5 has 2 columns, the header has 3"]),
        (PLAIN.replace("Hat,Male", "Hat,Hat"), ["the column 'Hat' twice"]),
        ("", ["it is empty"]),
        (PLAIN.encode("utf-16-le"), ["no UTF-8 text"]),
        ("image,Hat,Male\nGr\u00f6\u00dfe.png,1,1\n".encode("latin-1"), ["no UTF-8 text", "save it as UTF-8"]),
    ],
)
def test_what_would_be_a_guess_is_refused_with_its_cause(place, complains, content, words):
    (place / "labels.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    with complains(place / "labels.csv", *words):
        read(place)


def test_names_in_another_unicode_form_are_found_and_stay_in_their_split(tmp_path):
    splits = []
    for form in ("NFC", "NFD"):
        place = tmp_path / form
        place.mkdir()
        for k in range(60):
            Image.new("L", (16, 16), 200).save(place / unicodedata.normalize(form, f"Größe{k}.png"))
        rows = "".join(unicodedata.normalize("NFC", f"Größe{k}.png,1\n") for k in range(60))
        (place / "labels.csv").write_text("image,Hat\n" + rows, encoding="utf-8")
        notes = Notes()
        table = read_table(place, ("Hat",), notes)
        assert len(table) == 60 and len(notes.lines()) == (form == "NFD")
        splits.append({unicodedata.normalize("NFC", row.file): row.split for row in table.itertuples()})
    assert splits[0] == splits[1] and set(splits[0].values()) == {"train", "test"}


def test_images_are_found_in_subfolders_by_their_names_alone(place, complains):
    (place / "deep/er").mkdir(parents=True)
    for name in NAMES[:4]:
        (place / name).rename(place / "deep/er" / name)
    labels, notes = read(place)
    assert labels == {(f"deep/er/{name}" if name in NAMES[:4] else name): value for name, value in LABELS.items()}
    assert notes == ["named by labels.csv without the folder, found in deep/er/: 4 (000.png, 001.png, 002.png, ...)"]
    (place / "other").mkdir()
    Image.new("L", (16, 16)).save(place / "other/000.png")
    with complains("names '000.png'", "deep/er/000.png and other/000.png both fit"):
        read(place)


def test_links_that_lead_back_do_not_matter(place):
    (place / "again").symlink_to(place)
    assert read(place) == (LABELS, [])


def test_images_that_the_table_does_not_name_are_counted(place):
    for name in ("new.png", "newer.jfif"):
        Image.new("L", (16, 16)).save(place / name, "png")
    assert read(place)[1] == ["left out, since labels.csv does not name them: 2 (new.png, newer.jfif)"]


CELEBA = "30\nHat Male\n" + "".join(f"{name}  {2 * hat - 1} {2 * male - 1}\n" for name, (hat, male) in LABELS.items())


@pytest.mark.parametrize("divided", [False, True])
def test_celebas_lists_are_tables(place, divided):
    (place / "labels.csv").unlink()
    (place / "list_attr_celeba.txt").write_text(CELEBA)
    (place / "notes.txt").write_text("These are my notes,\nand no table.\n")
    if divided:
        rows = [f"{name} {0 if k < 20 else 1 if k < 25 else 2}" for k, name in enumerate(NAMES)]
        (place / "list_eval_partition.txt").write_text("\n".join(rows))
    notes = Notes()
    table = read_table(place, ("Hat", "Male"), notes)
    assert {row.file: (row.Hat, row.Male) for row in table.itertuples()}.items() <= LABELS.items()
    if divided:
        assert table["split"].value_counts().to_dict() == {"train": 20, "test": 5}
        assert "left out, validation images, which nothing uses: 5 (020.png, 021.png, 022.png, ...)" in notes.lines()
    else:
        assert len(table) == 30


def test_a_second_table_divides_the_images(place, complains):
    (place / "parts.csv").write_text("image_id,partition\n" + "".join(f"{n},{2 * (n > '019')}\n" for n in NAMES))
    (place / "people.csv").write_text("image_id,person\n000.png,7\n")
    notes = Notes()
    table = read_table(place, ("Hat",), notes)
    assert (table["split"] == table["file"].map(lambda name: "test" if name > "019" else "train")).all()
    assert notes.lines() == ["left out, a table that is not needed: 1 (people.csv)"]
    (place / "parts.csv").write_text("image_id,partition\n000.png,0\n")
    with complains("parts.csv lacks 001.png", "labels.csv names"):
        read_table(place, ("Hat",), Notes())


def test_several_tables_with_the_same_attributes_and_none_are_told(place, complains):
    (place / "more.csv").write_text(PLAIN)
    with complains("labels.csv and", "more.csv both have Hat"):
        load_dataset("folder:Hat").build("train", 4, 16, 0, place)
    with complains("no table has all columns Hats", "labels.csv has Hat, Male", "did you mean 'Hat'?"):
        load_dataset("folder:Hats").build("train", 4, 16, 0, place)


def test_validation_is_the_test_where_there_is_no_other(place):
    rows = [f"{name},1,1,{'valid' if k < 5 else 'Train'}" for k, name in enumerate(NAMES)]
    (place / "labels.csv").write_text("\n".join(["image,Hat,Male,split", *rows]))
    notes = Notes()
    table = read_table(place, ("Hat",), notes)
    assert table["split"].value_counts().to_dict() == {"train": 25, "test": 5}
    assert notes.lines() == [
        "validation images, used as the test since there is no other: 5 (000.png, 001.png, 002.png, ...)"
    ]
