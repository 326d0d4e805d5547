"""Booked events as weeks of the programme's zone."""

from datetime import UTC, date, datetime, timedelta

from integrations.rehearsal.chronicle import EventTold
from integrations.rehearsal.weeks import weeks

MONDAY = date(2026, 9, 7)


def event(key: str, start: datetime, minutes: int = 60, status: str = "booked") -> EventTold:
    end = start + timedelta(minutes=minutes)
    return EventTold(
        key=key,
        kind="session",
        number=1,
        life="",
        start=start,
        end=end,
        attendees=(),
        status=status,
        on_server=True,
    )


def on(day: int, hour: int, minute: int = 0) -> datetime:
    """An hour of September 2026 in Paris, two hours before it in UTC."""
    return datetime(2026, 9, day, hour, minute, tzinfo=UTC) - timedelta(hours=2)


def test_weeks_are_those_with_events_and_counted_from_the_first() -> None:
    told = weeks([event("c", on(23, 9)), event("a", on(7, 9)), event("b", on(11, 9))], MONDAY, "Europe/Paris")
    assert [(week.number, week.monday, week.count) for week in told] == [
        (1, date(2026, 9, 7), 2),
        (3, date(2026, 9, 21), 1),
    ]
    assert [len(day.blocks) for day in told[0].days] == [1, 0, 0, 0, 1]


def test_week_starts_on_monday_though_the_programme_starts_later() -> None:
    [week] = weeks([event("a", on(7, 9))], date(2026, 9, 9), "Europe/Paris")
    assert (week.number, week.monday) == (1, MONDAY)


def test_block_lies_where_its_hours_are_in_the_programme_zone() -> None:
    [week] = weeks([event("a", on(8, 14), minutes=210)], MONDAY, "Europe/Paris")
    [block] = week.days[1].blocks
    assert (week.opens, week.closes) == (7, 21)
    assert (block.top, block.height) == (50.0, 25.0)


def test_blocks_that_overlap_lie_side_by_side() -> None:
    events = [
        event("a", on(8, 9), minutes=120),
        event("b", on(8, 10)),
        event("c", on(8, 11)),
        event("d", on(8, 11, 30)),
        event("e", on(8, 14)),
    ]
    [week] = weeks(events, MONDAY, "Europe/Paris")
    assert [(one.event.key, one.lane, one.lanes) for one in week.days[1].blocks] == [
        ("a", 0, 2),
        ("b", 1, 2),
        ("c", 0, 2),
        ("d", 1, 2),
        ("e", 0, 1),
    ]


def test_week_is_wider_for_colleagues_elsewhere() -> None:
    events = [event("singapore", on(8, 3, 30)), event("montreal", on(9, 21, 30)), event("dubai", on(13, 9))]
    [week] = weeks(events, MONDAY, "Europe/Paris")
    assert (week.opens, week.closes, len(week.days)) == (3, 23, 7)


def test_meeting_past_midnight_ends_with_the_grid() -> None:
    [week] = weeks([event("a", on(8, 23, 30))], MONDAY, "Europe/Paris")
    assert week.closes == 24


def test_cancelled_events_are_in_no_week() -> None:
    assert weeks([event("a", on(8, 9), status="cancelled")], MONDAY, "Europe/Paris") == ()


def test_hours_of_a_week_are_every_second_one() -> None:
    [week] = weeks([event("a", on(8, 9))], MONDAY, "Europe/Paris")
    assert [hour for hour, _ in week.hours] == [7, 9, 11, 13, 15, 17, 19]
    assert week.hours[0][1] == 0
    assert week.hours[-1][1] == 85.714
