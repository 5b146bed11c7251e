"""The gallery in a browser: variants, scores, hops, the truth, details, at both widths."""

import pytest

from insm.reporting.gallery import gallery
from tests.reporting.example_gallery import TASK, make_gallery_results


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    folder = tmp_path_factory.mktemp("gallery")
    (folder / "gallery.html").write_text(gallery(*make_gallery_results(folder), TASK))
    return (folder / "gallery.html").as_uri()


def test_by_mouse(page, address, accessible, shoot):
    page.goto(address)
    accessible(page)
    shoot(page, "gallery-1200")
    page.hover(".cell >> nth=1")
    assert "classified as the target" in page.inner_text("#tip")
    assert page.locator(".cell").count() == 6
    page.select_option("#variant", label="label of cycle")
    assert page.locator(".cell").count() == 3  # it makes no others
    page.check("#truth")
    assert page.is_visible(".cell .true >> nth=0")
    page.click(".cell >> nth=0")
    assert page.inner_text("#detail-title").startswith("Test image 1")
    names = page.locator("#detail-images li p:first-of-type").all_inner_texts()
    assert names == ["input", "truth", "label of first", "label of more-hops", "label of cycle"]
    accessible(page)
    page.click("text=Close")
    assert page.is_hidden("#detail")
    page.select_option("#curve", label="only first")
    assert page.locator("#plot polyline").count() == 1


def test_by_keyboard(page, address):
    page.goto(address)
    page.focus(".cell >> nth=0")
    assert page.is_visible("#tip")
    page.keyboard.press("Enter")
    assert page.is_visible("#detail")
    page.keyboard.press("Escape")
    assert page.is_hidden("#detail")


def test_on_a_phone(phone, address, accessible, shoot):
    phone.goto(address)
    accessible(phone)
    shoot(phone, "gallery-360")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_asks_nothing_of_the_network(page, address):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith(("data:", address))] == []
