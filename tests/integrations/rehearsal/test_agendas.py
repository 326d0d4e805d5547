"""What people do in calendars at their own provider reaches an organizer at another."""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from integrations.calendars.calendar import Attendee, Calendar, EventRef, EventSpec, Gone, Rsvp, Snapshot
from integrations.calendars.ics import event_uid
from integrations.rehearsal.agenda import Agendas, Entry
from tests.integrations.rehearsal.neighbourhood import (
    OFFICE,
    PROVIDERS,
    Neighbourhood,
    neighbourhood,
    until,
)

START = datetime(2026, 9, 7, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
VENDORS = [(usual, at) for usual in ("google", "microsoft") for at in PROVIDERS]
PAIRS = [*VENDORS, ("caldav", "caldav")]
_numbers = itertools.count()
_GUESTS = [str(number) for number in range(8 * len(PAIRS))]


@pytest.fixture(scope="module")
def neighbours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neighbourhood]:
    with neighbourhood(
        tmp_path_factory.mktemp("neighbours"), [str(number) for number in range(len(PAIRS) * 8)]
    ) as all_of_them:
        yield all_of_them


@dataclass
class Table:
    """One guest at a provider, an organizer at another, and the event between them."""

    calendar: Calendar
    agendas: Agendas
    guest: str
    ref: EventRef
    spec: EventSpec

    async def seen(self) -> Entry:
        """The event in the guest's calendar, as soon as it is there."""
        (entry,) = await until(self.ahead, lambda found: len(found) == 1)
        return entry

    async def ahead(self) -> list[Entry]:
        return list(await self.agendas.ahead(self.guest, START - DAY))

    async def told(self) -> Snapshot:
        found = self.calendar.get(self.ref)
        assert isinstance(found, Snapshot)
        return found

    async def answered(self, rsvp: Rsvp) -> Snapshot:
        return await until(self.told, lambda told: told.rsvps[self.guest] is rsvp)


@pytest.fixture(params=PAIRS, ids="-".join)
async def table(
    request: pytest.FixtureRequest, neighbours: Neighbourhood, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Table]:
    usual, at = request.param
    number = next(_numbers)
    guest = f"{at}.{number}@corp.example"
    calendar = neighbours.calendar(usual, monkeypatch.setenv)
    spec = EventSpec(
        summary="Digital session",
        description="",
        start=START,
        end=START + HOUR,
        organizer=Attendee(address=OFFICE, name="Office"),
        attendees=(Attendee(address=guest, name="Zoé"),),
        conference=False,
    )
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(neighbours.opened(usual))
        ref = calendar.ensure(f"key-{number}", 0, spec)
        yield Table(calendar, opened.agendas, guest, ref, spec)


async def test_invitation_is_seen_and_its_acceptance_is_told(table: Table) -> None:
    entry = await table.seen()
    assert (entry.start, entry.end, entry.rsvp) == (START, START + HOUR, Rsvp.NEEDS_ACTION)
    assert await entry.answer(Rsvp.ACCEPTED)
    assert (await table.answered(Rsvp.ACCEPTED)).rsvps == {table.guest: Rsvp.ACCEPTED}
    assert (await table.seen()).rsvp is Rsvp.ACCEPTED


async def test_deleted_copy_is_a_decline_or_a_deletion(table: Table) -> None:
    assert await (await table.seen()).delete()
    told = await until(table.told, lambda told: bool(told.deleted_by) or _declined(told))
    assert told.deleted_by == (table.guest,) or told.rsvps == {table.guest: Rsvp.DECLINED}
    assert await table.ahead() == []


async def test_wish_for_another_time_is_heard(table: Table) -> None:
    """Google's API has no words for the time: organizers and guests there make do with a decline."""
    assert await (await table.seen()).shift(DAY)
    told = await until(table.told, lambda told: bool({**told.moved, **told.proposed}) or _declined(told))
    if "google" in {table.ref.provider, table.guest.partition(".")[0]}:
        assert told.rsvps == {table.guest: Rsvp.DECLINED}
    else:
        assert {**told.moved, **told.proposed}[table.guest].start == START + DAY


async def test_moved_event_moves_the_copy_and_asks_anew(table: Table) -> None:
    assert await (await table.seen()).delete()
    await until(table.told, lambda told: bool(told.deleted_by) or _declined(told))
    later = table.spec.model_copy(update={"start": START + DAY, "end": START + DAY + HOUR})
    table.calendar.reschedule(table.ref, later, (await table.told()).etag)
    entry = await table.seen()
    assert (entry.start, entry.rsvp) == (START + DAY, Rsvp.NEEDS_ACTION)
    assert entry.sequence > 0
    assert await entry.answer(Rsvp.ACCEPTED)
    assert (await table.answered(Rsvp.ACCEPTED)).rsvps == {table.guest: Rsvp.ACCEPTED}


async def test_cancelled_event_leaves_no_copy(table: Table) -> None:
    await table.seen()
    table.calendar.cancel(table.ref, "")
    assert await until(table.ahead, lambda found: not found) == []
    assert isinstance(table.calendar.get(table.ref), Gone)


@pytest.mark.parametrize("table", VENDORS, indirect=True, ids="-".join)
async def test_move_in_the_organizers_own_calendar_is_everybodys(table: Table) -> None:
    await table.seen()
    (own,) = [one for one in await table.agendas.ahead(OFFICE, START - DAY) if one.mark == _mark(table)]
    assert await own.shift(DAY)
    assert (await table.told()).start == START + DAY
    assert (await until(table.seen, lambda entry: entry.start == START + DAY)).start == START + DAY


def _declined(told: Snapshot) -> bool:
    return Rsvp.DECLINED in told.rsvps.values()


def _mark(table: Table) -> str:
    return event_uid(table.ref.key, table.ref.generation)
