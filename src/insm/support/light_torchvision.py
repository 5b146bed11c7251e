"""`from insm.support.light_torchvision import torchvision`: in a tenth of the time.

torchvision imports torch's compiler, which takes longer than all the rest, for one function of one operator,
`roi_align`. Here that function imports the compiler when it is called. (`networks.embedding` imports torchvision as it
is: its code is part of the identity of recorded trainings.)
"""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

COMPILER = "torch._dynamo"
UTILITIES = f"{COMPILER}.utils"


def _is_compile_supported(device_type: str) -> bool:
    return importlib.import_module(UTILITIES).is_compile_supported(device_type)


@contextmanager
def _without_compiler() -> Iterator[None]:
    """While the block runs, torch's compiler is a module with this function alone, unless it is imported already."""
    if COMPILER in sys.modules:
        yield
        return
    sys.modules[COMPILER], sys.modules[UTILITIES] = ModuleType(COMPILER), ModuleType(UTILITIES)
    sys.modules[UTILITIES].__dict__["is_compile_supported"] = _is_compile_supported
    try:
        yield
    finally:
        del sys.modules[COMPILER], sys.modules[UTILITIES]


with _without_compiler():
    from insm.support.torchvision_import import torchvision as torchvision
