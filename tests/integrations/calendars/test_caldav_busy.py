"""Free/busy from real collections: whose hours they are, and calendars that cannot be read."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations.calendars.caldav import CalDav
from integrations.calendars.calendar import Busy, BusyKind, Rsvp, Unknown, Window
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.loopback import scripted
from tests.integrations.calendars.radicale import RadicaleHand

MARCH = Window(start=datetime(2026, 3, 2, tzinfo=UTC), end=datetime(2026, 4, 13, tzinfo=UTC))
MORNING = "DTSTART:20260303T090000Z\nDTEND:20260303T100000Z"


def test_each_kind_of_event_counts_as_it_should(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    who = caldav_desk.mentor
    caldav_hand.put(who, "free", f"{MORNING}\nTRANSP:TRANSPARENT")
    caldav_hand.put(who, "off", f"{MORNING}\nSTATUS:CANCELLED")
    caldav_hand.put(who, "maybe", f"{MORNING}\nSTATUS:TENTATIVE")
    caldav_hand.put(who, "weekly", "DTSTART:20260105T140000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY")
    mondays = [datetime(2026, 3, 2, 14, tzinfo=UTC) + timedelta(weeks=week) for week in range(6)]
    expected = [Busy(start=monday, end=monday + HOUR) for monday in mondays]
    expected.insert(1, Busy(start=TUESDAY, end=TUESDAY + HOUR, kind=BusyKind.TENTATIVE))
    assert caldav.free_busy([who], MARCH) == {who: tuple(expected)}


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles", "Europe/Paris"])
def test_a_whole_day_is_one_of_the_zone_set_for_the_calendar(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand, zone: str
) -> None:
    who = f"{zone.rpartition('/')[2].lower()}-{caldav_desk.stranger}"
    caldav.provision(who, zone)
    caldav_hand.put(who, "leave", "DTSTART;VALUE=DATE:20260310")
    start = datetime(2026, 3, 10, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    whole = Busy(start=start, end=start + timedelta(days=1))
    assert caldav.free_busy([who], MARCH) == {who: (whole,)}
    half_hour = timedelta(minutes=30)
    for begin in (start, whole.end - half_hour):
        edge = Window(start=begin, end=begin + half_hour)
        assert caldav.free_busy([who], edge) == {who: (Busy(start=edge.start, end=edge.end),)}


def test_a_declined_meeting_of_ours_leaves_its_hour_free(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    ref = caldav.ensure("key", 0, caldav_desk.spec())
    caldav_hand.answer(caldav_desk.mentor, ref, Rsvp.DECLINED)
    found = caldav.free_busy([caldav_desk.mentor, caldav_desk.mentee], MARCH)
    assert found == {
        caldav_desk.mentor: (),
        caldav_desk.mentee: (Busy(start=TUESDAY, end=TUESDAY + HOUR),),
    }


def test_a_cancelled_meeting_leaves_its_hour_free(caldav: CalDav, caldav_desk: Desk) -> None:
    caldav.cancel(caldav.ensure("key", 0, caldav_desk.spec()), "")
    people = [caldav_desk.organizer, caldav_desk.mentor]
    assert caldav.free_busy(people, MARCH) == dict.fromkeys(people, ())


def test_a_calendar_with_no_rights_is_unknown(caldav: CalDav, caldav_desk: Desk) -> None:
    found = caldav.free_busy(["shut-a@corp.example", caldav_desk.mentor], MARCH)
    assert found[caldav_desk.mentor] == ()
    assert found["shut-a@corp.example"] == Unknown(why="the service account may not read this calendar")


def test_a_calendar_with_free_busy_rights_is_read_so(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    who = f"glance-{caldav_desk.stranger}"
    caldav_hand.make_calendar(who)
    caldav_hand.put(who, "meeting", f"{MORNING}\nSTATUS:TENTATIVE")
    assert caldav.free_busy([who], MARCH) == {
        who: (Busy(start=TUESDAY, end=TUESDAY + HOUR, kind=BusyKind.TENTATIVE),)
    }


@pytest.mark.parametrize("address", ["", "zoé@corp.example", "../mentor@corp.example"])
def test_an_address_that_is_none_is_unknown(caldav: CalDav, address: str) -> None:
    assert isinstance(caldav.free_busy([address], MARCH)[address], Unknown)


@pytest.mark.parametrize("status", ["400 Bad Request", "500 Internal Server Error", "501 Not Implemented"])
def test_a_calendar_that_breaks_the_server_is_unknown(status: str) -> None:
    who = "zoe@corp.example"
    with scripted(status) as server:
        found = CalDav(server.url + "/{address}/", "u", "p").free_busy([who], MARCH)
    assert found == {who: Unknown(why=f"the calendar server answered {status[:3]}")}


_TWO_DURATIONS = (
    "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260302T090000Z\nDURATION:PT1H\nDURATION:PT2H\n"
    "RRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR\n"
)


def _holding(text: str) -> str:
    return f"<a xmlns='urn:ietf:params:xml:ns:caldav'><calendar-data>{text}</calendar-data></a>"


@pytest.mark.parametrize(
    "body",
    ["", "<not xml", _holding("x"), _holding(_TWO_DURATIONS)],
)
def test_an_answer_nobody_can_read_is_unknown(body: str) -> None:
    with scripted("207 Multi-Status", body=body) as server:
        found = CalDav(server.url + "/{address}/", "u", "p").free_busy(["zoe@corp.example"], MARCH)
    assert found == {"zoe@corp.example": Unknown(why="the calendar holds something that cannot be read")}


def test_each_of_many_people_has_an_entry_of_their_own(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand
) -> None:
    people = [f"{number}-{caldav_desk.stranger}" for number in range(12)]
    hours = [Window(start=TUESDAY + number * HOUR, end=TUESDAY + (number + 1) * HOUR) for number in range(12)]
    for who, hour in zip(people, hours, strict=True):
        caldav.provision(who)
        caldav_hand.occupy(who, hour)
    expected = {who: (Busy(start=hour.start, end=hour.end),) for who, hour in zip(people, hours, strict=True)}
    assert caldav.free_busy(people, MARCH) == expected
