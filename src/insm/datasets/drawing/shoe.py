"""Drawing tools of `footwear`: smooth profiles and padded, lit pieces of leather, in units of the shoe."""

from functools import reduce
from math import hypot

import numpy as np
import pandas as pd

from insm.datasets.drawing.canvas import Canvas, column, mix, palette

IDENTITY = (
    "style", "zoom", "shift_x", "shift_y", "colour", "tone", "accent", "sole_tone", "sole", "heel", "heel_width",
    "shaft", "toe", "collar", "closure", "trim", "gloss", "shadow",
)  # fmt: skip
LEATHER = [
    (0.10, 0.10, 0.11), (0.13, 0.11, 0.11), (0.33, 0.19, 0.12), (0.56, 0.33, 0.17), (0.76, 0.56, 0.36),
    (0.91, 0.84, 0.74), (0.95, 0.95, 0.94), (0.66, 0.67, 0.69), (0.33, 0.35, 0.39), (0.13, 0.18, 0.34),
    (0.16, 0.40, 0.62), (0.15, 0.45, 0.36), (0.85, 0.62, 0.16), (0.72, 0.12, 0.14), (0.90, 0.42, 0.55),
]  # fmt: skip
RUBBER = [(0.95, 0.95, 0.94), (0.93, 0.91, 0.87), (0.78, 0.62, 0.44), (0.36, 0.24, 0.16), (0.13, 0.13, 0.14)]
WHITE, BRASS = np.array([[[1, 1, 1]], [[0.86, 0.74, 0.46]]], dtype=np.float32)
ARCH = np.array([0, 0, 0, 0.02, 0.16, 0.42, 0.68, 0.87, 0.97, 1, 1])  # fraction of the heel's height, toe to heel
SPRING = np.array([0.035, 0.005, 0, 0, 0, 0, 0, 0, 0, 0, 0])  # how far the toe curls up


def curve(at: np.ndarray, *stops) -> np.ndarray:
    """Smooth curve (Catmull-Rom) through `stops` (numbers or [N]), evenly spaced over `at` [N, ...] in [0, 1]."""
    inner = np.stack([np.broadcast_to(stop, len(at)) for stop in stops], axis=1).astype(np.float32)
    points = np.column_stack([2 * inner[:, 0] - inner[:, 1], inner, 2 * inner[:, -1] - inner[:, -2]])
    t = np.clip(at.reshape(len(at), -1), 0, 1) * (points.shape[1] - 3)
    piece = np.minimum(np.floor(t), points.shape[1] - 4)
    a, b, c, d = (np.take_along_axis(points, piece.astype(int) + k, axis=1) for k in range(4))
    f = t - piece
    return (b + f / 2 * (c - a + f * (2 * a - 5 * b + 4 * c - d + f * (3 * (b - c) + d - a)))).reshape(at.shape)


def bars(position: np.ndarray, period: float, width: float) -> np.ndarray:
    """Distance to bars of the given width, repeated along `position`."""
    return np.abs((position / period) % 1 - 0.5) * period - width / 2


