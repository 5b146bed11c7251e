"""A job whose code is not that of its run of Snakemake makes nothing."""

import json
from pathlib import Path

import pytest

from insm.support import frozen_code
from insm.support.frozen_code import CODE, changed_code, check_code
from insm.support.source_graph import graph_file

NAME = "src/insm/support/frozen_code.py"


@pytest.fixture
def graph(tmp_path, monkeypatch):
    """The graph of today's code, as a run of Snakemake has it."""
    path = graph_file(tmp_path)
    monkeypatch.setenv(CODE, str(path))
    return path


def test_the_same_code_is_no_change(graph):
    assert changed_code() == []
    check_code()


def test_without_snakemake_nothing_is_compared(monkeypatch):
    monkeypatch.delenv(CODE, raising=False)
    check_code()


def test_other_code_ends_the_process_with_a_status_that_is_tried_again(graph, monkeypatch, capsys):
    content = json.loads(graph.read_text())
    content["hashes"][NAME] = "other"
    graph.write_text(json.dumps(content))
    assert changed_code() == [], "no file was touched since"
    monkeypatch.setattr(frozen_code, "loaded_files", lambda: {"support/frozen_code.py": touched(graph)})
    assert changed_code() == [NAME]
    with pytest.raises(SystemExit) as end:
        check_code()
    assert end.value.code == 75 and NAME in capsys.readouterr().err


def touched(graph):
    """A copy of the module, made after the graph."""
    copy = graph.with_name("frozen_code.py")
    copy.write_bytes(Path(frozen_code.__file__).read_bytes())
    return copy
