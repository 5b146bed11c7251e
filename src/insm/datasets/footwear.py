"""Footwear: parametric shoes in side view, as product photos (Photo = 1) or as their edge maps (Photo = 0).

The procedural stand-in for edges2shoes: two rows a shoe, so every edge map has its true photo. A row holds the
attribute `Photo`, the row number `pair` of its partner, and the identity of one shoe (float32, uniform in [0, 1]).
"""

from functools import reduce
from math import hypot

import numpy as np
import pandas as pd

from insm.data.dataset import Procedural, pair_columns
from insm.datasets.drawing.canvas import Canvas, column, mix, palette, render_in_chunks
from insm.datasets.drawing.edges import edge_maps
from insm.datasets.drawing.shoe import ARCH, BRASS, IDENTITY, RUBBER, WHITE, Shoe, bars, curve
from insm.support.errors import UserError


def sneaker(c: Canvas, t: pd.DataFrame) -> None:
    """Trainers: cup sole, toe cap, heel counter, eyestay with laces, three stripes."""
    s = Shoe(c, t, np.zeros(len(t), np.float32), 0.44)
    sole, toe, collar = s.span("sole", 0.055, 0.10), s.span("toe", 0, 0.05), s.span("collar", 0, 0.06)
    gloss, trim = s.span("gloss", 0, 0.5), mix(s.base, s.accent, s.share("trim", 0.35, 1))
    seat = s.along(sole * 0.8, sole, sole, sole + s.span("heel", 0, 0.04), sole + s.span("heel", 0, 0.05))
    high = s.along(
        0.11 + toe, 0.13 + toe, 0.14 + toe, 0.16 + toe / 2, 0.20, 0.26, 0.29,
        0.245, 0.21 + collar, 0.24 + collar, 0.28 + collar,
    )  # fmt: skip
    tongue, far = s.along(0, 0, 0, 0, 0.01, 0.07, 0.10, 0.03, 0, 0, 0), s.along(0, 0, 0, 0, 0, 0.4, 1, 1, 1, 0.6, 0)
    depth = s.bed + seat + high - s.up
    counter = s.x - curve(s.up / 0.4, 1, 1, 1, 0.985, 0.965, 0.975, 0.985)
    s.leather(s.accent, s.layer(s.bed, seat + high + tongue), s.lean(0.44, 0.45), 0.35 - s.x, puff=0.05)
    s.leather(s.lining, s.layer(s.bed, seat + high + 0.035 * far), 0.58 - s.x, counter)
    upper = np.maximum(s.layer(s.bed + 0.9 * seat, 0.1 * seat + high, 0.17), counter)
    s.leather(s.base, upper, puff=0.1, gloss=gloss)
    s.leather(trim, s.lean(0.13, 0.35), upper, gloss=gloss, where=s.share("toe", 0.3, 1))
    s.leather(trim, -s.lean(0.84, 0.2), upper, gloss=gloss)
    s.leather(trim, depth - 0.105, np.abs(s.x - 0.45) - 0.13, upper, gloss=gloss)
    q = s.lean(0, 0.55)
    stripes = bars(q, 0.065, 0.032), np.abs(q - 0.5) - 0.0975, 0.12 - depth
    s.leather(s.accent, *stripes, upper, where=s.share("trim", 0, 0.6))
    laces = bars(s.x - 0.6 * depth, 0.052, 0.026), np.abs(s.x - 0.45) - 0.11, np.abs(depth - 0.035) - 0.05
    s.leather(mix(WHITE, s.accent, s.share("closure", 0.6, 1)), *laces, puff=0.015)
    s.leather(s.rubber, s.layer(s.bed, seat, 0.05), puff=0.05)
    s.leather(s.rubber * 0.8, s.layer(s.bed, column(sole * 0.3)), puff=0.02)


