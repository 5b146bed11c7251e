"""`insm.compat` comes first, so that the reference implementations can import torchvision (see there)."""

import insm.compat  # noqa: F401
