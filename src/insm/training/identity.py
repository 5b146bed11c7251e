"""What a training was begun with, as hashes: its settings, code, data, phi and kind of device."""

import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from torch import nn

import insm
from insm.data.prepared_split import PreparedSplit
from insm.support.code_hash import syntax_hash

ROOMS = ("data", "datasets", "losses", "methods", "networks", "training")  # code that weights depend on
CHUNK = 1024  # images hashed at once


def code_now() -> dict[str, str]:
    """Source file, relative to the package -> hash of what it does now, for all imported modules of those rooms."""
    root = Path(insm.__file__).parent
    names = [name for name in list(sys.modules) if name.startswith("insm.") and name.split(".")[1] in ROOMS]
    files = {Path(file) for name in names if (file := getattr(sys.modules[name], "__file__", None))}
    return {
        path.relative_to(root).as_posix(): syntax_hash(path)[:16]
        for path in sorted(files)
        if path.exists() and path.is_relative_to(root)
    }


def hash_of_split(split: PreparedSplit) -> str:
    """Hash of all images and labels."""
    digest = sha256(split.table.to_csv().encode())
    for start in range(0, len(split.images), CHUNK):
        digest.update(np.ascontiguousarray(split.images[start : start + CHUNK]).data)
    return digest.hexdigest()[:16]


def hash_of_network(network: nn.Module | None) -> str | None:
    """Hash of all parameters and buffers; None for no network."""
    if network is None:
        return None
    digest = sha256()
    for name, value in network.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


def differences(before: Any, now: Any, key: str = "") -> list[str]:
    """`key: before -> now` for every value that differs between two nested dictionaries.

    Of code, files that only one of them knows are left out: another command imports other modules.
    """
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [name for name in (before | now) if key != "code" or (name in before and name in now)]
        return [
            line
            for name in keys
            for line in differences(before.get(name), now.get(name), f"{key}.{name}" if key else str(name))
        ]
    return [] if before == now else [f"{key}: {before} -> {now}"]
