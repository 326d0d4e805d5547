"""A Google that loses answers as chance has it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.google_desk import adapter, desk_at
from tests.integrations.calendars.google_discovery import Call
from tests.integrations.calendars.google_server import Answer, GoogleServer, google_server
from tests.integrations.calendars.wire import Fault, Loss

_LOST_AFTER: tuple[Fault, ...] = (Loss.DROPPED_AFTER, Loss.RESET_AFTER, Loss.BROKEN_AFTER)
_OTHERS: tuple[Fault, ...] = (
    Loss.DROPPED_BEFORE,
    Answer(503, "backendError"),
    Answer(429, "rateLimitExceeded", {"Retry-After": "1"}),
    Answer(403, "userRateLimitExceeded"),
)
_OFFICE = "office@corp.example"


class FaultyGoogle:
    """Loses the answer to the first call after it was done, and two in three of those that follow."""

    def __init__(self, google: GoogleServer) -> None:
        google.join(_OFFICE)
        self._google = google
        self._calendar = adapter(google, _OFFICE)
        self._chance = random.Random()
        self._befallen = 0

    def desk(self, seed: int) -> Desk:
        self._chance.seed(seed)
        self._befallen = 0
        self._google.store.meet_after = self._chance.randrange(4)
        desk = desk_at(self._google, self._calendar, seed, organizer=_OFFICE)
        self._google.fault = self._next
        return desk

    def heal(self) -> int:
        self._google.fault = lambda _: None
        return self._befallen

    def _next(self, _: Call) -> Fault:
        fault = None
        if not self._befallen:
            fault = self._chance.choice(_LOST_AFTER)
        elif self._chance.random() < 2 / 3:
            fault = self._chance.choice((*_LOST_AFTER, *_OTHERS))
        self._befallen += fault is not None
        return fault


@contextmanager
def faulty_google() -> Iterator[FaultyGoogle]:
    """A Google of its own, and its faults."""
    with google_server() as google:
        yield FaultyGoogle(google)
