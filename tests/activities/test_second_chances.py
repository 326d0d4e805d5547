"""Mentors who missed a half-day join another group's, in a real calendar and by mail."""

from datetime import timedelta

from activities.letters.catalogue import Letter
from activities.scheduling import CancelMeetings, MeetingKind, Redistributed, RedistributeMissed
from integrations.calendars.calendar import Rsvp
from integrations.database.bookings import Booking
from integrations.rehearsal.scene import ORGANIZER
from tests.activities.house import House, Neighbours

DAY = timedelta(days=1)
TRAINER, MENTOR, LATE, OTHER = "00025", "00510", "00521", "00527"
NO_CALENDAR = "00014"
SOON, LATER = "programme/digital-2026/training/1/2/1", "programme/digital-2026/training/2/2/1"


def train(house: House, key: str, *mentors: str, days: int = 3) -> Booking:
    now = house.clock.now()
    request = house.meeting(
        key,
        house.person(TRAINER),
        kind=MeetingKind.TRAINING,
        wanted=tuple(house.person(one).ref for one in mentors),
        quorum=len(mentors),
        minutes=210,
        number=2,
        earliest=now + days * DAY,
        latest=now + (days + 10) * DAY,
    )
    assert house.acts["book_meeting"](request).booked
    return kept(house, key)


def kept(house: House, key: str) -> Booking:
    booking = house.books.bookings.get(key)
    assert booking is not None
    return booking


def missed(house: House, *mentors: str, most: int = 10, **more: object) -> Redistributed:
    request = RedistributeMissed(
        programme_id=house.programme.id,
        part=2,
        refs=tuple(house.person(one).ref for one in mentors),
        earliest=house.clock.now() + 2 * DAY,
        keys=(SOON, LATER),
        most=most,
    )
    found: Redistributed = house.acts["redistribute_missed"](request.model_copy(update=more))
    return found


async def test_absent_mentor_joins_the_next_date_and_the_others_answers_stay(house: House) -> None:
    soon, _ = train(house, SOON, MENTOR), train(house, LATER, MENTOR, days=6)
    late, mentor = house.person(LATE), house.person(MENTOR)
    mine = next(one for one in await house.seen(mentor) if one.start == soon.start)
    assert await mine.answer(Rsvp.ACCEPTED)
    for _ in range(2):
        assert missed(house, LATE).joined == {late.ref: SOON}
    (copy,) = await house.seen(late)
    assert (copy.start, copy.end, copy.rsvp) == (soon.start, soon.end, Rsvp.NEEDS_ACTION)
    assert kept(house, SOON).attendees == (*soon.attendees, late.ref)
    again = next(one for one in await house.seen(mentor) if one.start == soon.start)
    assert again.rsvp is Rsvp.ACCEPTED
    house.acts["cancel_meetings"](CancelMeetings(keys=(SOON,)))
    assert await house.seen(late) == []


def test_full_group_takes_nobody_and_the_next_one_does(house: House) -> None:
    train(house, SOON, MENTOR)
    train(house, LATER, MENTOR, days=6)
    found = missed(house, LATE, OTHER, most=2).joined
    assert sorted(found.values()) == [SOON, LATER]
    assert missed(house, LATE, OTHER, most=2).joined == found
    assert len(kept(house, SOON).attendees) == len(kept(house, LATER).attendees) == 3


def test_date_of_another_part_too_early_or_cancelled_is_nobodys(house: House) -> None:
    soon = train(house, SOON, MENTOR)
    assert missed(house, LATE, part=1).joined == {}
    assert missed(house, LATE, earliest=soon.end).joined == {}
    house.acts["cancel_meetings"](CancelMeetings(keys=(SOON,)))
    assert missed(house, LATE).joined == {}
    assert kept(house, SOON).attendees == soon.attendees


def test_mentor_who_is_taken_then_finds_no_seat(house: House) -> None:
    soon = train(house, SOON, MENTOR)
    other = house.person(OTHER)
    taken = kept(house, SOON).model_copy(
        update={"key": "other/life", "attendees": (other.ref,), "event": None}
    )
    assert house.books.bookings.reserve(taken)
    assert missed(house, OTHER).joined == {}
    assert kept(house, SOON).attendees == soon.attendees


def test_mentor_without_a_calendar_is_invited_by_mail_once(house: House) -> None:
    train(house, SOON, MENTOR)
    person = house.person(NO_CALENDAR)
    late = kept(house, SOON)
    house.books.bookings.save(late.model_copy(update={"attendees": (*late.attendees, person.ref)}))
    for _ in range(2):
        assert missed(house, NO_CALENDAR).joined == {person.ref: SOON}
    letters = [one["X-Mentoring-Letter"] for one in house.mail_to(person)]
    assert letters == [Letter.EVENT_INVITATION.value]
    assert any(part.get_content_type() == "text/calendar" for part in house.mail_to(person)[0].walk())
    assert kept(house, SOON).by_mail == (person.ref,)


async def test_half_day_whose_event_is_gone_gives_newcomers_their_hour_back(
    house: House, neighbours: Neighbours
) -> None:
    soon = train(house, SOON, MENTOR)
    office = neighbours.calendars.storage / "collection-root" / ORGANIZER / "calendar"
    for event in office.glob("*.ics"):
        event.unlink()
    assert missed(house, LATE).joined == {}
    assert kept(house, SOON).attendees == soon.attendees
    assert await house.seen(house.person(LATE)) == []
