"""Vistas: procedural mountain valleys in summer or winter, and the exact counterfactual of the season.

A row holds the season and one view: terrain, trees, sky, light and camera, drawn independently of the season, so the
same row with the other value is *the same place* half a year away. The terrain is a height field in true perspective:
curtains of ground, one per depth, hide each other, and every pixel is lit by the slope of the place that it sees.
"""

import numpy as np
import pandas as pd

from insm.data.dataset import Procedural
from insm.datasets.drawing.canvas import Canvas, column, mix, palette, render_in_chunks

TREES, OCTAVES = 6, 6  # conifers in the foreground; layers of detail in the terrain
IDENTITY = {  # every parameter's range; places and heights are in world units
    "hour": (0, 1), "sun": (-1, 1), "clouds": (-0.8, 0.5), "haze": (0.008, 0.035), "horizon": (0.05, 0.30),
    "eye": (0.45, 0.80), "floor": (-0.30, 0.15), "valley": (-0.8, 0.8), "valley_width": (1.0, 2.4), "bend": (-0.7, 0.7),
    "back": (9, 15), "alps": (4.5, 7.5), "cliff": (-1.5, 3.5), "cliff_x": (-5, 5), "cliff_z": (7, 11),
    "forest": (-0.8, 1.0), "tree_line": (1.2, 2.6), "snow_line": (3.2, 6.0), "snow": (0.8, 1), "green": (0, 1),
    "stone": (0, 1), "water": (0, 1), "exposure": (0.88, 1.12), "warmth": (-0.06, 0.06), "tint": (-0.03, 0.03),
}  # fmt: skip
IDENTITY |= {f"wave{k}": (0, 2 * np.pi) for k in range(2 * OCTAVES)}  # phases of every pattern
for _k in range(TREES):
    IDENTITY |= {f"tree{_k}_x": (-1.5, 1.5), f"tree{_k}_z": (3 - _k / 3, 3.3 - _k / 3), f"tree{_k}_tall": (0.5, 1.3)}

FOCAL, CANOPY = 1.5, 0.30  # focal length in half images; height of the forest
DEPTHS = np.geomspace(0.75, 36, 72, dtype=np.float32)[:, None]  # of the curtains
SNOW = np.array([[0.80, 0.84, 0.91]], dtype=np.float32)
PALETTES = {  # surface: the parameter that picks its summer colour, the colours, winter's colour and its weight
    "low": ("hour", [(0.98, 0.76, 0.62), (0.78, 0.87, 0.95), (0.99, 0.70, 0.50)], (0.82, 0.85, 0.90), 0.5),
    "top": ("hour", [(0.36, 0.42, 0.62), (0.17, 0.42, 0.77), (0.36, 0.36, 0.58)], (0.52, 0.60, 0.72), 0.6),
    "sun": ("hour", [(1.10, 0.80, 0.66), (1.08, 1.02, 0.93), (1.18, 0.80, 0.60)], (0.94, 0.95, 1.00), 0.5),
    "water": ("water", [(0.06, 0.20, 0.32), (0.08, 0.34, 0.42), (0.10, 0.28, 0.48)], (0.70, 0.78, 0.84), 1.0),
    "grass": ("green", [(0.16, 0.34, 0.09), (0.30, 0.46, 0.12), (0.46, 0.50, 0.17)], (0.40, 0.36, 0.25), 0.8),
    "pine": ("green", [(0.05, 0.15, 0.09), (0.08, 0.18, 0.08), (0.12, 0.20, 0.08)], (0.13, 0.17, 0.16), 0.5),
    "stone": ("stone", [(0.42, 0.42, 0.44), (0.56, 0.53, 0.50), (0.52, 0.44, 0.36)], (0.40, 0.40, 0.43), 0.3),
}  # fmt: skip


