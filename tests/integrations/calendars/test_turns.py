"""How many calls at once a mailbox gets, and what becomes of those that wait."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from integrations.calendars.turns import Turns
from integrations.errors import RetryableError
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.google_acts import ref
from tests.integrations.calendars.google_server import GoogleServer

THREADS, CALLS = 8, 10


def most_at_once(server: GoogleServer, office: Desk, awaited: int) -> int:
    """How many calls of 8 threads the server has at the same time.

    Until there were so many as are awaited it lets none go, and then each stays a moment, so that one too
    many would be seen.
    """
    changed, together = threading.Condition(), threading.Barrier(THREADS)
    now = most = 0

    def held(_: object) -> float:
        nonlocal now, most
        with changed:
            now += 1
            most = max(most, now)
            changed.notify_all()
            changed.wait_for(lambda: most >= awaited, 30)
        time.sleep(0.02)
        with changed:
            now -= 1
        return 0

    def look(_: int) -> None:
        together.wait(60)
        for _number in range(CALLS):
            office.calendar.get(ref(office))

    server.delay = held
    with ThreadPoolExecutor(THREADS) as threads:
        list(threads.map(look, range(THREADS)))
    assert len(server.calls) == THREADS * CALLS
    return most


def test_google_gets_four_calls_at_once_for_a_mailbox(server: GoogleServer, office: Desk) -> None:
    assert most_at_once(server, office, awaited=4) == 4


def test_calls_without_turns_would_come_all_at_once(
    server: GoogleServer, office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def at_will(*_: Any) -> Iterator[None]:
        yield

    monkeypatch.setattr(Turns, "turn", at_will)
    assert most_at_once(server, office, awaited=5) > 4


def taken(turns: Turns, mailbox: str) -> str:
    """Whose turn it could be, for a call that is in a hurry."""
    with turns.turn(mailbox, 0.02):
        return mailbox


def test_a_call_that_waits_too_long_for_its_turn_is_made_later() -> None:
    turns = Turns(1)
    with turns.turn("office@corp.example", 20):
        with pytest.raises(RetryableError, match="mailbox busy"):
            taken(turns, "Office@corp.example")
        assert taken(turns, "other@corp.example") == "other@corp.example"
    assert taken(turns, "office@corp.example") == "office@corp.example"
