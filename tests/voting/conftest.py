"""A blinded study of seasons with the four methods of the paper's vote."""

import shutil

import pytest

from insm.voting.build import BuildConfig, build
from tests.voting.example import PAPER, make_results


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """Folders of results and data."""
    return make_results(tmp_path_factory.mktemp("finished"))


@pytest.fixture(scope="session")
def built(finished, tmp_path_factory):
    """Folder of a blinded study: six comparisons in parts of three, each twice, with an attention check a part."""
    folder = tmp_path_factory.mktemp("built") / "vote"
    build(*finished, PAPER, "vistas", folder, BuildConfig(seed=3, per_rater=3, votes_per_item=2, attention_every=3))
    return folder


@pytest.fixture
def blinded(built, tmp_path):
    """A copy of that study for one test."""
    return shutil.copytree(built, tmp_path / "vote")
