"""Whole pairings across providers, from proposal to closing review, with people who change their minds."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from temporalio.client import Client

import worker
from integrations.calendars.ics import event_uid
from integrations.database.bookings import BookingStatus
from integrations.database.sql.database import Database
from tests.integrations.rehearsal.neighbourhood import Neighbourhood, neighbourhood
from tests.workflows.mixed import Pair, settle
from tests.workflows.street import street
from tests.workflows.town import terms
from workflows.stages import Outcome

PAIRS = (
    Pair("google.0@corp.example", "google.1@corp.example"),
    Pair("google.2@corp.example", "microsoft.0@corp.example"),
    Pair("microsoft.1@corp.example", "caldav.0@corp.example"),
)
DAYS_A_SECOND = 5
DONE = {"mentee moved": 1, "mentor deleted": 1, "office moved": 1}
MEETINGS = {"kick-off": 1, "session": 6, "closing-review": 1}


@pytest.fixture
def neighbours(tmp_path: Path) -> Iterator[Neighbourhood]:
    with neighbourhood(tmp_path / "neighbours", ["0", "1", "2"]) as servers:
        yield servers


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Database]:
    database = worker.opened(f"sqlite:///{tmp_path / 'mentoring.db'}")
    yield database
    database.store.close()


async def test_pairings_across_providers_end_with_one_event_per_session_and_none_orphaned(
    client: Client, neighbours: Neighbourhood, books: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google with Google, Google with Microsoft, Microsoft with CalDAV, side by side."""
    monkeypatch.setenv("MENTORING_LINK_KEYS", '["a key that is only good for tests"]')
    clock = terms("any", DAYS_A_SECOND).clock
    settings = {
        usual: neighbours.settings(usual, monkeypatch.setenv).model_copy(update={"clock": clock})
        for usual in ("google", "microsoft")
    }
    for pair in PAIRS:
        settle(books, pair, clock)
    async with street(client, neighbours, books, settings) as living:
        lived = dict(zip(PAIRS, await asyncio.gather(*map(living.live, PAIRS)), strict=True))
        held = {usual: await living.held(usual) for usual in settings}
        copies = {pair: [await living.copies(one) for one in pair.people] for pair in PAIRS}

    booked: dict[str, dict[str, datetime]] = {usual: {} for usual in settings}
    for pair, one in lived.items():
        starts = {event_uid(booking.key, booking.generation): booking.start for booking in one.bookings}
        booked[pair.usual] |= starts
        assert (pair, one.outcome, one.did) == (pair, Outcome.COMPLETED.value, DONE)
        assert Counter(booking.kind for booking in one.bookings) == MEETINGS
        assert {booking.status for booking in one.bookings} == {BookingStatus.BOOKED}
        assert {2, 3, 4} <= {booking.number for booking in one.bookings if booking.sequence}
        assert copies[pair] == [sorted(held[pair.usual][mark].uid for mark in starts)] * 2
    assert {
        usual: {mark: entry.start for mark, entry in found.items()} for usual, found in held.items()
    } == booked
