"""Portraits: parametric faces with CelebA-HQ's ten attributes, and the exact counterfactual of every edit.

A row holds ten attributes and the identity of one person. Identity is drawn independently of the
attributes, so the same row with other attributes is *the same person* after a perfect translation.
Marginals follow CelebA-HQ (counted over the 3,095 of its images with a CelebA id up to 20,000): hair colours exclude
each other, beards are on men only; all else is independent.
"""

import numpy as np
import pandas as pd

from insm.data.dataset import AttributeGroups, Procedural
from insm.datasets.drawing.canvas import Canvas, column, hsv, mix, palette, render_in_chunks
from insm.datasets.photos.celeba_attributes import ATTRIBUTES, COMBINATIONS, GROUPS, HAIR

HAIR_FREQUENCIES = (0.232, 0.177, 0.221)  # the rest has red or grey hair, no attribute set
FREQUENCIES = {"Bangs": 0.175, "Smiling": 0.473, "Male": 0.372, "Young": 0.783, "Pale_Skin": 0.052, "Eyeglasses": 0.049}
BEARD_FREQUENCY = 0.196  # of everyone

IDENTITY = (
    "shift_x", "shift_y", "face_width", "face_height", "jaw", "skin", "blush", "eye_gap", "eye_size", "eye_hue",
    "brow_tilt", "nose_length", "nose_width", "mouth_width", "hair_tone", "hair_volume", "other_hair", "fringe",
    "light", "back_hue", "back_hue2", "back_value", "back_angle", "cloth_hue", "cloth_value", "collar",
)  # fmt: skip

SKIN = [(0.36, 0.22, 0.15), (0.58, 0.38, 0.26), (0.80, 0.58, 0.44), (0.93, 0.74, 0.61), (0.96, 0.80, 0.69)]
PALE = np.array([[0.97, 0.93, 0.92]], dtype=np.float32)
WHITE = np.array([[0.97, 0.97, 0.96]], dtype=np.float32)
GREY_HAIR = np.array([[0.70, 0.70, 0.72]], dtype=np.float32)
RED_OR_GREY = [(0.55, 0.13, 0.05), (0.72, 0.25, 0.08), (0.50, 0.50, 0.52), (0.78, 0.78, 0.80)]


