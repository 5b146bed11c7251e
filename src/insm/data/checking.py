"""Checking raw images: every one that a split needs is decoded, and nothing is written."""

from collections.abc import Iterator

from insm.data.preparation import make_all
from insm.data.raw_files import count_differences, lazy_split_of
from insm.data.settings import SplitConfig
from insm.data.unreadable import CURE, reasons, unreadable_error
from insm.support.errors import UserError


def check_raw_images(settings: SplitConfig, workers: int = 1, skip_unreadable: bool = False) -> Iterator[str]:
    """Decode every raw image of one split -> lines that tell what was found.

    Raises:
        UserError: images are unreadable; not if they are to be skipped (by the argument or the settings) and others
            are left.
    """
    name = f"{settings.dataset}, {settings.split}"
    yield from count_differences(settings)
    split = lazy_split_of(settings)
    errors = make_all(split, lambda row, image: None, workers, "checking")
    for line in (*split.notes(), *reasons(errors.values())):
        yield f"{name}: {line}"
    if errors and (not (skip_unreadable or settings.skip_unreadable) or len(errors) == len(split)):
        raise UserError(f"{name}: {unreadable_error(errors.values(), CURE)}")
    yield f"{name}: {len(split) - len(errors)} images can be read, {len(errors)} cannot"
