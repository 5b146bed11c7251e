"""Documentation that can be checked without running anything: links, README's tree, and the map of renames."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from insm import cli
from tests import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "data/README.md", ROOT / "results/README.md"])
PACKAGE = ROOT / "src/insm"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    headings = re.findall(r"^#+ (.+)$", text, flags=re.M)
    return {
        re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading)).strip().lower().replace(" ", "-") for heading in headings
    }


def links(page: Path) -> list[str]:
    """The targets of a page's links and images within the project."""
    targets = re.findall(r"\]\(([^)\s]+)\)", page.read_text())
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in links(page):
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file), target


def tree() -> set[str]:
    """The paths in README's tree of the project; a name below another is indented by two spaces."""
    block = (ROOT / "README.md").read_text().split("## Where things are")[1].split("```")[1]
    paths, parents = set(), []
    for line in filter(str.strip, block.splitlines()):
        depth, names = (len(line) - len(line.lstrip())) // 2, re.split(r"\s{2,}", line.strip())[0]
        parents = parents[:depth]
        paths |= {"".join([*parents, name]) for name in names.split(", ")}
        parents.append(names)
    return paths


def test_the_tree_of_readme_shows_what_is_there():
    assert [path for path in tree() if not (ROOT / path).exists()] == []


def test_the_tree_of_readme_shows_every_room_and_every_folder():
    rooms = {f"src/insm/{path.parent.name}/" for path in PACKAGE.glob("*/__init__.py")}
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    folders = {f"{name.split('/')[0]}/" for name in tracked if "/" in name and not name.startswith(".")}
    assert rooms | (folders - {"src/"}) <= tree()


def test_every_page_of_docs_is_in_the_site_s_navigation():
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:")[2]
    listed = set(re.findall(r": (\S+\.md)$", text, re.M)) - {"index.md", "CONTRIBUTING.md", "CHANGELOG.md"}
    assert listed == {path.relative_to(ROOT / "docs").as_posix() for path in ROOT.glob("docs/**/*.md")}


RENAMES = yaml.safe_load((ROOT / "docs/renames.yaml").read_text())


def names_in(module: str) -> set[str]:
    """What a module below insm defines or imports."""
    statements = ast.parse((PACKAGE / f"{module.replace('.', '/')}.py").read_text()).body
    names = {node.name for node in statements if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    targets = [t for node in statements if isinstance(node, ast.Assign) for t in node.targets]
    targets += [node.target for node in statements if isinstance(node, ast.AnnAssign)]
    return names | {target.id for target in targets if isinstance(target, ast.Name)}


def test_renamed_modules_and_symbols_are_there():
    for module in RENAMES["modules"].values():
        assert (PACKAGE / f"{module.replace('.', '/')}.py").exists(), module
    for name in filter(None, RENAMES["symbols"].values()):
        module, _, symbol = name.rpartition(".")
        assert symbol in names_in(module), name


def test_renamed_commands_are_there():
    commands = {f"insm {name}" for name in cli.PEOPLE} | {f"insm data {name}" for name in cli.DATA}
    commands |= {f"insm job {name}" for name in cli.JOBS}
    assert set(RENAMES["commands"].values()) <= commands


def test_renamed_rules_are_there():
    rules = re.findall(r"^rule (\w+):", "\n".join(p.read_text() for p in (ROOT / "workflow/rules").glob("*.smk")), re.M)
    assert set(RENAMES["rules"].values()) <= set(rules)
