"""Raw files: a folder of one's own is checked before any job, and the message has the key's full name."""

import pytest
import yaml
from PIL import Image

from insm.config.study import load_study
from insm.data.raw_files import check_source, lazy_split_of, raw_folder
from insm.data.settings import DataConfig, SplitConfig
from insm.datasets.photos.split_rule import split_of

NAMES = [f"{k:03}.png" for k in range(60)]
TEST = sum(split_of(name) == "test" for name in NAMES)
STUDY = {"name": "own", "seeds": [0], "methods": {"plain": {"method": "stargan"}}}


@pytest.fixture
def source(tmp_path):
    place = tmp_path / "mine"
    place.mkdir()
    for name in NAMES:
        Image.new("L", (16, 16), 200).save(place / name)
    (place / "labels.csv").write_text("image,Hat\n" + "".join(f"{name},{k % 2}\n" for k, name in enumerate(NAMES)))
    return place


def settings(split, count, source, attributes="Hat"):
    return SplitConfig(dataset=f"folder:{attributes}", split=split, count=count, size=16, seed=0, source=source)


def test_too_few_images_and_missing_labels_are_told_with_the_full_key(source, complains):
    check_source(settings("train", 40, source), "tasks.mine.data")
    with complains(f"({60 - TEST} files for training, {TEST} for the test): key tasks.mine.data.test can be at most"):
        check_source(settings("test", TEST + 1, source), "tasks.mine.data")
    with complains("labels.csv has no column 'Hut'", "did you mean 'Hat'"):
        check_source(settings("train", 40, source, "Hut"), "tasks.mine.data")
    check_source(settings("train", 1000, source / "absent"), "tasks.mine.data")  # it may be brought later


def test_a_study_is_refused_before_any_of_its_jobs(source, tmp_path, complains):
    data = {"dataset": "folder:Hat", "size": 16, "train": 40, "test": 40, "source": str(source)}
    small = {"updates": 1, "batch": 4}
    task = {"data": data, "training": small, "methods": ["plain"]}
    task |= {name: {"batch": 4} for name in ("embedding", "identity_encoder", "classifier")}
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(STUDY | {"tasks": {"mine": task}}))
    with complains(path, f"key tasks.mine.data.test can be at most {TEST}, all there are, not 40"):
        load_study(path)
    data["test"] = TEST
    path.write_text(yaml.safe_dump(STUDY | {"tasks": {"mine": task}}))
    assert load_study(path).tasks["mine"].data.test == TEST


def test_raw_files_are_in_the_study_s_folder_or_where_they_are_unpacked(source):
    assert raw_folder(settings("train", 1, source)) == source
    assert str(raw_folder(settings("train", 1, None))) == "data/raw/folder"
    assert str(raw_folder(SplitConfig(dataset="yosemite", split="train", count=1, size=16, seed=0))) == (
        "data/raw/yosemite/summer2winter_yosemite"
    )


def test_a_folder_that_may_not_be_read_is_one_line(source, monkeypatch, complains):
    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(type(source), "iterdir", refuse)
    with complains(source, "cannot be read (Permission denied)"):
        lazy_split_of(settings("train", 4, source))


def test_a_file_in_place_of_the_folder_is_told(source, complains):
    with complains("labels.csv is no folder"):
        lazy_split_of(settings("train", 4, source / "labels.csv"))


def test_the_home_folder_may_be_written_as_in_a_shell(monkeypatch):
    monkeypatch.setenv("HOME", "/home/someone")
    data = DataConfig(dataset="folder:Hat", size=16, train=4, test=4, source="~/mine")
    assert str(data.split("train").source) == "/home/someone/mine"
