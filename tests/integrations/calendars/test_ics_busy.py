"""Events and free/busy answers, read as somebody's busy time."""

from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events  # type: ignore[import-untyped]

from integrations.calendars import ics_busy
from integrations.calendars.calendar import Busy, BusyKind, Window
from integrations.calendars.ics_busy import BusyReader, read_free_busy
from tests.integrations.calendars.radicale import document

ME = "zoe@corp.example"
MARCH = Window(start=datetime(2026, 3, 2, tzinfo=UTC), end=datetime(2026, 4, 13, tzinfo=UTC))
MORNING = "DTSTART:20260303T080000Z\nDTEND:20260303T090000Z"
START = datetime(2026, 3, 3, 8, tzinfo=UTC)


def busy(lines: str, zone: str = "UTC", window: Window = MARCH) -> tuple[Busy, ...]:
    return BusyReader().busy(document("u", lines), ME, window, lambda: ZoneInfo(zone))


def hour(start: datetime, kind: BusyKind = BusyKind.BUSY) -> Busy:
    return Busy(start=start, end=start + timedelta(hours=1), kind=kind)


@pytest.mark.parametrize(
    "lines",
    [
        "",
        "TRANSP:OPAQUE",
        "STATUS:CONFIRMED",
        f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:{ME}",
        f"ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{ME}",
        "ATTENDEE;PARTSTAT=DECLINED:mailto:max@corp.example",
    ],
)
def test_an_event_is_busy(lines: str) -> None:
    assert busy(f"{MORNING}\n{lines}") == (hour(START),)


@pytest.mark.parametrize(
    "lines",
    [
        "TRANSP:TRANSPARENT",
        "STATUS:CANCELLED",
        f"ATTENDEE;PARTSTAT=DECLINED:MAILTO:{ME.upper()}",
        "X-MICROSOFT-CDO-BUSYSTATUS:FREE",
        "X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",
    ],
)
def test_an_event_may_leave_its_owner_free(lines: str) -> None:
    assert busy(f"{MORNING}\n{lines}") == ()


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ("STATUS:TENTATIVE", BusyKind.TENTATIVE),
        (f"ATTENDEE;PARTSTAT=TENTATIVE:mailto:{ME}", BusyKind.TENTATIVE),
        ("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", BusyKind.TENTATIVE),
        ("X-MICROSOFT-CDO-BUSYSTATUS:OOF", BusyKind.OUT_OF_OFFICE),
    ],
)
def test_an_event_says_how_busy(lines: str, kind: BusyKind) -> None:
    assert busy(f"{MORNING}\n{lines}") == (hour(START, kind),)


def test_a_weekly_event_keeps_its_hour_over_the_change_of_clocks() -> None:
    found = busy("DTSTART;TZID=Europe/Paris:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY")
    mondays = [
        datetime(2026, 3, 2, 9, tzinfo=ZoneInfo("Europe/Paris")) + timedelta(weeks=w) for w in range(6)
    ]
    assert found == tuple(hour(monday.astimezone(UTC)) for monday in mondays)
    assert {one.start.hour for one in found} == {7, 8}


def test_an_exception_of_a_repeating_event_is_free() -> None:
    lines = f"{MORNING}\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260304T080000Z"
    assert busy(lines) == (hour(START), hour(START + timedelta(days=2)))


def test_a_moved_occurrence_is_busy_where_it_was_moved_to() -> None:
    moved = "BEGIN:VEVENT\nUID:u\nRECURRENCE-ID:20260304T080000Z\nDTSTART:20260304T130000Z\nDURATION:PT1H"
    lines = f"{MORNING}\nRRULE:FREQ=DAILY;COUNT=2\nEND:VEVENT\n{moved}"
    assert busy(lines) == (hour(START), hour(START + timedelta(days=1, hours=5)))


def test_an_occurrence_without_its_series_is_busy() -> None:
    assert busy(f"{MORNING}\nRECURRENCE-ID:20260303T080000Z") == (hour(START),)


def upto(count: int) -> str:
    return ",".join(map(str, range(count)))


@pytest.mark.parametrize(
    "rules",
    [
        ("FREQ=MINUTELY",),
        ("FREQ=SECONDLY",),
        (f"FREQ=DAILY;BYHOUR={upto(24)};BYMINUTE={upto(60)};BYSECOND={upto(60)}",),
        (f"FREQ=YEARLY;BYHOUR={upto(5)};BYMINUTE=0,10,20,30,40",),
        ("FREQ=WEEKLY;BYHOUR=8,9,10,11,12;BYSECOND=0,1,2,3,4",),
        ("FREQ=HOURLY;BYMINUTE=0,30",),
        (f"FREQ=HOURLY;BYHOUR={upto(13)};BYSECOND=0,30",),
        ("FREQ=HOURLY", "FREQ=DAILY"),
    ],
)
def test_an_event_repeating_more_than_hourly_is_refused_unread(
    monkeypatch: pytest.MonkeyPatch, rules: tuple[str, ...]
) -> None:
    monkeypatch.setattr(recurring_ical_events, "of", lambda _: pytest.fail("it was unrolled"))
    with pytest.raises(ValueError, match="repeats"):
        busy(f"{MORNING}\n" + "\n".join(f"RRULE:{rule}" for rule in rules))


