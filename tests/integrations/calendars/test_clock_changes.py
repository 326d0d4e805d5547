"""The weeks in which clocks change: what we write, what others write, whole days; .ics and CalDAV.

Google's and Microsoft's are beside their other tests.
"""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar as Document
from pydantic import ValidationError

from integrations.calendars.caldav import CalDav
from integrations.calendars.calendar import Attendee, Busy, EventSpec, Snapshot, Window
from integrations.calendars.ics import Mark, cancelled_text, event_text, read_event
from integrations.calendars.ics_busy import BusyReader
from integrations.calendars.ics_invitation import invitation
from integrations.calendars.ics_zones import read_zone, zone_text
from tests.integrations.calendars.clock_changes import OWN_ZONE, Change, described, each_change, local
from tests.integrations.calendars.desk import HOUR, Desk
from tests.integrations.calendars.radicale import RadicaleHand, document

HALF = HOUR / 2
WEEK = timedelta(weeks=1)
ME = "zoe@corp.example"
STAMP = datetime(2026, 1, 1, tzinfo=UTC)
MARK = Mark(key="k", generation=0)


def around(change: Change) -> Window:
    return Window(start=change.midnight - 2 * WEEK, end=change.midnight + 2 * WEEK)


def spec(change: Change) -> EventSpec:
    """A meeting in the middle of which clocks change."""
    person = Attendee(address=ME, name="Zoé Dupont")
    return EventSpec(
        summary="s",
        description="d",
        start=change.hour.start,
        end=change.hour.end,
        organizer=person,
        attendees=(person,),
    )


def busy(text: str, change: Change) -> tuple[Busy, ...]:
    return BusyReader().busy(text, ME, around(change), lambda: change.local)


@each_change
def test_clocks_change_by_as_much_as_the_days_length_says(change: Change) -> None:
    before, after = change.moment - timedelta(seconds=1), change.moment
    offsets = [one.astimezone(change.local).utcoffset() or timedelta() for one in (before, after)]
    assert offsets[1] - offsets[0] == change.shift != timedelta()
    start, end = (datetime.combine(day, datetime.min.time(), UTC) for day in (change.day, change.next_day))
    midnights = [one.replace(tzinfo=change.local).astimezone(UTC) for one in (start, end)]
    assert midnights[1] - midnights[0] == timedelta(hours=change.hours)


@each_change
def test_a_window_goes_from_the_sooner_to_the_later_whatever_clocks_show(change: Change) -> None:
    sooner, later = (
        (change.moment + minutes).astimezone(change.local) for minutes in (-HOUR / 12, HOUR / 12)
    )
    assert Window(start=sooner, end=later).end == later
    for start, end in ((later, sooner), (later, later)):
        with pytest.raises(ValidationError, match="end after it starts"):
            Window(start=start, end=end)


@each_change
@pytest.mark.parametrize("kind", ["stored", "REQUEST", "CANCEL", "cancelled"])
def test_what_we_write_is_utc_and_another_reader_finds_the_same_hour(change: Change, kind: str) -> None:
    meeting = spec(change)
    text = event_text(meeting, "u", MARK, stamp=STAMP)
    if kind == "cancelled":
        text = cancelled_text(read_event(text), MARK, "", stamp=STAMP)
    elif kind != "stored":
        text = invitation(meeting, key="k", generation=0, sequence=1, method=kind)
    assert "TZID" not in text
    event = Document.from_ical(text).events[0]
    assert (event.start, event.end) == (change.moment - HALF, change.moment + HALF)
    assert f"DTSTART:{event.start:%Y%m%dT%H%M%SZ}" in text


@each_change
@pytest.mark.parametrize("name", ["", OWN_ZONE])
def test_a_zone_we_write_has_the_right_hours_all_week(change: Change, name: str) -> None:
    """Also for a reader who does not know the zone by its name."""
    text = zone_text(change.zone).replace(f"TZID:{change.zone}", f"TZID:{name or change.zone}")
    zone = read_zone(text)
    moments = [change.moment + number * HALF for number in range(-7 * 48, 7 * 48)]
    assert [one.astimezone(change.local).replace(tzinfo=zone).astimezone(UTC) for one in moments] == moments


