"""Starting the server of a blinded study."""

import socket
from pathlib import Path

import uvicorn

from insm.support.errors import UserError
from insm.voting.database import Votes
from insm.voting.server import Service, admin_token
from insm.voting.study import load_study

SHORTEST = 8  # characters of an invite code
AT_ONCE = 500  # connections; more are told to try again


def serve(folder: Path, host: str, port: int, database: Path, invites: Path | None, raters: int, https: bool) -> None:
    """Serve the study in `folder` until the process is ended. No address of a rater is stored or logged.

    Raises:
        UserError: a file is missing or broken.
    """
    study = load_study(folder)
    codes = None if invites is None else read_invites(invites)
    votes = Votes(database, study, raters)
    service = Service(study, folder, votes, admin_token(folder), codes, https)
    config = uvicorn.Config(
        service.app(),
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=AT_ONCE,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=16 * 1024,
    )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends answers at once (TCP_NODELAY), else some wait 40 ms.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
            listening.listen(1024)
        except OSError as error:
            raise UserError(f"cannot listen on {host}:{port} ({error.strerror}): choose --host or --port") from None
        url = f"http://{host}:{listening.getsockname()[1]}/"
        print(f"{url} and {url}admin, whose password is in {folder / 'admin-token'}", flush=True)
        try:
            uvicorn.Server(config).run(sockets=[listening])
        finally:
            votes.close()


def read_invites(path: Path) -> list[str]:
    """Invite codes, one a line.

    Raises:
        UserError: there are none, or one is so short that it could be guessed.
    """
    try:
        codes = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read ({error}): name a file with one invite code a line") from None
    if not codes or min(map(len, codes)) < SHORTEST:
        raise UserError(f"{path}: write one code a line, each of {SHORTEST} characters or more")
    return codes
