"""Distances from the true image: by hand and against scikit-image."""

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from insm.evaluation.metrics import content


@pytest.fixture
def images():
    """Two sets of random images, uint8 [4, 16, 16, 3]."""
    return np.random.default_rng(0).integers(0, 256, (2, 4, 16, 16, 3), dtype=np.uint8)


def test_equal_images(images):
    a = images[0]
    assert (content.l1(a, a) == 0).all() and (content.psnr(a, a) == 60).all() and (content.ssim(a, a) == 1).all()


def test_values_by_hand():
    black, white = np.zeros((1, 8, 8, 3), np.uint8), np.full((1, 8, 8, 3), 255, np.uint8)
    half = black.copy()
    half[:, :4] = 51
    assert content.l1(black, white) == [1.0] and content.psnr(black, white) == [0.0]
    assert content.l1(black, half) == pytest.approx([0.1])
    assert content.psnr(half, black) == pytest.approx([-10 * np.log10(0.2**2 / 2)])
    assert content.ssim(black, white) == pytest.approx([0.01**2 / (1 + 0.01**2)]), "its stabilising constant alone"


def test_psnr_is_that_of_scikit_image(images):
    expected = [peak_signal_noise_ratio(x, y, data_range=255) for x, y in zip(*images, strict=True)]
    assert content.psnr(*images) == pytest.approx(expected)


@pytest.mark.parametrize(("count", "size"), [(0, 8), (1, 7), (40, 32), (3, 129)])
def test_ssim_has_the_bits_of_scikit_image_image_by_image(count, size):
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 256, (2, count, size, size, 3), dtype=np.uint8)
    a[1:2] = 200
    expected = [structural_similarity(x, y, channel_axis=2, data_range=255) for x, y in zip(a, b, strict=True)]
    assert content.ssim(a, b).tolist() == expected


@pytest.mark.parametrize("metric", [content.l1, content.psnr, content.ssim])
def test_symmetric_and_one_number_a_image(images, metric):
    a, b = images
    assert metric(a, b).shape == (4,)
    assert metric(a, b) == pytest.approx(metric(b, a))
    assert metric(a[2:3], b[2:3]) == pytest.approx(metric(a, b)[2:3])


def test_more_noise_is_worse(images):
    a, noise = np.full((4, 16, 16, 3), 128, np.uint8), images[1].astype(int) - 128
    a = a + (np.arange(16, dtype=np.uint8) * 4)[None, :, None, None]
    near, far = (np.clip(a + noise * share, 0, 255).astype(np.uint8) for share in (0.1, 0.4))
    assert (content.l1(a, near) < content.l1(a, far)).all()
    assert (content.psnr(a, near) > content.psnr(a, far)).all()
    assert (content.ssim(a, near) > content.ssim(a, far)).all()
