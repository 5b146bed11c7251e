"""insm (INformative Sample Mining): a reference reproduction of INIT (Cao et al., ECCV 2020).

Importing it before torch pins the CPU kernels, so that a machine computes the same attributes every time, and machines
differ as little as can be (docs/reproducibility.md). Set a variable yourself to override it.
"""

import os

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
