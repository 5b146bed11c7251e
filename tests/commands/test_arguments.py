"""What the arguments of commands are made of."""

import pytest

from insm.commands.arguments import assignments, settings
from insm.data.settings import SplitConfig
from insm.support.files import write_json


def test_pairs_are_split_at_the_first_sign():
    assert assignments(["a=x", "b=y=z"]) == {"a": "x", "b": "y=z"}
    assert assignments([]) == {}


@pytest.mark.parametrize("text", ["a", "a=", "=x", ""])
def test_anything_else_is_refused(text, complains):
    with complains("NAME=VALUE"):
        assignments([text])


SPLIT = {"dataset": "portraits", "split": "train", "count": 4, "size": 16, "seed": 0}


def test_settings_come_as_json_or_as_a_file(tmp_path):
    write_json(tmp_path / "split.json", SPLIT)
    given = '{"dataset": "portraits", "split": "train", "count": 4, "size": 16, "seed": 0}'
    assert settings(SplitConfig, given) == settings(SplitConfig, str(tmp_path / "split.json")) == SplitConfig(**SPLIT)


def test_wrong_settings_are_told(tmp_path, complains):
    with complains("settings", "not valid JSON"):
        settings(SplitConfig, "{")
    with complains("unknown key coutn", "did you mean 'count'"):
        settings(SplitConfig, '{"dataset": "portraits", "split": "train", "coutn": 4, "size": 16, "seed": 0}')
    with complains(tmp_path / "split.json", "missing"):
        settings(SplitConfig, str(tmp_path / "split.json"))
