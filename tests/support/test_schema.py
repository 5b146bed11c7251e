"""Sections: what a file leaves out is filled from the right default."""

import pytest
from pydantic import ValidationError

from insm.support.schema import Section


class Inner(Section):
    """Two numbers."""

    a: int = 1
    b: int = 2


class Middle(Section):
    """A section in a section."""

    inner: Inner = Inner(b=20)
    c: int = 3


class Outer(Section):
    """A section whose defaults differ from its parts' own."""

    middle: Middle = Middle(inner=Inner(a=10, b=20), c=30)


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        ({}, (10, 20, 30)),
        ({"middle": {}}, (10, 20, 30)),
        ({"middle": {"c": 5}}, (10, 20, 5)),
        ({"middle": {"inner": {"a": 7}}}, (7, 20, 30)),
        ({"middle": Middle()}, (1, 20, 3)),
    ],
)
def test_a_partly_given_section_keeps_the_outer_default(given, filled):
    outer = Outer.model_validate(given)
    assert (outer.middle.inner.a, outer.middle.inner.b, outer.middle.c) == filled


def test_unknown_keys_of_a_nested_section_are_refused():
    with pytest.raises(ValidationError, match=r"middle\.inner\.d"):
        Outer.model_validate({"middle": {"inner": {"d": 1}}})