class Shoe:
    """A batch of shoes being painted: the toe is at x = 0, the heel at x = 1, the ground at up = 0.

    p      identity parameters, float32 [N] in [0, 1]
    x, up  positions of the pixels, [N, 1, S] and [N, S, 1]
    bed    top of the ground or arch on which the shoe stands, [N, 1, S]
    """

    def __init__(self, c: Canvas, t: pd.DataFrame, heel: np.ndarray, height):
        self.c, self.p = c, {name: t[name].to_numpy(np.float32) for name in IDENTITY}
        half = np.maximum(0.5, (heel + height) / 2) + self.span("zoom", 0.06, 0.12)
        c.zoom(column(half), column(self.span("shift_y", -0.02, 0.02) - (heel + height) / 2))
        c.x = c.x + 0.5 + column(self.span("shift_x", -0.02, 0.02))
        self.x, self.up = c.x, -c.y
        self.bed = self.along(*(SPRING[:, None] + ARCH[:, None] * heel))
        self.base = np.clip(palette(LEATHER, self.p["colour"]) * self.span("tone", 0.85, 1.15)[:, None], 0, 0.93)
        self.accent = mix(palette(LEATHER, self.p["accent"]), self.base, 0.15)
        self.rubber = palette(RUBBER, self.p["sole_tone"])
        self.lining = mix(palette(LEATHER[3:7], self.p["accent"]), self.base, 0.3) * 0.72
        c.image[:] = 1
        c.shade(1 - column(self.span("shadow", 0, 0.3)), c.coverage(c.box(0.53, 0, 0.44, 0.015, 0.015), 0.10))

    def span(self, name: str, low: float, high: float) -> np.ndarray:
        """Parameter [N] stretched to [low, high]."""
        return low + (high - low) * self.p[name]

    def share(self, name: str, low: float, high: float) -> np.ndarray:
        """Whether the parameter lies in [low, high): 0 or 1, [N]."""
        return ((self.p[name] >= low) & (self.p[name] < high)).astype(np.float32)

    def along(self, *stops) -> np.ndarray:
        """Smooth curve from toe to heel -> [N, 1, S]."""
        return curve(self.x, *stops)

    def band(self, value, low, high) -> np.ndarray:
        """Distance to low < value < high, with bounds that are curves over x or over up."""
        steep = [np.hypot(1, np.gradient(b, axis=1 + np.argmax(b.shape[1:])) / self.c.pixel) for b in (low, high)]
        return np.maximum((low - value) / steep[0], (value - high) / steep[1])

    def layer(self, low, thickness, toe=0.03, heel=0.03) -> np.ndarray:
        """Distance to the layer above `low` from toe to heel, rounded off within `toe` and `heel` of its ends."""
        ends = np.clip(1 - self.x / column(toe), 0, 1) ** 2 + np.clip(1 - (1 - self.x) / column(heel), 0, 1) ** 2
        band = self.band(self.up, low, low + np.sqrt(np.clip(1 - ends, 0, 1)) * thickness)
        return np.maximum(band, np.abs(self.x - 0.5) - 0.5)

    def lean(self, x0: float, slope: float) -> np.ndarray:
        """Distance to the leaning line x = x0 + slope up, negative on the toe's side."""
        return (self.x - x0 - slope * self.up) / hypot(1, slope)

    def leather(self, colour, *shape, puff=0.03, gloss=0.3, where=1.0) -> None:
        """Paint where all distances in `shape` are negative: padded within `puff` of its rim, lit from upper left."""
        distance = reduce(np.maximum, shape)
        rim = np.clip(1 + distance / puff, 0, 1)
        down, right = np.gradient(distance, axis=(1, 2))
        tilt, front = rim / (np.hypot(down, right) + 1e-6), np.sqrt(1 - rim**2)
        cover = self.c.coverage(distance) * column(where)
        self.c.paint(colour, cover)
        self.c.shade(0.36 + 0.85 * np.clip(0.75 * front - tilt * (0.28 * right + 0.48 * down), 0, 1), cover)
        shine = np.clip(0.84 * front - tilt * (0.2 * right + 0.5 * down), 0, 1) ** 24
        self.c.paint(WHITE, cover * column(gloss) * shine)

    def seam(self, line, *shape, where=1.0) -> None:
        """Draw a thin dark line within `shape`."""
        self.c.paint(self.base * 0.45, self.c.coverage(reduce(np.maximum, shape, np.abs(line) - 0.004)) * column(where))

    def heel(self, colour, height, low, high) -> None:
        """Paint the heel below the bed: `height` tall, `low` wide on the ground, `high` wide at the top."""
        at = self.up / column(height)
        back = curve(at, 0.975, 0.97, 0.972, 0.982, 0.998)
        front = back - column(low) - column(high - low) * curve(at, 0, 0.03, 0.12, 0.4, 1)
        self.leather(colour, self.band(self.x, front, back), self.up - self.bed - 0.004, -self.up, puff=0.05)
