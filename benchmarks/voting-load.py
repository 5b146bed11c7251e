"""How the server of a vote does with many raters at once, and whether what it told them is what it stored.

    PYTHONPATH=. python benchmarks/voting-load.py [--raters 50] [--seconds 60] [--output benchmarks/voting-load.csv]

Raters are coroutines of this process, on the same cores and over the loopback. Each joins within three seconds,
fetches the five images of a comparison, votes after about half a second, and joins anew as somebody else when its part
is done. A row a kind of request; milliseconds are from sending a request to the end of its answer.
"""

import argparse
import asyncio
import random
import sqlite3
import tempfile
import time
from collections import Counter
from pathlib import Path

import aiohttp
import numpy as np
import pandas as pd
from machine import machine
from tests.voting.example import PAPER, make_results
from tests.voting.running import running

from insm.voting.build import BuildConfig, build

ARRIVAL = 3  # seconds within which all raters join
PAUSE = (0.25, 0.75)  # seconds before a vote; a person takes several
IMAGES, PER_RATER = 240, 50


async def rate(url: str, until: float, times: dict[str, list[float]], told: list[tuple[str, str, int]]) -> None:
    """Be one rater after another until the time is over; note acknowledged votes as (cookie, item, place)."""

    async def timed(kind: str, method: str, path: str, **options):
        began = time.perf_counter()
        async with session.request(method, f"{url}/{path}", **options) as answer:
            assert answer.status == 200, f"{path}: {answer.status}"
            content = await (answer.json() if path.startswith("api") else answer.read())
        times[kind].append(time.perf_counter() - began)
        return content

    headers = {"Origin": url}
    await asyncio.sleep(random.uniform(0, ARRIVAL))
    while time.monotonic() < until:
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True), headers=headers) as session:
            await timed("join", "POST", "api/join", json={"consent": True})
            items = (await timed("state", "GET", "api/state"))["items"]
            cookie = next(morsel.value for morsel in session.cookie_jar)
            for item in items:
                files = [item["input"], *item["outputs"]]
                await asyncio.gather(*(timed("image", "GET", file) for file in files))
                await asyncio.sleep(random.uniform(*PAUSE))
                place = random.randrange(4)
                await timed("vote", "POST", "api/vote", json={"item": item["id"], "place": place})
                told.append((cookie, item["id"], place))
                if time.monotonic() >= until:
                    break


async def load(url: str, raters: int, seconds: float) -> tuple[dict[str, list[float]], list[tuple[str, str, int]]]:
    """Run so many raters at once: seconds by kind of request, and the acknowledged votes."""
    times: dict[str, list[float]] = {kind: [] for kind in ("join", "state", "image", "vote")}
    told: list[tuple[str, str, int]] = []
    until = time.monotonic() + seconds
    await asyncio.gather(*(rate(url, until, times, told) for _ in range(raters)))
    return times, told


def stored(database: Path, told: list[tuple[str, str, int]]) -> dict[str, int]:
    """Acknowledged votes that are not stored as such, votes stored twice, and votes stored that nobody cast."""
    from insm.voting.database import digest

    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT token, item, place FROM vote JOIN rater ON rater = number").fetchall()
    cast = Counter((digest(cookie), item, place) for cookie, item, place in told)
    kept = Counter(rows)
    keys = Counter((token, item) for token, item, _ in rows)
    return {
        "lost": sum((cast - kept).values()),
        "doubled": sum(count - 1 for count in keys.values()),
        "invented": sum((kept - cast).values()),
    }


def measure(raters: int, seconds: float) -> pd.DataFrame:
    """Rows (request, count, per_second, median_ms, p95_ms, p99_ms, lost, doubled, invented)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "vote")
        config = BuildConfig(seed=0, per_rater=PER_RATER)
        build(*make_results(Path(name), images=IMAGES), PAPER, "vistas", folder, config)
        with running(folder, "--raters", "100000") as server:
            times, told = asyncio.run(load(server.url, raters, seconds))
        check = stored(folder / "votes.sqlite", told)
    rows = []
    for kind, values in times.items():
        median, p95, p99 = np.percentile(np.array(values) * 1000, [50, 95, 99])
        rows.append({"request": kind, "count": len(values), "per_second": len(values) / seconds})
        rows[-1] |= {"median_ms": median, "p95_ms": p95, "p99_ms": p99}
    return pd.DataFrame(rows).assign(**check)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--raters", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--output", type=Path, default=Path("benchmarks/voting-load.csv"))
    arguments = parser.parse_args()
    about = {"raters": arguments.raters, "seconds": arguments.seconds} | machine()
    made = measure(arguments.raters, arguments.seconds).assign(**about)
    made.to_csv(arguments.output, index=False, float_format="%.4g")
    print(made.to_string(index=False))
    broken = made[["lost", "doubled", "invented"]].to_numpy().any()
    slow = (made.p95_ms >= 100).any()
    raise SystemExit(f"error: {'votes differ' if broken else 'p95 is 100 ms or more'}" if broken or slow else 0)
