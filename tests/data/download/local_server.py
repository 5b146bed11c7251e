"""A real HTTP server on this machine that misbehaves on demand, and fixtures that fetch from it; no test itself."""

import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from insm.data.download.fetch import fetch
from insm.data.download.source import Source
from insm.data.download.transfer import CHUNK, Patience

NAME, PART = "set.bin", "set.bin.part"
CONTENT = bytes(range(256)) * 4000
OTHER = CONTENT[::-1]
CUT = len(CONTENT) // 3  # where the server cuts a connection
KEPT = CUT - CUT % CHUNK
TIMEOUT = 1.0  # seconds that the fixture `get` waits for a byte


class Server(ThreadingHTTPServer):
    """Serves `content` at any path; `script` holds what to do with the next requests, by name of a method below."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.tag, self.ranges, self.length = CONTENT, '"one"', True, True
        self.script, self.requests = [], []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def url(self, path="/set.bin"):
        return f"http://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, *_):
        """A client that hangs up is part of the game."""


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.requests.append((self.path, self.headers.get("Range"), self.headers.get("If-Range")))
        getattr(self, self.server.script.pop(0) if self.server.script else "whole")()

    def whole(self, upto=None):
        server, start = self.server, 0
        wanted = self.headers.get("Range") if server.ranges else None
        if wanted and self.headers.get("If-Range", server.tag) == server.tag:
            start = int(wanted[6:-1])
            if start >= len(server.content):
                return self.status(416, {"Content-Range": f"bytes */{len(server.content)}"})
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}")
        else:
            self.send_response(200)
        if server.tag:
            self.send_header("ETag", server.tag)
        if server.length:
            self.send_header("Content-Length", str(len(server.content) - start))
        self.end_headers()
        self.wfile.write(server.content[start:upto])

    def cut(self):
        """The answer ends after the first third (or where that is behind, at once)."""
        self.whole(CUT)

    def cut_and_change(self):
        self.cut()
        self.server.content, self.server.tag = CONTENT, self.server.tag and '"two"'

    plain = whole

    def drip(self):
        """All of it, but for longer than a client waits for a byte."""
        self.whole(upto=0)
        for start in range(0, len(self.server.content), len(self.server.content) // 15):
            time.sleep(TIMEOUT / 10)
            self.wfile.write(self.server.content[start : start + len(self.server.content) // 15])

    def falls_silent(self):
        self.cut()
        self.silent()

    def silent(self):
        """Until the client hangs up."""
        self.rfile.read(1)

    def away(self):
        self.status(302, {"Location": "/elsewhere"})

    def s404(self):
        self.status(404)

    def s429(self):
        self.status(429, {"Retry-After": "7"})

    def s503(self):
        self.status(503, {"Retry-After": "99999"})

    def s500(self):
        self.status(500)

    def wrong_range(self):
        self.send_response(206)
        self.send_header("Content-Range", f"bytes 5-9/{len(self.server.content)}")
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"wrong")

    def status(self, code, headers=None):
        self.send_response(code)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def serve():
    server = Server()
    yield server
    server.shutdown()
    server.server_close()


server, second = pytest.fixture(serve, name="server"), pytest.fixture(serve, name="second")


@pytest.fixture
def slept():
    """Every pause that was made."""
    return []


@pytest.fixture
def get(tmp_path, slept, monkeypatch):
    """Fetch CONTENT from URLs into tmp_path/raw, past any proxy -> its record."""
    patience = Patience(delays=(1, 2, 3), longest=10, timeout=TIMEOUT, sleep=slept.append)
    monkeypatch.setenv("no_proxy", "127.0.0.1")

    def fetch_one(*urls, earlier=None, **more):
        source = Source(NAME, urls=urls, **({"checksum": f"sha256:{sha256(CONTENT)}", "size": len(CONTENT)} | more))
        return fetch([source], tmp_path / "raw", earlier or {}, patience)[NAME]

    return fetch_one


@pytest.fixture
def files(tmp_path):
    """What is in tmp_path/raw, by name."""
    return lambda: {path.name: path.read_bytes() for path in (tmp_path / "raw").glob("*")}
