"""Progress of long work: a live line on a terminal, plain lines in a log, silence with INSM_QUIET=1 (--quiet).

With INSM_PROGRESS=all a log gets every report, however close they are.
"""

import os
import sys
import time

PLAIN_EVERY = (2.0, 60.0)  # least and most seconds between plain lines: rarer as the work gets longer


class Progress:
    """Reports `step` of `total` with speed and ETA.

    Args:
        label: what is being done.
        total: steps of the whole work.
        start: steps done before (a resumed run), left out of the speed.
        unit_per_step, unit: what the speed counts, such as 16 images a step.
    """

    def __init__(self, label: str, total: float, start: int = 0, unit_per_step: int = 1, unit: str = "images"):
        self.label, self.total, self.start, self.unit_per_step, self.unit = label, total, start, unit_per_step, unit
        self.began = self.printed = time.monotonic()
        self.quiet = os.environ.get("INSM_QUIET", "") not in ("", "0")
        self.live = sys.stderr.isatty()

    def __call__(self, step: float, numbers: dict[str, float] | None = None) -> None:
        """Report that `step` steps are done; `numbers` are named values to show."""
        now = time.monotonic()
        last = step >= self.total
        if self.quiet or not (last or now - self.printed >= self.interval(now - self.began)):
            return
        self.printed = now
        line = self.line(step, now - self.began, numbers or {})
        if self.live:
            width = os.get_terminal_size(sys.stderr.fileno()).columns
            print(f"\r\x1b[K{line[: width - 1]}", end="\n" if last else "", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def interval(self, seconds: float) -> float:
        """Seconds until the next line, `seconds` after the start."""
        shortest, longest = PLAIN_EVERY
        if os.environ.get("INSM_PROGRESS") == "all":
            return 0.0
        return 0.2 if self.live else min(longest, max(shortest, seconds / 60))

    def line(self, step: float, seconds: float, numbers: dict[str, float]) -> str:
        """The text of one report."""
        speed = (step - self.start) / max(seconds, 1e-9)
        eta = (self.total - step) / speed if speed > 0 else float("inf")
        values = "".join(f"  {name} {value:.3g}" for name, value in numbers.items())
        rate = f"{speed * self.unit_per_step:,.0f} {self.unit}/s"
        return f"{self.label}  {step}/{self.total} {step / self.total:4.0%}{values}  {rate}  ETA {clock(eta)}"


def clock(seconds: float) -> str:
    """Seconds as h:mm:ss or m:ss."""
    if seconds == float("inf"):
        return "?"
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
