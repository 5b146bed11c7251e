"""Data cards: the numbers of prepared splits, the same bytes every time, and splits that are compared with them."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from insm.commands.data import check, preview
from insm.commands.jobs.card import card
from insm.commands.jobs.prepare import prepare
from insm.data import preparation
from insm.data.dataset import load_dataset
from insm.data.preparation import save_split
from insm.data.prepared_split import load_split
from insm.reporting.data_card import co_occurrence, page, verify
from insm.reporting.data_card_figures import label_columns, sample_rows
from insm.support.files import read_json, write_json

COUNTS = {"train": 24, "test": 10}


@pytest.fixture(scope="module", params=["portraits", "footwear"])
def task(request, tmp_path_factory):
    """A folder with settings, prepared splits and a card."""
    folder = tmp_path_factory.mktemp(request.param)
    for split, count in COUNTS.items():
        settings = {"dataset": request.param, "split": split, "count": count, "size": 32, "seed": 0}
        write_json(folder / f"{split}.json", settings)
        lazy = load_dataset(request.param).lazy_split(split, count, 32, 0)
        save_split(lazy, folder / f"{split}.npy", folder / f"{split}.parquet")
    draw(folder, "card.md")
    return folder


def draw(folder, name):
    card(
        *(str(folder / f"{split}.json") for split in COUNTS),
        *(folder / f"{split}.npy" for split in COUNTS),
        folder / name,
    )


def test_a_card_tells_the_numbers_of_the_splits(task):
    content, text = read_json(task / "card.json"), (task / "card.md").read_text()
    for split, count in COUNTS.items():
        prepared, numbers = load_split(task / f"{split}.npy"), content["splits"][split]
        assert numbers["rows"] == numbers["requested"] == count
        assert numbers["positive"] == {name: int(prepared.table[name].sum()) for name in content["attributes"]}
        assert np.diag(numbers["co_occurrence"]).tolist() == [
            numbers["positive"][name] for name in content["attributes"]
        ]
    assert set(content["files"]) == {f"{split}.{ending}" for split in COUNTS for ending in ("npy", "parquet")}
    assert all(name in text for name in (*content["attributes"], *content["files"], "card.png"))
    assert content["files"]["train.npy"]["sha256"] in text
    assert "Licence" not in text and "Raw" not in text, "nothing is said where nothing is known"


def test_a_card_has_the_same_bytes_every_time(task):
    draw(task, "again.md")
    assert (task / "again.md").read_text() == (task / "card.md").read_text().replace("card.png", "again.png")
    for ending in ("json", "png"):
        assert (task / f"again.{ending}").read_bytes() == (task / f"card.{ending}").read_bytes()
    assert b"matplotlib" not in (task / "card.png").read_bytes().lower()


def test_a_prepared_split_is_verified_by_its_card(task, tmp_path, complains, capsys):
    for path in task.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    check(tmp_path / "train.npy")
    assert "24 images, as the data card says" in capsys.readouterr().out
    for name in ("train.npy", "train.parquet"):
        content = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with complains(tmp_path / name, "other bytes", "card.json"):
            verify(tmp_path / "train.npy")
        (tmp_path / name).write_bytes(content)
    (tmp_path / "card.json").unlink()
    with complains("card.json is missing", "snakemake"):
        verify(tmp_path / "train.npy")


def test_a_preview_is_a_labelled_image(task):
    preview(task / "test.npy", task / "preview.png")
    with Image.open(task / "preview.png") as image:
        assert image.width > 10 * 32 and image.height > 32


def test_samples_show_their_attribute_and_partners_stand_together(split, shoes):
    for name, rows in sample_rows(split, label_columns(split)).items():
        assert split.table[name].iloc[rows].all() and len(rows)
    above, below = sample_rows(shoes, ("Photo",)).values()
    assert (shoes.table["pair"].iloc[above] == below).all()


def test_a_preview_shows_both_values_of_every_attribute(split):
    rows = sample_rows(split, label_columns(split), both_values=True)
    assert {f"{name} = {value}" for name in label_columns(split) for value in split.table[name].unique()} == set(rows)
    for caption, chosen in rows.items():
        name, value = caption.split(" = ")
        assert (split.table[name].iloc[chosen] == int(value)).all()


def test_co_occurrence_counts_rows_with_both():
    assert co_occurrence(np.array([[1, 1, 0], [1, 0, 0]], np.uint8)).tolist() == [[2, 1, 0], [1, 1, 0], [0, 0, 0]]


def test_other_counts_than_published_and_terms_of_use_are_told(task):
    counts = {"raw_images": {"a": {"published": 1231, "here": 1273}, "b": {"published": 962, "here": None}}}
    text = page(read_json(task / "card.json") | counts | {"licence": "Research only.", "citation": "Liu 2015"}, "x.png")
    assert "1,273 (differs)" in text and "not counted" in text
    assert "## Licence\n\nResearch only." in text and "## Citation\n\nLiu 2015" in text


def test_origins_notes_and_every_unreadable_image_are_told(task):
    content = read_json(task / "card.json")
    names = [f"data/raw/{k}.jpg cannot be decoded" for k in range(25)]
    content["splits"]["train"]["unreadable"] = names
    content["splits"]["test"]["notes"] = ["3 files have no label"]
    content["raw_files"] = {"a.zip": {"bytes": 1234, "sha256": "ab" * 32, "url": "https://example.org/a.zip"}}
    text = page(content, "x.png")
    assert all(f"* train: {name}" in text for name in names)
    assert "## Left out, converted or assumed\n\n* test: 3 files have no label" in text
    assert "## Raw files" in text and "https://example.org/a.zip" in text and "1,234" in text and "ab" * 32 in text
    assert set(content["versions"]) == {"numpy", "pandas", "pillow", "pyarrow"}


def test_raw_images_are_checked_before_preparing(tmp_path, complains, capsys, monkeypatch):
    labels = []
    monkeypatch.setattr(preparation, "Progress", lambda label, total: labels.append(label) or (lambda step: None))
    for folder in ("trainA", "trainB", "testA", "testB"):
        (tmp_path / folder).mkdir()
        for k in range(3):
            Image.new("L", (16, 16), 100 + k).save(tmp_path / folder / f"{k}.png")
    for k in (0, 2):
        (tmp_path / "trainA" / f"{k}.png").write_bytes(b"")
    settings = {"dataset": "yosemite", "split": "train", "count": 6, "size": 16, "seed": 0, "source": str(tmp_path)}
    write_json(tmp_path / "train.json", settings)
    with complains("yosemite, train: 2 images", "trainA/0.png", "trainA/2.png", "data.skip_unreadable"):
        check(tmp_path / "train.json")
    told = capsys.readouterr().out
    assert told.count("yosemite, train: ") == 2 and "trainA/2.png cannot be decoded" in told, "each on a line"
    assert "yosemite: trainA has 3 images, the published set has 1,231" in told and labels == ["checking"]
    check(tmp_path / "train.json", skip_unreadable=True)
    assert "4 images can be read, 2 cannot" in capsys.readouterr().out
    with complains("notes.txt is no prepared split"):
        check(tmp_path / "notes.txt")


def test_fetched_raw_images_are_counted_and_their_origin_is_told(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    unpacked = tmp_path / "data/raw/yosemite/summer2winter_yosemite"
    for folder in ("trainA", "trainB", "testA", "testB"):
        (unpacked / folder).mkdir(parents=True)
        for k in range(3):
            Image.new("RGB", (16, 16), (k, k, k)).save(unpacked / folder / f"{k}.png")
    (unpacked / "testB" / "1.png").write_bytes(b"<html>")
    record = {"summer2winter_yosemite.zip": {"bytes": 5, "sha256": "ab" * 32, "url": "https://example.org/a.zip"}}
    write_json(unpacked.parent / "checksums.json", record)
    settings = {"dataset": "yosemite", "count": 6, "size": 16, "seed": 0, "skip_unreadable": True}
    for split in ("train", "test"):
        write_json(Path(f"{split}.json"), {"split": split, **settings})
        prepare(f"{split}.json", Path(f"{split}.npy"), Path(f"{split}.parquet"))
    assert "note: yosemite: testB has 3 images, the published set has 238" in capsys.readouterr().err
    card("train.json", "test.json", Path("train.npy"), Path("test.npy"), Path("card.md"))
    content = read_json(Path("card.json"))
    assert {counts["here"] for counts in content["raw_images"].values()} == {3} and content["raw_files"] == record
    assert content["splits"]["train"]["unreadable"] == []
    (reason,) = content["splits"]["test"]["unreadable"]
    assert "testB/1.png cannot be decoded" in reason and f"* test: {reason}" in Path("card.md").read_text()


def test_what_is_left_out_converted_or_assumed_is_in_the_log_and_on_the_card(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for domain in "ab":
        Path("mine", domain).mkdir(parents=True)
        for k in range(30):
            Image.new("L", (16, 16), 100 + k).save(Path("mine", domain, f"{k}.png"))
    Image.fromarray(np.full((16, 16), 4000, np.uint16)).save("mine/a/0.png")
    Path("mine/b/x.heic").touch()
    settings = {"dataset": "folder:a", "size": 16, "seed": 0, "source": "mine"}
    for split, count in (("train", 40), ("test", 2)):
        write_json(Path(f"{split}.json"), {"split": split, "count": count, **settings})
        prepare(f"{split}.json", Path(f"{split}.npy"), Path(f"{split}.parquet"))
    log = capsys.readouterr().err
    card("train.json", "test.json", Path("train.npy"), Path("test.npy"), Path("card.md"))
    page = Path("card.md").read_text()
    left_out = "left out, since its ending is none of an image format that Pillow reads: 1 (b/x.heic)"
    for text in (log, page):
        assert left_out in text and "nearly black" in text and "mine/a/0.png" in text
    assert left_out in read_json(Path("card.json"))["splits"]["train"]["notes"]
    Path("mine/b/x.heic").unlink()
    Image.new("L", (16, 16), 100).save("mine/a/0.png")
    prepare("train.json", Path("train.npy"), Path("train.parquet"))
    assert not Path("train.notes.txt").exists(), "nothing is told any more"