def rise(low, high, x) -> np.ndarray:
    """A smooth step from 0 at `low` to 1 at `high`."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def fade(pattern: np.ndarray, mean: float, detail: np.ndarray) -> np.ndarray:
    """Pull a pattern to its mean as `detail` (frequency times size of a pixel) passes 1, before it aliases."""
    return mean + (pattern - mean) / (1 + (detail * detail) ** 2)


def relief(x, z, pixel, p: dict) -> np.ndarray:
    """Mountain relief in about [0, 1]: octaves of bent, crested waves, finer ones mostly on the crests."""
    total: float | np.ndarray = 0.0
    weight: float | np.ndarray = 0.67
    for k in range(OCTAVES):
        frequency, first, second = 0.36 * 2.0**k, p[f"wave{2 * k}"], p[f"wave{2 * k + 1}"]
        cos, sin = np.cos(2.4 * k + 0.15 * first), np.sin(2.4 * k + 0.15 * first)
        across, along = frequency * (cos * x + sin * z), 0.6 * frequency * (cos * z - sin * x)
        wave = np.abs(np.sin(across + first + 1.2 * np.sin(along + second)))
        crest = fade(1 - wave, 1 - 2 / np.pi, frequency * pixel)
        total, weight = total + weight * crest, weight * (0.22 + 0.36 * crest)
    return np.asarray(total)


def mottle(x, y, pixel, p: dict) -> np.ndarray:
    """Irregular soft patches in about [-1, 1], the coarsest some 4 units wide."""
    total: float | np.ndarray = 0.0
    for k in range(4):
        frequency, a, b = 1.2 * 2.1**k, p[f"wave{k}"], p[f"wave{k + 4}"]
        x, y = 0.6 * x + 0.8 * y, 0.6 * y - 0.8 * x
        wave = np.sin(frequency * x + a + 1.2 * np.sin(0.6 * frequency * y + b)) * np.sin(frequency * y + b + 2 * total)
        total = total + 0.67 * 0.75**k * fade(wave, 0, frequency * pixel)
    return np.asarray(total)


def ground(x, z, pixel, p: dict) -> np.ndarray:
    """Height over the water at world positions (x to the right, z into the image)."""
    off = x - p["valley"] - p["bend"] * np.sin(0.45 * z + p["wave0"])
    side, rough = np.abs(off), relief(x, z, pixel, p)
    floor = p["floor"] + 0.10 * np.minimum(side, 2) ** 2 - 0.30 * np.exp(-((off / 0.35) ** 2))
    wall = np.maximum(rise(p["valley_width"], p["valley_width"] + 4, side), rise(p["back"], p["back"] + 8, z))
    cliff = rise(0, 0.4, 1.6 - np.hypot(x - p["cliff_x"], 0.6 * (z - p["cliff_z"]))) * np.maximum(p["cliff"], 0)
    return floor + wall * (p["alps"] * rough + 0.3 + cliff * (0.75 + 0.4 * rough))


def forest(x, z, height, p: dict) -> np.ndarray:
    """Fraction of the ground under trees: patches between the shore and the tree line, not too near."""
    patches = np.sin(1.1 * x + p["wave1"] + np.sin(1.7 * z + p["wave2"])) + np.sin(0.9 * z + p["wave3"] - 0.7 * x)
    zone = rise(0.08, 0.2, height) * rise(1, 0.7, height / p["tree_line"]) * rise(1.8, 2.6, z)
    return zone * rise(-0.3, 0.3, patches + p["forest"])


def paint_sky(c: Canvas, p: dict, hues: dict) -> None:
    """A gradient, the glow of a sun outside the frame, clouds in perspective."""
    up = np.maximum(p["horizon"] - c.y, 0)
    c.image[:] = hues["low"][:, None, None]
    c.paint(hues["top"], np.minimum(up / 1.1, 1) ** 0.8 + 0 * c.x)
    c.paint(hues["sun"], 0.3 * np.exp(-((c.x - 1.2 * p["sun"]) ** 2) / 0.4 - (c.y - p["horizon"] + 0.5) ** 2 / 0.3))
    scale = 1.4 / (up + 0.25)
    billow = mottle(scale * c.x, 2 * scale, scale * c.pixel, p) + p["clouds"]
    c.paint(mix(hues["low"], hues["sun"], 0.6), 0.85 * rise(0, 0.8, billow) * rise(0, 0.4, up))


def look(c: Canvas, p: dict) -> tuple[np.ndarray, np.ndarray]:
    """Depth [N, size, size] at which each pixel's ray meets the terrain, and the sky line [N, 1, size]."""
    pixel, x = DEPTHS * c.pixel / FOCAL, DEPTHS * c.x / FOCAL
    height = ground(x, DEPTHS, pixel, p)
    cell = x / 0.13 + 37 * np.sin(12.9 * DEPTHS)  # the forest: a row of cones of unequal heights in each curtain
    cones = (1 - 2 * np.abs(cell % 1 - 0.5)) * (0.7 + 0.3 * np.sin(7.7 * np.floor(cell)))
    surface = np.maximum(height + forest(x, DEPTHS, height, p) * CANOPY * fade(cones, 0.5, pixel / 0.06), 0)
    screen = p["horizon"] + FOCAL * (p["eye"] - surface) / DEPTHS
    skyline = np.minimum.accumulate(screen, axis=1)
    below = (c.y < skyline[:, k, None] for k in range(1, len(DEPTHS) - 1))
    before = sum(below, start=np.zeros((), dtype=np.int64))  # the last curtain below the ray
    lower, upper = (np.take_along_axis(screen, before + k, axis=1) for k in (0, 1))
    near, far = (DEPTHS.ravel()[before + k] for k in (0, 1))
    return near + (far - near) * np.clip((lower - c.y) / np.maximum(lower - upper, 1e-6), 0, 1), skyline[:, -1:]


