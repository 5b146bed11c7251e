"""Methods: the folder is the registry. `insm/methods/<name>.py` defines `Config` and `Method`."""

from insm.registry import Registry

METHODS = Registry("methods", "method", skip=("base",))
