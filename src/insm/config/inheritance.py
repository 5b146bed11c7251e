"""Method variants that extend each other, and those that studies share."""

from pathlib import Path
from typing import Any

from insm.support.errors import UserError, suggest
from insm.support.files import read_yaml
from insm.support.schema import merged

NOT_INHERITED = ("label", "paper_row", "seeds", "block", "trained_as", "extends")

Variants = dict[str, dict[str, Any]]


def resolved_methods(shared: str | None, own: Variants) -> Variants:
    """The variants of a shared file and a study's own, `extends` resolved; the study's replace those it names again.

    Raises:
        UserError: a variant is no mapping, or extends one that is unknown or, in the end, itself.
    """
    known = (read_yaml(Path(shared)) if shared else {}) | own if isinstance(own, dict) else own
    if not isinstance(known, dict):
        raise UserError("key methods: must be a mapping of names to variants")
    return {name: resolve(name, known, ()) for name in known}


def resolve(name: str, known: Variants, through: tuple[str, ...]) -> dict[str, Any]:
    """One variant's settings on top of those of the variant that it extends, section by section."""
    settings = known[name]
    if not isinstance(settings, dict):
        raise UserError(f"key methods.{name}: must be a mapping of keys, not {type(settings).__name__}")
    base = settings.get("extends")
    if base is None:
        return settings
    if base not in known:
        raise UserError(f"key methods.{name}.extends: no variant {base!r}{suggest(str(base), list(known))}")
    if base in (*through, name):
        raise UserError(f"key methods.{name}.extends: {' -> '.join((*through, name, base))} never ends")
    inherited = resolve(base, known, (*through, name))
    own = {key: value for key, value in settings.items() if key != "extends"}
    return merged({key: value for key, value in inherited.items() if key not in NOT_INHERITED}, own)
