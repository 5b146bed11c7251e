"""What a training was begun with, as hashes: its settings, code, data, phi and kind of device."""

from hashlib import sha256
from typing import Any

import numpy as np
from torch import nn

from insm.data.prepared_split import PreparedSplit
from insm.support.code_hash import syntax_hash
from insm.support.imports import loaded_files

ROOMS = ("data", "datasets", "losses", "methods", "networks", "training")  # code that weights depend on
CHUNK = 1024  # images hashed at once


def code_now() -> dict[str, str]:
    """Source file, relative to the package -> hash of what it does now, for all imported modules of those rooms."""
    return {name: syntax_hash(path)[:16] for name, path in loaded_files().items() if name.split("/")[0] in ROOMS}


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
