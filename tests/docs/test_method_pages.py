"""docs/methods: every method of the studies has a page; its table of log columns has every loss term."""

import re

import pytest
import yaml

from insm.networks.method import METHODS
from tests import ROOT

PAGES = ROOT / "docs/methods"
NAMES = sorted(path.stem for path in PAGES.glob("*.md"))


def test_every_method_of_the_shared_variants_has_a_page():
    variants = [yaml.safe_load(path.read_text()) for path in (ROOT / "config/methods").glob("*.yaml")]
    methods = {settings["method"] for file in variants for settings in file.values() if "method" in settings}
    assert methods == set(NAMES) <= set(METHODS.names())


@pytest.mark.parametrize("name", NAMES)
def test_every_loss_term_is_explained(name):
    config, logged = METHODS.load(name).Config, (PAGES / f"{name}.md").read_text().partition("## Logged")[2]
    columns = {word for line in logged.splitlines() if line.startswith("| `") for word in re.findall(r"`(\w+)`", line)}
    weighted = {field.removeprefix("lambda_") for field in config.model_fields if field.startswith("lambda_")}
    assert weighted | config.unit_terms <= columns
