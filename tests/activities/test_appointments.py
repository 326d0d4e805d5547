from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from shutil import rmtree

import pytest
from temporalio.exceptions import ApplicationError

from activities.scheduling import (
    BookingOutcome,
    CancelMeetings,
    MeetingState,
    MeetingStatus,
    MoveMeeting,
    OfferSlots,
    WatchMeeting,
)
from integrations.calendars.calendar import Rsvp
from integrations.database.bookings import Booking, BookingStatus
from integrations.rehearsal.account import live_events
from integrations.rehearsal.agenda_caldav import CalDavEntry
from integrations.rehearsal.scene import ORGANIZER
from tests.activities.house import House, Neighbours

DAY = timedelta(days=1)
MENTEE, MENTOR, OTHER = "00025", "00510", "00521"
NO_CALENDAR = "00014"
KEY = "pairing/digital-2026/p/1/session/1/0"


def book(house: House, *ids: str, key: str = KEY, **more: object) -> BookingOutcome:
    people = [house.person(person_id) for person_id in ids or (MENTOR, MENTEE)]
    outcome: BookingOutcome = house.acts["book_meeting"](house.meeting(key, *people, **more))
    return outcome


def look(house: House) -> MeetingState:
    state: MeetingState = house.acts["watch_meeting"](WatchMeeting(key=KEY))
    return state


def kept(house: House) -> Booking:
    booking = house.books.bookings.get(KEY)
    assert booking is not None
    return booking


def move(house: House, **more: object) -> BookingOutcome:
    now = house.clock.now()
    request = MoveMeeting(key=KEY, moved_from=kept(house).start, earliest=now + DAY, latest=now + 14 * DAY)
    outcome: BookingOutcome = house.acts["move_meeting"](request.model_copy(update=more))
    return outcome


async def entry(house: House, person_id: str = MENTEE) -> CalDavEntry:
    (found,) = await house.seen(house.person(person_id))
    return found


def test_moved_meeting_gives_its_old_hour_up_altogether(house: House) -> None:
    book(house)
    old = kept(house)
    assert move(house).booked
    new = kept(house)
    assert new.end <= old.start or new.start >= old.end


async def test_booking_stands_in_both_calendars_at_an_hour_both_work(house: House) -> None:
    outcome = book(house)
    mine, theirs = await entry(house, MENTEE), await entry(house, MENTOR)
    assert outcome.booked
    assert mine.start == theirs.start == outcome.start
    assert (mine.rsvp, mine.uid) == (Rsvp.NEEDS_ACTION, theirs.uid)
    assert str(mine.event["LOCATION"]).startswith("https://meet.example/")


async def test_booking_again_adopts_what_was_booked(house: House) -> None:
    assert book(house) == book(house)
    assert len(await house.seen(house.person(MENTEE))) == 1


async def test_booking_begun_before_a_crash_is_finished_at_the_same_hour(house: House) -> None:
    first = book(house)
    lost = {"status": BookingStatus.INTENDED, "event": None}
    house.books.bookings.save(kept(house).model_copy(update=lost))
    assert book(house) == first
    assert len(await house.seen(house.person(MENTEE))) == 1
    assert kept(house).status is BookingStatus.BOOKED


async def test_intention_for_an_hour_gone_by_leaves_no_event_behind(
    house: House, neighbours: Neighbours
) -> None:
    book(house)
    gone = house.clock.now() - DAY
    lost = {"start": gone, "end": gone + timedelta(hours=1), "status": BookingStatus.INTENDED, "event": None}
    house.books.bookings.save(kept(house).model_copy(update=lost))
    assert book(house).booked
    assert len(live_events(neighbours.calendars.storage, ORGANIZER)) == 1
    assert len(await house.seen(house.person(MENTEE))) == 1


async def test_racing_bookings_of_one_person_get_an_hour_each(house: House) -> None:
    mentees = sorted(person_id for person_id, person in house.people.items() if person.level == 6)[1:9]
    with ThreadPoolExecutor(8) as threads:
        outcomes = list(
            threads.map(
                lambda mentee: book(house, MENTOR, mentee, key=f"pairing/digital-2026/{mentee}/1/s"), mentees
            )
        )
    starts = {outcome.start for outcome in outcomes}
    assert len(starts) == len(mentees)
    assert {one.start for one in await house.seen(house.person(MENTOR))} == starts


async def test_busy_hour_in_a_calendar_is_left_alone(house: House) -> None:
    first = book(house)
    second = book(house, MENTOR, OTHER, key="pairing/digital-2026/other/1/session/1/0")
    assert first.start
    assert second.start
    assert abs(second.start - first.start) >= timedelta(hours=1)


