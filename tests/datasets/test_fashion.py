"""Fashion: idx files are verified and parsed, draws are paired and disjoint, the files can be had in several ways."""

import gzip
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest

from insm.data.download.fetch import BY_HAND
from insm.data.download.fetch import fetch as fetch_sources
from insm.data.download.transfer import Patience
from insm.datasets.drawing.edges import edge_maps
from insm.datasets.fashion import DEBIAN, FILES, KINDS, SHA256, VARIABLE, Fashion, parse, read
from insm.support.errors import UserError

SHOES = Fashion()
NUMBERS = {  # SHA-256 of the numbers of all shoes in the published files, as little-endian int64
    "train": "5fbb52a24c355756fd628f8f453f1429d1799bf2964e924d817471f7e6f864a0",
    "test": "dbd2982ba9501eb2773d0c0f22f77b87920a25e6e2df179363f437b0ba7c9234",
}
DRAWN = {
    "train": [56023, 38009, 16523, 4479, 953, 37756],
    "test": [9558, 2265, 8796, 5057, 6211, 2379],
}  # the first of seed 0
COUNTS = {"train": 60, "t10k": 40}  # images of every kind of clothes in the small files


def idx(array: np.ndarray) -> bytes:
    """A uint8 array as the content of an idx file."""
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, dtype=">u4").tobytes() + array.tobytes()


@pytest.fixture
def small(tmp_path, monkeypatch):
    """A folder with four small idx files, which stand in for the published ones; no other source exists."""
    folder, rng = tmp_path / "small", np.random.default_rng(0)
    folder.mkdir()
    for part, n in COUNTS.items():
        arrays = {"images-idx3": rng.integers(0, 256, (n, 28, 28), dtype=np.uint8),
                  "labels-idx1": np.arange(n, dtype=np.uint8) % 10}  # fmt: skip
        for kind, array in arrays.items():
            name = f"{part}-{kind}-ubyte.gz"
            (folder / name).write_bytes(gzip.compress(idx(array)))
            monkeypatch.setitem(SHA256, name, sha256(idx(array)).hexdigest())
    monkeypatch.delenv(VARIABLE, raising=False)
    return folder


def fetch(folder, *places):
    """Fetch what SHA256 names now from `places` alone, without a download."""
    places = (f"${VARIABLE}", *map(str, places))
    sources = [replace(s, checksum=f"sha256:{SHA256[s.name]}", urls=(), places=places) for s in Fashion.sources]
    return fetch_sources(sources, folder, {}, Patience())


def same_files(one, two) -> bool:
    return sorted(p.name for p in one.iterdir()) == sorted(SHA256) and all(
        (one / name).read_bytes() == (two / name).read_bytes() for name in SHA256
    )


@pytest.mark.parametrize("shape", [(5,), (3, 4), (2, 28, 28)])
def test_parse_returns_what_was_written(shape, tmp_path):
    array = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    assert (parse(idx(array), tmp_path) == array).all()


@pytest.mark.parametrize("content", [b"", b"\0\0\x08", b"\0\0\x08\0", b"\0\0\x0d\1\0\0\0\0", b"\0\0\x08\3\0\0\0\1"])
def test_parse_refuses_what_is_no_idx_file(content, tmp_path):
    with pytest.raises(UserError, match="no idx file"):
        parse(content, tmp_path)


@pytest.mark.parametrize("cut", [slice(None, -1), slice(None, 8)])
def test_parse_refuses_truncated_data(cut, tmp_path):
    with pytest.raises(UserError, match=r"truncated \(\d+ of 12 bytes\)"):
        parse(idx(np.zeros(12, dtype=np.uint8))[cut], tmp_path)


def test_rows_are_true_pairs(small):
    prepared = SHOES.build("train", 36, 32, 0, small)
    table = prepared.table
    assert prepared.images.shape == (36, 32, 32, 3) and prepared.images.dtype == np.uint8
    assert list(table) == ["Photo", "pair", "kind", "index"]
    assert (table["Photo"] == np.arange(36) % 2).all() and (table["pair"] == np.arange(36) ^ 1).all()
    assert table["Photo"].dtype == np.uint8 and table["pair"].dtype == np.int32
    assert (prepared.images[::2] == edge_maps(prepared.images[1::2])).all()
    assert sorted(table["index"][::2]) == [i for i in range(60) if i % 10 in KINDS], "all shoes, each once"
    assert (table["index"][::2].to_numpy() == table["index"][1::2].to_numpy()).all()
    assert (table["kind"] == (table["index"] % 10).map(KINDS)).all()


