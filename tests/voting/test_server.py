"""The server: raters vote and come back; hostile requests are refused and change nothing."""

import pytest
from starlette.testclient import TestClient

from insm.voting.database import Votes
from insm.voting.guard import BODY, HEADERS
from insm.voting.server import Service, admin_token
from insm.voting.study import load_study

SITE = "http://testserver"
ORIGIN = {"origin": SITE}
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def study(blinded):
    return load_study(blinded)


@pytest.fixture
def votes(study, tmp_path):
    votes = Votes(tmp_path / "votes.sqlite", study, raters=20)
    yield votes
    votes.close()


@pytest.fixture
def serve(study, votes, blinded):
    """A client of a new server."""

    def start(invites=None, https=False):
        service = Service(study, blinded, votes, admin_token(blinded), invites, https)
        return TestClient(service.app(), base_url=SITE, raise_server_exceptions=False)

    return start


@pytest.fixture
def client(serve):
    return serve()


def post(client, path, content, **headers):
    return client.post(path, json=content, headers=ORIGIN | headers)


def joined(client, invite=""):
    answer = post(client, "/api/join", {"consent": True, "invite": invite})
    assert answer.status_code == 200, answer.text
    return client.get("/api/state").json()


def test_a_rater_votes_leaves_and_comes_back(client, votes):
    state = joined(client)
    first, second = state["items"][:2]
    assert post(client, "/api/vote", {"item": first["id"], "place": 1}).json() == {"item": first["id"], "place": 1}
    assert post(client, "/api/vote", {"item": second["id"], "place": None}).status_code == 200
    again = client.get("/api/state").json()
    assert again["items"] == state["items"] and again["answered"] == {first["id"]: 1, second["id"]: None}


def test_nobody_votes_before_agreeing(client, study, votes):
    assert not client.get("/api/state").json()["joined"]
    assert post(client, "/api/join", {"consent": False}).status_code == 422
    assert post(client, "/api/vote", {"item": study.items[0].id, "place": 0}).status_code == 401
    assert votes.progress() == [] and votes.rows() == []


def test_a_reload_of_the_first_page_is_the_same_rater(client, votes):
    joined(client)
    joined(client)
    assert len(votes.progress()) == 1


def test_two_raters_do_not_see_each_other(serve):
    first, second = serve(), serve()
    a, b = joined(first), joined(second)
    post(first, "/api/vote", {"item": a["items"][0]["id"], "place": 0})
    assert second.get("/api/state").json()["answered"] == {}
    assert {item["id"] for item in a["items"]} != {item["id"] for item in b["items"]}


def test_invite_codes(serve, votes):
    client = serve(invites=["right-code-1"])
    assert client.get("/api/state").json()["invite"]
    for code in ("", "wrong-code-1", SCRIPT):
        assert post(client, "/api/join", {"consent": True, "invite": code}).status_code == 403
    state = joined(client, "right-code-1")
    other = serve(invites=["right-code-1"])  # another device
    assert joined(other, "right-code-1")["items"] == state["items"]
    assert len(votes.progress()) == 1


def test_a_full_study_takes_nobody(serve, votes):
    for _ in range(20):
        votes.join()
    assert post(serve(), "/api/join", {"consent": True}).status_code == 503


def test_a_replayed_vote_is_refused_and_the_first_stands(client, votes):
    item = joined(client)["items"][0]["id"]
    assert post(client, "/api/vote", {"item": item, "place": 1}).status_code == 200
    for place in (1, 2, None):
        answer = post(client, "/api/vote", {"item": item, "place": place})
        assert answer.status_code == 409 and answer.json()["place"] == 1
    assert [row[1:] for row in votes.rows()] == [(item, 1)]


@pytest.mark.parametrize(
    "content, status",
    [
        ({"item": SCRIPT, "place": 0}, 404),
        ({"item": "../../key.json", "place": 0}, 404),
        ({"item": "' OR 1=1 --", "place": 0}, 404),
        ({"item": "x" * 65, "place": 0}, 422),
        ({"item": None, "place": 0}, 422),
        ({"item": {"$ne": 1}, "place": 0}, 422),
        ({"item": "FIRST", "place": 4}, 422),
        ({"item": "FIRST", "place": -1}, 422),
        ({"item": "FIRST", "place": "1"}, 422),
        ({"item": "FIRST", "place": 0.5}, 422),
        ({"item": "FIRST", "place": True}, 422),
        ({"item": "FIRST", "place": SCRIPT}, 422),
        ({"item": "FIRST", "place": 10**30}, 422),
        ({"item": "FIRST"}, 422),
        ({"item": "FIRST", "place": 0, "rater": 1}, 422),
        ([], 422),
        ("text", 422),
    ],
)
def test_a_forged_vote_is_refused(client, votes, content, status):
    first = joined(client)["items"][0]["id"]
    if isinstance(content, dict) and content.get("item") == "FIRST":
        content = content | {"item": first}
    answer = post(client, "/api/vote", content)
    assert answer.status_code == status
    assert "script" not in answer.text and votes.rows() == []


