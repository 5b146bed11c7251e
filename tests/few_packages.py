"""An environment in which a command finds few packages, and no network."""

import os
import re
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

from tests import ROOT

TO_TRAIN = {"torch", "numpy", "pandas", "pyarrow", "pydantic", "safetensors", "pillow"}
"""Packages that `insm train` needs for a plan."""

BLOCK = """
import socket, sys
from importlib.machinery import PathFinder

class Few:
    def find_spec(self, name, path=None, target=None):
        return None if name.partition(".")[0] in {names} else PathFinder.find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = Few()
socket.socket.connect = None
"""


def missing(needed: set[str]) -> set[str]:
    """Import names of all packages that the project lists, but those that are needed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = [*project["dependencies"], *chain.from_iterable(project["optional-dependencies"].values())]
    names = {re.match(r"[\w.-]+", text)[0].lower() for text in listed} - needed
    return {module for module, owners in packages_distributions().items() if {name.lower() for name in owners} & names}


def environment(folder: Path, needed: set[str], *sources: Path) -> dict[str, str]:
    """Variables for a process that finds the needed packages alone; `folder` gets what hides the others."""
    (folder / "sitecustomize.py").write_text(BLOCK.format(names=missing(needed)))
    return {"PYTHONPATH": os.pathsep.join(map(str, (folder, *sources))), "PATH": "/usr/bin:/bin"}
