"""Which hours the acts choose: sessions in rhythm, half-days of training on the best-attended day."""

from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest

from activities.no_hour import NoHour
from activities.scheduling import BookingOutcome, MeetingKind, MoveMeeting
from integrations.answers import Application, OptIn, Purpose, WeekPart
from integrations.database.answers import AnswerRecord
from integrations.database.bookings import Booking, BookingStatus
from integrations.programme_rules import MeetingRule
from tests.activities.applicants import answer
from tests.activities.house import House, Neighbours

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MENTEE, MENTOR = "00025", "00510"
GROUP = ("00510", "00521", "00527")
BEFORE = datetime(2026, 9, 22, 8, tzinfo=UTC)  # a Tuesday, ten in Paris
EARLIEST = datetime(2026, 9, 8, 7, tzinfo=UTC)  # the first working hour of the morning after, nine in Paris
NEAR = BEFORE + 28 * DAY
_numbers = count(1)


def following(house: House, before: datetime = BEFORE, **more: object) -> BookingOutcome:
    """Books the session after one, as a pairing does."""
    values = {
        "number": 2,
        "near": before + 28 * DAY,
        "earliest": before + 14 * DAY,
        "latest": before + 42 * DAY,
        "prefer": house.person(MENTEE).ref,
        **more,
    }
    people = (house.person(MENTOR), house.person(MENTEE))
    outcome: BookingOutcome = house.acts["book_meeting"](house.meeting("session/2", *people, **values))
    return outcome


def prefers(house: House, *parts: WeekPart) -> None:
    """Has the mentee say which parts of the week they like."""
    form = OptIn(choice="yes", preferred=parts)
    answer(house.books, house.programme, house.person(MENTEE), form, house.clock.now())


def takes(house: House, person_id: str, start: datetime, end: datetime) -> None:
    """Fills somebody's time with another meeting of ours."""
    booking = Booking(
        key=f"other/{next(_numbers)}",
        programme_id=house.programme.id,
        life="another life",
        kind="session",
        start=start,
        end=end,
        attendees=(house.person(person_id).ref,),
        status=BookingStatus.BOOKED,
    )
    house.books.bookings.save(booking)


def first(house: House, **more: object) -> BookingOutcome:
    """Books the first session within three weeks, as a pairing does."""
    now = house.clock.now()
    values = {
        "number": 1,
        "earliest": now + DAY,
        "latest": now + 21 * DAY,
        "prefer": house.person(MENTEE).ref,
    }
    people = (house.person(MENTOR), house.person(MENTEE))
    outcome: BookingOutcome = house.acts["book_meeting"](
        house.meeting("session/1", *people, **{**values, **more})
    )
    return outcome


def second_after(house: House, start: datetime) -> datetime:
    """The midnight of the day on which the rhythm puts the second session after a first one."""
    return start.replace(hour=0) + house.programme.timings.session_every_d * DAY


def test_first_session_is_as_early_as_can_be_where_the_second_can_follow(house: House) -> None:
    assert first(house).start == EARLIEST


def test_first_session_leaves_the_second_an_hour_in_rhythm(house: House) -> None:
    second = second_after(house, EARLIEST)
    takes(house, MENTOR, second - DAY, second + 2 * DAY)
    assert first(house).start == datetime(2026, 9, 10, 7, tzinfo=UTC)


def test_first_session_leaves_the_second_a_preferred_hour(house: House) -> None:
    prefers(house, WeekPart.TUE_AM, WeekPart.WED_AM)
    for week in (-1, 0, 1):
        tuesday = second_after(house, EARLIEST) + week * 7 * DAY
        takes(house, MENTOR, tuesday, tuesday + DAY)
    assert first(house).start == datetime(2026, 9, 9, 7, tzinfo=UTC)


def test_first_session_never_gives_up_its_own_preferred_hour_for_the_second(house: House) -> None:
    prefers(house, WeekPart.TUE_AM)
    second = second_after(house, EARLIEST)
    takes(house, MENTOR, second - 14 * DAY, second + 35 * DAY)
    assert first(house).start == EARLIEST


def test_first_session_waits_a_week_at_most_for_the_second(house: House) -> None:
    second = second_after(house, EARLIEST)
    takes(house, MENTOR, second - 8 * DAY, second + 11 * DAY)
    start = first(house).start
    assert start is not None
    assert start <= datetime(2026, 9, 15, 7, tzinfo=UTC)


def test_session_follows_the_one_before_at_the_same_hour_four_weeks_later(house: House) -> None:
    assert following(house).start == NEAR


def test_session_keeps_the_hour_on_the_mentees_wall_when_clocks_change(house: House) -> None:
    before = datetime(2026, 10, 6, 8, tzinfo=UTC)
    assert following(house, before).start == datetime(2026, 11, 3, 9, tzinfo=UTC)