def boot(c: Canvas, t: pd.DataFrame) -> None:
    """Ankle boots, flat or heeled: elastic gusset, laces or a buckled strap."""
    heel = np.where(t["heel"] < 0.6, 0.03 + 0.08 * t["heel"], 0.9 * t["heel"] - 0.46).astype(np.float32)
    shaft = (0.48 + 0.40 * t["shaft"]).to_numpy(np.float32)
    s = Shoe(c, t, heel, shaft + 0.03)
    sole, toe, gloss, rim = s.span("sole", 0.02, 0.05), s.span("toe", 0, 0.06), s.span("gloss", 0, 0.6), heel + shaft
    at = (s.up - column(heel)) / column(shaft)
    front = curve(at, 0.43 + heel / 4, 0.46 + heel / 5, 0.485 + heel / 8, 0.50 + heel / 16, 0.505, 0.50, 0.49, 0.485)
    back = curve(at, 0.985, 0.99, 0.98, 0.965, 0.96, 0.965, 0.975, 0.98)
    brim = c.ellipse(0.7325, -rim, 0.25, 0.03)
    leg = reduce(np.maximum, (s.band(s.x, front, back), column(heel) + 0.1 - s.up, s.up - column(rim), -brim))
    high = s.along(0.08 + toe, 0.115 + toe, 0.14 + toe, 0.17 + toe, 0.22, 0.27, 0.3, 0.3, 0.28, 0.26, 0.24)
    foot = np.maximum(s.layer(s.bed, column(sole) + high, 0.1), s.x - back)
    ease = s.along(*[0.24] * 6, 0.16, 0.06, 0.01, 0.01, 0.01)  # leg and foot flow together, but not at the heel
    near = np.clip(0.5 + (leg - foot) / ease, 0, 1)
    upper = leg + near * (foot - leg) - ease / 2 * near * (1 - near)
    s.leather(s.lining, brim)
    s.leather(s.base, upper, puff=0.12, gloss=gloss)
    s.seam(c.ellipse(0.15, -heel * 0.3, 0.40, 0.33 + heel), upper)
    s.seam(s.lean(0.86, 0.1), upper)
    elastic = np.abs(s.lean(0.72, 0.02)) - 0.02 - 0.09 * at, 0.3 - at
    s.leather(mix(s.base * 0.55, s.accent, 0.3), *elastic, upper, gloss=0, where=s.share("closure", 0, 0.35))
    laces = bars(s.up - 0.25 * s.x, 0.065, 0.028), np.abs(s.x - front - 0.045) - 0.052, np.abs(at - 0.66) - 0.31
    s.leather(mix(s.base * 0.5, s.accent, 0.6), *laces, puff=0.015, where=s.share("closure", 0.35, 0.7))
    strap, strapped = s.up - column(heel + 0.3) - 0.15 * (s.x - 0.7), s.share("closure", 0.7, 1)
    s.leather(mix(s.base * 0.6, s.accent, 0.3), np.abs(strap) - 0.03, upper, where=strapped)
    s.leather(BRASS, np.abs(c.box(0.68, -heel - 0.3, 0.035, 0.042, 0.01)) - 0.009, puff=0.01, where=strapped)
    rubber = mix(s.rubber, s.base * 0.5, s.share("trim", 0.5, 1))
    s.leather(rubber, s.layer(s.bed, column(sole)))
    s.heel(rubber, heel, s.span("heel_width", 0.10, 0.26), s.span("heel_width", 0.16, 0.3))