def test_photos_are_the_raw_images_inverted_on_white(small):
    prepared = SHOES.build("train", 20, 32, 0, small)
    path = small / "train-images-idx3-ubyte.gz"
    raw = parse(gzip.decompress(path.read_bytes()), path)
    photos = prepared.images[1::2]
    assert (photos == photos[..., :1]).all()
    assert (photos[:, 2:-2, 2:-2, 0] == 255 - raw[prepared.table["index"][1::2]]).all()
    photos[:, 2:-2, 2:-2] = 255
    assert (photos == 255).all(), "the margin is white"


def test_the_draw_depends_on_seed_and_split_alone(small):
    one, two, other = (SHOES.build("train", 12, 32, seed, small) for seed in (3, 3, 4))
    assert (one.images == two.images).all() and one.table.equals(two.table)
    assert not one.table["index"].equals(other.table["index"])
    test = SHOES.build("test", 12, 32, 3, small)
    images = [{image.tobytes() for image in prepared.images[1::2]} for prepared in (one, test)]
    assert len(images[0]) == 6 and not images[0] & images[1]


@pytest.mark.parametrize(
    ("split", "count", "size", "message"),
    [
        ("train", 38, 32, "18 shoes: key data.train can be at most 36, not 38"),
        ("test", 26, 32, "12 shoes: key data.test can be at most 24, not 26"),
        ("train", 7, 32, "key data.train must be even, not 7"),
        ("train", 8, 64, "key data.size must be 32, not 64"),
    ],
)
def test_impossible_requests_name_their_key(small, split, count, size, message):
    with pytest.raises(UserError, match=message):
        SHOES.build(split, count, size, 0, small)


@pytest.mark.parametrize("place", [None, "elsewhere"])
def test_missing_files_say_how_to_get_them(tmp_path, place):
    with pytest.raises(UserError, match=f"dataset-fashion-mnist.*{VARIABLE}") as error:
        SHOES.build("train", 8, 32, 0, place and tmp_path / place)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda packed: packed[:-20], "truncated or no gzip file"),
        (lambda packed: b"hello", "truncated or no gzip file"),
        (lambda packed: gzip.compress(gzip.decompress(packed)[:-1]), "wrong SHA-256"),
    ],
)
def test_damaged_files_are_refused(small, tmp_path, spoil, message):
    path = small / "train-labels-idx1-ubyte.gz"
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(UserError, match=f"{path.name} .*{message}"):
        SHOES.build("train", 8, 32, 0, small)
    with pytest.raises(UserError, match=message):
        fetch(small)


def test_fetch_copies_from_the_named_folder(small, tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(small))
    records = fetch(tmp_path / "raw")
    assert {record["url"] for record in records.values()} == {f"${VARIABLE}"}
    assert fetch(tmp_path / "raw").keys() == records.keys()
    assert same_files(tmp_path / "raw", small)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "empty"))
    with pytest.raises(UserError, match="cannot read .*empty"):
        fetch(tmp_path / "other", small)


def test_fetch_copies_from_the_debian_package(small, tmp_path):
    fetch(tmp_path / "raw", tmp_path / "not-installed", small)
    assert same_files(tmp_path / "raw", small)


def test_files_put_there_are_used(small):
    assert {record["url"] for record in fetch(small).values()} == {BY_HAND}


def test_fetch_without_any_source_says_every_way(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    with pytest.raises(UserError, match=f"{tmp_path / 'raw'}.*dataset-fashion-mnist.*{VARIABLE}") as error:
        fetch(tmp_path / "raw")
    assert "\n" not in str(error.value) and not list((tmp_path / "raw").iterdir())


@pytest.mark.skipif(not DEBIAN.is_dir(), reason="needs the Debian package dataset-fashion-mnist")
def test_the_published_files(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    fetch(tmp_path, DEBIAN)
    for split, shoes in (("train", 18_000), ("test", 3_000)):
        prepared = SHOES.build(split, 64, 32, 0, tmp_path)
        assert set(prepared.table["kind"]) == set(KINDS.values())
        assert np.median(prepared.images[1::2]) == 255, "white paper"
        labels = read(tmp_path / f"{FILES[split]}-labels-idx1-ubyte.gz")
        numbers = np.flatnonzero(np.isin(labels, list(KINDS))).astype("<i8")
        assert len(numbers) == shoes and sha256(numbers.tobytes()).hexdigest() == NUMBERS[split]
        assert prepared.table["index"][::2][:6].tolist() == DRAWN[split], "another draw than every study before"
        with pytest.raises(UserError, match=f"at most {2 * shoes}, not"):
            SHOES.build(split, 2 * shoes + 2, 32, 0, tmp_path)
