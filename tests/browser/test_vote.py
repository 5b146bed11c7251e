"""The vote in a browser: by mouse, keyboard and touch, with reloads, two raters at once, and without a server."""

import json
import sqlite3

import pytest

from insm.commands.vote import export
from insm.voting.server import admin_token
from insm.voting.study import load_key, load_study
from tests.voting.running import running


def start(page, url):
    page.goto(url)
    page.check("#agree")
    page.click("text=Start")
    page.wait_for_selector("#item:visible")


def place(page):
    return page.inner_text("#place")


def wait_for(page, text):
    page.wait_for_function("text => document.querySelector('#place').textContent === text", arg=text)


def loaded(page):
    """The images of a comparison are there: the input and one for each choice."""
    page.wait_for_load_state("networkidle")
    sizes = page.eval_on_selector_all("#item img", "images => images.map(image => image.naturalWidth)")
    return sizes == [32] * 5


def votes(vote):
    with sqlite3.connect(vote / "votes.sqlite") as connection:
        return connection.execute("SELECT rater, item, place FROM vote").fetchall()


def test_a_study_by_mouse(page, server, vote, accessible, shoot):
    page.goto(server)
    accessible(page)
    shoot(page, "vote-welcome-1200")
    page.click("text=Start")
    assert page.is_visible("#welcome")  # nothing starts without consent
    start(page, server)
    assert loaded(page)
    accessible(page)
    shoot(page, "vote-item-1200")
    for k in range(4):
        wait_for(page, f"Comparison {k + 1} of 4")
        page.click(f"#choices button:nth-of-type({k + 1})")
    page.wait_for_selector("#done:visible")
    accessible(page)
    shoot(page, "vote-done-1200")
    assert sorted(row[2] for row in votes(vote)) == [0, 1, 2, 3]


def test_a_study_by_keyboard(page, server, vote):
    page.goto(server)
    page.focus("#agree")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for(page, "Comparison 1 of 4")
    page.keyboard.press("3")
    wait_for(page, "Comparison 2 of 4")
    page.keyboard.press("0")
    wait_for(page, "Comparison 3 of 4")
    page.keyboard.press("9")  # no such choice
    page.keyboard.press("Tab")  # from the question to the first choice, and to the second
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for(page, "Comparison 4 of 4")
    page.keyboard.press("4")
    page.wait_for_selector("#done:visible")
    assert sorted(row[2] for row in votes(vote) if row[2] is not None) == [1, 2, 3] and len(votes(vote)) == 4


def test_a_reload_goes_on_where_the_rater_stopped(page, server, vote):
    start(page, server)
    page.keyboard.press("1")
    wait_for(page, "Comparison 2 of 4")
    shown = page.get_attribute("#input", "src")
    page.reload()
    page.wait_for_selector("#item:visible")
    assert place(page) == "Comparison 2 of 4" and page.get_attribute("#input", "src") == shown
    assert len(votes(vote)) == 1


def test_a_double_click_is_one_vote(page, server, vote):
    start(page, server)
    page.dblclick("#choices button:nth-of-type(2)", delay=1)
    page.wait_for_function("() => document.querySelector('#place').textContent !== 'Comparison 1 of 4'")
    assert len(votes(vote)) == len({row[:2] for row in votes(vote)}) <= 2


def test_two_raters_at_once(chromium, server, vote):
    pages = [chromium.new_context().new_page() for _ in range(2)]
    for page in pages:
        start(page, server)
    for k in range(4):
        for page, key in zip(pages, "12", strict=True):
            wait_for(page, f"Comparison {k + 1} of 4")
            page.keyboard.press(key)
    for page in pages:
        page.wait_for_selector("#done:visible")
        page.context.close()
    rows = votes(vote)
    assert sorted((rater, chosen) for rater, _, chosen in rows) == [(1, 0)] * 4 + [(2, 1)] * 4


def test_on_a_phone(phone, server, vote, accessible, shoot):
    phone.goto(server)
    shoot(phone, "vote-welcome-360")
    start(phone, server)
    accessible(phone)
    shoot(phone, "vote-item-360")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    for k in range(4):
        wait_for(phone, f"Comparison {k + 1} of 4")
        box = phone.locator("#choices button").nth(k).bounding_box()
        assert min(box["width"], box["height"]) >= 44  # pixels: large enough for a thumb
        phone.tap(f"#choices button:nth-of-type({k + 1})")
    phone.wait_for_selector("#done:visible")
    shoot(phone, "vote-done-360")
    assert len(votes(vote)) == 4


