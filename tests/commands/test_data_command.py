"""`insm data`: what there is, where it comes from; sources are declared whole."""

import re
import sys
from urllib.parse import urlsplit

import pytest

from insm import cli
from insm.data.dataset import DATASETS, load_dataset

FETCHED = [name for name in DATASETS.names() if load_dataset(name).sources]


@pytest.fixture
def insm(monkeypatch, capsys, tmp_path):
    """Run `insm ...` in an empty folder -> exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["insm", *arguments])
        with pytest.raises(SystemExit) as done:
            cli.main()
        return done.value.code, *capsys.readouterr()

    return run


@pytest.mark.parametrize("name", FETCHED)
def test_sources_are_declared_whole(name):
    dataset = load_dataset(name)
    assert dataset.licence and dataset.citation and dataset.homepage.startswith("https://")
    assert dataset.folder in {"", *(source.folder for source in dataset.sources)}
    for source in dataset.sources:
        algorithm, digits = source.checksum.split(":")
        assert len(digits) == {"sha256": 64, "md5": 32}[algorithm] and re.fullmatch("[0-9a-f]+", digits)
        assert source.urls and all(urlsplit(url).scheme in ("http", "https") for url in source.urls)
        assert bool(source.folder) == source.name.endswith((".zip", ".tar.gz"))


def test_list_names_every_dataset(insm):
    code, out, err = insm("data", "list")
    assert code == 0 and not err
    assert [line.split()[0] for line in out.splitlines()[2:]] == DATASETS.names()


@pytest.mark.parametrize("name", ["celeba", "portraits"])
def test_info_tells_files_mirrors_checksums_and_licence(insm, name):
    code, out, _ = insm("data", "info", name)
    dataset, words = load_dataset(name), " ".join(out.split())
    assert code == 0 and ("non-commercial" if dataset.sources else "rendered by insm") in words
    for source in dataset.sources:
        assert all(word in words for word in (source.name, source.checksum, source.by_hand, *source.urls))


def test_the_licence_of_ones_own_images_is_not_claimed(insm):
    code, out, _ = insm("data", "info", "folder")
    assert code == 0 and "that of your own images" in out and "rendered" not in out


def test_a_procedural_dataset_needs_no_fetching(insm, tmp_path):
    code, out, _ = insm("data", "fetch", "portraits")
    assert code == 0 and "no raw files" in out and not list(tmp_path.iterdir())


def test_a_wrong_file_put_by_hand_is_one_line_and_exit_code_2(insm, tmp_path):
    (tmp_path / "data/raw/yosemite").mkdir(parents=True)
    (tmp_path / "data/raw/yosemite/summer2winter_yosemite.zip").write_bytes(b"<html>")
    code, out, err = insm("data", "fetch", "yosemite")
    assert code == 2 and not out and err.count("\n") == 1
    assert "summer2winter_yosemite.zip has 6 bytes, not 132,640,856" in err


def test_an_unknown_dataset(insm):
    code, _, err = insm("data", "info", "celebb")
    assert code == 2 and "did you mean 'celeba'?" in err