@each_change
@pytest.mark.parametrize("zone", ["", OWN_ZONE])
def test_a_clients_weekly_event_keeps_its_hour_and_is_busy_at_another_instant(
    change: Change, zone: str
) -> None:
    noon = datetime.combine(change.day, datetime.min.time(), change.local).replace(hour=12)
    weeks = [noon + number * WEEK for number in (-2, -1, 0, 1)]
    first = local(change, "DTSTART", weeks[0], zone)
    end = local(change, "DTEND", weeks[0] + HOUR, zone)
    found = busy(described(change, f"{first}\n{end}\nRRULE:FREQ=WEEKLY;COUNT=4", zone), change)
    assert [one.start for one in found] == [one.astimezone(UTC) for one in weeks]
    assert [one.end - one.start for one in found] == [HOUR] * 4
    steps = {later.start - sooner.start for sooner, later in itertools.pairwise(found)}
    assert steps == {WEEK, WEEK - change.shift}


@each_change
@pytest.mark.parametrize("rule", ["", "\nRRULE:FREQ=WEEKLY;COUNT=1"])
@pytest.mark.parametrize("zone", ["", OWN_ZONE])
def test_an_event_during_which_clocks_change_takes_its_real_hours(
    change: Change, rule: str, zone: str
) -> None:
    """Whether its end is told, or how long it lasts (hours are exact: RFC 5545, section 3.3.6)."""
    start, end = change.moment - 3 * HOUR, change.moment + 3 * HOUR
    for last in (local(change, "DTEND", end, zone), "DURATION:PT6H"):
        text = described(change, f"{local(change, 'DTSTART', start, zone)}\n{last}{rule}", zone)
        assert busy(text, change) == (Busy(start=start, end=end),)
        entry = read_event(text)
        assert (entry.start, entry.end) == (start, end)


@each_change
def test_hours_without_a_zone_are_exact_too(change: Change) -> None:
    start = change.moment - 3 * HOUR
    lines = f"DTSTART:{start.astimezone(change.local):%Y%m%dT%H%M%S}\nDURATION:PT6H"
    assert busy(document("u", lines), change) == (Busy(start=start, end=start + 6 * HOUR),)


@each_change
def test_a_days_duration_ends_at_the_same_hour_of_the_next_day(change: Change) -> None:
    lines = f"{local(change, 'DTSTART', change.moment - 3 * HOUR)}\nDURATION:P1DT1H"
    start = change.moment - 3 * HOUR
    assert busy(document("u", lines), change) == (
        Busy(start=start, end=start + timedelta(days=1) - change.shift + HOUR),
    )


@each_change
def test_a_time_that_clocks_skip_or_show_twice_is_told_by_the_offset_before(change: Change) -> None:
    """RFC 5545, section 3.3.5: the first of two, and a skipped one as if clocks had not changed yet."""
    last = (change.moment - timedelta(minutes=1)).astimezone(change.local).replace(tzinfo=None)
    skips = change.shift > timedelta()
    shown = last + timedelta(minutes=1) if skips else last
    lines = f"DTSTART;TZID={change.zone}:{shown:%Y%m%dT%H%M%S}\nDURATION:PT1H"
    start = change.moment if skips else change.moment - timedelta(minutes=1)
    assert busy(document("u", lines), change) == (Busy(start=start, end=start + HOUR),)


