"""What is made of Google's freeBusy: portions, errors inside a 200, and what counts as busy."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from integrations.calendars.calendar import Busy, Unknown, Window
from integrations.errors import RetryableError
from tests.integrations.calendars.clock_changes import Change, each_change
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.google_desk import GoogleHand
from tests.integrations.calendars.google_server import Answer, GoogleServer

WEEK = Window(start=TUESDAY - timedelta(days=1), end=TUESDAY + timedelta(days=6))


def hours(start: datetime = TUESDAY) -> dict[str, Any]:
    return {"start": {"dateTime": start.isoformat()}, "end": {"dateTime": (start + HOUR).isoformat()}}


def busy(desk: Desk, window: Window = WEEK) -> object:
    return desk.calendar.free_busy([desk.mentee], window)[desk.mentee]


TAKEN = (Busy(start=TUESDAY, end=TUESDAY + HOUR),)


@pytest.mark.parametrize(
    ("resource", "taken"),
    [
        ({}, TAKEN),
        ({"eventType": "outOfOffice"}, TAKEN),
        ({"eventType": "focusTime"}, TAKEN),
        ({"eventType": "workingLocation"}, ()),
        ({"transparency": "transparent"}, ()),
        ({"status": "cancelled"}, ()),
    ],
)
def test_out_of_office_and_focus_time_are_busy_and_a_working_location_is_not(
    google: GoogleServer, google_desk: Desk, resource: dict[str, str], taken: tuple[Busy, ...]
) -> None:
    GoogleHand(google).put(google_desk.mentee, **hours(), **resource)
    assert busy(google_desk) == taken


@pytest.mark.parametrize("reason", ["notFound", "internalError", "groupTooBig"])
def test_an_error_of_one_calendar_inside_a_200_is_unknown_not_free(
    google: GoogleServer, google_desk: Desk, reason: str
) -> None:
    google.store.accounts[google_desk.mentee].error = reason
    assert google_desk.calendar.free_busy([google_desk.mentor, google_desk.mentee], WEEK) == {
        google_desk.mentor: (),
        google_desk.mentee: Unknown(why=f"Google cannot tell: {reason}"),
    }


def test_a_calendar_the_answer_leaves_out_is_unknown(google: GoogleServer, google_desk: Desk) -> None:
    google.faults.append(Answer(200, text='{"calendars": {}}'))
    assert busy(google_desk) == Unknown(why="Google cannot tell: missing")


def test_a_reason_that_is_no_word_is_not_passed_on(google: GoogleServer, google_desk: Desk) -> None:
    google.store.accounts[google_desk.mentee].error = "no access to zoe@corp.example"
    assert busy(google_desk) == Unknown(why="Google cannot tell: unknown")


def test_an_answer_that_cannot_be_read_is_asked_for_again(google: GoogleServer, google_desk: Desk) -> None:
    google.faults.append(Answer(200, text="<html>Log in to the guest network</html>"))
    with pytest.raises(RetryableError):
        busy(google_desk)


def test_fifty_calendars_are_asked_about_in_one_call(google: GoogleServer, google_desk: Desk) -> None:
    people = [f"many{number}@corp.example" for number in range(101)]
    google.join(*people)
    GoogleHand(google).put(people[100], **hours())
    before = len(google.calls)
    found = google_desk.calendar.free_busy(people, WEEK)
    assert [len(call.body["items"]) for call in google.calls[before:]] == [50, 50, 1]
    assert found == {**dict.fromkeys(people, ()), people[100]: TAKEN}


def test_a_window_is_asked_about_in_stretches_of_ninety_days(google: GoogleServer, google_desk: Desk) -> None:
    seam = TUESDAY + timedelta(days=90)
    hand = GoogleHand(google)
    hand.put(google_desk.mentee, **hours(seam - HOUR / 2))
    hand.put(google_desk.mentee, **hours(seam + timedelta(days=91)))
    before = len(google.calls)
    window = Window(start=TUESDAY, end=TUESDAY + timedelta(days=200))
    assert busy(google_desk, window) == (
        Busy(start=seam - HOUR / 2, end=seam + HOUR / 2),
        Busy(start=seam + timedelta(days=91), end=seam + timedelta(days=91) + HOUR),
    )
    assert len(google.calls) - before == 3


def test_an_error_in_any_stretch_is_unknown(google: GoogleServer, google_desk: Desk) -> None:
    broken = f'{{"calendars": {{"{google_desk.mentee}": {{"errors": [{{"reason": "internalError"}}]}}}}}}'
    google.faults.extend([None, Answer(200, text=broken)])
    window = Window(start=TUESDAY, end=TUESDAY + timedelta(days=100))
    assert busy(google_desk, window) == Unknown(why="Google cannot tell: internalError")


def test_busy_times_are_cut_to_the_window_and_those_that_touch_are_one(
    google: GoogleServer, google_desk: Desk
) -> None:
    times = [(7, 0, 8, 0), (8, 30, 9, 30), (9, 15, 9, 20), (9, 30, 10, 0), (10, 15, 13, 0)]
    day = TUESDAY.replace(hour=0)
    periods = ",".join(
        f'{{"start": "{(day + timedelta(hours=a, minutes=b)).isoformat()}", '
        f'"end": "{(day + timedelta(hours=c, minutes=d)).isoformat()}"}}'
        for a, b, c, d in times
    )
    google.faults.append(
        Answer(200, text=f'{{"calendars": {{"{google_desk.mentee.upper()}": {{"busy": [{periods}]}}}}}}')
    )
    window = Window(start=TUESDAY, end=TUESDAY + 2 * HOUR)
    assert busy(google_desk, window) == (
        Busy(start=TUESDAY, end=TUESDAY + HOUR),
        Busy(start=TUESDAY + HOUR + HOUR / 4, end=TUESDAY + 2 * HOUR),
    )


def test_an_address_that_is_none_is_unknown_and_not_asked_about(
    google: GoogleServer, google_desk: Desk
) -> None:
    found = google_desk.calendar.free_busy(["zoé@corp.example", google_desk.mentor], WEEK)
    assert isinstance(found["zoé@corp.example"], Unknown)
    assert found[google_desk.mentor] == ()
    assert [item["id"] for item in google.calls[-1].body["items"]] == [google_desk.mentor]


def test_a_declined_meeting_leaves_its_hour_free(google: GoogleServer, google_desk: Desk) -> None:
    ref = google_desk.calendar.ensure("key", 0, google_desk.spec())
    assert busy(google_desk) == TAKEN
    GoogleHand(google).delete(google_desk.mentee, ref)
    assert busy(google_desk) == ()


@each_change
def test_a_whole_day_is_as_long_as_it_is_in_the_persons_zone(
    google: GoogleServer, google_desk: Desk, change: Change
) -> None:
    google.join(google_desk.mentee, zone=change.zone)
    days = {"start": {"date": f"{change.day}"}, "end": {"date": f"{change.next_day}"}}
    GoogleHand(google).put(google_desk.mentee, **days)
    start = change.midnight
    window = Window(start=start - timedelta(days=2), end=start + timedelta(days=3))
    assert busy(google_desk, window) == (Busy(start=start, end=start + timedelta(hours=change.hours)),)


@each_change
def test_an_event_during_which_clocks_change_takes_its_real_hours(
    google: GoogleServer, google_desk: Desk, change: Change
) -> None:
    google.join(google_desk.mentee, zone=change.zone)
    times = {"start": change.moment - 3 * HOUR, "end": change.moment + 3 * HOUR}
    shown = {name: one.astimezone(change.local).isoformat() for name, one in times.items()}
    told = {name: {"dateTime": one, "timeZone": change.zone} for name, one in shown.items()}
    GoogleHand(google).put(google_desk.mentee, **told)
    window = Window(start=change.moment - timedelta(days=2), end=change.moment + timedelta(days=3))
    assert busy(google_desk, window) == (Busy(start=times["start"], end=times["end"]),)
