"""Whose calendar holds a programme's events."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from activities.scheduling import CancelMeetings, MeetingStatus
from integrations.calendars.caldav import CalDav
from integrations.calendars.calendar import EventRef
from integrations.database.bookings import BookingStatus
from integrations.rehearsal.account import live_events
from integrations.rehearsal.scene import ORGANIZER
from tests.activities.by_mail import KEY, MENTOR, Office, acts_of
from tests.activities.house import House, Neighbours
from tests.activities.vendor_office import OFFICES, VendorOffice

MENTEE, OTHER = "00025", "00521"
OWN, LATER = "digital-office@atelier-nord.example", "later-office@atelier-nord.example"
ANOTHER = "pairing/digital-2026/other/1/session/1/0"


@pytest.fixture(params=sorted(OFFICES))
def at(request: pytest.FixtureRequest, house: House) -> Iterator[VendorOffice]:
    with OFFICES[request.param](house) as office:
        office.server.join(OWN, LATER)
        yield office


def name_organizer(house: House, address: str) -> None:
    house.books.programmes.save(house.programme.model_copy(update={"organizer": address}))


def holder(house: House, key: str = KEY) -> str:
    booking = house.books.bookings.get(key)
    assert booking
    assert booking.event
    return EventRef.model_validate_json(booking.event).organizer


def test_events_are_in_the_calendar_that_the_programme_names(at: VendorOffice) -> None:
    office, house = at.office, at.office.house
    name_organizer(house, OWN)
    office.book(MENTOR, MENTEE)
    assert holder(house) == OWN
    assert office.look().status is MeetingStatus.BOOKED
    office.move()
    assert office.look().start == office.booking.start
    office.acts.cancel_meetings(CancelMeetings(keys=(KEY,)))
    assert office.acts._events.read(office.booking) is None


def test_without_a_word_they_are_in_the_one_of_the_settings(at: VendorOffice) -> None:
    at.office.book(MENTOR, MENTEE)
    assert holder(at.office.house) == ORGANIZER


def test_an_event_stays_where_it_is_when_the_programme_names_another(at: VendorOffice) -> None:
    office, house = at.office, at.office.house
    name_organizer(house, OWN)
    office.book(MENTOR, MENTEE)
    name_organizer(house, LATER)
    office.move()
    office.book(MENTOR, OTHER, key=ANOTHER)
    assert (holder(house), holder(house, ANOTHER)) == (OWN, LATER)
    assert office.look().start == office.booking.start
    office.acts.cancel_meetings(CancelMeetings(keys=(KEY,)))
    assert office.booking.status is BookingStatus.CANCELLED


async def test_a_named_organizers_calendar_at_a_caldav_server(house: House, neighbours: Neighbours) -> None:
    server = neighbours.calendars
    CalDav(f"{server.url}{{address}}/calendar/", server.user, server.password).provision(OWN)
    name_organizer(house, OWN)
    office = Office(house, acts_of(house))
    office.book(MENTOR, MENTEE)
    assert len(live_events(server.storage, OWN)) == 1
    assert live_events(server.storage, ORGANIZER) == []
    (seen,) = await house.seen(house.person(MENTEE))
    assert str(seen.event["ORGANIZER"]) == f"mailto:{OWN}"
    assert abs(seen.start - office.booking.start) < timedelta(seconds=1)
