"""Vectorised, anti-aliased drawing of whole batches of images from signed distances.

Every shape is a signed distance d(x, y) (negative inside, in units where the image spans [-1, 1]);
its coverage of a pixel of width w is clip(1/2 - d/w, 0, 1), so images look the same at any resolution.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

SUPERSAMPLING = 2  # images are painted at twice their size and box-averaged down
CHUNK = 256  # images painted at once: bounds memory to about 100 MB at 32 px


def column(values) -> np.ndarray:
    """Per-image numbers [N] -> [N, 1, 1], ready to broadcast over pixels (a plain number stays one)."""
    values = np.asarray(values, dtype=np.float32)
    return values[:, None, None] if values.ndim == 1 else values


class Canvas:
    """A batch of n square images [n, size, size, 3], values in [0, 1], painted from back to front.

    `x` and `y` are pixel centres [1, size, size] in [-1, 1]; x grows to the right, y grows downwards.
    """

    def __init__(self, n: int, size: int):
        axis = ((np.arange(size, dtype=np.float32) + 0.5) / size) * 2 - 1
        self.x, self.y = axis[None, None, :], axis[None, :, None]
        self.pixel: float | np.ndarray = 2 / size
        self.image = np.zeros((n, size, size, 3), dtype=np.float32)

    def zoom(self, factor: float | np.ndarray, down: float | np.ndarray) -> None:
        """Look closer: the frame spans `factor` of its former width, its centre `down` lower."""
        self.x, self.y, self.pixel = self.x * factor, self.y * factor + down, self.pixel * factor

    def coverage(self, distance: np.ndarray, softness=0.0) -> np.ndarray:
        """Fraction of each pixel inside the shape; `softness` widens the edge (same units as x and y)."""
        return np.clip(0.5 - distance / (self.pixel + column(softness)), 0, 1)

    def paint(self, colour: np.ndarray, coverage: np.ndarray) -> None:
        """Lay `colour` ([N, 3], or [N, size, size, 3]) over the image where `coverage` [N, size, size] is 1."""
        colour = colour[:, None, None, :] if colour.ndim == 2 else colour
        self.image += coverage[..., None] * (colour - self.image)

    def shade(self, factor: np.ndarray | np.float32, coverage: np.ndarray) -> None:
        """Multiply brightness by `factor` where `coverage` is 1."""
        self.image *= (1 + coverage * (factor - 1))[..., None]

    # Signed distances. Arguments are numbers or arrays [N].

    def ellipse(self, cx, cy, rx, ry) -> np.ndarray:
        """Distance to an ellipse (first-order accurate near its edge)."""
        cx, cy, rx, ry = map(column, (cx, cy, rx, ry))
        u, v = (self.x - cx) / rx, (self.y - cy) / ry
        k = np.sqrt(u * u + v * v) + 1e-6
        gradient = np.sqrt((u / rx) ** 2 + (v / ry) ** 2) / k + 1e-6
        return (k - 1) / gradient

    def box(self, cx, cy, rx, ry, corner=0.0) -> np.ndarray:
        """Distance to a rectangle with half-sizes rx, ry and rounded corners."""
        cx, cy, rx, ry, corner = map(column, (cx, cy, rx, ry, corner))
        u, v = np.abs(self.x - cx) - rx + corner, np.abs(self.y - cy) - ry + corner
        outside = np.hypot(np.maximum(u, 0), np.maximum(v, 0))
        return outside + np.minimum(np.maximum(u, v), 0) - corner

    def stroke(self, x0, y0, x1, y1, width) -> np.ndarray:
        """Distance to a line segment drawn with a round pen of the given width."""
        x0, y0, x1, y1, width = map(column, (x0, y0, x1, y1, width))
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((self.x - x0) * dx + (self.y - y0) * dy) / (dx * dx + dy * dy + 1e-9), 0, 1)
        return np.hypot(self.x - x0 - along * dx, self.y - y0 - along * dy) - width / 2

    def below(self, height) -> np.ndarray:
        """Distance to the half plane below the curve y = height(x) ([N, 1, size] or numbers)."""
        return column(height) - self.y

    def finish(self) -> np.ndarray:
        """Box-average the supersampled images and round to uint8 [n, size, size, 3]."""
        n, size = self.image.shape[:2]
        k, small = SUPERSAMPLING, size // SUPERSAMPLING
        average = self.image.reshape(n, small, k, small, k, 3).mean(axis=(2, 4))
        return np.round(np.clip(average, 0, 1) * 255).astype(np.uint8)


def render_in_chunks(draw: Callable[[Canvas, pd.DataFrame], None], table: pd.DataFrame, size: int) -> np.ndarray:
    """Paint one image per row of `table` -> uint8 [len(table), size, size, 3]."""
    images = np.empty((len(table), size, size, 3), dtype=np.uint8)
    for start in range(0, len(table), CHUNK):
        rows = table.iloc[start : start + CHUNK]
        canvas = Canvas(len(rows), size * SUPERSAMPLING)
        draw(canvas, rows)
        images[start : start + CHUNK] = canvas.finish()
    return images


def mix(a: np.ndarray, b: ArrayLike, t: ArrayLike) -> np.ndarray:
    """Colours [N, 3]: (1 - t) a + t b, with t a number or [N]."""
    t = np.asarray(t, dtype=np.float32)
    t = t[:, None] if t.ndim == 1 else t
    return (a * (1 - t) + np.asarray(b) * t).astype(np.float32)


def palette(stops, t) -> np.ndarray:
    """Piecewise-linear colour map: positions t [N] in [0, 1] along the list of RGB `stops` -> [N, 3]."""
    stops = np.asarray(stops, dtype=np.float32)
    grid = np.linspace(0, 1, len(stops))
    return np.stack([np.interp(t, grid, stops[:, k]) for k in range(3)], axis=-1).astype(np.float32)


def hsv(h, s, v) -> np.ndarray:
    """Hue, saturation, value [N] each in [0, 1] -> RGB [N, 3]."""
    h, s, v = np.broadcast_arrays(*map(lambda a: np.asarray(a, dtype=np.float32), (h, s, v)))
    channel = lambda n: v - v * s * np.clip(np.minimum((n + h * 6) % 6, 4 - (n + h * 6) % 6), 0, 1)  # noqa: E731
    return np.stack([channel(5), channel(3), channel(1)], axis=-1).astype(np.float32)
