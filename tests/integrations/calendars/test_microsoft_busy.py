"""What is made of Graph's getSchedule: portions, errors inside a 200, states, and whole days."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from integrations.calendars.calendar import Busy, BusyKind, Rsvp, Unknown, Window
from integrations.errors import RetryableError
from tests.integrations.calendars.clock_changes import Change, each_change
from tests.integrations.calendars.desk import HOUR, TUESDAY, Desk
from tests.integrations.calendars.graph_desk import OutlookHand
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.wire import Answer

WEEK = Window(start=TUESDAY - timedelta(days=1), end=TUESDAY + timedelta(days=6))
TAKEN = (Busy(start=TUESDAY, end=TUESDAY + HOUR),)


@pytest.fixture
def hand(graph: GraphServer) -> OutlookHand:
    return OutlookHand(graph)


def at(moment: datetime) -> dict[str, str]:
    return {"dateTime": moment.astimezone(UTC).replace(tzinfo=None).isoformat(), "timeZone": "UTC"}


def hours(start: datetime = TUESDAY, length: timedelta = HOUR) -> dict[str, Any]:
    return {"start": at(start), "end": at(start + length)}


def busy(desk: Desk, window: Window = WEEK) -> object:
    return desk.calendar.free_busy([desk.mentee], window)[desk.mentee]


@pytest.mark.parametrize("shows_items", [True, False])
@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("free", None),
        ("tentative", BusyKind.TENTATIVE),
        ("busy", BusyKind.BUSY),
        ("oof", BusyKind.OUT_OF_OFFICE),
        ("workingElsewhere", None),
    ],
)
def test_tentative_and_out_of_office_are_told_apart_and_working_elsewhere_is_free(  # noqa: PLR0913, PLR0917
    graph: GraphServer,
    microsoft_desk: Desk,
    hand: OutlookHand,
    state: str,
    kind: BusyKind | None,
    shows_items: bool,
) -> None:
    """In the items, or in the view's digits where a mailbox shows no items."""
    graph.join(microsoft_desk.mentee, shows_items=shows_items)
    hand.put(microsoft_desk.mentee, **hours(), showAs=state)
    taken = (Busy(start=TUESDAY, end=TUESDAY + HOUR, kind=kind),) if kind else ()
    assert busy(microsoft_desk) == taken


def test_a_state_nobody_knows_is_busy(microsoft_desk: Desk, hand: OutlookHand) -> None:
    hand.put(microsoft_desk.mentee, **hours(), showAs="unknown")
    assert busy(microsoft_desk) == TAKEN


@pytest.mark.parametrize("code", ["ErrorMailRecipientNotFound", "ErrorNoFreeBusyAccess", "5009"])
def test_an_error_of_one_mailbox_inside_a_200_is_unknown_not_free(
    graph: GraphServer, microsoft_desk: Desk, code: str
) -> None:
    graph.join(microsoft_desk.mentee, error=code)
    told = code if code.isidentifier() else "unknown"
    assert microsoft_desk.calendar.free_busy([microsoft_desk.mentor, microsoft_desk.mentee], WEEK) == {
        microsoft_desk.mentor: (),
        microsoft_desk.mentee: Unknown(why=f"Microsoft cannot tell: {told}"),
    }


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (None, "missing"),
        ({"scheduleItems": [{"start": "soon", "end": "later"}]}, "the answer cannot be read"),
        ({"error": {"message": "zoe@corp.example", "responseCode": "zoe@corp.example"}}, "unknown"),
    ],
)
def test_a_mailbox_with_an_odd_entry_is_unknown_and_spoils_no_other(
    graph: GraphServer, microsoft_desk: Desk, entry: dict[str, Any] | None, why: str
) -> None:
    desk = microsoft_desk
    odd = [] if entry is None else [{"scheduleId": desk.mentee, **entry}]
    fine = {"scheduleId": desk.mentor.upper(), "availabilityView": None, "scheduleItems": None}
    graph.faults.append(Answer(200, text=json.dumps({"value": [*odd, fine]})))
    assert desk.calendar.free_busy([desk.mentor, desk.mentee], WEEK) == {
        desk.mentor: (),
        desk.mentee: Unknown(why=f"Microsoft cannot tell: {why}"),
    }


