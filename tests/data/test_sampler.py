"""Batches: every image once an epoch, a pure function of seed and step, partners drawn together."""

import numpy as np
import pytest
import torch
from PIL import Image

from insm.data.dataset import load_dataset
from insm.data.images import to_tensor, to_uint8
from insm.data.prepared_split import PreparedSplit
from insm.data.sampler import Sampler, enlarged, rarity
from insm.support.runtime import initial_seed


@pytest.fixture
def make(split, shoes, portraits):
    """A sampler of the portraits or, with `paired`, of the shoes."""

    def make(batch, seed=0, paired=False, **settings):
        return Sampler(shoes if paired else split, load_dataset("footwear") if paired else portraits,
                       batch=batch, seed=seed, **settings)  # fmt: skip

    return make


def noise(source, target, step, rng) -> dict[str, torch.Tensor]:
    """Draws of a method."""
    return {"noise": torch.rand(3, generator=rng)}


def epoch(sampler, steps, number=0) -> np.ndarray:
    return np.concatenate([sampler.rows(number * steps + step) for step in range(steps)])


def test_images_survive_the_way_to_tensors_and_back(split):
    tensor = to_tensor(split.images)
    assert tensor.shape == (24, 3, 32, 32) and tensor.dtype == torch.float32
    assert tensor.min() >= -1 and tensor.max() <= 1
    assert (to_uint8(tensor) == split.images).all()
    every = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1).repeat(3, axis=-1)
    assert (to_uint8(to_tensor(every)) == every).all()
    assert to_uint8(torch.tensor([-3.0, 3.0, 0.001]).view(1, 3, 1, 1)).ravel().tolist() == [0, 255, 128]


@pytest.mark.parametrize("number", [0, 1, 7])
def test_every_image_comes_once_an_epoch(make, number):
    assert sorted(epoch(make(6), 4, number)) == list(range(24))
    assert len(set(epoch(make(7), 3, number))) == 21, "the incomplete batch is dropped"


def test_epochs_have_orders_of_their_own(make):
    sampler = make(24)
    orders = {tuple(sampler.rows(step)) for step in range(5)} | {tuple(make(24, seed=1).rows(0))}
    assert len(orders) == 6 and tuple(range(24)) not in orders


def test_balanced_batches_hold_both_values_equally(make):
    portraits, shoes = make(4, sampling="balanced"), make(6, paired=True, sampling="balanced")
    for step in range(12):
        assert portraits(step).source[:, 0].mean() == 0.5 and shoes(step).source[:, 0].mean() == 0.5
    assert sorted(epoch(shoes, 4)) == list(range(24))


def test_rare_values_come_more_often():
    labels = np.zeros((100, 2), dtype=np.uint8)
    labels[:5, 0], labels[:50, 1] = 1, 1
    probabilities = rarity(labels)
    assert probabilities.sum() == pytest.approx(1)
    assert probabilities[0] / probabilities[50] == pytest.approx(20 / 2)  # rarest values: P = 5 % against P = 50 %
    assert probabilities[5] == pytest.approx(probabilities[99])


def test_rare_sampling_draws_by_those_probabilities(make, split, portraits):
    sampler = make(24, sampling="rare")
    counts = np.bincount(np.concatenate([sampler.rows(step) for step in range(800)]), minlength=24)
    assert counts / counts.sum() == pytest.approx(rarity(split.labels(portraits.attributes)), abs=0.01)
    assert (sampler.rows(3) == make(24, sampling="rare").rows(3)).all()


def test_rarity_is_the_inverse_fraction_of_the_rarest_value_shown():
    labels = np.array([[1, 0], [0, 0], [0, 0], [0, 1]] + [[0, 0]] * 4 + [[0, 1]] * 2)  # shares 1 / 10 and 3 / 10
    weight = np.array([10, 10 / 7, 10 / 7, 10 / 3] + [10 / 7] * 4 + [10 / 3] * 2)
    np.testing.assert_allclose(rarity(labels), weight / weight.sum())


def test_rare_images_are_drawn_as_often_as_their_probability_says(make, split, portraits):
    sampler, probabilities = make(24, sampling="rare"), rarity(split.labels(portraits.attributes))
    counts = np.bincount(np.concatenate([sampler.rows(step) for step in range(400)]), minlength=24)
    expected = 24 * 400 * probabilities
    assert (np.abs(counts - expected) < 5 * np.sqrt(expected)).all() and probabilities.max() > 1.5 * probabilities.min()