def paint_land(c: Canvas, p: dict, hues: dict) -> None:
    """Rock, meadow, shore, forest and snow in sun and haze, then water that mirrors them, or snowy ice."""
    z, skyline = look(c, p)
    x, pixel = c.x * z / FOCAL, z * c.pixel / FOCAL
    step, height = 0.6 * pixel + 0.01, ground(x, z, pixel, p)
    slope_x, slope_z = ((ground(x + dx, z + dz, pixel, p) - height) / step for dx, dz in ((step, 0), (0, step)))
    steep, patch = np.hypot(slope_x, slope_z), mottle(2.5 * x, 2.5 * z, 2.5 * pixel, p)
    wood = forest(x, z, height, p) * rise(2.2, 1.4, steep)
    crown = np.clip((p["eye"] - (c.y - p["horizon"]) * z / FOCAL - height) / CANOPY, 0, 1)

    land = Canvas(*c.image.shape[:2])
    land.image[:] = hues["stone"][:, None, None] * (1 + 0.22 * mottle(1.5 * x, 3 * height, 3 * pixel, p)[..., None])
    land.paint(hues["grass"], rise(1.3, 0.7, steep) * rise(p["tree_line"] + 0.8, p["tree_line"], height))
    land.shade(1 + 0.25 * patch, rise(2, 1, steep))
    land.paint(hues["stone"], rise(0.05, 0, height))
    land.paint(hues["pine"][:, None, None] * (0.6 + 0.9 * crown)[..., None], wood)
    cap = rise(p["snow_line"] - 0.3, p["snow_line"] + 0.3, height + 0.5 * patch) * rise(2.2, 1.2, steep)
    cover = rise(2.6, 1.3, steep + 0.3 * patch) * (1 - wood * (0.85 - 0.5 * crown)) * p["snow"]
    land.paint(SNOW, np.maximum(cap, cover * p["winter"]))
    lit = (0.60 - slope_x * p["sun"] + 0.45 * slope_z) / np.sqrt((1 + steep**2) * (0.56 + p["sun"] ** 2)) + 0.08 * patch
    direct = np.maximum(0.85 * lit, 0)[..., None] * hues["sun"][:, None, None]
    land.image *= (0.45 * hues["top"] + 0.22)[:, None, None] + direct
    land.paint(mix(hues["low"], hues["top"], 0.35), 1 - np.exp(p["haze"] * (1 - z)))
    c.paint(land.image, c.coverage(skyline - c.y))

    below = c.y - p["horizon"]
    ripple = 0.012 * np.sin(26 * z + 3 * x) * (1 - p["winter"])
    row = np.clip((p["horizon"] - below + ripple + 1) / c.pixel, 0, c.image.shape[1] - 1).astype(np.int64)
    reflection = np.take_along_axis(c.image, row[..., None], axis=1)
    land.image[:] = hues["water"][:, None, None]
    land.paint(reflection, (0.25 + 0.45 * rise(0.9, 0, below)) * (1 - 0.45 * p["winter"]))
    land.paint(SNOW, 0.6 * rise(-0.2, 0.6, patch) * p["winter"])
    c.paint(land.image, rise(0.5, -0.5, height / (0.02 + 0.5 * pixel)) * (below > 0))


