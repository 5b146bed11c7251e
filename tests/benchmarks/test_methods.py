"""The page of benchmarks is what its measurements say."""

import sys

from insm.support.files import read_json
from tests import ROOT


def test_the_page_is_written_from_the_measurements(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    import methods

    known = read_json(ROOT / "benchmarks/methods.json")
    assert methods.page(known) == (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    sys.modules.pop("methods")
