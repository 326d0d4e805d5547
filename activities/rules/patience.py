"""How long a caller waits for a solver, and what they hear meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

_BETWEEN_BEATS = 1.0
"""Seconds."""


class TooLongError(Exception):
    """A solver was not done in the time it was given."""


@dataclass(frozen=True)
class Patience:
    """`beat` is called about every second while a solver works; what it raises ends the waiting.

    `seconds` is the most that one call of a solver may take.
    """

    beat: Callable[[], None] = lambda: None
    seconds: float = 60

    def while_waiting_for(self, work: Callable[[], T]) -> T:
        """What the work returns or raises; beats come from the thread of the caller.

        Work that nobody waits for any more ends by itself, at the latest when its time is over.
        """
        self.beat()
        # A pool that is left waits for its work, and would keep the caller with it.
        pool = ThreadPoolExecutor(thread_name_prefix="solver")
        try:
            result = pool.submit(work)
            while not wait((result,), timeout=_BETWEEN_BEATS).done:
                self.beat()
            return result.result()
        finally:
            pool.shutdown(wait=False)