def test_an_invite_code_is_asked_for_and_leads_back_on_another_device(chromium, vote, tmp_path):
    (tmp_path / "codes.txt").write_text("code-of-ann\ncode-of-bob\n")
    with running(vote, "--invites", str(tmp_path / "codes.txt")) as served:
        first, second = (chromium.new_context().new_page() for _ in range(2))
        first.goto(served.url)
        first.check("#agree")
        first.fill("#invite", "<b>wrong</b>")
        first.click("text=Start")
        first.wait_for_selector("#problem:visible")
        assert first.inner_text("#problem") == "this code is not known"
        for page in (first, second):
            page.goto(served.url)
            page.check("#agree")
            page.fill("#invite", "code-of-ann")
            page.click("text=Start")
            page.wait_for_selector("#item:visible")
            if page is first:
                page.keyboard.press("1")
                wait_for(page, "Comparison 2 of 4")
        assert place(second) == "Comparison 2 of 4"
        for page in (first, second):
            page.context.close()


def test_a_server_that_is_gone_is_told_and_the_vote_can_be_tried_again(page, server):
    start(page, server)
    page.route("**/api/vote", lambda route: route.abort())
    page.keyboard.press("1")
    page.wait_for_selector("#problem:visible")
    assert "does not answer" in page.inner_text("#problem") and place(page) == "Comparison 1 of 4"
    page.unroute("**/api/vote")
    page.keyboard.press("1")
    wait_for(page, "Comparison 2 of 4")
    assert page.is_hidden("#problem")


def test_another_site_can_neither_vote_nor_frame_the_page(page, server, vote):
    start(page, server)
    address = server.replace("127.0.0.1", "localhost")  # the same server, another site
    page.goto(f"{address}/vote.css")
    item = load_study(vote).items[0].id
    outcome = page.evaluate(
        """([url, item]) => fetch(url + "/api/vote", {method: "POST", credentials: "include", mode: "no-cors",
        headers: {"Content-Type": "text/plain"}, body: JSON.stringify({item, place: 0})}).then(() => "sent", String)""",
        [server, item],
    )
    assert outcome == "sent" or "TypeError" in outcome
    assert votes(vote) == []


def test_the_admin_page(chromium, server, vote, accessible, shoot):
    context = chromium.new_context(http_credentials={"username": "admin", "password": admin_token(vote)})
    page = context.new_page()
    page.goto(f"{server}/admin")
    assert "Raters: 0" in page.inner_text("main")
    accessible(page)
    shoot(page, "vote-admin-1200")
    context.close()


def test_the_static_page_from_a_disk(page, vote, tmp_path, accessible):
    start(page, (vote / "site/index.html").as_uri() + "?part=2")
    assert loaded(page)
    accessible(page)
    page.keyboard.press("2")
    wait_for(page, "Comparison 2 of 4")
    page.reload()
    page.wait_for_selector("#item:visible")
    assert place(page) == "Comparison 2 of 4"
    for key, k in (("0", 2), ("1", 3), ("1", 4)):
        wait_for(page, f"Comparison {k} of 4")
        page.keyboard.press(key)
    page.wait_for_selector("#done:visible")
    with page.expect_download() as download:
        page.click("#answers")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    answers, study = json.loads(file.read_text()), load_study(vote)
    assert answers["part"] == 1 and set(answers["votes"]) == set(study.parts[1])
    export(vote, [file], tmp_path / "votes.csv", attention=0.0)
    assert len((vote / "votes.csv").read_text().splitlines()) == 1 + 3


@pytest.mark.parametrize("script", ["<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>"])
def test_texts_of_a_study_are_shown_not_run(page, results, tmp_path, script):
    from insm.voting.build import BuildConfig, build
    from tests.voting.example import PAPER

    build(*results, PAPER, "vistas", tmp_path / "hostile", BuildConfig(seed=0, consent=script))
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto((tmp_path / "hostile/site/index.html").as_uri())
    page.wait_for_selector("#welcome:visible")
    assert page.inner_text("#consent") == script


def test_no_page_or_request_names_a_method(page, server, vote):
    seen = []
    page.on("response", lambda response: seen.append(response))
    start(page, server)
    page.keyboard.press("1")
    wait_for(page, "Comparison 2 of 4")
    page.wait_for_load_state("networkidle")
    words = [row.method for row in load_key(vote).contenders if row.method != "init"] + ["variant", "label of"]
    texts = [response.url + str(response.headers) for response in seen]
    texts += [response.text() for response in seen if "image" not in response.headers.get("content-type", "")]
    assert len(seen) > 8 and page.content()
    assert not [word for word in words for text in [*texts, page.content()] if word in text.lower()]
