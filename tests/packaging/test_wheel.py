"""The wheel holds everything that the package needs, and works outside the repository."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests import ROOT

pytestmark = pytest.mark.slow


def tracked() -> list[str]:
    """The files of the packages that git knows, below src/."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src"]
    names = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    return [name.removeprefix("src/") for name in names if (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy: setuptools writes beside the sources."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    for name in tracked():
        target = folder / "src" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "src" / name, target)
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    words = [sys.executable, "-m", "pip", "wheel", *options, "--wheel-dir", str(folder / "out"), str(folder)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return next((folder / "out").glob("*.whl"))


def test_it_holds_every_file_of_the_packages(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert [name for name in tracked() if name not in names] == []


def test_it_edits_a_face_outside_the_repository(wheel, tmp_path):
    place = tmp_path / "installed"
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, "--target", place, wheel], check=True)
    call = "import insm.cli, sys; print(insm.__file__, flush=True); insm.cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", call, "edit", "--set", "Smiling=1", "--out", "out"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(place)) and list((tmp_path / "out").glob("*.png"))