def sample(n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Draw n people: attributes (uint8) and identity parameters (float32, uniform in [0, 1])."""
    hair = rng.choice(4, size=n, p=[*HAIR_FREQUENCIES, 1 - sum(HAIR_FREQUENCIES)])
    labels = {name: hair == k for k, name in enumerate(HAIR)}
    labels |= {name: rng.random(n) < frequency for name, frequency in FREQUENCIES.items()}
    labels["No_Beard"] = ~(labels["Male"] & (rng.random(n) < BEARD_FREQUENCY / FREQUENCIES["Male"]))
    table = pd.DataFrame({name: labels[name].astype(np.uint8) for name in ATTRIBUTES})
    return table.assign(**{name: rng.random(n, dtype=np.float32) for name in IDENTITY})


def hair_colour(t: pd.DataFrame) -> np.ndarray:
    """Attributes and hair tone -> RGB [N, 3]."""
    tone = t.hair_tone.to_numpy()
    colour = palette(RED_OR_GREY, t.other_hair.to_numpy())
    for attribute, dark, bright in (
        ("Brown_Hair", (0.25, 0.13, 0.06), (0.42, 0.25, 0.13)),
        ("Blond_Hair", (0.82, 0.64, 0.27), (0.95, 0.83, 0.48)),
        ("Black_Hair", (0.03, 0.03, 0.04), (0.11, 0.10, 0.11)),
    ):
        colour = mix(colour, palette([dark, bright], tone), t[attribute].to_numpy())
    return colour


def draw(c: Canvas, t: pd.DataFrame) -> None:
    """Paint one portrait per row of `t`, from background to spectacles."""
    p = {name: t[name].to_numpy(np.float32) for name in IDENTITY}
    is_ = {name: t[name].to_numpy(np.float32) for name in ATTRIBUTES}
    old, beard, female = 1 - is_["Young"], 1 - is_["No_Beard"], 1 - is_["Male"]
    span = lambda name, low, high: low + (high - low) * p[name]  # noqa: E731

    cx, cy = span("shift_x", -0.06, 0.06), span("shift_y", 0.0, 0.10)
    rx, ry = span("face_width", 0.36, 0.44) + 0.02 * is_["Male"], span("face_height", 0.46, 0.54)
    skin = mix(palette(SKIN, p["skin"]), PALE, 0.92 * is_["Pale_Skin"])
    hair = hair_colour(t)
    dark_skin = skin * 0.62
    volume = span("hair_volume", 0.08, 0.15)

    c.zoom(0.86, 0.06)

    # Background: a soft gradient with a vignette.
    angle = p["back_angle"] * 2 * np.pi
    along = (column(np.cos(angle)) * c.x + column(np.sin(angle)) * c.y) * 0.5 + 0.5
    one, two = (
        hsv(p["back_hue"], 0.45, 0.45 + 0.4 * p["back_value"]),
        hsv(p["back_hue2"], 0.35, 0.35 + 0.5 * p["back_value"]),
    )
    c.image[:] = one[:, None, None] + np.clip(along, 0, 1)[..., None] * (two - one)[:, None, None]
    c.shade(1 - 0.18 * (c.x**2 + c.y**2), np.ones_like(along))

    # Hair behind the head: long unless male.
    back = np.minimum(
        c.ellipse(cx, cy - 0.10, rx + volume + 0.03, ry + volume),
        c.box(cx, cy + 0.25, rx + volume + 0.03, 0.48, 0.16),
    )
    c.paint(hair * 0.72, c.coverage(back) * column(female))

    # Shoulders, collar, neck with the chin's shadow.
    cloth = hsv(p["cloth_hue"], 0.55, 0.25 + 0.6 * p["cloth_value"])
    c.paint(cloth, c.coverage(c.ellipse(cx, 1.16, 0.72 + 0.10 * is_["Male"], 0.42)))
    neck = 0.15 + 0.045 * is_["Male"]
    c.paint(dark_skin * 1.18, c.coverage(c.box(cx, cy + ry + 0.12, neck, 0.26, 0.08)))
    c.paint(mix(cloth, WHITE, 0.55 * p["collar"]), c.coverage(c.ellipse(cx, 0.86 + cy * 0.5, neck + 0.10, 0.07)) * 0.9)
    c.shade(np.float32(0.75), c.coverage(c.ellipse(cx, cy + ry + 0.02, neck + 0.02, 0.10), 0.08))

    # Ears (hidden by long hair), head with a jaw that narrows, light from one side, blush.
    for side in (-1, 1):
        c.paint(skin * 0.86, c.coverage(c.ellipse(cx + side * rx, cy + 0.05, 0.06, 0.11)) * column(is_["Male"]))
    narrow = span("jaw", 0.10, 0.22) * (1 - 0.75 * is_["Male"])
    depth = (c.y - column(cy)) / column(ry)
    head = c.ellipse(cx, cy, rx, ry) + column(narrow * 0.5) * np.clip(depth, 0, 1) * (np.abs(c.x - column(cx)) * 1.2)
    face = c.coverage(head)
    c.paint(skin, face)
    across = (c.x - column(cx)) / column(rx)
    c.shade(1 + column(span("light", -0.22, 0.22)) * across - 0.10 * np.clip(depth, 0, 1), face)
    rosy = mix(skin, np.array([[0.90, 0.40, 0.36]]), 0.5)
    for side in (-1, 1):
        cheek = c.coverage(c.ellipse(cx + side * 0.55 * rx, cy + 0.17, 0.13, 0.10), 0.12)
        c.paint(rosy, cheek * face * column(0.15 + 0.35 * p["blush"]))

    # Age: folds beside the mouth, bags under the eyes, lines on the forehead.
    eye_y, gap = cy - 0.06, span("eye_gap", 0.155, 0.19)
    mouth_y, mouth_w = cy + 0.27, span("mouth_width", 0.12, 0.17)
    for side in (-1, 1):
        fold = c.stroke(cx + side * 0.10, cy + 0.12, cx + side * 0.21, cy + 0.28, 0.035)
        bag = c.stroke(cx + side * (gap - 0.07), eye_y + 0.10, cx + side * (gap + 0.07), eye_y + 0.095, 0.03)
        c.paint(dark_skin, np.maximum(c.coverage(fold, 0.02), c.coverage(bag, 0.02)) * column(old * 0.75))
    for line in (0.24, 0.31):
        wrinkle = c.stroke(cx - 0.18, cy - line, cx + 0.18, cy - line, 0.025)
        c.paint(dark_skin, c.coverage(wrinkle, 0.015) * column(old * 0.65))

    # Beard: the lower face in the hair's colour, a moustache, an opening for the lips.
    jawline = 0.13 + 0.28 * np.clip(1.05 - np.abs(across), 0, 1) ** 2 * (np.abs(across) < 1.05)
    grown = c.coverage(c.below(column(cy) + jawline), 0.05) * face
    moustache = c.coverage(c.ellipse(cx, mouth_y - 0.07, mouth_w + 0.06, 0.055), 0.02)
    c.paint(hair * 0.62 + 0.02, np.maximum(grown, moustache) * column(beard * 0.92))

    # Nose: a shadow on one side and its tip.
    nose_y = cy + span("nose_length", 0.10, 0.15)
    shadow = np.where(p["light"] > 0.5, -1, 1)
    c.paint(
        dark_skin, c.coverage(c.stroke(cx + shadow * 0.035, cy - 0.02, cx + shadow * 0.045, nose_y, 0.03), 0.03) * 0.5
    )
    c.paint(dark_skin, c.coverage(c.ellipse(cx, nose_y + 0.02, span("nose_width", 0.045, 0.075), 0.025), 0.02) * 0.75)

    # Mouth: a straight line, or an open smile with teeth.
    u = np.clip((c.x - column(cx)) / column(mouth_w * (1 + 0.35 * is_["Smiling"])), -1, 1)
    lips = mix(mix(skin, np.array([[0.72, 0.24, 0.24]]), 0.6), np.array([[0.80, 0.12, 0.18]]), 0.55 * female)
    inside = np.abs(c.x - column(cx)) - column(mouth_w * (1 + 0.35 * is_["Smiling"]))
    bend = column(0.055 * is_["Smiling"])
    curve = column(mouth_y) + bend * (1 - 2 * u * u)
    opening = column(0.030 + 0.048 * is_["Smiling"]) * (1 - u * u)
    mouth = np.maximum(np.abs(c.y - curve + bend * 0.3) - opening, inside)
    c.paint(lips, c.coverage(mouth - 0.022))
    c.paint(WHITE, c.coverage(mouth + 0.004) * column(is_["Smiling"]))
    c.paint(
        lips * 0.55,
        c.coverage(np.maximum(np.abs(c.y - column(mouth_y)) - 0.010, inside)) * column(0.7 * (1 - is_["Smiling"])),
    )

    # Eyes and brows.
    iris = hsv(0.06 + 0.55 * p["eye_hue"], 0.65, 0.35 + 0.25 * p["eye_hue"])
    size = span("eye_size", 0.068, 0.085)
    brow = hair * 0.6
    for side in (-1, 1):
        ex = cx + side * gap
        c.paint(WHITE, c.coverage(c.ellipse(ex, eye_y, size, size * 0.62)))
        c.paint(iris, c.coverage(c.ellipse(ex, eye_y, size * 0.52, size * 0.56)))
        c.paint(iris * 0.15, c.coverage(c.ellipse(ex, eye_y, size * 0.26, size * 0.28)))
        c.paint(dark_skin * 0.5, c.coverage(c.stroke(ex - size, eye_y - 0.03, ex + size, eye_y - 0.03, 0.025)) * 0.8)
        tilt = side * span("brow_tilt", -0.025, 0.025)
        thick = 0.03 + 0.025 * is_["Male"]
        c.paint(
            brow, c.coverage(c.stroke(ex - 0.09, eye_y - 0.115 + tilt, ex + 0.09, eye_y - 0.115 - tilt, thick)) * 0.9
        )

    # Hair on top: a cap around the face whose hairline drops to the brows with bangs.
    cap = c.ellipse(cx, cy - 0.07, rx + volume, ry + volume - 0.01)
    strands = 0.018 * np.sin((c.x - column(cx)) * 28 + column(p["fringe"] * 6.3))
    parting = column(span("fringe", -0.15, 0.15))
    open_line = -0.62 + 0.55 * np.abs(across - parting) ** 2.2
    bangs_line = -0.36 + 0.10 * across**2 + strands / column(ry)
    hairline = column(1 - is_["Bangs"]) * open_line + column(is_["Bangs"]) * np.minimum(bangs_line, open_line + 0.42)
    sides = column(0.02 + 0.40 * female)  # how far the cap runs down beside the face
    above = c.y - column(cy) - np.minimum(hairline, sides + 0 * hairline) * column(ry)
    crown = np.maximum(cap, above)
    ring = np.maximum(np.maximum(cap, -(head + 0.035)), c.y - column(cy) - sides)
    top = np.maximum(c.coverage(crown), c.coverage(ring))
    shine = 1 + 0.45 * np.exp(-(((c.y - column(cy) + 0.48) / 0.07) ** 2) - ((across - 0.25) / 0.5) ** 2)
    temples = column(old * 0.75) * np.clip((np.abs(across) - 0.35) / 0.6, 0.25, 1)
    tinted = hair[:, None, None] * shine[..., None]
    tinted = tinted + temples[..., None] * (GREY_HAIR - tinted)
    c.paint(np.clip(tinted, 0, 1), top)

    # Spectacles: two rims, a bridge, the temples' start.
    rim = np.minimum(*(np.abs(c.ellipse(cx + s * (gap + 0.005), eye_y + 0.005, 0.125, 0.112)) - 0.020 for s in (-1, 1)))
    rim = np.minimum(rim, c.stroke(cx - 0.045, eye_y - 0.02, cx + 0.045, eye_y - 0.02, 0.035))
    for s in (-1, 1):
        rim = np.minimum(rim, c.stroke(cx + s * (gap + 0.13), eye_y - 0.02, cx + s * rx, eye_y - 0.04, 0.03))
    c.paint(np.full((len(t), 3), 0.05, dtype=np.float32), c.coverage(rim) * column(is_["Eyeglasses"]))


class Portraits(Procedural):
    """Procedural faces, ten attributes."""

    name = "portraits"
    attributes = ATTRIBUTES
    exclusive: AttributeGroups = (HAIR,)
    groups = GROUPS
    paper_table = "table1"
    combinations = COMBINATIONS

    def sample(self, n: int, rng: np.random.Generator) -> pd.DataFrame:
        return sample(n, rng)

    def render(self, table: pd.DataFrame, size: int) -> np.ndarray:
        return render_in_chunks(draw, table, size)
