"""VARIANT=VALUE arguments."""

import pytest

from insm.commands.arguments import assignments


def test_pairs_are_split_at_the_first_sign():
    assert assignments(["a=x", "b=y=z"]) == {"a": "x", "b": "y=z"}
    assert assignments([]) == {}


@pytest.mark.parametrize("text", ["a", "a=", "=x", ""])
def test_anything_else_is_refused(text, complains):
    with complains("VARIANT=VALUE"):
        assignments([text])
