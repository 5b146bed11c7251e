"""What the arguments of commands are made of."""

from collections.abc import Iterable
from typing import Any

from insm.support.errors import UserError


def option(text: str, **settings: Any) -> Any:
    """A named option of a command, with its help text; a plain text where Typer is not installed."""
    try:
        import typer
    except ImportError:
        return text
    return typer.Option(help=text, **settings)


def assignments(texts: Iterable[str]) -> dict[str, str]:
    """["a=x", "b=y"] -> {"a": "x", "b": "y"}.

    Raises:
        UserError: a text is no assignment.
    """
    pairs = [text.partition("=") for text in texts]
    for name, _, value in pairs:
        if not name or not value:
            raise UserError(f"argument {name!r}: write NAME=VALUE")
    return {name: value for name, _, value in pairs}
