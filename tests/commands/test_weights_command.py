"""`insm data weights`: published weights are fetched like the raw files of datasets."""

import hashlib

import pytest

from insm.commands.raw_files import weights
from insm.data.download.source import Source
from insm.evaluation.extractors.inception import Extractor

CONTENT = b"weights"


@pytest.fixture
def published(monkeypatch, tmp_path):
    """A folder whose files are published instead."""
    checksum = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
    source = Source("weights.pth", checksum=checksum, size=len(CONTENT), places=(str(tmp_path),))
    monkeypatch.setattr(Extractor, "sources", (source,))
    return tmp_path


def test_they_are_verified_and_kept(published, tmp_path):
    (published / "weights.pth").write_bytes(CONTENT)
    for _ in range(2):
        weights("inception", tmp_path / "out")
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["weights.pth"]
    assert (tmp_path / "out/weights.pth").read_bytes() == CONTENT


def test_other_weights_are_refused(published, tmp_path, complains):
    (published / "weights.pth").write_bytes(CONTENT[::-1])
    with complains("weights.pth", "has the wrong SHA-256 checksum"):
        weights("inception", tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())


def test_extractors_without_published_weights_say_so(tmp_path, complains):
    with complains("nobody publishes weights of vggface"):
        weights("vggface", tmp_path)
    with complains("no feature extractor 'incepton'", "did you mean 'inception'"):
        weights("incepton", tmp_path)
