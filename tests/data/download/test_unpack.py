"""Unpacking: all or nothing, nothing outside the folder, no links, no decompression bombs; no trace of a killed run."""

import gzip
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from insm.data.download import unpack as archives
from insm.data.download.source import Limits, Source
from insm.data.download.unpack import MARKER, unpack

FILES = {"set/one.txt": b"one" * 1000, "set/deep/two.txt": b"two", "set/empty": b""}
ZIP, TAR, GZ, TGZ = "set.zip", "set.tar", "set.tar.gz", "set.tgz"


def zip_of(path, files=FILES, modes=None):
    """A zip file; `modes` are Unix file types by name."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("set/", b"")
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = ((modes or {}).get(name, 0o100644)) << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return path


def tar_of(path, files=FILES, kinds=None):
    """A tar file; `kinds` are other entries: type and target by name."""
    with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, (kind, target) in (kinds or {}).items():
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
    return path


def made(path, files=FILES):
    return zip_of(path, files) if path.suffix == ".zip" else tar_of(path, files)


def source(name=ZIP, **more):
    return Source(name, folder="set", **more)


def contents(folder):
    return {p.relative_to(folder.parent).as_posix(): p.read_bytes() for p in folder.rglob("*")
            if p.is_file() and p.name != MARKER}  # fmt: skip


@pytest.fixture
def refuses(tmp_path, complains):
    """Unpacking the only file of tmp_path fails with one line, and leaves that file alone."""

    def check(archive, *words, **more):
        with complains(archive, *words):
            unpack(archive, source(archive.name, **more), "sum")
        assert [path.name for path in tmp_path.iterdir()] == [archive.name]

    return check


@pytest.mark.parametrize("name", [ZIP, TAR, GZ])
def test_everything_is_unpacked_and_recorded(tmp_path, name):
    record = unpack(made(tmp_path / name), source(name), "sum")
    assert contents(tmp_path / "set") == FILES
    assert record == {"archive": name, "sha256": "sum", "files": 3, "bytes": 3003}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set", name]


@pytest.mark.parametrize("name", [ZIP, GZ])
def test_only_what_is_wanted(tmp_path, name):
    record = unpack(made(tmp_path / name), source(name, wanted=("deep/", "empty")), "sum")
    assert set(contents(tmp_path / "set")) == {"set/deep/two.txt", "set/empty"} and record["files"] == 2


@pytest.mark.parametrize("name", [ZIP, TAR, GZ, TGZ])
@pytest.mark.parametrize("file", ["2010-09-07 12:23:20.jpg", "a/b: c.jpg", "ü é.jpg", "-rf", "..."])
def test_odd_but_harmless_names(tmp_path, name, file):
    unpack(made(tmp_path / name, {f"set/{file}": b"1"}), source(name, wanted=(file,)), "sum")
    assert contents(tmp_path / "set") == {f"set/{file}": b"1"}


@pytest.mark.parametrize("name", [ZIP, TAR, GZ])
def test_names_that_begin_with_a_dot(tmp_path, name):
    """As `tar -c ./set` writes them; with the entry "./" where a tar is of the folder itself."""
    files = {f"./{file}": content for file, content in FILES.items()}
    top = {".": (tarfile.DIRTYPE, "")}
    archive = zip_of(tmp_path / name, files) if name == ZIP else tar_of(tmp_path / name, files, top)
    assert unpack(archive, source(name, wanted=("one.txt", "deep/")), "sum")["files"] == 2
    assert set(contents(tmp_path / "set")) == {"set/one.txt", "set/deep/two.txt"}


def test_an_unpacked_folder_is_kept_and_one_of_another_archive_replaced(tmp_path, monkeypatch):
    archive = made(tmp_path / ZIP)
    first = unpack(archive, source(), "sum")
    with monkeypatch.context() as patch:
        patch.setattr(archives, "write", None)
        assert unpack(archive, source(), "sum") == first
    zip_of(archive, {"set/new.txt": b"new"})
    unpack(archive, source(), "other")
    assert contents(tmp_path / "set") == {"set/new.txt": b"new"}


def test_a_folder_that_a_person_made_is_left_alone(tmp_path, complains):
    (tmp_path / "set").mkdir()
    (tmp_path / "set/mine").write_text("mine")
    with complains(tmp_path / "set", "was not unpacked by insm", "data.source"):
        unpack(made(tmp_path / ZIP), source(), "sum")
    assert contents(tmp_path / "set") == {"set/mine": b"mine"}


@pytest.mark.parametrize("name", [ZIP, TAR, GZ])
@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
def test_a_truncated_archive(tmp_path, refuses, name, keep):
    files = FILES | {f"set/{k}": os.urandom(3000) for k in range(5)}
    archive = made(tmp_path / name, files)
    os.truncate(archive, int(keep * archive.stat().st_size) if name != TAR else int(keep * 12_000))
    refuses(archive, "truncated or no whole archive")


def test_a_gzip_file_without_its_last_bytes(tmp_path, refuses):
    archive = made(tmp_path / GZ)
    os.truncate(archive, archive.stat().st_size - 4)
    refuses(archive, "truncated or no whole archive")


@pytest.mark.parametrize("name", [ZIP, GZ])
def test_a_changed_byte(tmp_path, refuses, name):
    archive = made(tmp_path / name, {"set/noise": os.urandom(5000)})
    content = bytearray(archive.read_bytes())
    content[2500] ^= 1
    archive.write_bytes(content)
    refuses(archive, "truncated or no whole archive")


@pytest.mark.parametrize("name", [ZIP, TAR, GZ])
@pytest.mark.parametrize("entry", ["../out", "set/../../out", "/tmp/out", "set\\..\\out", "C:/out", "./C:/out", ".."])
def test_an_entry_that_would_be_written_elsewhere(tmp_path, refuses, name, entry):
    refuses(made(tmp_path / name, FILES | {entry: b"evil"}), "would be written elsewhere")
    assert not Path("/tmp/out").exists() and not (tmp_path.parent / "out").exists()


def test_a_name_with_a_zero_byte(tmp_path, refuses):
    archive = zip_of(tmp_path / ZIP, {"set/oneXjpg": b"1"})
    archive.write_bytes(archive.read_bytes().replace(b"oneXjpg", b"one\0jpg"))
    refuses(archive, "would be written elsewhere")


@pytest.mark.parametrize("target", ["one.txt", "../../etc/passwd", "/etc/passwd"])
@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
def test_links_in_a_tar(tmp_path, refuses, kind, target):
    refuses(tar_of(tmp_path / GZ, kinds={"set/link": (kind, target)}), "has a link in it ('set/link')")


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_devices_in_a_tar(tmp_path, refuses, kind):
    refuses(tar_of(tmp_path / TAR, kinds={"set/device": (kind, "")}), "has a device in it")


@pytest.mark.parametrize(("mode", "what"), [(0o120777, "a link"), (0o020666, "a device"), (0o010666, "a device")])
def test_links_and_devices_in_a_zip(tmp_path, refuses, mode, what):
    refuses(zip_of(tmp_path / ZIP, FILES | {"set/bad": b"/etc"}, {"set/bad": mode}), f"has {what} in it ('set/bad')")


def test_an_encrypted_zip(tmp_path, refuses):
    archive = zip_of(tmp_path / ZIP, {"set/one": b"1"})
    content = bytearray(archive.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    refuses(archive, "an encrypted entry")


@pytest.mark.parametrize("name", [ZIP, GZ])
def test_a_bomb_by_ratio(tmp_path, refuses, name):
    refuses(made(tmp_path / name, {"set/zeros": bytes(5 << 20)}), "more than 20 times its size")


@pytest.mark.parametrize("name", [ZIP, TAR, GZ])
def test_a_bomb_by_size_and_by_count(tmp_path, refuses, name):
    archive = made(tmp_path / name)
    refuses(archive, "more than 3,002 bytes", limits=Limits(bytes=3002))
    refuses(archive, "more than 2 entries", limits=Limits(files=2))


def test_a_bomb_behind_the_end_of_a_tar(tmp_path, refuses):
    archive = tar_of(tmp_path / TAR)
    packed = tmp_path / GZ
    packed.write_bytes(gzip.compress(archive.read_bytes() + bytes(1 << 20)))
    archive.unlink()
    refuses(packed, "more than 5,000 bytes", limits=Limits(bytes=5000))


@pytest.mark.parametrize("name", [ZIP, GZ])
def test_an_archive_without_the_folder(tmp_path, refuses, name):
    refuses(made(tmp_path / name, {"other/one": b"1"}), "holds no set/")


def test_an_entry_twice(tmp_path, refuses):
    archive = tmp_path / TAR
    with tarfile.open(archive, "w") as tar:
        for name in ("set/one", "./set/one"):
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    refuses(archive, "an entry twice")


def test_a_full_disk(tmp_path, monkeypatch, complains):
    def full(*_):
        raise OSError(28, "No space left on device")

    archive = made(tmp_path / ZIP)
    with monkeypatch.context() as patch, complains(archive, "No space left", "free space"):
        patch.setattr(archives.shutil, "copyfileobj", full)
        unpack(archive, source(), "sum")
    assert [path.name for path in tmp_path.iterdir()] == [ZIP]
    unpack(archive, source(), "sum")
    assert contents(tmp_path / "set") == FILES


def test_a_killed_run_leaves_nothing_that_looks_complete(tmp_path):
    archive = made(tmp_path / ZIP)
    program = f"""
import os, shutil
from pathlib import Path
from insm.data.download import unpack
from insm.data.download.source import Source
copy, calls = shutil.copyfileobj, []
def dying(*arguments):
    calls.append(1)
    if len(calls) == 2:
        os.kill(os.getpid(), 9)
    copy(*arguments)
unpack.shutil.copyfileobj = dying
unpack.unpack(Path({str(archive)!r}), Source({ZIP!r}, folder="set"), "sum")
"""
    assert subprocess.run([sys.executable, "-c", program]).returncode == -9
    assert not (tmp_path / "set").exists() and (tmp_path / ".set.unpacking").exists()
    unpack(archive, source(), "sum")
    assert contents(tmp_path / "set") == FILES
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set", ZIP]