@each_change
@pytest.mark.parametrize("rule", ["", "\nRRULE:FREQ=YEARLY;COUNT=1"])
@pytest.mark.parametrize("end", ["DTEND;VALUE=DATE:{:%Y%m%d}", "DURATION:P1D", ""])
def test_a_whole_day_is_as_long_as_clocks_make_it(change: Change, rule: str, end: str) -> None:
    lines = f"DTSTART;VALUE=DATE:{change.day:%Y%m%d}\n{end.format(change.next_day)}{rule}"
    start = change.midnight
    whole = Busy(start=start, end=start + timedelta(hours=change.hours))
    assert busy(document("u", lines.replace("\n\n", "\n")), change) == (whole,)


@each_change
def test_a_booking_at_a_caldav_server_is_the_same_instant_over_a_change_of_clocks(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand, change: Change
) -> None:
    start = change.moment - HALF
    ref = caldav.ensure("key", 0, caldav_desk.spec().model_copy(update=dict(change.hour)))
    for address in (caldav_desk.organizer, caldav_desk.mentor, caldav_desk.mentee):
        event = Document.from_ical(caldav_hand.text(address, ref)).events[0]
        assert (event.start, event.end) == (start, start + HOUR)
    now = caldav.get(ref)
    assert isinstance(now, Snapshot)
    assert (now.start, now.end, now.moved) == (start, start + HOUR, {})
    caldav.reschedule(ref, caldav_desk.spec(change.moment), now.etag)
    then = caldav.get(ref)
    assert isinstance(then, Snapshot)
    assert (then.start, then.end, then.moved) == (change.moment, change.moment + HOUR, {})


@each_change
def test_a_persons_move_told_in_their_zone_is_the_instant_they_meant(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand, change: Change
) -> None:
    ref = caldav.ensure("key", 0, caldav_desk.spec(change.moment - WEEK))
    start, end = change.moment - 2 * HOUR, change.moment + 2 * HOUR
    zoned = Window(start=start.astimezone(change.local), end=end.astimezone(change.local))
    caldav_hand.move(caldav_desk.mentor, ref, zoned)
    assert f"DTSTART;TZID={change.zone}:" in caldav_hand.text(caldav_desk.mentor, ref)
    now = caldav.get(ref)
    assert isinstance(now, Snapshot)
    assert now.moved == {caldav_desk.mentor: Window(start=start, end=end)}


@each_change
@pytest.mark.parametrize("zone", ["", OWN_ZONE])
def test_free_busy_at_a_caldav_server_has_the_real_hours_of_the_week(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand, change: Change, zone: str
) -> None:
    """One event during which clocks change, a weekly one, and the whole day before the change's week ends."""
    who = f"clocks-{caldav_desk.stranger}"
    caldav.provision(who, change.zone)
    start, end = change.moment - HOUR, change.moment + HOUR
    night = f"{local(change, 'DTSTART', start, zone)}\n{local(change, 'DTEND', end, zone)}"
    caldav_hand.put_text(who, "night", described(change, night, zone, "night"))
    noon = datetime.combine(change.day, datetime.min.time(), change.local).replace(hour=12)
    weekly = f"{local(change, 'DTSTART', noon - WEEK, zone)}\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3"
    caldav_hand.put_text(who, "weekly", described(change, weekly, zone, "weekly"))
    hours = [(noon + number * WEEK).astimezone(UTC) for number in (-1, 0, 1)]
    expected = [Busy(start=start, end=end), *(Busy(start=one, end=one + HOUR) for one in hours)]
    assert caldav.free_busy([who], around(change)) == {
        who: tuple(sorted(expected, key=lambda one: one.start))
    }


@each_change
def test_a_whole_day_at_a_caldav_server_is_as_long_as_clocks_make_it(
    caldav: CalDav, caldav_desk: Desk, caldav_hand: RadicaleHand, change: Change
) -> None:
    who = f"clocks-{caldav_desk.stranger}"
    caldav.provision(who, change.zone)
    caldav_hand.put(who, "leave", f"DTSTART;VALUE=DATE:{change.day:%Y%m%d}")
    whole = Busy(start=change.midnight, end=change.midnight + timedelta(hours=change.hours))
    assert caldav.free_busy([who], around(change)) == {who: (whole,)}
