"""torchvision is imported without torch's compiler, and is all there."""

import subprocess
import sys

import pytest

HERE = "import sys; from insm.support.light_torchvision import torchvision; "


def says(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def test_the_compiler_is_not_imported():
    assert says(f"{HERE}print([name for name in sys.modules if name.startswith('torch._dynamo')])") == "[]"


@pytest.mark.parametrize("before", ("", "import torch._dynamo; "))
def test_the_compiler_works_before_and_after(before):
    code = "import torch; print(torch._dynamo.utils.is_compile_supported('cpu'), torch.compile.__module__)"
    assert says(f"{before}{HERE}{code}") == "True torch"


def test_the_operator_for_which_it_is_imported_uses_it():
    code = (
        "import torch; torch.use_deterministic_algorithms(True); align = torchvision.ops.roi_align; "
        "print(align(torch.ones(1, 1, 8, 8), [torch.tensor([[0.0, 0.0, 4.0, 4.0]])], 2).tolist(), "
        "sys.modules['torchvision.ops.roi_align'].is_compile_supported('cpu'))"
    )
    assert says(HERE + code) == "[[[[1.0, 1.0], [1.0, 1.0]]]] True"
