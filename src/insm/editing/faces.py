"""The square around a face, by the frontal-face cascade that scikit-image ships (Liao et al., ICB 2007)."""

import numpy as np
from PIL import Image

from insm.editing.photos import Square
from insm.support.errors import UserError

AROUND = 2.0  # side of the square, in widths of the detected face: hair and chin are in it, as in the training images
LARGEST = 512  # pixels of the longer side at which faces are looked for
WINDOW = 24  # pixels that the cascade itself needs
SMALLEST = 1 / 8  # width of a face, relative to the longer side


def square_of(image: Image.Image) -> Square:
    """The square around the largest upright frontal face of an RGB image, moved inside the image.

    Raises:
        UserError: no face is found.
    """
    from skimage.data import lbp_frontal_face_cascade_filename  # slow to import, and only needed here
    from skimage.feature import Cascade

    scale = min(1.0, LARGEST / max(image.size))
    small = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    cascade = Cascade(lbp_frontal_face_cascade_filename())
    least, largest = max(WINDOW, round(max(small.size) * SMALLEST)), min(small.size)
    found = (
        cascade.detect_multi_scale(
            img=np.asarray(small), scale_factor=1.2, step_ratio=1, min_size=(least, least), max_size=(largest, largest)
        )
        if largest >= least
        else []
    )
    if not found:
        raise UserError("no upright frontal face is found: leave --align out, or crop the photo to the face")
    face = max(found, key=lambda box: box["width"])
    side = min(round(AROUND * face["width"] / scale), *image.size)
    middle = ((face["c"] + face["width"] / 2) / scale, (face["r"] + face["height"] / 2) / scale)
    left, top = (
        min(max(round(place - side / 2), 0), length - side) for place, length in zip(middle, image.size, strict=True)
    )
    return Square(left, top, side)
