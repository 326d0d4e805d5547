"""Times that people propose in their own calendar: a wish, taken first, and no instruction."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from integrations.calendars.calendar import EventRef, Rsvp, Snapshot, Window
from integrations.database.bookings import BookingStatus
from integrations.hr.events import PersonFacts
from integrations.rehearsal.scene import ORGANIZER
from tests.activities.by_mail import DAY, HOUR, MENTOR, Office, acts_of
from tests.activities.house import House
from tests.integrations.calendars.google_desk import adapter as google_adapter
from tests.integrations.calendars.google_server import GoogleServer, google_server
from tests.integrations.calendars.graph_desk import OutlookHand, adapter
from tests.integrations.calendars.graph_server import GraphServer, graph_server

MENTEE = "00025"


@pytest.fixture
def graph(house: House) -> Iterator[GraphServer]:
    with graph_server() as graph:
        graph.join(ORGANIZER, *(house.person(one).address for one in (MENTOR, MENTEE)))
        yield graph


@pytest.fixture
def office(house: House, graph: GraphServer) -> Office:
    facts = [PersonFacts(person_id=one, calendar_provider="microsoft") for one in (MENTOR, MENTEE)]
    house.books.directory.apply(facts, house.clock.now(), "microsoft")
    connected = {"microsoft": adapter(graph, ORGANIZER)}
    office = Office(house, acts_of(house, usual="microsoft", connected=connected))
    book(office)
    return office


def book(office: Office) -> datetime:
    start = office.book(MENTOR, MENTEE).start
    assert start
    return start


def propose(office: Office, graph: GraphServer, wish: datetime, rsvp: Rsvp = Rsvp.TENTATIVE) -> None:
    """The mentee answers with "Propose new time"."""
    assert office.booking.event
    ref = EventRef.model_validate_json(office.booking.event)
    person = office.house.person(MENTEE)
    OutlookHand(graph).propose(person.address, ref, Window(start=wish, end=wish + HOUR), rsvp)


@pytest.mark.parametrize("rsvp", [Rsvp.TENTATIVE, Rsvp.DECLINED])
def test_a_proposed_time_moves_nothing_by_itself(office: Office, graph: GraphServer, rsvp: Rsvp) -> None:
    start = office.booking.start
    propose(office, graph, start + 2 * DAY, rsvp)
    seen = office.look()
    assert (seen.start, seen.moved) == (start, False)
    assert seen.rsvps[office.house.person(MENTEE).ref] == "declined"


def test_a_proposed_time_is_taken_first_in_the_same_event(office: Office, graph: GraphServer) -> None:
    wish = office.booking.start + 2 * DAY
    event = office.booking.event
    propose(office, graph, wish)
    assert office.move().start == wish
    assert office.booking.event == event
    assert graph.store.live(ORGANIZER)[0].sequence == 1
    seen = office.look()
    assert (seen.start, set(seen.rsvps.values())) == (wish, {"needs-action"})


def test_a_proposed_time_at_which_the_other_is_busy_is_passed_over(
    office: Office, graph: GraphServer
) -> None:
    wish = office.booking.start + 2 * DAY
    OutlookHand(graph).occupy(office.house.person(MENTOR).address, Window(start=wish, end=wish + HOUR))
    propose(office, graph, wish)
    moved = office.move()
    assert moved.booked
    assert moved.start != wish


def test_a_proposed_time_beyond_the_window_is_no_instruction(office: Office, graph: GraphServer) -> None:
    beyond = office.house.clock.now() + 60 * DAY
    propose(office, graph, beyond.replace(hour=9, minute=0, second=0, microsecond=0))
    assert office.offer()[0] < beyond - DAY
    start = office.move().start
    assert start
    assert start < beyond - DAY


def test_a_proposed_time_leads_the_hours_that_are_offered(office: Office, graph: GraphServer) -> None:
    wish = office.booking.start + 3 * DAY + HOUR / 2
    propose(office, graph, wish)
    assert office.offer()[0] == wish


def test_a_move_to_a_wish_that_was_begun_before_a_crash_is_finished(
    office: Office, graph: GraphServer
) -> None:
    wish, start = office.booking.start + 2 * DAY, office.booking.start
    propose(office, graph, wish)
    moving = {"start": wish, "end": wish + HOUR, "status": BookingStatus.MOVING, "sequence": 1}
    office.house.books.bookings.save(office.booking.model_copy(update=moving))
    assert office.move(moved_from=start).start == wish
    assert office.look().start == wish


@pytest.mark.usefixtures("office")
def test_the_event_says_what_can_be_done_in_exchange(graph: GraphServer) -> None:
    (stored,) = graph.store.live(ORGANIZER)
    note = stored.resource["body"]["content"]
    assert ("proposez-en une autre" in note, "déplacez-la" in note) == (True, False)


@pytest.fixture
def google(house: House) -> Iterator[GoogleServer]:
    with google_server() as google:
        google.join(ORGANIZER, *(house.person(one).address for one in (MENTOR, MENTEE)))
        yield google


def test_the_event_says_what_can_be_done_in_google(house: House, google: GoogleServer) -> None:
    connected = {"google": google_adapter(google, ORGANIZER)}
    office = Office(house, acts_of(house, usual="google", connected=connected))
    book(office)
    (stored,) = google.store.events.values()
    note = stored.resource["description"]
    assert ("refusez-la" in note, "proposez" in note, "déplacez-la" in note) == (True, False, False)


async def test_the_event_says_what_can_be_done_in_caldav(house: House) -> None:
    office = Office(house, acts_of(house))
    book(office)
    (entry,) = await house.seen(house.person(MENTEE))
    assert "déplacez-la ici" in str(entry.event["DESCRIPTION"])


def test_the_organizers_own_move_is_adopted(office: Office, graph: GraphServer) -> None:
    start = office.booking.start
    assert organizer_moves(office, graph, start + 3 * DAY) == start + 3 * DAY
    state = office.look()
    assert (state.moved, state.start, office.booking.start) == (True, start + 3 * DAY, start + 3 * DAY)


def test_the_organizers_move_onto_another_meeting_is_taken_back(office: Office, graph: GraphServer) -> None:
    start = office.booking.start
    taken = office.book(MENTOR, "00521", key="pairing/digital-2026/other/1/session/1/0").start
    assert taken
    assert organizer_moves(office, graph, taken) == taken
    state = office.look()
    assert (state.moved, state.start, office.booking.start) == (False, start, start)
    assert event_start(office, graph) == start
    assert office.look().start == start
    assert office.booking.status is BookingStatus.BOOKED


def organizer_moves(office: Office, graph: GraphServer, to: datetime) -> datetime:
    """The organizer drags the event somewhere; where it is then."""
    assert office.booking.event
    ref = EventRef.model_validate_json(office.booking.event)
    OutlookHand(graph).move(ORGANIZER, ref, Window(start=to, end=to + HOUR))
    return event_start(office, graph)


def event_start(office: Office, graph: GraphServer) -> datetime:
    assert office.booking.event
    snapshot = adapter(graph, ORGANIZER).get(EventRef.model_validate_json(office.booking.event))
    assert isinstance(snapshot, Snapshot)
    return snapshot.start