@pytest.mark.parametrize("sampling", ["epochs", "balanced", "rare"])
@pytest.mark.parametrize("step", [0, 9])
def test_a_batch_is_a_function_of_seed_and_step(make, step, sampling):
    settings = {"flip": True, "sampling": sampling, "draws": noise}
    one, fresh = (make(6, **settings) for _ in range(2))
    for other in (5, 2, 8):
        one(other)
    first, again, other = one(step), fresh(step), make(6, seed=1, **settings)(step)
    for name in ("image", "source", "target"):
        assert torch.equal(getattr(first, name), getattr(again, name))
    assert not torch.equal(first.image, other.image)
    draws = [batch.draws["noise"].tolist() for batch in (first, again, other, one(step + 1))]
    assert draws[0] == draws[1] and draws[2] != draws[0] != draws[3]


def test_a_batch_holds_the_images_and_labels_of_its_rows(make, split, portraits):
    sampler = make(5)
    batch, rows = sampler(3), sampler.rows(3)
    assert (to_uint8(batch.image) == split.images[rows]).all() and batch.partner is None
    assert (batch.source.numpy() == split.labels(portraits.attributes)[rows]).all()
    assert sorted(batch.target.tolist()) == sorted(batch.source.tolist())


def test_flip_mirrors_about_half_of_the_images(make, split):
    sampler = make(24, flip=True)
    count = 0
    for step in range(4):
        images = split.images[sampler.rows(step)]
        for drawn, image in zip(to_uint8(sampler(step).image), images, strict=True):
            assert (drawn == image).all() or (drawn == image[:, ::-1]).all()
            count += bool((drawn != image).any())
    assert 30 < count < 66, "of 96"


def test_partners_belong_to_their_images_and_share_the_mirror(make, shoes):
    sampler = make(12, paired=True, flip=True, target="flip")
    rows, batch = sampler.rows(1), sampler(1)
    images, partners = to_uint8(batch.image), to_uint8(batch.partner)
    mirrored = [(image != shoes.images[row]).any() for image, row in zip(images, rows, strict=True)]
    assert 0 < sum(mirrored) < 12
    for row, mirror, image, partner in zip(rows, mirrored, images, partners, strict=True):
        assert (image[:, ::-1] == shoes.images[row]).all() or not mirror
        assert ((partner[:, ::-1] if mirror else partner) == shoes.images[row ^ 1]).all()
    assert torch.equal(batch.target, 1 - batch.source) and torch.equal(batch.truth, batch.partner)


def test_impossible_batches_name_their_key(make, complains):
    with complains("key batch", "25", "smaller"):
        make(25)
    with complains("key training.batch", "7", "even"):
        make(7, sampling="balanced")
    with complains("key batch", "smaller"):
        make(26, paired=True, sampling="balanced")


def test_seeds_start_from_different_weights():
    assert len({initial_seed(seed) for seed in range(50)}) == 50


def test_images_grow_as_pillow_makes_them(split):
    """Bicubic with a = -0.5; Pillow's fixed-point arithmetic rounds a tie otherwise here and there."""
    ours = to_uint8(enlarged(to_tensor(split.images[:6]), 36)).astype(int)
    theirs = np.stack([Image.fromarray(x).resize((36, 36), Image.Resampling.BICUBIC) for x in split.images[:6]])
    difference = np.abs(ours - theirs)
    assert difference.max() <= 2 and (difference > 0).mean() < 0.002
    flat = torch.full((1, 3, 8, 8), 10 / 127.5 - 1)
    assert (to_uint8(enlarged(flat, 9)) == 10).all()


def test_jitter_crops_an_enlarged_image_and_its_partner_alike(make, shoes):
    plain, moved = make(12, paired=True), make(12, paired=True, jitter=True)
    assert (plain.rows(2) == moved.rows(2)).all()
    one, two = plain(2), moved(2)
    assert two.image.shape == one.image.shape and two.image.abs().max() <= 1
    assert not torch.equal(one.image, two.image)
    again = make(12, paired=True, jitter=True)(2)
    assert torch.equal(two.image, again.image) and torch.equal(two.partner, again.partner)
    twins = PreparedSplit(shoes.images[np.arange(24) // 2 * 2], shoes.table)  # both of a pair are the same image
    same = Sampler(twins, load_dataset("footwear"), batch=12, seed=0, jitter=True)(2)
    assert torch.equal(same.image, same.partner)
