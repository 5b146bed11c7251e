"""Sections: what a file leaves out is filled from the right default."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from insm.support.errors import UserError
from insm.support.schema import Section, parse


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


class Numbers(Section):
    """Numbers, a list of them, and a switch."""

    weight: float = 0.0
    count: int | None = None
    seeds: tuple[int, ...] = ()
    on: bool = False
    rest: dict[str, Any] = {}


@pytest.mark.parametrize("given", [{"weight": True}, {"count": False}, {"seeds": [0, True]}])
def test_true_is_no_number(given):
    """Python takes it for 1: `lambda_rec: true` would be a weight of 1."""
    with pytest.raises(UserError, match=f"key {next(iter(given))}: true and false are no values of this key"):
        parse(Numbers, given, Path("study.yaml"))


def test_switches_and_unchecked_values_may_be_true():
    assert parse(Numbers, {"on": True, "rest": {"flag": True}, "weight": 1, "seeds": [1]}, Path("study.yaml")).on
