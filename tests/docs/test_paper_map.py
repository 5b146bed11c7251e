"""docs/paper-map.md: every function, test and key that its first table names is there."""

import importlib
import re

import pytest

from insm.config.study import Study, TaskConfig
from insm.methods import init
from tests import ROOT

TABLE = (ROOT / "docs/paper-map.md").read_text().split("\n## ")[0].splitlines()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE if line.startswith("|")][2:]
TESTS = "\n".join(path.read_text() for path in sorted((ROOT / "tests").rglob("*.py")))
EQUATIONS = {"Eq. 1", "Eq. 2", "Eq. 3", "Eq. 4", "Eq. 5", "Eq. 6", "Eq. 7", "Eq. 8", "Eq. 9", "Eq. 10", "Alg. 1"}
TABLES = {"Table 1", "Table 2", "Table 3", "Figure 1", "Figure 4", "Figure 5", "Figure 6"}


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def function(name: str):
    """What `module.function` below insm names, or `Class.method` or a function of insm.methods.init."""
    *path, last = name.split(".")
    for start in ("insm", "insm.methods.init"):
        parts = [*start.split("."), *path]
        for cut in range(len(parts), 0, -1):
            try:
                found = importlib.import_module(".".join(parts[:cut]))
            except ImportError:
                continue
            try:
                for part in (*parts[cut:], last):
                    found = getattr(found, part)
                return found
            except AttributeError:
                break
    return None


def field(key: str, section) -> bool:
    """Whether a dotted key is one of a configuration section."""
    first, _, rest = key.partition(".")
    fields = section.model_fields
    return first in fields and (not rest or rest == "*" or field(rest, fields[first].annotation))


def test_every_equation_and_every_result_is_mapped():
    mapped = " ".join(row[0] for row in ROWS)
    ranges = {f"Eq. {k}" for a, b in re.findall(r"Eq\. (\d+)-(\d+)", mapped) for k in range(int(a), int(b) + 1)}
    known = ranges | set(re.findall(r"(?:Eq\.|Alg\.|Table|Figure) \d+", mapped))
    assert known >= EQUATIONS | TABLES


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_what_a_row_names_exists(row):
    _, _, functions, tests, keys = row
    assert named(functions) and named(tests)
    for name in named(functions):
        path = ROOT / name if name.startswith(("notebooks/", "config/", "workflow/")) else ROOT / "src/insm" / name
        assert path.exists() if "/" in name else function(name) is not None, name
    for name in named(tests):
        assert (ROOT / name).exists() if "/" in name else f"def {name}(" in TESTS, name
    for key in named(keys):
        assert any(field(key, section) for section in (init.Config, TaskConfig, Study)), key
