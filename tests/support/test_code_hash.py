"""Hashes of source code: explanations and layout change nothing, anything that Python reads does."""

import os

import pytest

from insm.support.code_hash import syntax_hash
from insm.support.source_graph import SourceGraph

SOURCE = '''"""A module."""

from math import pi


def area(r):
    """Of a circle."""
    return pi * r**2  # not of a sphere


class Circle:
    """A circle."""

    r = 1.0
    """Its radius."""
'''


def hashed(path, text):
    path.write_text(text)
    os.utime(path, ns=(hashed.time, hashed.time))
    hashed.time += 1_000
    return syntax_hash(path)


hashed.time = 10**18


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"""A module."""\n', ""),
        ("  # not of a sphere", "  # nor a square"),
        ('"""Of a circle."""', '"""Of a disc."""'),
        ('"""Its radius."""', '"""Its size."""'),
        ("pi * r**2", "pi  *  r ** 2"),
        ("return pi * r**2", "return (\n        pi * r**2\n    )"),
        ("1.0", "1.00"),
    ],
)
def test_explanations_and_layout_change_nothing(tmp_path, before, after):
    path = tmp_path / "circle.py"
    assert before in SOURCE
    assert hashed(path, SOURCE) == hashed(path, SOURCE.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("pi * r**2", "pi * r**3"),
        ("pi * r**2", "r**2 * pi"),
        ("def area(r)", "def area(r=1)"),
        ("import pi", "import tau as pi"),
        ("1.0", "1"),
        ("r = 1.0", 'r = "1.0"'),
        ("class Circle:", "@staticmethod\nclass Circle:"),
    ],
)
def test_whatever_runs_differently_has_another_hash(tmp_path, before, after):
    path = tmp_path / "circle.py"
    assert before in SOURCE
    assert hashed(path, SOURCE) != hashed(path, SOURCE.replace(before, after))


def test_a_set_of_files_has_one_hash_in_any_order_and_names_count(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text("x = 1\n")
    a, b, c = (tmp_path / name for name in ("a.py", "b.py", "c.py"))
    hashed = SourceGraph(files={"insm": []}, imports={"insm": []}, hashes={}).hash
    assert hashed([], [a, b]) == hashed([], [b, a, a]) != hashed([], [a, c])


def test_other_files_count_byte_by_byte(tmp_path):
    path = tmp_path / "list.txt"
    assert hashed(path, "a # b\n") != hashed(path, "a\n")
