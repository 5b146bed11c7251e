"""Distance of a translation from the true image: images uint8 [N, S, S, 3], one number per image [N]."""

import numpy as np
from skimage.metrics import structural_similarity


def l1(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Mean absolute difference, values scaled to [0, 1]."""
    return np.abs(a.astype(np.float64) - b).mean(axis=(1, 2, 3)) / 255


def psnr(a: np.ndarray, b: np.ndarray, ceiling: float = 60.0) -> np.ndarray:
    """Peak signal-to-noise ratio in dB; equal images get `ceiling`."""
    mse = ((a.astype(np.float64) - b) ** 2).mean(axis=(1, 2, 3)) / 255**2
    return np.minimum(-10 * np.log10(np.maximum(mse, 1e-12)), ceiling)


def ssim(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Structural similarity (Wang et al., 2004), 7 x 7 windows, mean over channels; 1 for equal images."""
    return np.array([structural_similarity(x, y, channel_axis=2, data_range=255) for x, y in zip(a, b, strict=True)])
