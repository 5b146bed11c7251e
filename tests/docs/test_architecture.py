"""docs/architecture.md tells which rules depend on which source files: compared with what the workflow finds."""

import re
from pathlib import Path

from insm.support.source_graph import source_graph
from tests import ROOT

PAGE = (ROOT / "docs/architecture.md").read_text()
RULES = "\n".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
EXAMPLE = {"method": "init", "dataset": "portraits"}  # of the rules that depend on a run's method and dataset


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its two head lines."""
    lines = [line for line in PAGE.split(heading)[1].split("\n#")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def sources(cache: Path) -> dict[str, set[str]]:
    """Rule -> the source files it depends on, below the package, as workflow/rules/common.smk finds them."""
    graph, found = source_graph(cache), {}
    for name, body in re.findall(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", RULES, re.M | re.S):
        code = re.search(r"^ {8}code=(.*?)\n {4}\w|^ {8}code=(.*?),\n {8}\w", body, re.M | re.S)
        if not code:
            continue
        text = next(filter(None, code.groups()))
        modules = re.findall(r'"((?:commands|reporting|config|data)[\w.]*)"', text)
        modules += [f"datasets.{EXAMPLE['dataset']}"] if "datasets." in text or "method_code" in text else []
        modules += [f"methods.{EXAMPLE['method']}"] if "methods." in text or "method_code" in text else []
        found[name] = {file.removeprefix("src/insm/") for file in graph.closure(modules) if file.endswith(".py")}
    return found


def test_the_rules_that_a_change_reruns(tmp_path):
    known = sources(tmp_path)
    for path, _, cell in table("## What reruns after a change"):
        rerun = {rule for rule, files in known.items() if path.strip("`") in files}
        assert rerun and set(re.findall(r"`(\w+)`", cell)) == rerun, path