def pump(c: Canvas, t: pd.DataFrame) -> None:
    """High heels: stiletto to block, some with a platform, an ankle strap, a toe cap or a coloured sole."""
    heel = (0.14 + 0.34 * t["heel"]).to_numpy(np.float32)
    platform = np.asarray(0.2 * np.maximum(t["sole"] - 0.6, 0), dtype=np.float32)
    strapped = (t["closure"] >= 0.6).to_numpy(np.float32)
    s = Shoe(c, t, heel, platform + 0.24 + 0.16 * strapped)
    gloss = s.span("gloss", 0.1, 0.8)
    s.bed = s.bed + column(platform)
    high = s.along(0.045, 0.085, 0.115, 0.115, 0.075, 0.055, 0.055, 0.075, 0.12, 0.175, 0.205)
    far, ankle = s.along(0, 0, 0, 0.5, 1, 1, 1, 1, 1, 0.5, 0), heel + platform + 0.36
    s.leather(s.lining, s.layer(s.bed, high + 0.03 * far), 0.24 - s.x)
    upper = s.layer(s.bed, high, s.span("toe", 0.05, 0.10), 0.04)
    s.leather(s.base, upper, puff=0.09, gloss=gloss)
    s.leather(s.accent, s.lean(0.10, 0.3), upper, puff=0.06, gloss=gloss, where=s.share("trim", 0.7, 1))
    s.leather(s.base, c.stroke(0.955, 0.20 - ankle, 0.945, -ankle, 0.04), puff=0.02, gloss=gloss, where=strapped)
    s.leather(s.base, np.abs(c.ellipse(0.82, -ankle, 0.155, 0.025)) - 0.013, puff=0.02, gloss=gloss, where=strapped)
    sole = mix(s.base * 0.45, s.accent, s.share("trim", 0.4, 0.7))
    thick = 0.014 + column(platform) * s.along(1, 1, 1, 0.9, 0.4, 0, 0, 0, 0, 0, 0)
    s.leather(sole, s.layer(s.bed - thick, thick), puff=0.02)
    s.heel(mix(s.base, sole, 0.3), heel + platform, s.span("heel_width", 0.022, 0.14), 0.19)


def sandal(c: Canvas, t: pd.DataFrame) -> None:
    """Sandals: flat or wedge sole, one to three straps over an unseen foot, heel counter and ankle strap."""
    heel = np.where(t["heel"] < 0.5, 0.02, 0.6 * t["heel"] - 0.26).astype(np.float32)
    s = Shoe(c, t, heel, 0.38)
    sole, gloss, strapped = s.span("sole", 0.035, 0.08), s.span("gloss", 0, 0.6), s.share("collar", 0.3, 1)
    ground = s.bed - s.along(*ARCH) * column(heel)
    s.bed = s.bed + column(sole)
    high = s.along(0.07, 0.11, 0.14, 0.17, 0.21, 0.26, 0.32, 0.38, 0.42, 0.44, 0.44)
    foot, up, ankle = s.layer(s.bed - 0.02, high + 0.02, 0.1), s.up - s.bed, heel + sole + 0.30
    crossed, third = s.share("closure", 0.3, 0.7), s.share("closure", 0.5, 1)
    for x0, slope, width, shown in ((0.15, 0.15, 0.13, 1), (0.37, -0.4, 0.07, crossed), (0.34, 0.3, 0.07, third)):
        strap = np.abs(s.x - x0 - slope * up) / hypot(1, slope) - width / 2 - 0.2 * np.maximum(high - up, 0)
        rounded = np.hypot(np.maximum(strap + 0.03, 0), np.maximum(foot + 0.03, 0)) - 0.03
        s.leather(s.base, rounded, gloss=gloss, where=shown)
    ring = np.abs(c.ellipse(0.80, -ankle, 0.165, 0.025)) - 0.016
    counter = np.maximum(s.x - curve(up / 0.35, 1, 1, 0.985, 0.975, 0.98), 0.68 - s.x)
    s.leather(s.lining, ring, column(ankle) - s.up, puff=0.02, where=strapped)
    s.leather(s.base, s.layer(s.bed, s.along(*[0] * 7, 0.015, 0.08, 0.21, 0.35)), counter, gloss=gloss, where=strapped)
    s.leather(s.base, ring, s.up - column(ankle), puff=0.02, gloss=gloss, where=strapped)
    cork, wedge = palette(RUBBER[1:4], s.p["sole_tone"]), s.layer(ground, s.bed - ground)
    s.leather(cork, wedge, puff=0.05)
    s.leather(cork * 0.8, bars(s.up, 0.035, 0.008), wedge, puff=0.01)
    s.leather(s.base, s.layer(s.bed - 0.018, np.float32(0.018)), puff=0.02)