def test_session_goes_to_preferred_hours_within_a_week_of_the_rhythm(house: House) -> None:
    prefers(house, WeekPart.FRI_AM)
    assert following(house).start == datetime(2026, 10, 23, 7, tzinfo=UTC)


def test_hour_is_sought_without_what_everybody_else_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    prefers(house, WeekPart.FRI_AM)
    asked = set[str | None]()
    of_programme = house.books.answers.of_programme

    def watched(
        programme_id: str, purpose: Purpose, person_ref: str | None = None
    ) -> tuple[AnswerRecord, ...]:
        asked.add(person_ref)
        return of_programme(programme_id, purpose, person_ref)

    monkeypatch.setattr(house.books.answers, "of_programme", watched)
    assert following(house).start == datetime(2026, 10, 23, 7, tzinfo=UTC)
    assert asked == {house.person(MENTEE).ref}


@pytest.mark.parametrize("parts", [(), (WeekPart.THU_AM,)])
def test_hours_liked_on_the_opt_in_outlive_a_later_application_without_any(
    house: House, parts: tuple[WeekPart, ...]
) -> None:
    prefers(house, WeekPart.FRI_AM)
    form = Application(
        choice="apply", motivation="m", strengths={"2.4": 4}, languages=("fr",), preferred=parts
    )
    answer(house.books, house.programme, house.person(MENTEE), form, house.clock.now())
    day = 22 if parts else 23
    assert following(house).start == datetime(2026, 10, day, 7, tzinfo=UTC)


def test_session_does_not_leave_the_week_around_the_rhythm_for_preferred_hours(house: House) -> None:
    prefers(house, WeekPart.TUE_AM)
    for week in (-1, 0, 1):
        tuesday = NEAR + week * 7 * DAY
        takes(house, MENTOR, tuesday - 3 * HOUR, tuesday + 4 * HOUR)
    start = following(house).start
    assert start is not None
    assert abs(start - NEAR) < DAY


def test_session_leaves_the_week_around_the_rhythm_where_it_is_full(house: House) -> None:
    takes(house, MENTOR, NEAR - 8 * DAY, NEAR + 8 * DAY)
    outcome = following(house)
    assert outcome.booked
    assert outcome.start is not None
    assert 8 * DAY <= abs(outcome.start - NEAR) <= 14 * DAY


async def test_firm_hour_far_off_the_rhythm_comes_before_a_tentative_one(
    house: House, neighbours: Neighbours
) -> None:
    await tentative(house, neighbours, NEAR - 8 * DAY, NEAR + 8 * DAY)
    start = following(house).start
    assert start is not None
    assert abs(start - NEAR) >= 8 * DAY


async def test_tentative_hour_in_rhythm_is_taken_where_there_is_no_firm_one(
    house: House, neighbours: Neighbours
) -> None:
    await tentative(house, neighbours, NEAR - 20 * DAY, NEAR + 20 * DAY)
    assert following(house).start == NEAR


async def tentative(house: House, neighbours: Neighbours, start: datetime, end: datetime) -> None:
    """Puts something tentative into the mentor's calendar."""
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//tests//EN", "BEGIN:VEVENT", "UID:perhaps"),
        f"DTSTAMP:{start:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{start:%Y%m%dT%H%M%SZ}",
        f"DTEND:{end:%Y%m%dT%H%M%SZ}",
        *("STATUS:TENTATIVE", "SUMMARY:Perhaps", "END:VEVENT", "END:VCALENDAR", ""),
    )
    calendars = neighbours.calendars
    url = f"{calendars.url}{house.person(MENTOR).address}/calendar/perhaps.ics"
    async with httpx.AsyncClient(trust_env=False, auth=(calendars.user, calendars.password)) as client:
        put = await client.put(url, content="\r\n".join(lines), headers={"Content-Type": "text/calendar"})
    put.raise_for_status()


def test_session_that_must_close_soon_stays_within_its_window(house: House) -> None:
    latest = BEFORE + 20 * DAY
    start = following(house, near=latest, latest=latest).start
    assert start is not None
    assert latest - 4 * DAY < start < latest


def test_session_finds_nothing_where_there_is_nothing_and_says_why(house: House) -> None:
    takes(house, MENTEE, NEAR - 20 * DAY, NEAR + 20 * DAY)
    outcome = following(house)
    assert not outcome.booked
    assert outcome.removed["busy"] > 0


def rules(house: House, **meetings: object) -> None:
    """Has the programme file say more about when people meet."""
    rule = MeetingRule.model_validate(meetings)
    house.books.programmes.save(house.programme.model_copy(update={"meetings": rule}))