def test_an_answer_that_cannot_be_read_is_asked_for_again(graph: GraphServer, microsoft_desk: Desk) -> None:
    graph.faults.append(Answer(200, text="<html>Log in to the guest network</html>"))
    with pytest.raises(RetryableError):
        busy(microsoft_desk)


def test_twenty_mailboxes_are_asked_about_in_one_call(
    graph: GraphServer, microsoft_desk: Desk, hand: OutlookHand
) -> None:
    people = [f"many{number:02}@corp.example" for number in range(41)]
    graph.join(*people)
    hand.put(people[40], **hours())
    before = len(graph.calls)
    found = microsoft_desk.calendar.free_busy(people, WEEK)
    assert [len(call.body["Schedules"]) for call in graph.calls[before:]] == [20, 20, 1]
    assert found == {**dict.fromkeys(people, ()), people[40]: TAKEN}


def test_a_window_is_asked_about_in_stretches_of_forty_two_days(
    graph: GraphServer, microsoft_desk: Desk, hand: OutlookHand
) -> None:
    window = Window(start=TUESDAY, end=TUESDAY + timedelta(days=100))
    hand.put(microsoft_desk.mentee, **hours(TUESDAY, timedelta(days=60)))
    hand.put(microsoft_desk.mentee, **hours(TUESDAY + timedelta(days=99)))
    before = len(graph.calls)
    assert busy(microsoft_desk, window) == (
        Busy(start=TUESDAY, end=TUESDAY + timedelta(days=60)),
        Busy(start=TUESDAY + timedelta(days=99), end=TUESDAY + timedelta(days=99) + HOUR),
    )
    assert len(graph.calls) - before == 3


@pytest.mark.parametrize("minutes", [1, 15, 60 * 24 * 41, 60 * 24 * 42 + 1])
def test_no_stretch_is_too_short_for_the_views_interval_or_too_long(
    microsoft_desk: Desk, minutes: int
) -> None:
    assert busy(microsoft_desk, Window(start=TUESDAY, end=TUESDAY + timedelta(minutes=minutes))) == ()


def test_an_error_in_any_stretch_is_unknown(graph: GraphServer, microsoft_desk: Desk) -> None:
    broken = {"scheduleId": microsoft_desk.mentee, "error": {"responseCode": "ErrorServerBusy"}}
    graph.faults.extend([None, Answer(200, text=json.dumps({"value": [broken]}))])
    window = Window(start=TUESDAY, end=TUESDAY + timedelta(days=60))
    assert busy(microsoft_desk, window) == Unknown(why="Microsoft cannot tell: ErrorServerBusy")


def test_busy_times_are_cut_to_the_window_and_those_of_a_kind_that_touch_are_one(
    microsoft_desk: Desk, hand: OutlookHand
) -> None:
    for start, end, state in (
        (-0.5, 0.5, "busy"),
        (0.25, 0.3, "busy"),
        (0.5, 1, "busy"),
        (0.5, 1, "tentative"),
        (1.25, 5, "busy"),
    ):
        hand.put(microsoft_desk.mentee, **hours(TUESDAY + start * HOUR, (end - start) * HOUR), showAs=state)
    window = Window(start=TUESDAY, end=TUESDAY + 2 * HOUR)
    assert busy(microsoft_desk, window) == (
        Busy(start=TUESDAY, end=TUESDAY + HOUR),
        Busy(start=TUESDAY + HOUR / 2, end=TUESDAY + HOUR, kind=BusyKind.TENTATIVE),
        Busy(start=TUESDAY + HOUR + HOUR / 4, end=TUESDAY + 2 * HOUR),
    )


def test_what_lies_outside_the_window_is_left_out(microsoft_desk: Desk, hand: OutlookHand) -> None:
    for start in (TUESDAY - 3 * HOUR, TUESDAY - HOUR, TUESDAY + HOUR, TUESDAY + 4 * HOUR):
        hand.put(microsoft_desk.mentee, **hours(start))
    assert busy(microsoft_desk, Window(start=TUESDAY, end=TUESDAY + HOUR)) == ()


