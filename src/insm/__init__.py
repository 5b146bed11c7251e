"""insm (INformative Sample Mining): a reference reproduction of INIT (Cao et al., ECCV 2020).

Importing it before torch pins the CPU kernels, so that a machine computes the same attributes every time, and machines
differ as little as can be (docs/reproducibility.md). Set a variable yourself to override it.
"""

import os
from importlib import import_module

DETERMINISTIC_CPU = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "COMPATIBLE",
    "OPENBLAS_CORETYPE": "Haswell",
    "OMP_NUM_THREADS": "1",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
for _name, _value in DETERMINISTIC_CPU.items():
    os.environ.setdefault(_name, _value)


def load(model, device="cpu"):
    """Open a model that edits images: `insm.load("portraits").edit(image, Smiling=1)` (`insm.editing.opening.load`)."""
    return import_module("insm.editing.opening").load(model, device)


def list_models():
    """Names of the models that ship with the package, for `load`."""
    return import_module("insm.editing.opening").shipped()


def list_methods():
    """Names of the methods that can be trained."""
    return import_module("insm.networks.method").METHODS.names()


def list_datasets():
    """Names of the datasets that can be trained on."""
    return import_module("insm.data.dataset").DATASETS.names()
