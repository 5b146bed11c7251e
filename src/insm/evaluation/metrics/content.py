"""Distance of a translation from the true image: images uint8 [N, S, S, 3], one number per image [N]."""

import numpy as np
from skimage.metrics import structural_similarity

WINDOW = 7
PIXELS = 2**15  # of all channels that are compared at once: a dozen arrays of float64 stay in the cache


def l1(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mean absolute difference, values scaled to [0, 1]."""
    return np.abs(a.astype(np.float64) - b).mean(axis=(1, 2, 3)) / 255


def psnr(a: np.ndarray, b: np.ndarray, ceiling: float = 60.0) -> np.ndarray:
    """Peak signal-to-noise ratio in dB; equal images get `ceiling`."""
    mse = ((a.astype(np.float64) - b) ** 2).mean(axis=(1, 2, 3)) / 255**2
    return np.minimum(-10 * np.log10(np.maximum(mse, 1e-12)), ceiling)


def ssim(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Structural similarity (Wang et al., 2004), 7 x 7 windows, mean over channels; 1 for equal images."""
    some = max(1, PIXELS // a[0].size) if len(a) else 1
    return np.concatenate([np.empty(0), *(_ssim(a[k : k + some], b[k : k + some]) for k in range(0, len(a), some))])


def _ssim(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of a few images, by one call for all: one below the other, since no window that counts leaves its image."""
    tall_a, tall_b = (images.transpose(0, 3, 1, 2).reshape(-1, images.shape[2]) for images in (a, b))
    _, similarity = structural_similarity(tall_a, tall_b, win_size=WINDOW, data_range=255, full=True)
    edge = WINDOW // 2
    inside = similarity.reshape(-1, *a.shape[1:3])[:, edge:-edge, edge:-edge]
    return np.array([channel.mean() for channel in inside]).reshape(len(a), -1).mean(axis=1)
