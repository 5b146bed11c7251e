"""Shapes in annotations: `Float[Tensor, "B A"]` is a float tensor of B rows and A columns.

The tests check them with jaxtyping and beartype (tests/conftest.py). Equal letters in a signature are equal sizes; " B"
is a vector, "" a scalar. Without jaxtyping, which only developers need, annotations are not checked.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxtyping import Float as Float
else:
    try:
        from jaxtyping import Float
    except ImportError:

        class Float:
            """`Float[Tensor, shape]` is just Tensor."""

            def __class_getitem__(cls, item):
                return item[0]
