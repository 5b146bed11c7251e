"""The one exception for mistakes that a person can mend: shown as a single line, without a traceback."""

from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches


class UserError(Exception):
    """What is wrong, where (file, key), and the cure, in one line."""


class TemporaryError(UserError):
    """A mistake that may be gone when the same command is run again, such as a full disk: exit status 75, not 2."""


def suggest(word: str, allowed: list[str]) -> str:
    """`; did you mean 'x'?` where something allowed resembles `word`, else nothing."""
    close = get_close_matches(str(word), allowed, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


@contextmanager
def located(place: str) -> Iterator[None]:
    """Put `place` before the message of a UserError that is raised inside."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{place}: {error}") from None
