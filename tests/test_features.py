"""Features of a network that a person brings as TorchScript."""

import numpy as np
import pytest
import torch

from insm.features import load_extractor


class Colours(torch.nn.Module):
    """uint8 [N, 3, S, S] -> mean colours [N, 3]."""

    def forward(self, images):
        return images.float().mean(dim=(2, 3))


class Maps(torch.nn.Module):
    """A network that returns maps rather than vectors."""

    def forward(self, images):
        return images.float()


def saved(module, path):
    torch.jit.script(module).save(str(path))
    return path


def test_features_are_the_networks_own_whatever_the_batch(pack, tmp_path):
    extract = load_extractor(saved(Colours(), tmp_path / "colours.pt"), torch.device("cpu"))
    images = np.concatenate([pack.images] * 3)
    features = extract(images)
    assert features.dtype == np.float64
    assert features == pytest.approx(images.mean(axis=(1, 2)), rel=1e-5)


def test_wrong_files_are_one_line(pack, tmp_path, complains):
    with complains(tmp_path / "missing.pt", "key features"):
        load_extractor(tmp_path / "missing.pt", torch.device("cpu"))
    (tmp_path / "text.pt").write_text("no network")
    with complains(tmp_path / "text.pt", "key features"):
        load_extractor(tmp_path / "text.pt", torch.device("cpu"))
    maps = load_extractor(saved(Maps(), tmp_path / "maps.pt"), torch.device("cpu"))
    with complains(tmp_path / "maps.pt", "[24, 3, 32, 32]"):
        maps(pack.images)
