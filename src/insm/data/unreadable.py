"""How raw images that cannot be read are told to people."""

from collections.abc import Iterable

from insm.support.errors import UserError

NAMED = 10  # images that a message names
PUT_BACK = "put the raw files there again"
CURE = f"{PUT_BACK} or set key data.skip_unreadable"


def reasons(errors: Iterable[UserError]) -> list[str]:
    """Why each image cannot be read, without repetitions: both halves of a pair give the same reason."""
    return list(dict.fromkeys(map(str, errors)))


def summary(errors: Iterable[UserError], listed: str = "") -> str:
    """How many images are unreadable, the reasons of the first, and the file in which all are `listed`."""
    names = reasons(errors)
    if len(names) == 1:
        return names[0]
    more = f" and {len(names) - NAMED} more{f', all in {listed}' if listed else ''}" if len(names) > NAMED else ""
    return f"{len(names)} images are unreadable: {'; '.join(names[:NAMED])}{more}"


def unreadable_error(errors: Iterable[UserError], cure: str = PUT_BACK, listed: str = "") -> UserError:
    """One error for all unreadable images: their summary and the cure."""
    return UserError(f"{summary(errors, listed)}: {cure}")
