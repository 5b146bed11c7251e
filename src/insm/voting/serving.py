"""Starting the server of a blinded study."""

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
    print(f"http://{host}:{port}/ and /admin (password in {folder / 'admin-token'})", flush=True)
    config = uvicorn.Config(
        service.app(),
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        limit_concurrency=AT_ONCE,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=16 * 1024,
    )
    try:
        uvicorn.Server(config).run()
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
