"""`from insm.compat import torchvision`: also where torch is a CPU build beside PyPI's torchvision.

That pair fails at import ("operator torchvision::nms does not exist") since torchvision's compiled operators are for
CUDA builds. Declaring the two operators lets the rest of it work; torchvision's own nms and image decoders do not.
"""

import sys

import torch


def _import_torchvision():
    try:
        import torchvision
    except RuntimeError as error:
        if "torchvision::" not in str(error):
            raise
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "FRAGMENT")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        import torchvision

        torchvision._operators = library  # undefined again if it were collected
    return torchvision


torchvision = _import_torchvision()
