"""What the arguments of commands are made of."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

from insm.support.errors import UserError
from insm.support.files import read_json
from insm.support.schema import Section, parse

T = TypeVar("T", bound=Section)


def argument(text: str, **settings: Any) -> Any:
    """An argument of a command, with its help text; a plain text where Typer is not installed."""
    try:
        import typer
    except ImportError:
        return text
    return typer.Argument(help=text, **settings)


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


def settings(section: type[T], text: str) -> T:
    """A configuration section from its JSON text, or from the file (.json) that the text names.

    Raises:
        UserError: no JSON, or a key that the section refuses.
    """
    if not text.lstrip().startswith("{"):
        return parse(section, read_json(Path(text)), Path(text))
    return parse(section, json_argument(text), Path("settings"))


def json_argument(text: str) -> Any:
    """The value of a JSON text.

    Raises:
        UserError: no JSON.
    """
    try:
        return json.loads(text)
    except ValueError as error:
        raise UserError(f"settings are not valid JSON ({error})") from None
