"""docs/methods: every method has a page; its table of log columns has every loss term."""

import re

import pytest

from insm.networks.method import METHODS
from tests import ROOT

PAGES = ROOT / "docs/methods"


def test_every_method_has_a_page():
    assert sorted(path.stem for path in PAGES.glob("*.md")) == METHODS.names()


@pytest.mark.parametrize("name", METHODS.names())
def test_every_loss_term_is_explained(name):
    config, logged = METHODS.load(name).Config, (PAGES / f"{name}.md").read_text().partition("## Logged")[2]
    columns = {word for line in logged.splitlines() if line.startswith("| `") for word in re.findall(r"`(\w+)`", line)}
    weighted = {field.removeprefix("lambda_") for field in config.model_fields if field.startswith("lambda_")}
    assert weighted | config.unit_terms <= columns