def test_session_keeps_clear_of_lunch_on_their_own_clock(house: House) -> None:
    rules(house, lunch="09:30-11:30")
    assert following(house).start == datetime(2026, 10, 20, 9, 30, tzinfo=UTC)


def test_session_keeps_the_buffer_to_what_is_in_a_calendar(house: House) -> None:
    takes(house, MENTOR, NEAR + HOUR, NEAR + 9 * HOUR)
    rules(house, buffer_minutes=15)
    assert following(house).start == NEAR - HOUR / 4


def test_session_goes_to_another_day_where_the_mentor_has_as_many_as_they_may(house: House) -> None:
    rules(house, most_a_day=1)
    takes(house, MENTOR, NEAR - 2 * HOUR, NEAR - HOUR)
    start = following(house).start
    assert start is not None
    assert start.date() != NEAR.date()
    assert abs(start - NEAR) < 2 * DAY


def test_session_goes_to_another_week_where_this_one_is_full_beyond_the_window(house: House) -> None:
    rules(house, most_a_week=1)
    takes(house, MENTOR, NEAR - DAY, NEAR - DAY + HOUR)
    outcome = following(house, earliest=NEAR - HOUR, latest=NEAR + 14 * DAY)
    assert outcome.start is not None
    assert outcome.start >= datetime(2026, 10, 26, tzinfo=UTC)
    assert outcome.start < datetime(2026, 11, 2, tzinfo=UTC)


def test_session_is_not_put_before_an_assistant_could_make_room(house: House) -> None:
    helped, alone = house.person(MENTEE), house.person(GROUP[1])
    assert (helped.assistant_ref is None, alone.assistant_ref is None) == (False, True)
    rules(house, assistant_notice_hours=72)
    now = house.clock.now()
    late = first(house).start
    early = house.acts["book_meeting"](house.meeting("other/1", house.person(MENTOR), alone)).start
    assert late is not None
    assert now + 71 * HOUR < late < now + 5 * DAY
    assert early < now + 2 * DAY


def test_session_that_is_moved_does_not_fill_its_own_day(house: House) -> None:
    rules(house, most_a_day=1, most_a_week=1)
    assert following(house).start == NEAR
    moved = house.acts["move_meeting"](
        MoveMeeting(key="session/2", moved_from=NEAR, earliest=NEAR - HOUR, latest=NEAR + 2 * DAY)
    )
    assert moved.start.date() == NEAR.date()


def test_most_sessions_a_day_hold_up_no_training(house: House) -> None:
    rules(house, most_a_day=1)
    for day in range(15):
        start = house.clock.now().replace(hour=18) + day * DAY
        takes(house, house.programme.trainer, start, start + HOUR)
    assert training(house, 1).booked


def test_what_would_help_is_told_and_forgotten_once_there_is_an_hour(house: House) -> None:
    rules(house, lunch="00:00-23:59")
    outcome = following(house)
    assert (outcome.booked, set(outcome.would_help)) == (False, {"lunch"})
    hints = NoHour(house.books.pairings)
    count = outcome.would_help["lunch"]
    assert hints.hints("session", "en") == (f"During lunch: {count} possible times.",)
    assert hints.hints("session", "fr") == (f"Pendant le déjeuner : {count} horaires possibles.",)
    rules(house)
    assert following(house).booked
    assert hints.hints("session", "en") == ()


def training(house: House, quorum: int) -> BookingOutcome:
    """Books a half-day of training for the group within two weeks."""
    trainer = house.person(house.programme.trainer)
    request = house.meeting(
        "training/1/1/1",
        trainer,
        kind=MeetingKind.TRAINING,
        wanted=tuple(house.person(one).ref for one in GROUP),
        quorum=quorum,
        minutes=210,
    )
    outcome: BookingOutcome = house.acts["book_meeting"](request)
    return outcome


def attendees(house: House) -> set[str]:
    booking = house.books.bookings.get("training/1/1/1")
    assert booking is not None
    return set(booking.attendees)


def test_training_is_held_on_the_day_most_of_the_group_can_come(house: House) -> None:
    morning = house.clock.now()
    takes(house, GROUP[0], morning, morning + 3 * DAY)
    takes(house, GROUP[1], morning, morning + 4 * DAY)
    outcome = training(house, 1)
    assert outcome.start is not None
    assert outcome.start > morning + 4 * DAY
    assert {house.person(one).ref for one in GROUP} <= attendees(house)


def test_training_without_the_quorum_is_not_held(house: House) -> None:
    morning = house.clock.now()
    takes(house, GROUP[0], morning, morning + 15 * DAY)
    assert not training(house, 3).booked
    assert training(house, 2).booked
    assert house.person(GROUP[0]).ref not in attendees(house)
