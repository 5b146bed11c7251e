"""How raw images that cannot be read are told to people."""

from collections.abc import Iterable, Sequence

from insm.support.errors import UserError

NAMED = 10  # images that a message names
PUT_BACK = "put the raw files there again"
CURE = f"{PUT_BACK} or set key data.skip_unreadable"


def reasons(errors: Iterable[UserError]) -> list[str]:
    """Why each image cannot be read, without repetitions: both halves of a pair give the same reason."""
    return list(dict.fromkeys(map(str, errors)))


def unreadable_error(errors: Iterable[UserError], cure: str = PUT_BACK, listed: str = "") -> UserError:
    """One error for all unreadable images: how many, the names of the first, where all are `listed`, the cure."""
    names: Sequence[str] = reasons(errors)
    if len(names) == 1:
        return UserError(f"{names[0]}: {cure}")
    more = f" and {len(names) - NAMED} more{f', all in {listed}' if listed else ''}" if len(names) > NAMED else ""
    return UserError(f"{len(names)} images are unreadable: {'; '.join(names[:NAMED])}{more}: {cure}")
