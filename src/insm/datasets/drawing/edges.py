"""Edge maps: dark pencil lines on white, in the manner of the thinned HED edges of edges2shoes."""

import numpy as np
from skimage.feature import canny
from skimage.filters import gaussian
from skimage.transform import downscale_local_mean, rescale

LUMINANCE = (299, 587, 114)  # of red, green, blue, in thousandths: whole numbers, so that the sum is exact
FINE = 128  # smaller images are drawn about this large and averaged down, so that their lines stay thin
BLUR, WEAK, STRONG = 2.0, 0.07, 0.20  # Canny's smoothing (fine pixels) and its two thresholds
PEN, FINEST_PEN = 0.32, 0.6  # standard deviation of the pen: in pixels of the image, least in fine pixels


def edge_maps(photos: np.ndarray) -> np.ndarray:
    """Photos uint8 [N, S, S, 3] -> their edge maps uint8 [N, S, S, 3], three equal channels, background 255.

    With Y the luminance in [0, 1] enlarged k = max(1, 128 // S) times, E = Canny(Y) in {0, 1} and s the pen:
    map = 255 (1 - mean over k x k of min(1, sqrt(2 pi) s Gauss_s * E)), so the middle of a straight line is black.
    Deterministic; every image is treated alone.
    """
    k = max(1, FINE // photos.shape[1])
    pen = max(PEN * k, FINEST_PEN)
    maps = np.empty(photos.shape[:3], dtype=np.uint8)
    for image, photo in zip(maps, photos, strict=True):
        luminance = rescale(photo @ LUMINANCE / 255_000, k, order=3, mode="edge")
        lines = canny(luminance, BLUR, WEAK, STRONG, mode="nearest").astype(float)
        ink = np.minimum(gaussian(lines, pen) * pen * np.sqrt(2 * np.pi), 1)
        image[:] = np.round(255 * (1 - downscale_local_mean(ink, (k, k))))
    return np.repeat(maps[..., None], 3, axis=-1)
