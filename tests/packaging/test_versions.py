"""pyproject.toml, constraints, environment.yml, CITATION.cff and README say the same."""

import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from tests import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONSTRAINTS = [
    Requirement(line) for line in (ROOT / "constraints.txt").read_text().splitlines() if re.match(r"[\w.-]+==", line)
]
WANTED = [Requirement(line) for group in (PROJECT["dependencies"], *EXTRAS.values()) for line in group]


def pins(name: str) -> list[Version]:
    """The versions that the constraints give a package, one for each platform."""
    return [Version(next(iter(pin.specifier)).version) for pin in CONSTRAINTS if pin.name == name]


@pytest.mark.parametrize("wanted", WANTED, ids=str)
def test_every_requirement_is_pinned_to_a_version_that_it_allows(wanted):
    versions = pins(wanted.name)
    assert versions and all(version in wanted.specifier for version in versions)


def test_the_constraints_keep_to_what_they_are_made_from():
    lines = (ROOT / "constraints.in").read_text().splitlines()
    chosen = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert chosen
    for requirement in chosen:
        versions = pins(requirement.name)
        assert versions and all(version in requirement.specifier for version in versions)


def test_conda_installs_the_same():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    *packages, pip = environment["dependencies"]
    constraints, package = pip["pip"]
    assert constraints == "-c constraints.txt"
    extras = re.fullmatch(r"-e \.\[([\w,]+)\]", package)[1].split(",")
    assert set(extras) <= set(EXTRAS)
    made = re.search(r'--editable "\.\[([\w,]+)\]"\n\ttouch', (ROOT / "Makefile").read_text())
    assert extras == made[1].split(",")
    python = next(word.partition("=")[2] for word in packages if word.startswith("python="))
    assert f"Programming Language :: Python :: {python}" in PROJECT["classifiers"]


def test_the_python_versions_that_are_named_are_those_listed():
    listed = {line.rpartition(" ")[2] for line in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d", line)}
    pages = [ROOT / "README.md", ROOT / "docs/quick-start.md"]
    named = [
        found for page in pages for found in re.findall(r"Python (3\.\d+(?:(?:, | or )3\.\d+)*)", page.read_text())
    ]
    assert {version for names in named for version in re.findall(r"3\.\d+", names)} == listed


def test_the_citation_has_the_package_s_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == PROJECT["version"]