def loafer(c: Canvas, t: pd.DataFrame) -> None:
    """Low shoes: penny loafers, loafers with a metal bit, laced oxfords."""
    heel = (0.02 + 0.04 * t["heel"]).to_numpy(np.float32)
    s = Shoe(c, t, heel, 0.32)
    sole, toe, gloss = s.span("sole", 0.018, 0.035), s.span("toe", 0, 0.03), s.span("gloss", 0.1, 0.7)
    penny, horsebit, laced = s.share("closure", 0, 0.3), s.share("closure", 0.3, 0.5), s.share("closure", 0.5, 1)
    high = column(sole) + s.along(
        0.075 + toe, 0.115 + toe, 0.135 + toe, 0.155 + toe, 0.185, 0.22, 0.195 + 0.065 * laced,
        0.15 + 0.05 * laced, 0.15, 0.185, 0.20,
    )  # fmt: skip
    depth = s.bed + high - s.up
    s.leather(s.lining, s.layer(s.bed, high + 0.03 * s.along(0, 0, 0, 0, 0, 0, 1, 1, 1, 0.5, 0)), 0.5 - s.x)
    upper = np.maximum(s.layer(s.bed, high, 0.09), s.x - curve(s.up / 0.3, 1, 1, 0.99, 0.98, 0.97, 0.98))
    s.leather(s.base, upper, puff=0.1, gloss=gloss)
    s.seam(depth - 0.055, s.x - 0.30, upper, where=1 - laced)
    s.seam(s.lean(0.2, 0.3), upper, where=laced)
    s.seam(s.lean(0.36, 0.7), upper, where=laced)
    s.seam(s.lean(0.82, 0.1), upper)
    s.leather(s.base * 0.85, np.abs(s.lean(0.28, 0.45)) - 0.045, upper, puff=0.02, gloss=gloss, where=penny)
    s.leather(BRASS, np.abs(s.lean(0.33, 0.45)) - 0.012, np.abs(depth - 0.05) - 0.06, puff=0.012, where=horsebit)
    laces = bars(s.x - 0.5 * depth, 0.045, 0.02), np.abs(s.x - 0.5) - 0.09, np.abs(depth - 0.02) - 0.035
    s.leather(mix(s.base * 0.5, s.accent, 0.4), *laces, puff=0.012, where=laced)
    rubber = mix(s.rubber, s.base * 0.4, s.share("trim", 0.4, 1))
    s.leather(rubber, s.layer(s.bed, column(sole)), puff=0.02)
    s.heel(rubber, heel, 0.26, 0.28)


STYLES = {
    sneaker: 0.30,
    boot: 0.22,
    pump: 0.20,
    sandal: 0.14,
    loafer: 0.14,
}  # drawing function -> fraction of all shoes


class Footwear(Procedural):
    """Procedural shoes: photo or edge map."""

    name = "footwear"
    attributes = ("Photo",)
    groups = {"Domain": ("Photo",)}
    paired = True
    paper_table = "table2b"

    def sample(self, n: int, rng: np.random.Generator) -> pd.DataFrame:
        """Draw n / 2 shoes: row 2k is the edge map of the photo in row 2k + 1.

        Raises:
            UserError: n is odd.
        """
        if n % 2:
            raise UserError(f"footwear comes in pairs: keys data.train and data.test must be even, not {n}")
        shoes = {name: np.repeat(rng.random(n // 2, dtype=np.float32), 2) for name in IDENTITY}
        return pair_columns("Photo", n).assign(**shoes)

    def render(self, table: pd.DataFrame, size: int) -> np.ndarray:
        images = np.empty((len(table), size, size, 3), dtype=np.uint8)
        style = np.searchsorted(np.cumsum(list(STYLES.values()))[:-1], table["style"], side="right")
        for k, draw in enumerate(STYLES):
            images[style == k] = render_in_chunks(draw, table[style == k], size)
        edges = table["Photo"].to_numpy() == 0
        images[edges] = edge_maps(images[edges])
        return images
