"""What protects the server of a vote: headers, and requests that are refused before anything looks at them."""

import json
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY = 2048  # bytes of a request, at most
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
T = TypeVar("T", bound="Body")


class Body(BaseModel):
    """The body of a request: exactly these fields, of exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Guard:
    """Sets the security headers, and refuses posts from other sites or without a JSON body of a modest size."""

    def __init__(self, app: ASGIApp, https: bool):
        self.app, self.headers = app, HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self.headers)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        request = Request(scope, receive)
        refusal = refused(request) if request.method not in ("GET", "HEAD") else None
        await (refusal or self.app)(scope, receive, send_safely)


def refused(request: Request) -> Response | None:
    """The answer to a post that another site may have caused, or that is no JSON."""
    origin, host = request.headers.get("origin", ""), request.headers.get("host", "")
    site = request.headers.get("sec-fetch-site", "same-origin")  # browsers send both, and no page can change them
    if not host or origin.partition("://")[2] != host or site != "same-origin":
        return problem(403, "this request comes from another site")
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        return problem(415, "send JSON")
    return None


async def body(request: Request, kind: type[T]) -> T:
    """The JSON body of a request.

    Raises:
        HTTPException: it is too large, no JSON, or has other fields or types.
    """
    content = b""
    async for chunk in request.stream():
        content += chunk
        if len(content) > BODY:
            raise HTTPException(413, "this request is too large")
    try:
        return kind.model_validate(json.loads(content))
    except (ValidationError, ValueError, RecursionError):
        raise HTTPException(422, "this request is not valid") from None


def problem(status: int, text: str, **more: Any) -> JSONResponse:
    """What went wrong, never with a word of the request in it."""
    return JSONResponse({"error": text} | more, status_code=status)
