"""Networks whose features distances between sets of pictures are of: the folder is the registry.

`insm/extractors/<name>.py` defines `Extractor`. The study's own classifier is none of them, as it judges every picture
anyway.
"""

from insm.extractors.base import Extractor
from insm.registry import Registry

EXTRACTORS = Registry("extractors", "feature extractor", skip=("base", "resize"))


def parse(features: str) -> tuple[str, Extractor]:
    """What the key `features` asks for -> the extractor's name and itself, its files not yet read.

    `<name>:<choice>` names an extractor, and the choice is for itself (`inception:clean`); a name alone is that of a
    TorchScript file.

    Raises:
        UserError: no such extractor, or it refuses the choice.
    """
    name, colon, choice = features.partition(":")
    if not colon and name not in EXTRACTORS.names():
        name, choice = "torchscript", features
    return name, EXTRACTORS.load(name).Extractor(choice)
