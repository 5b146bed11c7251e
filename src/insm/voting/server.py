"""The server of a blinded study: it knows what raters see, not which method made it."""

import base64
import binascii
import secrets
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Annotated

from jinja2 import Environment, PackageLoader
from pydantic import Field
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from insm.voting.database import AlreadyVoted, Rater, Votes
from insm.voting.guard import Body, Guard, body, problem
from insm.voting.page import STATIC, asset, page
from insm.voting.study import Study

COOKIE = "rater"
MONTH = 30 * 24 * 3600  # seconds for which a rater can come back
TYPES = {".js": "text/javascript", ".css": "text/css"}
Handler = Callable[[Request], Awaitable[Response]]


class Joining(Body):
    """A person agrees to take part."""

    consent: Annotated[bool, Field(description="Must be true.")]
    invite: Annotated[str, Field(max_length=100)] = ""


class Vote(Body):
    """A rater's choice; place null is "can't tell"."""

    item: Annotated[str, Field(max_length=64)]
    place: Annotated[int, Field(ge=0, le=99)] | None


class Service:
    """The requests of raters and of the study's owner.

    Args:
        study: what raters see.
        folder: its folder.
        votes: its database.
        admin: token of the owner's page.
        invites: codes that let people take part; None lets everybody.
        https: whether raters reach the server through HTTPS.
    """

    def __init__(
        self, study: Study, folder: Path, votes: Votes, admin: str, invites: Collection[str] | None, https: bool
    ):
        self.study, self.votes, self.admin_token, self.https = study, votes, admin, https
        self.invites = None if invites is None else frozenset(invites)
        numbers = range(len(study.parts))
        self.parts = [[item.model_dump(mode="json") for item in study.part(number)] for number in numbers]
        files = [file for item in study.items for file in (item.input, *item.outputs)]
        self.images = {Path(file).name: folder / "site" / file for file in files}

    def app(self) -> Starlette:
        """The ASGI application."""
        pages = {f"/{name}": (asset(name), TYPES[Path(name).suffix]) for name in STATIC}
        pages["/"] = page(static=False), "text/html"
        routes = [
            *(Route(path, _constant(text, kind)) for path, (text, kind) in pages.items()),
            Route("/images/{name}", self.image),
            Route("/api/state", self.state),
            Route("/api/join", self.join, methods=["POST"]),
            Route("/api/vote", self.vote, methods=["POST"]),
            Route("/admin", self.admin),
        ]
        app = Starlette(routes=routes, exception_handlers={HTTPException: _http_error, Exception: _server_error})
        app.add_middleware(Guard, https=self.https)
        return app

    async def image(self, request: Request) -> Response:
        """An image of the study; names that it does not have lead nowhere."""
        path = self.images.get(request.path_params["name"])
        if path is None:
            raise HTTPException(404, "no such image")
        headers = {"Cache-Control": "public, max-age=86400, immutable"}
        return Response(path.read_bytes(), media_type="image/png", headers=headers)  # small: no thread is worth it

    async def state(self, request: Request) -> Response:
        """What a rater has before them: the items of their part and the votes so far."""
        rater = await self.rater(request)
        content = {"id": self.study.id, "size": self.study.size, "consent": self.study.consent}
        if rater is None:
            return JSONResponse(content | {"joined": False, "invite": self.invites is not None})
        answered = await run_in_threadpool(self.votes.answered, rater)
        return JSONResponse(content | {"joined": True, "items": self.parts[rater.part], "answered": answered})

    async def join(self, request: Request) -> Response:
        """Take a person in, or back in by the invite code."""
        joining = await body(request, Joining)
        if not joining.consent:
            raise HTTPException(422, "nobody can take part without agreeing")
        if self.invites is not None and joining.invite not in self.invites:
            raise HTTPException(403, "this code is not known")
        if await self.rater(request):
            return JSONResponse({"joined": True})
        joined = await run_in_threadpool(self.votes.join, joining.invite if self.invites is not None else None)
        if joined is None:
            raise HTTPException(503, "the study has all the raters it needs: thank you")
        answer = JSONResponse({"joined": True})
        answer.set_cookie(COOKIE, joined[0], max_age=MONTH, secure=self.https, httponly=True, samesite="strict")
        return answer

    async def vote(self, request: Request) -> Response:
        """Record a vote; the answer means that it is on the disk."""
        rater = await self.rater(request)
        if rater is None:
            raise HTTPException(401, "join the study first")
        vote = await body(request, Vote)
        item = next((item for item in self.study.part(rater.part) if item.id == vote.item), None)
        if item is None:
            raise HTTPException(404, "this comparison is not one of yours")
        if vote.place is not None and vote.place >= len(item.outputs):
            raise HTTPException(422, "there is no such choice")
        try:
            await run_in_threadpool(self.votes.vote, rater, item.id, vote.place)
        except AlreadyVoted as earlier:
            return problem(409, "you have voted on this comparison", place=earlier.place)
        return JSONResponse({"item": item.id, "place": vote.place})

    async def admin(self, request: Request) -> Response:
        """How far the study is, for whoever has the token as the password."""
        if not _password_is(request.headers.get("authorization", ""), self.admin_token):
            return Response("the password is in the file admin-token of the study", 401, {"WWW-Authenticate": "Basic"})
        progress = await run_in_threadpool(self.votes.progress)
        template = Environment(loader=PackageLoader("insm.voting"), autoescape=True).get_template("admin.html")
        counts = {part: [row[2:] for row in progress if row[1] == part] for part in range(len(self.study.parts))}
        return HTMLResponse(
            template.render(
                raters=len(progress),
                votes=sum(votes for _, _, votes, _ in progress),
                finished=sum(votes == length for _, _, votes, length in progress),
                parts=[
                    {"number": part + 1, "raters": len(rows), "votes": sum(row[0] for row in rows), "size": len(items)}
                    for (part, rows), items in zip(counts.items(), self.study.parts, strict=True)
                ],
            )
        )

    async def rater(self, request: Request) -> Rater | None:
        """Who sends a request."""
        token = request.cookies.get(COOKIE)
        return await run_in_threadpool(self.votes.rater, token) if token else None


def admin_token(folder: Path) -> str:
    """The token of the owner's page, made at the first call; only its owner can read the file."""
    path = folder / "admin-token"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24) + "\n")
    return path.read_text().strip()


def _password_is(header: str, token: str) -> bool:
    """Whether an Authorization header holds the token as its password."""
    kind, _, content = header.partition(" ")
    try:
        password = base64.b64decode(content, validate=True).partition(b":")[2]
    except (binascii.Error, ValueError):
        return False
    return kind.lower() == "basic" and secrets.compare_digest(password, token.encode())


def _constant(text: str, kind: str) -> Handler:
    async def answer(_: Request) -> Response:
        return Response(text, media_type=kind)

    return answer


async def _http_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return problem(error.status_code, error.detail)


async def _server_error(_: Request, __: Exception) -> Response:
    return problem(500, "the server has failed: try again")
