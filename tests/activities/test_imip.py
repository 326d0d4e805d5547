"""People invited by mail: what they are sent, what they answer, and what becomes of the meeting."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Event

from activities.letters.catalogue import Letter
from activities.scheduling import CancelMeetings
from integrations.calendars.caldav import CalDav
from integrations.hr.events import PersonFacts
from integrations.rehearsal.scene import ORGANIZER
from tests.activities.by_mail import BOX, DAY, HOUR, KEY, MENTEE, MENTOR, OTHER, Office, acts_of, event_in
from tests.activities.house import House, Neighbours
from tests.integrations.mail import answers


@pytest.fixture
def office(house: House) -> Office:
    return Office(house, acts_of(house))


def invited(office: Office, letter: Letter = Letter.EVENT_INVITATION) -> Event:
    return event_in(office.letters(letter)[-1])


def wishing(office: Office, wish: datetime, partstat: str = "TENTATIVE") -> bytes:
    return answers.outlook(replace(office.said(invited(office), partstat), wish=wish))


def test_invitation_is_organized_from_the_answer_box_and_asks_for_an_answer(office: Office) -> None:
    office.book()
    event = invited(office)
    attendee = event["ATTENDEE"]
    assert str(event["ORGANIZER"]) == f"mailto:{BOX}"
    assert str(attendee) == f"mailto:{office.mentee.address}"
    assert attendee.params["RSVP"] == "TRUE"
    assert attendee.params["PARTSTAT"] == "NEEDS-ACTION"
    assert int(str(event["SEQUENCE"])) == 0
    assert "proposez-en une autre" in str(event["DESCRIPTION"])


def test_letters_say_how_to_answer(office: Office) -> None:
    office.book()
    office.move()
    for letter in (Letter.EVENT_INVITATION, Letter.EVENT_MOVED):
        (sent,) = office.letters(letter)
        text = sent.get_body(("plain",))
        assert text is not None
        assert "propos" in text.get_content()


def test_without_an_answer_box_letters_ask_for_a_word(house: House) -> None:
    office = Office(house, acts_of(house, box=False))
    office.book()
    (sent,) = office.letters(Letter.EVENT_INVITATION)
    event, text = event_in(sent), sent.get_body(("plain",))
    assert str(event["ORGANIZER"]) == f"mailto:{ORGANIZER}"
    assert str(event["DESCRIPTION"]) == ""
    assert text is not None
    assert "un mot en réponse" in text.get_content().replace("\n", " ")
    assert office.look().rsvps[office.mentee.ref] == "needs-action"


async def test_a_decline_by_mail_moves_the_meeting_and_then_counts_no_more(office: Office) -> None:
    """The whole path, there and back."""
    office.book()
    declined = answers.outlook(office.said(invited(office)))
    await office.post(declined)
    assert [(life, meeting) for life, meeting, _ in office.told] == [(KEY.rpartition("/")[0], KEY)]
    assert office.look().rsvps[office.mentee.ref] == "declined"
    before = office.booking.start
    outcome = office.move()
    moved = invited(office, Letter.EVENT_MOVED)
    assert outcome.booked
    assert (int(str(moved["SEQUENCE"])), moved.start) == (1, outcome.start)
    assert outcome.start != before
    assert str(moved["UID"]) == str(invited(office)["UID"])
    await office.post(declined)
    await office.post(answers.gmail(replace(office.said(invited(office)), stamp=datetime.now(UTC))))
    assert office.look().rsvps[office.mentee.ref] == "needs-action"
    assert len(office.told) == 1
    await office.post(answers.apple(office.said(moved, "ACCEPTED")))
    assert office.look().rsvps[office.mentee.ref] == "accepted"
    assert len(office.told) == 2


async def test_a_wish_by_mail_declines_and_is_the_hour_taken_next(office: Office) -> None:
    outcome = office.book()
    assert outcome.start
    wish = outcome.start + 3 * DAY + HOUR / 4
    await office.post(wishing(office, wish))
    assert office.look().rsvps[office.mentee.ref] == "declined"
    assert office.look().moved is False
    assert office.booking.start == outcome.start
    assert office.move().start == wish
    assert invited(office, Letter.EVENT_MOVED).start == wish
    assert office.look().rsvps[office.mentee.ref] == "needs-action"


async def test_a_wish_of_somebody_who_accepts_declines_nothing(office: Office) -> None:
    start = office.book().start
    assert start
    await office.post(wishing(office, start + DAY, "ACCEPTED"))
    assert office.look().rsvps[office.mentee.ref] == "accepted"


async def test_a_wish_for_an_hour_that_is_taken_is_passed_over(office: Office) -> None:
    start = office.book().start
    taken = office.book(MENTOR, OTHER, key="pairing/digital-2026/other/1/session/1/0").start
    assert start
    assert taken
    await office.post(wishing(office, taken))
    assert office.move().start not in {start, taken}


async def test_a_wish_for_an_hour_gone_by_is_passed_over(office: Office) -> None:
    start, gone = office.book().start, office.house.clock.now() - DAY
    await office.post(wishing(office, gone))
    moved = office.move()
    assert moved.booked
    assert moved.start not in {start, gone}


async def test_a_wish_is_the_first_of_the_hours_offered_and_can_be_chosen(office: Office) -> None:
    start = office.book().start
    assert start
    # Late in the evening, when nobody works who does not want to.
    wish = (start + 9 * DAY).replace(hour=19, minute=0, second=0, microsecond=0)
    await office.post(wishing(office, wish))
    offers = office.offer()
    assert offers[0] == wish
    assert len(offers) == 3
    assert all(abs(one - wish) >= DAY for one in offers[1:])
    assert office.move(offer=2).start == offers[1]


async def test_a_wish_that_was_offered_is_moved_to(office: Office) -> None:
    start = office.book().start
    assert start
    wish = (start + 9 * DAY).replace(hour=19, minute=0, second=0, microsecond=0)
    await office.post(wishing(office, wish))
    office.offer()
    assert office.move(offer=1).start == wish


async def test_a_meeting_that_is_cancelled_takes_no_answers(office: Office) -> None:
    office.book()
    said = office.said(invited(office))
    office.acts.cancel_meetings(CancelMeetings(keys=(KEY,)))
    cancelled = invited(office, Letter.EVENT_CANCELLED)
    assert (str(cancelled["STATUS"]), int(str(cancelled["SEQUENCE"]))) == ("CANCELLED", 1)
    assert "RSVP" not in cancelled["ATTENDEE"].params
    await office.post(answers.plain(said))
    assert office.told == []


async def test_a_meeting_booked_anew_does_not_take_the_answers_to_the_old_one(office: Office) -> None:
    office.book()
    said = office.said(invited(office))
    office.acts.cancel_meetings(CancelMeetings(keys=(KEY,)))
    office.book()
    await office.post(answers.plain(said))
    assert office.look().rsvps[office.mentee.ref] == "needs-action"
    await office.post(answers.plain(office.said(invited(office))))
    assert office.look().rsvps[office.mentee.ref] == "declined"


def test_somebody_who_is_in_the_directory_no_longer_keeps_nobody_from_being_told(
    office: Office,
) -> None:
    office.book()
    by_mail = ("p-nobody", *office.booking.by_mail)
    office.house.books.bookings.save(office.booking.model_copy(update={"by_mail": by_mail}))
    office.move()
    office.acts.cancel_meetings(CancelMeetings(keys=(KEY,)))
    assert len(office.letters(Letter.EVENT_MOVED)) == len(office.letters(Letter.EVENT_CANCELLED)) == 1


def test_who_was_invited_by_mail_stays_so_until_the_meeting_is_over(
    office: Office, neighbours: Neighbours
) -> None:
    """A calendar that somebody gets meanwhile is for later meetings: nobody is invited twice to one."""
    office.book()
    settings = office.house.settings
    password = settings.caldav_password.get_secret_value()
    CalDav(settings.caldav_url, settings.caldav_user, password).provision(office.mentee.address)
    has_one = PersonFacts(person_id=MENTEE, calendar_provider="caldav")
    office.house.books.directory.apply([has_one], office.house.clock.now(), "a calendar")
    assert office.move().booked
    assert office.booking.by_mail == (office.mentee.ref,)
    assert len(office.letters(Letter.EVENT_MOVED)) == 1
    assert list(neighbours.calendars.storage.glob(f"**/{office.mentee.address}/calendar/*.ics")) == []
    assert list(neighbours.calendars.storage.glob(f"**/{office.house.person(MENTOR).address}/calendar/*.ics"))
    office.acts.cancel_meetings(CancelMeetings(keys=(KEY,)))
    assert len(office.letters(Letter.EVENT_CANCELLED)) == 1