def paint_conifers(c: Canvas, p: dict, hues: dict) -> None:
    """Single trees in front, if on land: drooping tiers of branches, lit from the sun's side, snow on top."""
    cover = tone = white = np.zeros(c.image.shape[:3], dtype=np.float32)
    for k in range(TREES):
        z, centre = p[f"tree{k}_z"], 1.05 * np.sin(p[f"tree{k}_x"])
        tall, base = FOCAL * p[f"tree{k}_tall"] / z, ground(centre * z / FOCAL, z, np.float32(0), p)
        u, v = (c.x - centre) / tall, 1 + (c.y - p["horizon"] - FOCAL * (p["eye"] - base) / z) / tall
        tier = fade((8 * v - 4 * np.abs(u) + 0.5 * np.sin(30 * u + 9 * z)) % 1, 0.5, 9 * c.pixel / tall)
        half = v * (0.14 + 0.09 * tier + 0.012 * np.sin(50 * v + 9 * z))
        shape = np.maximum(np.abs(u) - np.where(2 * v - np.abs(u) > 1.75, 0.025, half), np.abs(v - 0.5) - 0.5)
        part = c.coverage(shape * tall) * (base > 0.04)
        cover, side = cover + part * (1 - cover), u * p["sun"]
        tone = tone + part * (0.55 + 0.5 * tier + 1.6 * side - tone)
        clumps = 0.7 * tier + 0.25 * np.sin(43 * u + 17 * v + 9 * z) * np.sin(37 * v - 21 * u) + 1.5 * side
        white = white + part * (rise(0, 1, clumps) - white)
    c.paint(tone[..., None] * (hues["pine"] * (0.3 + 0.7 * hues["sun"]))[:, None, None], cover)
    c.paint(SNOW * (0.35 + 0.6 * hues["sun"]), cover * white * p["winter"])


def draw(c: Canvas, t: pd.DataFrame) -> None:
    """Paint one view per row of `t`, from the sky to the trees in front."""
    flat = {name: t[name].to_numpy(np.float32) for name in IDENTITY}
    winter = 1 - t["Summer"].to_numpy(np.float32)
    p = {name: column(values) for name, values in flat.items()} | {"winter": column(winter)}
    hues = {key: mix(palette(tones, flat[by]), frost, k * winter) for key, (by, tones, frost, k) in PALETTES.items()}
    for paint in (paint_sky, paint_land, paint_conifers):
        paint(c, p, hues)
    balance = np.stack([1 + flat["warmth"], 1 + flat["tint"], 1 - flat["warmth"]], axis=-1) * flat["exposure"][:, None]
    c.image *= balance[:, None, None]


class Vistas(Procedural):
    """Procedural mountain valleys, one attribute: the season."""

    name = "vistas"
    attributes = ("Summer",)
    groups = {"Season": ("Summer",)}
    paper_table = "table2a"

    def sample(self, n: int, rng: np.random.Generator) -> pd.DataFrame:
        summer = rng.permutation(np.arange(n) % 2).astype(np.uint8)
        identity = {name: rng.uniform(low, high, n).astype(np.float32) for name, (low, high) in IDENTITY.items()}
        return pd.DataFrame({"Summer": summer} | identity)

    def render(self, table: pd.DataFrame, size: int) -> np.ndarray:
        step = max(1, 2**14 // size**2)  # few enough images at once to stay in the processor's cache
        parts = [render_in_chunks(draw, table.iloc[k : k + step], size) for k in range(0, max(len(table), 1), step)]
        return np.concatenate(parts)
