"""The time one act may take: a deadline that all calls made on its behalf share, whatever they ask.

It is carried by the context, not by arguments, so that calls deep below an act end in time too. Threads that
work for an act run in a copy of its context.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from integrations.errors import RetryableError

_end: ContextVar[float | None] = ContextVar("deadline", default=None)
# What is left is never so little that a call could only fail and leave open whether it was done.
_LEAST_S: Final = 0.2


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Has everything in the block end within these seconds; a deadline around it that is sooner stays."""
    end, around = time.monotonic() + seconds, _end.get()
    token = _end.set(end if around is None else min(end, around))
    try:
        yield
    finally:
        _end.reset(token)


def left(own_s: float) -> float:
    """The seconds a call may take, `own_s` at most; RetryableError where there is no time for it."""
    end = _end.get()
    if end is None:
        return own_s
    remaining = end - time.monotonic()
    if remaining < _LEAST_S:
        raise RetryableError("no time was left for another call; the calls before took all of it")
    return min(own_s, remaining)


def has(seconds: float) -> bool:
    """Whether at least these seconds are left; without a deadline there always are."""
    end = _end.get()
    return end is None or end - time.monotonic() >= seconds
