"""Debian's Chromium, driven by Playwright (`make browser-test`). Screenshots go to the folder $SCREENSHOTS, if set."""

import os
import shutil
from pathlib import Path

import pytest

from insm.voting.build import BuildConfig, build
from tests.voting.example import PAPER, make_results
from tests.voting.running import running

SERIOUS = ("serious", "critical")


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium):
    """A page of 1,200 px; it fails the test if a script does."""
    context = chromium.new_context(viewport={"width": 1200, "height": 900})
    errors = []
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


@pytest.fixture
def phone(chromium):
    """A page of 360 px that is touched."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """Folders of a small study's results and data."""
    return make_results(tmp_path_factory.mktemp("results"))


@pytest.fixture
def vote(results, tmp_path):
    """A blinded study: parts of three comparisons and an attention check."""
    build(*results, PAPER, "vistas", tmp_path / "vote", BuildConfig(seed=3, per_rater=3, attention_every=3))
    return tmp_path / "vote"


@pytest.fixture
def server(vote):
    """The address of a server of that study."""
    with running(vote) as server:
        yield server.url


@pytest.fixture
def accessible():
    """Asserts that axe-core finds no serious violation on a page."""
    from axe_playwright_python.sync_playwright import Axe

    def check(page):
        found = Axe().run(page).response["violations"]
        serious = {rule["id"]: [node["html"] for node in rule["nodes"]] for rule in found if rule["impact"] in SERIOUS}
        assert serious == {}

    return check


@pytest.fixture
def shoot():
    """Keeps a screenshot of a page where the variable SCREENSHOTS names a folder."""

    def keep(page, name):
        if folder := os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(folder, f"{name}.png"), full_page=True)

    return keep
