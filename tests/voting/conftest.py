"""A blinded study of seasons with the four methods of the paper's vote."""

import pytest

from insm.voting.build import BuildConfig, build
from tests.voting.example import PAPER, make_results


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """Folders of results and data."""
    return make_results(tmp_path_factory.mktemp("finished"))


@pytest.fixture
def blinded(finished, tmp_path):
    """Folder of a blinded study: six comparisons in parts of three, each once with an attention check."""
    config = BuildConfig(seed=3, per_rater=3, votes_per_item=2, attention_every=3)
    build(*finished, PAPER, "vistas", tmp_path / "vote", config)
    return tmp_path / "vote"
