"""Folders as registries: a module's file name is the name that configurations use."""

import importlib
import pkgutil
from types import ModuleType

from insm.support.errors import UserError, suggest


class Registry:
    """The modules of one package, loaded by name.

    Args:
        folder: package below `insm`, such as "methods".
        noun: what one module holds, for messages.
    """

    def __init__(self, folder: str, noun: str):
        self.package, self.noun = f"insm.{folder}", noun

    def names(self) -> list[str]:
        """Every entry's name, sorted; sub-packages hold shared parts."""
        path = importlib.import_module(self.package).__path__
        return sorted(module.name for module in pkgutil.iter_modules(path) if not module.ispkg)

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