@pytest.mark.parametrize(
    "content", [{"consent": SCRIPT}, {"consent": 1}, {"consent": True, "invite": "x" * 101}, {}, []]
)
def test_a_forged_joining_is_refused(client, votes, content):
    assert post(client, "/api/join", content).status_code == 422
    assert votes.progress() == []


def test_items_of_others_are_refused(serve, votes):
    first, second = serve(), serve()
    mine, theirs = ({item["id"] for item in joined(client)["items"]} for client in (first, second))
    assert post(first, "/api/vote", {"item": min(theirs - mine), "place": 0}).status_code == 404
    assert votes.rows() == []


def test_a_forged_cookie_is_nobody(client, votes, study):
    joined(client)
    for token in ("forged", SCRIPT.replace(";", ""), "1", "0" * 5000):
        client.cookies.clear()
        client.cookies.set("rater", token)
        assert not client.get("/api/state").json()["joined"]
        assert post(client, "/api/vote", {"item": study.items[0].id, "place": 0}).status_code == 401
    assert votes.rows() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://elsewhere.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
        {"origin": "http://testserver.elsewhere.example"},
        {"origin": SITE, "sec-fetch-site": "cross-site"},
        {"origin": SITE, "sec-fetch-site": "same-site"},
    ],
)
def test_a_post_from_another_site_is_refused(client, votes, headers):
    item = joined(client)["items"][0]["id"]
    answer = client.post("/api/vote", json={"item": item, "place": 0}, headers=headers)
    assert answer.status_code == 403 and votes.rows() == []


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_form_cannot_vote(client, votes, kind):
    item = joined(client)["items"][0]["id"]
    content = f'{{"item": "{item}", "place": 0}}'
    answer = client.post("/api/vote", content=content, headers=ORIGIN | {"content-type": kind})
    assert answer.status_code == 415 and votes.rows() == []


def test_an_oversized_body_is_refused_with_and_without_its_length(client, votes):
    joined(client)
    headers = ORIGIN | {"content-type": "application/json"}
    huge = b'{"item": "' + b"x" * BODY + b'", "place": 0}'
    assert client.post("/api/vote", content=huge, headers=headers).status_code == 413
    assert client.post("/api/vote", content=iter([huge] * 50), headers=headers).status_code == 413
    assert votes.rows() == []


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 1500, b"NaN", b'{"item": "\\ud800", "place": 0}'])
def test_a_body_that_is_no_json_is_refused(client, votes, content):
    joined(client)
    answer = client.post("/api/vote", content=content, headers=ORIGIN | {"content-type": "application/json"})
    assert answer.status_code in (404, 422) and votes.rows() == []


@pytest.mark.parametrize(
    "path",
    [
        "/images/../study.json", "/images/..%2f..%2fkey.json", "/images/%2e%2e/%2e%2e/key.json", "/images//etc/passwd",
        "/images/..%5c..%5ckey.json", "/images/%00.png", "/key.json", "/study.json", "/study.js", "/admin-token",
        "/votes.sqlite", "/../key.json", "/images/", "/templates/admin.html",
    ],
)  # fmt: skip
def test_no_path_leads_to_other_files(client, blinded, path):
    answer = client.get(path)
    assert answer.status_code == 404
    assert admin_token(blinded) not in answer.text and "methods" not in answer.text


def test_images_are_served(client):
    for item in joined(client)["items"]:
        for file in (item["input"], *item["outputs"]):
            answer = client.get(f"/{file}")
            assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"


def test_every_answer_has_the_security_headers(client):
    answers = [client.get(path) for path in ("/", "/vote.js", "/vote.css", "/api/state", "/admin", "/nowhere")]
    answers += [client.post("/api/vote"), client.put("/api/vote"), post(client, "/api/join", {})]
    for answer in answers:
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["cache-control"] == "no-store"
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy and "http" not in policy


def test_the_page_needs_no_script_or_style_inside(client):
    text = client.get("/").text
    assert "<style" not in text and " style=" not in text and "onclick" not in text
    assert text.count("<script") == text.count("<script src=") == 1 and "study.js" not in text


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(serve):
    for https in (False, True):
        cookie = post(serve(https=https), "/api/join", {"consent": True}).headers["set-cookie"]
        assert "HttpOnly" in cookie and "samesite=strict" in cookie.lower()
        assert ("Secure" in cookie) == https


def test_the_admin_page_needs_its_token(client, blinded):
    token = admin_token(blinded)
    assert (blinded / "admin-token").stat().st_mode & 0o077 == 0
    joined(client)
    for auth in (None, ("admin", ""), ("admin", token[:-1]), (token, "")):
        answer = client.get("/admin", auth=auth)
        assert answer.status_code == 401 and "Raters" not in answer.text
    assert client.get("/admin", headers={"authorization": "Basic %%%"}).status_code == 401
    assert client.get("/admin", headers={"authorization": f"Bearer {token}"}).status_code == 401
    answer = client.get("/admin", auth=("admin", token))
    assert answer.status_code == 200 and "Raters: 1," in answer.text


def test_raters_learn_nothing_of_the_methods(client, blinded):
    state = joined(client)
    assert set(state) == {"id", "size", "consent", "joined", "items", "answered"}
    assert all(set(item) == {"id", "target", "input", "outputs"} for item in state["items"])
