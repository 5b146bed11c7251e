"""Features of a network that a person brings as TorchScript."""

import numpy as np
import pytest
import torch

from insm.evaluation.extractor import parse


class Colours(torch.nn.Module):
    """uint8 [N, 3, S, S] -> mean colours [N, 3]."""

    def forward(self, images):
        return images.float().mean(dim=(2, 3))


class Maps(torch.nn.Module):
    """A network that returns maps rather than vectors."""

    def forward(self, images):
        return images.float()


def opened(path):
    return parse(str(path))[1].open(torch.device("cpu"))


def saved(module, path):
    torch.jit.script(module).save(str(path))
    return path


def test_features_are_the_networks_own_whatever_the_batch(split, tmp_path):
    features = opened(saved(Colours(), tmp_path / "colours.pt"))
    images = np.concatenate([split.images] * 3)
    values = features.extract(images)
    assert values.dtype == np.float32
    assert values == pytest.approx(images.mean(axis=(1, 2)), rel=1e-5)
    assert features.names == {"frechet": "frechet_colours", "kernel": "kernel_colours"}


def test_wrong_files_are_one_line(split, tmp_path, complains):
    with complains(tmp_path / "missing.pt", "key features"):
        opened(tmp_path / "missing.pt")
    (tmp_path / "text.pt").write_text("no network")
    with complains(tmp_path / "text.pt", "key features"):
        opened(tmp_path / "text.pt")
    maps = opened(saved(Maps(), tmp_path / "maps.pt"))
    with complains(tmp_path / "maps.pt", "[24, 3, 32, 32]"):
        maps.extract(split.images)
