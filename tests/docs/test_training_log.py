"""docs/training-log.md names every loss term that a method can log."""

import re

import pytest

from insm.networks.method import METHODS
from tests import ROOT

PAGE = (ROOT / "docs/training-log.md").read_text()
COLUMNS = {
    name
    for line in PAGE.splitlines()
    if line.startswith("| `")
    for name in re.findall(r"`([^`]+)`", line.split("|")[1])
}


@pytest.mark.parametrize("method", ["init", "stargan", "attgan", "stgan", "cyclegan", "pix2pix", "relgan"])
def test_every_loss_term_of_a_method_has_a_row(method):
    config = METHODS.load(method).Config
    weighted = {name.removeprefix("lambda_") for name in config.model_fields if name.startswith("lambda_")}
    assert config.unit_terms | weighted <= COLUMNS
