"""Zones that somebody made: each is what its own document says, whatever others have under the same name."""

from datetime import UTC, datetime

from integrations.calendars.calendar import Attendee, Busy, Window
from integrations.calendars.ics import admitted_text, read_event
from integrations.calendars.ics_busy import BusyReader
from integrations.calendars.ics_zones import read_zone
from tests.integrations.calendars.clock_changes import CHANGES, OWN_ZONE, described
from tests.integrations.calendars.desk import HOUR
from tests.integrations.calendars.radicale import document

ME = "zoe@corp.example"
# The first change of each zone in the table; what it changes to is what July has.
SPRING = {one.zone.rpartition("/")[2]: one for one in reversed(CHANGES) if one.moment.month < 5}


def at_nine(zone: str, lines: str = f"DTSTART;TZID={OWN_ZONE}:20260706T090000") -> str:
    """An event at nine in this zone, which is called as many others are."""
    return described(SPRING[zone], lines, OWN_ZONE)


def test_two_peoples_own_zones_of_one_name_are_two_zones() -> None:
    """Outlook calls every zone that it has no name for alike."""
    starts = [read_event(at_nine(zone)).start for zone in ("Paris", "Lord_Howe", "Paris")]
    paris, lord_howe = (datetime(2026, 7, 6, 7, tzinfo=UTC), datetime(2026, 7, 5, 22, 30, tzinfo=UTC))
    assert starts == [paris, lord_howe, paris]


def test_two_calendars_own_zones_of_one_name_are_two_zones() -> None:
    paris, lord_howe, again = (
        read_zone(document("u", "").replace("BEGIN:VEVENT", f"{one.described(OWN_ZONE)}BEGIN:VEVENT"))
        for one in (SPRING["Paris"], SPRING["Lord_Howe"], SPRING["Paris"])
    )
    noon = datetime(2026, 7, 6, 12)  # noqa: DTZ001 - zones are asked about a wall clock
    hours = [(noon.replace(tzinfo=one).utcoffset() or HOUR) / HOUR for one in (paris, lord_howe, again)]
    assert hours == [2, 10.5, 2]


def test_a_zone_that_is_not_described_is_the_calendars_own() -> None:
    """Whatever somebody else's event has called by that name before."""
    read_event(at_nine("Lord_Howe"))
    text = document("u", f"DTSTART;TZID={OWN_ZONE}:20260706T090000")
    assert read_event(text).start == datetime(2026, 7, 6, 9, tzinfo=UTC)


def test_who_joins_an_event_in_an_own_zone_leaves_its_zone_as_it_is() -> None:
    read_event(at_nine("Lord_Howe"))
    joined = admitted_text(at_nine("Paris"), [Attendee(address=ME, name="Zoé")], ())
    assert f"DTSTART;TZID={OWN_ZONE}:20260706T090000" in joined
    assert read_event(joined).start == datetime(2026, 7, 6, 7, tzinfo=UTC)


def test_exceptions_and_additions_of_a_series_are_in_its_own_zone() -> None:
    lines = (
        f"DTSTART;TZID={OWN_ZONE}:20260706T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=4\n"
        f"EXDATE;TZID={OWN_ZONE}:20260707T090000,20260708T090000\n"
        f"RDATE;TZID={OWN_ZONE};VALUE=PERIOD:20260710T090000/PT3H"
    )
    read_event(at_nine("Lord_Howe"))
    window = Window(start=datetime(2026, 7, 1, tzinfo=UTC), end=datetime(2026, 7, 20, tzinfo=UTC))
    days = [datetime(2026, 7, day, 7, tzinfo=UTC) for day in (6, 9, 10)]
    assert set(BusyReader().busy(at_nine("Paris", lines), ME, window)) == {
        Busy(start=start, end=start + lasts)
        for start, lasts in zip(days, (HOUR, HOUR, 3 * HOUR), strict=True)
    }


def test_an_exception_nobody_can_read_does_not_hide_the_event() -> None:
    lines = f"DTSTART;TZID={OWN_ZONE}:20260706T090000\nEXDATE;TZID={OWN_ZONE}:rubbish"
    assert read_event(at_nine("Paris", lines)).start == datetime(2026, 7, 6, 7, tzinfo=UTC)
