"""A trained model as people use it: `insm.load("portraits").edit(image, Smiling=1)`."""

import copy
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from pydantic import ValidationError

from insm.data.edits import counted, with_values
from insm.data.images import to_tensor, to_uint8
from insm.editing.images import Images, unpack
from insm.editing.photos import Paste, centre, cut, paste
from insm.editing.predictor import Predictor
from insm.networks.method import Method
from insm.networks.model_file import ModelInfo
from insm.support.errors import UserError, suggest

BATCH = 64


class UnlikeTraining(UserWarning):
    """An image is unlike those that the model was trained on."""


class Reading(NamedTuple):
    """What a model takes of N images before any edit."""

    squares: np.ndarray  # uint8 [N, S, S, 3]
    labels: np.ndarray  # uint8 [N, A], given or predicted
    probabilities: np.ndarray | None  # float64 [N, A], of each attribute; None without a classifier
    unlike: np.ndarray  # bool [N], whether the image is unlike the training images


class Model:
    """A model that is ready to edit images.

    Attributes:
        attributes: what it edits, in label order.
        size: width and height of the square that it sees, pixels.
        info: everything that `model.json` tells.
        example: a rendered image that ships with it, or None.
    """

    def __init__(
        self,
        method: Method,
        info: ModelInfo,
        predictor: Predictor | None,
        device: torch.device,
        example: Path | None = None,
    ):
        self._method, self.info, self._predictor, self._device = method, info, predictor, device
        self.example = example
        self.attributes, self.size = info.attributes, info.size

    def __repr__(self) -> str:
        return f"<insm model {self.name}, {self.size} px: {', '.join(self.attributes)}>"

    @property
    def name(self) -> str:
        """The run that it is from: no path, which would tell whose machine this is."""
        run = self.info.run
        return f"{self.info.study or 'unknown'}/{run.get('task')}/{run.get('variant')}/seed{run.get('seed')}"

    @property
    def default_paste(self) -> Paste:
        """How edits are pasted back: models of a single attribute change the whole image, others parts of it."""
        return "difference" if len(self.attributes) > 1 else "replace"

    def edit(
        self,
        image: Images,
        *,
        source: Mapping[str, int] | None = None,
        strength: float | None = None,
        paste_as: Paste | None = None,
        **targets: int | Sequence[int],
    ) -> Images:
        """Edit one image or a batch.

        Args:
            image: a PIL image; a path; an array uint8 [H, W, 3] or [N, H, W, 3]; a tensor [3, H, W] or [N, 3, H, W] of
                values in [-1, 1]; or a list of any of them. Of any size: the central square is edited.
            source: attributes that are known of the images; the others are predicted.
            strength: factor on the edit, for methods that have one (AttGAN, STGAN); their own value if None.
            paste_as: see `insm.editing.photos.paste`; "difference" if None, for models of one attribute "replace".
            targets: the wanted value of attributes, 0 or 1, one for all images or one for each. The others stay.

        Returns:
            What was given, edited: an image, array, tensor or list of the same size and kind. A path gives a PIL image.

        Raises:
            UserError: an unknown attribute, another value, or attributes that can neither be predicted nor are given.

        Warns:
            UnlikeTraining: an image is unlike the training images.
        """
        pictures, pack = unpack(image)
        squares = np.stack([cut(picture, centre(picture), self.size) for picture in pictures])
        reading = self.read(squares, source or {})
        if reading.unlike.any():
            which = ", ".join(str(number) for number in np.flatnonzero(reading.unlike))
            warnings.warn(
                f"image {which}: unlike the training images ({self.info.dataset})", UnlikeTraining, stacklevel=2
            )
        edited = self.translate(reading, self.targets(reading.labels, targets), strength)
        how = paste_as or self.default_paste
        parts = zip(pictures, reading.squares, edited, strict=True)
        return pack([paste(picture, centre(picture), before, after, how) for picture, before, after in parts])

    def probabilities(self, image: Images) -> list[dict[str, float]]:
        """How probable the model's classifier holds each attribute, a dictionary an image.

        Raises:
            UserError: the model has no classifier.
        """
        if self._predictor is None:
            raise UserError("this model has no classifier beside it: export it with `insm model export`")
        pictures, _ = unpack(image)
        rows = self._predictor(np.stack([cut(picture, centre(picture), self.size) for picture in pictures]))[0]
        return [dict(zip(self.attributes, map(float, row), strict=True)) for row in rows]

    def read(self, squares: np.ndarray, source: Mapping[str, int]) -> Reading:
        """Squares uint8 [N, S, S, 3] and the attributes known of them -> what an edit needs."""
        probabilities, unlike = None, np.zeros(len(squares), dtype=bool)
        if self._predictor is not None:
            probabilities, features = self._predictor(squares)
            unlike = self._predictor.unlike(features)
        elif missing := [name for name in self.attributes if name not in source]:
            raise UserError(
                f"the model has no classifier beside it: tell the attributes of the image, "
                f"{', '.join(f'{name}=0 or 1' for name in missing)}"
            )
        shape = (len(squares), len(self.attributes))
        labels = np.zeros(shape, np.uint8) if probabilities is None else self._possible(probabilities)
        return Reading(squares, self.targets(labels, source), probabilities, unlike)

    def _possible(self, probabilities: np.ndarray) -> np.ndarray:
        """Probabilities [N, A] -> labels uint8 [N, A]; of attributes that exclude each other the likeliest alone."""
        labels = (probabilities > 0.5).astype(np.uint8)
        for group in self.info.exclusive:
            columns = [self.attributes.index(name) for name in group]
            likeliest = probabilities[:, columns].argmax(axis=1)
            one = np.eye(len(columns), dtype=np.uint8)[likeliest]
            labels[:, columns] = one if group in self.info.exactly_one else labels[:, columns] & one
        return labels

    def targets(self, labels: np.ndarray, values: Mapping[str, Any]) -> np.ndarray:
        """Labels uint8 [N, A] -> targets, with the named attributes set and those that they exclude cleared."""
        self.check(values)
        for name, value in values.items():
            if np.ndim(value) > 1 or (np.ndim(value) == 1 and len(value) != len(labels)):
                raise UserError(
                    f"attribute {name}: {np.size(value)} values for {len(labels)} images: give one, or one for each"
                )
        arrays = {name: np.broadcast_to(np.asarray(value, np.uint8), len(labels)) for name, value in values.items()}
        targets = with_values(labels, self.info, arrays)
        if not counted(targets[None], self.info).all():
            groups = " or ".join(", ".join(group) for group in self.info.exactly_one)
            raise UserError(f"an image has exactly one of {groups}: set another of them to 1")
        return targets

    def check(self, values: Mapping[str, Any]) -> None:
        """Refuse attributes that the model does not know, and values that are neither 0 nor 1."""
        for name, value in values.items():
            if name not in self.attributes:
                known = ", ".join(self.attributes)
                raise UserError(f"no attribute {name!r}: the model edits {known}{suggest(name, list(self.attributes))}")
            if not np.isin(value, (0, 1)).all():
                raise UserError(f"attribute {name}: its value is 0 or 1, not {value}")
        for group in self.info.exclusive:
            wanted = [name for name in group if name in values and np.any(np.asarray(values[name]) == 1)]
            if len(wanted) > 1:
                raise UserError(f"{' and '.join(wanted)} exclude each other: set only one of them to 1")

    @torch.inference_mode()
    def translate(self, reading: Reading, targets: np.ndarray, strength: float | None = None) -> np.ndarray:
        """The squares translated to target labels uint8 [N, A] -> uint8 [N, S, S, 3]."""
        method, done = self._with(strength), []
        for start in range(0, len(targets), BATCH):
            rows = slice(start, start + BATCH)
            source, target = (torch.from_numpy(t[rows]).float().to(self._device) for t in (reading.labels, targets))
            done.append(to_uint8(method.translate(to_tensor(reading.squares[rows], self._device), source, target)))
        return np.concatenate(done)

    def check_strength(self, strength: float | None) -> None:
        """Refuse a strength that the method does not have."""
        self._with(strength)

    def _with(self, strength: float | None) -> Method:
        """The method with another strength of edits.

        Raises:
            UserError: it has none, or the value is not above 0.
        """
        if strength is None:
            return self._method
        config = self._method.config
        if "test_intensity" not in type(config).model_fields:
            raise UserError(f"method {config.method} has no strength of edits: give none")
        method = copy.copy(self._method)  # shares its weights
        try:
            method.config = type(config).model_validate(config.model_dump() | {"test_intensity": strength})
        except ValidationError:
            raise UserError(f"strength {strength}: choose a number above 0") from None
        return method