def test_an_address_that_is_none_is_unknown_and_not_asked_about(
    graph: GraphServer, microsoft_desk: Desk
) -> None:
    found = microsoft_desk.calendar.free_busy(["zoé@corp.example", microsoft_desk.mentor], WEEK)
    assert isinstance(found["zoé@corp.example"], Unknown)
    assert found[microsoft_desk.mentor] == ()
    assert graph.calls[-1].body["Schedules"] == [microsoft_desk.mentor]


def test_an_invitation_takes_the_time_exchange_says_it_takes(
    graph: GraphServer, microsoft_desk: Desk, hand: OutlookHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exchange puts an unanswered one into a calendar as tentative, and a declined one not at all."""
    monkeypatch.setattr(graph.store, "unanswered_is", "tentative")
    ref = microsoft_desk.calendar.ensure("key", 0, microsoft_desk.spec())
    assert busy(microsoft_desk) == (Busy(start=TUESDAY, end=TUESDAY + HOUR, kind=BusyKind.TENTATIVE),)
    hand.answer(microsoft_desk.mentee, ref, Rsvp.ACCEPTED)
    assert busy(microsoft_desk) == TAKEN
    hand.delete(microsoft_desk.mentee, ref)
    assert busy(microsoft_desk) == ()


@each_change
def test_a_whole_day_is_midnight_to_midnight_in_the_mailboxs_zone(
    graph: GraphServer, microsoft_desk: Desk, hand: OutlookHand, change: Change
) -> None:
    graph.join(microsoft_desk.mentee, zone=change.zone, windows=change.windows)
    hand.put_whole_day(microsoft_desk.mentee, change.day, change.next_day)
    start = change.midnight
    window = Window(start=start - timedelta(days=2), end=start + timedelta(days=3))
    assert busy(microsoft_desk, window) == (Busy(start=start, end=start + timedelta(hours=change.hours)),)


def test_a_mailboxs_zone_may_have_ianas_name(
    graph: GraphServer, microsoft_desk: Desk, hand: OutlookHand
) -> None:
    graph.join(microsoft_desk.mentee, zone="Pacific/Auckland", windows="Pacific/Auckland")
    hand.put_whole_day(microsoft_desk.mentee, date(2026, 3, 4), date(2026, 3, 5))
    start = datetime(2026, 3, 4, tzinfo=ZoneInfo("Pacific/Auckland")).astimezone(UTC)
    assert busy(microsoft_desk) == (Busy(start=start, end=start + timedelta(days=1)),)


@each_change
def test_an_event_during_which_clocks_change_takes_its_real_hours(
    graph: GraphServer, microsoft_desk: Desk, hand: OutlookHand, change: Change
) -> None:
    graph.join(microsoft_desk.mentee, zone=change.zone, windows=change.windows)
    start, end = change.moment - 3 * HOUR, change.moment + 3 * HOUR
    hand.put(microsoft_desk.mentee, **hours(start, end - start))
    window = Window(start=start - timedelta(days=2), end=end + timedelta(days=2))
    assert busy(microsoft_desk, window) == (Busy(start=start, end=end),)


def test_hours_that_touch_midnight_are_no_whole_day(microsoft_desk: Desk, hand: OutlookHand) -> None:
    midnight = TUESDAY.replace(hour=0)
    hand.put(microsoft_desk.mentee, **hours(midnight))
    hand.put(microsoft_desk.mentee, **hours(midnight - 3 * HOUR, 3 * HOUR))
    assert busy(microsoft_desk) == (Busy(start=midnight - 3 * HOUR, end=midnight + HOUR),)


@pytest.mark.parametrize("windows", ["Customized Time Zone", "../../etc/passwd", ""])
def test_a_whole_day_of_a_zone_nobody_knows_is_that_of_every_zone(
    graph: GraphServer, microsoft_desk: Desk, hand: OutlookHand, windows: str
) -> None:
    graph.join(microsoft_desk.mentee, windows=windows)
    hand.put_whole_day(microsoft_desk.mentee, date(2026, 3, 4), date(2026, 3, 5))
    midnight = datetime(2026, 3, 4, tzinfo=UTC)
    assert busy(microsoft_desk) == (
        Busy(start=midnight - timedelta(hours=14), end=midnight + timedelta(hours=36)),
    )
