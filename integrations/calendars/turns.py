"""Whose turn it is at a mailbox: vendors refuse calls where too many come at once for the same one."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from integrations.errors import RetryableError


class Turns:
    """Lets so many calls at once into each mailbox; the others wait, but not for all of their time."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lock = threading.Lock()
        self._of_mailbox: dict[str, threading.BoundedSemaphore] = {}

    @contextmanager
    def turn(self, mailbox: str, left_s: float) -> Iterator[None]:
        """A call's turn; RetryableError where it takes half of the time left: the rest is for the answer."""
        with self._lock:
            turns = self._of_mailbox.setdefault(mailbox.lower(), threading.BoundedSemaphore(self._at_once))
        if not turns.acquire(timeout=left_s / 2):
            raise RetryableError("other calls kept the organizer's mailbox busy for too long")
        try:
            yield
        finally:
            turns.release()
