"""Noise in place of images."""

import pytest

from insm.data.dataset import load_dataset
from insm.training.noise import noise


@pytest.mark.parametrize("name", ["portraits", "vistas", "footwear"])
def test_noise_has_each_value_of_an_attribute_equally_often(name):
    dataset = load_dataset(name)
    split = noise(dataset, 16, 8)
    assert split.images.shape == (16, 16, 16, 3)
    assert (split.labels(dataset.attributes).mean(axis=0) == 0.5).all()
    assert dataset.paired == ("pair" in split.table)
