"""Folders as registries: a module's file name is the name that configurations use."""

import importlib
import pkgutil
from types import ModuleType

from insm.errors import UserError, suggest


class Registry:
    """The modules of one package, loaded by name.

    Args:
        folder: package below `insm`, such as "methods".
        noun: what one module holds, for messages.
        skip: modules that are shared parts rather than entries.
    """

    def __init__(self, folder: str, noun: str, skip: tuple[str, ...] = ()):
        self.package, self.noun, self.skip = f"insm.{folder}", noun, skip

    def names(self) -> list[str]:
        """Every entry's name, sorted."""
        path = importlib.import_module(self.package).__path__
        return sorted(module.name for module in pkgutil.iter_modules(path) if module.name not in self.skip)

    def load(self, name: str) -> ModuleType:
        """Import `insm.<folder>.<name>`.

        Raises:
            UserError: no such entry; the message lists the allowed names and the nearest one.
        """
        if name not in self.names():
            raise UserError(
                f"no {self.noun} {name!r}: choose from {', '.join(self.names())}{suggest(name, self.names())}"
            )
        return importlib.import_module(f"{self.package}.{name}")