async def test_no_common_hour_says_what_stood_in_the_way(house: House) -> None:
    now = house.clock.now()
    outcome = book(house, earliest=now + timedelta(hours=13), latest=now + timedelta(hours=20))
    assert not outcome.booked
    assert set(outcome.removed) == {"not-working"}


async def test_calendar_that_cannot_be_read_counts_as_busy(house: House, neighbours: Neighbours) -> None:
    calendar = neighbours.calendars.storage / "collection-root" / house.person(MENTEE).address / "calendar"
    rmtree(calendar)
    outcome = book(house)
    assert not outcome.booked
    assert "unknown" in outcome.removed


async def test_person_without_a_calendar_is_invited_by_mail(house: House) -> None:
    outcome = book(house, MENTOR, NO_CALENDAR)
    (letter,) = house.mail_to(house.person(NO_CALENDAR))
    kinds = [part.get_content_type() for part in letter.walk()]
    assert outcome.booked
    assert "text/calendar" in kinds
    assert kept(house).by_mail == (house.person(NO_CALENDAR).ref,)
    house.acts["cancel_meetings"](CancelMeetings(keys=(KEY,)))
    assert [str(one["X-Mentoring-Letter"]) for one in house.mail_to(house.person(NO_CALENDAR))] == [
        "event-invitation",
        "event-cancelled",
    ]


async def test_rsvps_are_told_by_person(house: House) -> None:
    book(house)
    mine = await entry(house, MENTEE)
    assert await mine.answer(Rsvp.DECLINED)
    rsvps = {house.person(MENTEE).ref: "declined", house.person(MENTOR).ref: "needs-action"}
    assert look(house).rsvps == rsvps


async def test_move_keeps_the_event_and_is_done_once(house: House) -> None:
    first = book(house)
    before = await entry(house)
    moved = move(house)
    again = move(house, moved_from=first.start)
    after = await entry(house)
    assert moved == again
    assert moved.start != first.start
    assert (after.uid, after.start) == (before.uid, moved.start)
    assert after.sequence == 1


async def test_move_begun_before_a_crash_is_finished(house: House) -> None:
    book(house)
    booking = kept(house)
    moving = {"start": booking.start + DAY, "end": booking.end + DAY, "status": BookingStatus.MOVING}
    house.books.bookings.save(booking.model_copy(update=moving))
    assert move(house).start == booking.start + DAY == (await entry(house)).start


async def test_own_move_into_a_free_hour_is_adopted_everywhere(house: House) -> None:
    book(house)
    mine = await entry(house, MENTEE)
    assert await mine.shift(DAY)
    wished = mine.start
    state = look(house)
    assert (state.moved, state.start) == (True, wished)
    assert (await entry(house, MENTOR)).start == wished


async def test_own_move_into_a_taken_hour_is_a_decline(house: House) -> None:
    first = book(house)
    taken = book(house, MENTOR, OTHER, key="pairing/digital-2026/other/1/session/1/0")
    mine = await entry(house, MENTEE)
    assert first.start
    assert taken.start
    assert await mine.shift(taken.start - first.start)
    state = look(house)
    assert (state.moved, state.start) == (False, first.start)
    assert state.rsvps[house.person(MENTEE).ref] == "declined"


async def test_offered_hours_lie_apart_and_the_chosen_one_is_taken(house: House) -> None:
    book(house)
    now = house.clock.now()
    offered = house.acts["offer_slots"](OfferSlots(key=KEY, earliest=now + DAY, latest=now + 14 * DAY))
    offers = kept(house).offers
    assert offered.count == len(offers) == 3
    assert all(later - sooner >= DAY for sooner, later in pairwise(offers))
    assert move(house, offer=2).start == offers[1]


async def test_cancelled_meeting_leaves_every_calendar_and_may_be_cancelled_again(
    house: House, neighbours: Neighbours
) -> None:
    book(house)
    for _ in range(2):
        house.acts["cancel_meetings"](CancelMeetings(keys=(KEY, "never/booked")))
    assert await house.seen(house.person(MENTEE)) == await house.seen(house.person(MENTOR)) == []
    assert live_events(neighbours.calendars.storage, ORGANIZER) == []
    assert look(house).status is MeetingStatus.CANCELLED


async def test_cancelled_meeting_can_be_booked_anew(house: House) -> None:
    book(house)
    house.acts["cancel_meetings"](CancelMeetings(keys=(KEY,)))
    assert book(house).booked
    assert kept(house).generation == 1
    assert len(await house.seen(house.person(MENTEE))) == 1


def test_meeting_that_was_never_booked_is_a_final_error(house: House) -> None:
    with pytest.raises(ApplicationError) as raised:
        house.acts["watch_meeting"](WatchMeeting(key="never/booked"))
    assert raised.value.non_retryable
