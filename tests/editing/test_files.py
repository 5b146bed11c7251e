"""Editing files: which are edited, what is written, and what is refused."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import insm
from insm.editing.files import Wish, edit_files, split_arguments, values_of
from insm.editing.photos import save_rendered


@pytest.fixture
def edit(folder, tmp_path):
    """Edit files with the small model -> results."""

    def edit(*paths, **wish):
        return list(edit_files(insm.load(folder), paths, Wish(**{"values": {}} | wish), tmp_path / "out"))

    return edit


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "in" / "me.jpg"
    path.parent.mkdir()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)).save(path)
    return path


def test_a_photo_is_edited_at_its_own_size(edit, photo, tmp_path, folder):
    (result,) = edit(photo, values={"Smiling": 1}, source={"Male": 1})
    assert result.outputs == [str(tmp_path / "out" / "me-edited.png")] and result.labels["Male"] == 1
    written = Image.open(result.outputs[0])
    assert written.size == (90, 60)
    facts = json.loads(written.info["insm"])
    assert facts["model_sha256"] == insm.load(folder).info.sha256
    assert facts["model"] == "s/portraits/attgan/seed0"
    assert str(tmp_path) not in written.info["insm"], "nothing of this machine"
    assert facts["target"] == result.labels | {"Smiling": 1} and facts["square"] == [15, 0, 60, 0]
    assert "Male=1 (given)" in result.as_text() and "me-edited.png" in result.as_text()


def test_every_attribute_by_itself_and_all_on_one_sheet(edit, photo, portraits):
    (result,) = edit(photo, toggle_all=True)
    assert len(result.outputs) == 10
    for path, name in zip(result.outputs, portraits.attributes, strict=True):
        assert path.endswith(f"me-{name}={1 - result.labels[name]}.png")
    (sheet,) = edit(photo, toggle_all=True, values={"Smiling": 1}, grid=True)
    assert [Path(path).name for path in sheet.outputs] == ["me-grid.png"]
    assert len(json.loads(Image.open(sheet.outputs[0]).info["insm"])["targets"]) == 11


def test_folders_are_edited_whole(edit, photo):
    for name in ("b.png", "c.bmp"):
        Image.new("L", (40, 40), 90).save(photo.with_name(name))
    photo.with_name("notes.txt").write_text("no image")
    assert [Path(result.photo).name for result in edit(photo.parent, values={"Bangs": 1})] == [
        "b.png",
        "c.bmp",
        "me.jpg",
    ]


def test_without_photos_the_models_rendered_example_is_edited_and_said_to_be_one(edit, folder, complains):
    with complains("no photo", "no example"):
        edit(values={"Smiling": 1})
    save_rendered(np.zeros((50, 50, 3), np.uint8), folder / "example.png")
    (result,) = edit(values={"Smiling": 1})
    assert result.rendered and "rendered by insm, no photograph" in result.as_text()
    assert "Rendered by insm" in Image.open(result.outputs[0]).info["Comment"]


def test_remarks_of_decoding_are_passed_on(edit, photo):
    Image.new("CMYK", (40, 40)).save(photo)
    assert any("CMYK" in warning for warning in edit(photo, values={"Smiling": 1})[0].warnings)


def test_a_photo_smaller_than_the_model_draws_a_warning(edit, photo):
    Image.new("RGB", (40, 20), "white").save(photo)
    assert any("20 px" in warning for warning in edit(photo, values={"Smiling": 1})[0].warnings)


def test_mistakes_are_one_line(edit, photo, complains):
    with complains("--set NAME=VALUE or --toggle-all", "Smiling"):
        edit(photo)
    with complains("no attribute 'Smil'"):
        edit(photo, values={"Smil": 1})
    Image.new("L", (40, 40)).save(photo.with_name("me.png"))
    with complains("two photos are called 'me'"):
        edit(photo.parent / "me.png", photo, values={"Smiling": 1})
    with complains("no strength"):
        wish = Wish({"Smiling": 1}, strength=2.0)
        list(edit_files(insm.load("portraits"), [photo], wish, photo.parent / "out"))


def test_a_photo_that_cannot_be_edited_stops_no_other(edit, photo):
    photo.with_name("a.png").write_text("no image")
    bad, good = edit(photo.parent, values={"Smiling": 1})
    assert bad.error.startswith(str(photo.with_name("a.png"))) and "cannot be decoded" in bad.error
    assert good.error is None and good.outputs
    (missing,) = edit(photo.with_name("no.png"), values={"Smiling": 1})
    assert missing.error.count("no.png") == 1


def test_no_file_of_others_is_overwritten_and_no_edit_of_a_folder_edited_again(photo, folder):
    model, mine = insm.load(folder), photo.with_name("other-edited.png")
    Image.new("RGB", (40, 40)).save(mine)
    Image.new("RGB", (40, 40)).save(photo.with_name("other.png"))
    before = mine.read_bytes()
    for _ in range(2):
        results = list(edit_files(model, [photo.parent], Wish({"Smiling": 1}), photo.parent))
        assert [Path(result.photo).name for result in results] == ["me.jpg", "other-edited.png", "other.png"]
        assert "other-edited.png is there" in results[-1].error and mine.read_bytes() == before
        assert [result.error for result in results[:-1]] == [None, None]


def test_assignments_are_read_with_commas_or_one_by_one(complains):
    assert values_of(["Smiling=1", "Male=0,Young=1"]) == {"Smiling": 1, "Male": 0, "Young": 1}
    for text in ("Smiling", "Smiling=2", "=1", "Smiling=yes", ""):
        with complains("write NAME=0 or NAME=1"):
            values_of([text])
    with complains("Smiling stands twice"):
        values_of(["Smiling=1", "Smiling=0"])


def test_edits_among_the_photos_belong_to_set(tmp_path, complains):
    named = tmp_path / "a=b.png"
    named.touch()
    paths, edits, known = split_arguments([Path("me.jpg"), Path("Bangs=0"), named], ["Smiling=1"], [])
    assert (paths, edits, known) == ([Path("me.jpg"), named], {"Smiling": 1, "Bangs": 0}, {})
    assert split_arguments([], ["Smiling=1"], ["Male=0,Young=1"]) == ([], {"Smiling": 1}, {"Male": 0, "Young": 1})
    with complains("Young=1", "--set or --source"):
        split_arguments([Path("Young=1")], ["Smiling=1"], ["Male=0"])
