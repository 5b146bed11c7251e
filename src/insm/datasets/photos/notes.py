"""Notes on raw files: what is left out, converted or assumed, each reason with a count and some names."""

from collections.abc import Iterable
from heapq import nsmallest
from threading import Lock

EXAMPLES = 3  # names that a note gives


class Notes:
    """Counts by reason; several threads may add to them."""

    def __init__(self):
        self.lock = Lock()
        self.reasons: dict[str, tuple[int, list[str]]] = {}  # reason -> count, the first names in alphabetical order

    def add(self, reason: str, names: Iterable[str] = ()) -> None:
        """Count names under a reason; a reason without names stands for itself."""
        names = list(names)
        with self.lock:
            count, examples = self.reasons.get(reason, (0, []))
            self.reasons[reason] = count + len(names), nsmallest(EXAMPLES, [*examples, *names])

    def lines(self) -> list[str]:
        """A line for each reason, sorted; equal counts give equal lines."""
        return [line(reason, *self.reasons[reason]) for reason in sorted(self.reasons)]


def line(reason: str, count: int, examples: list[str]) -> str:
    """`reason: 12 (a.png, b.png, c.png, ...)`."""
    if not count:
        return reason
    return f"{reason}: {count:,} ({', '.join(examples)}{', ...' if count > len(examples) else ''})"
