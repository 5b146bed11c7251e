"""Arguments of commands that tell something about each entry: ENTRY=VALUE."""

from collections.abc import Iterable

from insm.errors import UserError


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """["a=x", "b=y"] -> {"a": "x", "b": "y"}.

    Raises:
        UserError: a text is no assignment.
    """
    pairs = [text.partition("=") for text in texts]
    for name, _, value in pairs:
        if not name or not value:
            raise UserError(f"argument {name!r}: write ENTRY=VALUE")
    return {name: value for name, _, value in pairs}
