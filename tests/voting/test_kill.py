"""A server that is killed loses no vote that it acknowledged."""

import json
import threading
import urllib.request
from http.client import HTTPException

from insm.voting.answers import from_database
from insm.voting.study import load_study
from tests.voting.running import running


def request(url, path, content=None, cookie=""):
    """Send JSON, return the decoded answer and its cookie."""
    headers = {"Origin": url, "Content-Type": "application/json", "Cookie": cookie}
    data = None if content is None else json.dumps(content).encode()
    with urllib.request.urlopen(urllib.request.Request(url + path, data, headers), timeout=60) as answer:
        return json.load(answer), (answer.headers["set-cookie"] or "").partition(";")[0]


def test_kill_9_loses_no_acknowledged_vote(blinded):
    study, acknowledged, enough = load_study(blinded), [], threading.Event()

    def vote(url):
        try:
            while True:  # rater after rater
                _, cookie = request(url, "/api/join", {"consent": True})
                for item in request(url, "/api/state", cookie=cookie)[0]["items"]:
                    acknowledged.append(request(url, "/api/vote", {"item": item["id"], "place": 2}, cookie)[0]["item"])
                    if len(acknowledged) >= 40:
                        enough.set()
        except (OSError, HTTPException):
            pass  # the server is dead

    with running(blinded) as server:
        raters = [threading.Thread(target=vote, args=[server.url]) for _ in range(4)]
        for rater in raters:
            rater.start()
        assert enough.wait(120)
        server.process.kill()  # SIGKILL, while votes are under way
        for rater in raters:
            rater.join(60)

    stored = from_database(blinded / "votes.sqlite", study)["item"].value_counts()
    told = {item: acknowledged.count(item) for item in set(acknowledged)}
    assert all(stored[item] >= count for item, count in told.items())
    assert len(acknowledged) <= stored.sum() <= len(acknowledged) + 4  # one vote of each rater may have been under way

    with running(blinded) as server:  # and the study goes on
        _, cookie = request(server.url, "/api/join", {"consent": True})
        assert request(server.url, "/api/state", cookie=cookie)[0]["joined"]
