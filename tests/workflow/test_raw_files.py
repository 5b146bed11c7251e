"""Raw files under DVC: fetched from a server once, then shared as single files with the record of their origin."""

import io
import json
import zipfile
from hashlib import sha256

import pytest

from tests.data.download.local_server import Server

TINY = '''"""A tiny set for this test."""

from insm.datasets.yosemite import Yosemite
from insm.data.download.source import Source


class Tiny(Yosemite):
    name = folder = "tiny"
    sources = (Source("tiny.zip", urls=("{url}",), checksum="sha256:{sum}", size={size}, folder="tiny"),)
'''


@pytest.fixture
def server():
    """Serves a small archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for folder in ("trainA", "trainB", "testA", "testB"):
            archive.writestr(f"tiny/{folder}/0.jpg", folder.encode() * 100)
    server = Server()
    server.content = stream.getvalue()
    yield server
    server.server_close()


def test_an_archive_is_fetched_once_and_then_pulled(fresh, server):
    first = fresh.clone("first")
    content, archive = server.content, "data/raw/tiny/tiny.zip"
    values = {"url": server.url("/tiny.zip"), "sum": sha256(content).hexdigest(), "size": len(content)}
    (first.folder / "src/insm/datasets/tiny.py").write_text(TINY.format(**values))
    first.run("insm", "data", "fetch", "tiny")
    first.run("dvc", "add", archive)
    first.run("dvc", "push", f"{archive}.dvc")
    first.commit("Share the raw files of tiny")
    server.shutdown()
    before = len(server.requests)

    second = first.clone("second")
    raw = second.folder / "data/raw/tiny"
    assert {path.name for path in raw.iterdir()} == {"tiny.zip.dvc", "checksums.json"}
    assert json.loads((raw / "checksums.json").read_text()) == {
        "tiny.zip": {"bytes": values["size"], "sha256": values["sum"], "url": values["url"]}
    }
    second.run("dvc", "pull", f"{archive}.dvc")
    assert (second.folder / archive).read_bytes() == content
    second.run("insm", "data", "fetch", "tiny")
    assert (raw / "tiny/trainA/0.jpg").exists() and len(server.requests) == before
    assert second.run("git", "status", "--porcelain").stdout == "", "the same record, and nothing else for git"
    assert "up to date" in second.run("dvc", "status", f"{archive}.dvc").stdout

    (second.folder / archive).unlink()
    (second.folder / archive).write_bytes(content[::-1])
    done = second.run("insm", "data", "fetch", "tiny", check=False)
    assert done.returncode == 2 and f"{archive} has the wrong SHA-256 checksum" in done.stderr
