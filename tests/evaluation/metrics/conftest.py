"""`insm.compat` comes first, so that the reference implementations can import torchvision (see there)."""

import insm.support.torchvision_import  # noqa: F401