def test_an_hourly_event_of_another_age_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be unrolled from its start: a minute of work for an event of the year 1."""
    monkeypatch.setattr(recurring_ical_events, "of", lambda _: pytest.fail("it was unrolled"))
    with pytest.raises(ValueError, match="repeats"):
        busy("DTSTART:00010101T080000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYHOUR=8,9")


def test_a_birthday_without_its_year_is_read() -> None:
    assert busy("DTSTART:16040303T080000Z\nDURATION:PT1H\nRRULE:FREQ=YEARLY") == (hour(START),)


@pytest.mark.parametrize(
    ("rule", "hours"),
    [
        ("FREQ=HOURLY;COUNT=3", (0, 1, 2)),
        ("FREQ=HOURLY;BYHOUR=8,10;BYMINUTE=0;COUNT=2", (0, 2)),
        ("FREQ=DAILY;BYHOUR=8,10;BYMINUTE=0;COUNT=2", (0, 2)),
    ],
)
def test_an_event_repeating_within_a_day_is_read(rule: str, hours: tuple[int, ...]) -> None:
    starts = {one.start for one in busy(f"{MORNING}\nRRULE:{rule}")}
    assert starts == {START + timedelta(hours=number) for number in hours}


@pytest.mark.parametrize("zone", ["Europe/Paris", "Pacific/Auckland", "America/Los_Angeles"])
@pytest.mark.parametrize("rule", ["", "\nRRULE:FREQ=YEARLY"])
def test_a_whole_day_is_a_day_of_the_calendars_zone(zone: str, rule: str) -> None:
    local = ZoneInfo(zone)
    day = Busy(
        start=datetime(2026, 3, 29, tzinfo=local).astimezone(UTC),
        end=datetime(2026, 3, 30, tzinfo=local).astimezone(UTC),
    )
    assert busy(f"DTSTART;VALUE=DATE:20260329{rule}", zone) == (day,)


def test_a_day_of_the_change_of_clocks_has_23_hours() -> None:
    (day,) = busy("DTSTART;VALUE=DATE:20260329", "Europe/Paris")
    assert day.end - day.start == timedelta(hours=23)


def test_a_floating_time_is_one_of_the_calendars_zone() -> None:
    assert busy("DTSTART:20260303T090000\nDTEND:20260303T100000", "Europe/Paris") == (hour(START),)


def test_the_zone_is_asked_for_only_where_it_matters() -> None:
    def unasked() -> tzinfo:
        raise AssertionError("a zone is not needed")

    assert BusyReader().busy(document("u", MORNING), ME, MARCH, unasked) == (hour(START),)


def test_busy_time_ends_with_the_window() -> None:
    half = Window(start=START + timedelta(minutes=30), end=START + timedelta(hours=3))
    assert busy(MORNING, window=half) == (Busy(start=half.start, end=START + timedelta(hours=1)),)


@pytest.mark.parametrize("lines", [MORNING, f"{MORNING}\nRRULE:FREQ=WEEKLY;COUNT=1"])
def test_an_event_that_only_touches_the_window_is_free(lines: str) -> None:
    after = Window(start=START + timedelta(hours=1), end=START + timedelta(hours=2))
    assert busy(lines, window=after) == ()


def test_an_event_of_no_length_is_free() -> None:
    assert busy("DTSTART:20260303T080000Z") == ()


def test_what_is_remembered_belongs_to_text_owner_and_window() -> None:
    reader = BusyReader()
    declined = document("u", f"{MORNING}\nATTENDEE;PARTSTAT=DECLINED:mailto:{ME}")
    series = document("u", f"{MORNING}\nRRULE:FREQ=DAILY;COUNT=20")
    next_day = Window(start=START + timedelta(days=1), end=START + timedelta(days=2))
    for _ in range(2):
        assert reader.busy(declined, ME, MARCH) == ()
        assert reader.busy(declined, "max@corp.example", MARCH) == (hour(START),)
        assert len(reader.busy(series, ME, MARCH)) == 20
        assert reader.busy(series, ME, next_day) == (hour(START + timedelta(days=1)),)


def test_what_is_remembered_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ics_busy, "_REMEMBERED", 3)
    reader = BusyReader()
    for number in range(10):
        assert reader.busy(document(f"u{number}", MORNING), ME, MARCH) == (hour(START),)
        assert len(reader._known) <= 3


def test_an_all_day_series_reaches_into_the_window_from_another_day() -> None:
    local = ZoneInfo("Pacific/Auckland")
    noon = datetime(2026, 3, 10, 12, tzinfo=UTC)
    window = Window(start=noon, end=noon + timedelta(hours=1))
    day = date(2026, 3, 11)
    assert datetime.combine(day, datetime.min.time(), local) < noon
    assert busy("DTSTART;VALUE=DATE:20260311\nRRULE:FREQ=YEARLY", "Pacific/Auckland", window) == (
        Busy(start=window.start, end=window.end),
    )


def test_a_free_busy_answer_is_read_by_kind() -> None:
    text = (
        document("u", MORNING)
        .replace("VEVENT", "VFREEBUSY")
        .replace(
            "END:VFREEBUSY",
            "FREEBUSY:20260303T080000Z/20260303T090000Z\r\n"
            "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260304T080000Z/PT1H,20260305T080000Z/PT1H\r\n"
            "FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:20260306T080000Z/PT1H\r\n"
            "FREEBUSY;FBTYPE=FREE:20260307T080000Z/PT1H\r\n"
            "FREEBUSY:20260501T080000Z/PT1H\r\n"
            "END:VFREEBUSY",
        )
    )
    assert read_free_busy(text, MARCH) == (
        hour(START),
        hour(START + timedelta(days=1), BusyKind.TENTATIVE),
        hour(START + timedelta(days=2), BusyKind.TENTATIVE),
        hour(START + timedelta(days=3), BusyKind.OUT_OF_OFFICE),
    )
