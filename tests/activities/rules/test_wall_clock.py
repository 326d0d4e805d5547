from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.rules.stretches import DAY, instant_of, minutes_of
from activities.rules.wall_clock import day_on_wall, instant_at, local_day, wall_midnight, wall_of

TRANSITIONS = [
    ("Europe/Paris", date(2026, 3, 29)),
    ("Europe/Paris", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Sao_Paulo", date(2018, 2, 18)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 30)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Beirut", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kathmandu", date(2026, 6, 1)),
    ("UTC", date(2026, 6, 1)),
]
NEAR_TRANSITIONS = st.sampled_from(TRANSITIONS)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@cache
def first_shown(wall: int, zone: str) -> int:
    """The first minute at which the walls show that time or a later one, found by walking."""
    place = ZoneInfo(zone)
    at = wall - 15 * 60
    while _shown(at, place) < wall:
        at += 1
    return at


def _shown(at: int, zone: ZoneInfo) -> int:
    local = (EPOCH + timedelta(minutes=at)).astimezone(zone)
    return int((local.replace(tzinfo=UTC) - EPOCH) / timedelta(minutes=1))


@given(NEAR_TRANSITIONS, st.integers(-2 * DAY, 2 * DAY))
def test_wall_of_is_what_the_zone_shows(where: tuple[str, date], ahead: int) -> None:
    zone, day = where
    at = minutes_of(datetime(day.year, day.month, day.day, tzinfo=UTC)) + ahead
    assert wall_of(at, zone) == _shown(at, ZoneInfo(zone))


@pytest.mark.parametrize(("zone", "day"), TRANSITIONS)
def test_instant_at_is_right_for_every_quarter_of_an_hour_around_a_change_of_clocks(
    zone: str, day: date
) -> None:
    midnight = wall_midnight(day)
    for wall in range(midnight - 60, midnight + 4 * 60, 15):
        assert instant_at(wall, zone) == instant_at(wall, zone, up=True) == first_shown(wall, zone)


@given(NEAR_TRANSITIONS, st.integers(-DAY, 2 * DAY))
def test_instant_at_is_the_first_minute_that_shows_it_or_later(where: tuple[str, date], ahead: int) -> None:
    zone, day = where
    wall = wall_midnight(day) + ahead
    assert instant_at(wall, zone) == instant_at(wall, zone, up=True) == first_shown(wall, zone)


@pytest.mark.parametrize(
    ("zone", "wall", "expected"),
    [
        ("Europe/Paris", (2026, 3, 29, 2, 30), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        ("Europe/Paris", (2026, 10, 25, 2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("Africa/Cairo", (2026, 4, 24, 0, 0), datetime(2026, 4, 23, 22, 0, tzinfo=UTC)),
        ("Asia/Beirut", (2026, 3, 29, 0, 59), datetime(2026, 3, 28, 22, 0, tzinfo=UTC)),
        ("Pacific/Apia", (2011, 12, 30, 12, 0), datetime(2011, 12, 30, 10, 0, tzinfo=UTC)),
        ("Australia/Lord_Howe", (2026, 4, 5, 1, 45), datetime(2026, 4, 4, 14, 45, tzinfo=UTC)),
    ],
)
def test_instant_at_takes_a_gap_at_its_transition_and_a_fold_at_its_first(
    zone: str, wall: tuple[int, int, int, int, int], expected: datetime
) -> None:
    year, month, day, hour, minute = wall
    assert (
        instant_of(instant_at(wall_midnight(date(year, month, day)) + hour * 60 + minute, zone)) == expected
    )


def test_instant_at_rounds_offsets_with_seconds_either_way() -> None:
    midnight = wall_midnight(date(1900, 1, 1))
    assert minutes_of(datetime(1899, 12, 31, 23, 50, 39, tzinfo=UTC)) == instant_at(midnight, "Europe/Paris")
    assert instant_at(midnight, "Europe/Paris", up=True) == instant_at(midnight, "Europe/Paris") + 1


@pytest.mark.parametrize(
    ("zone", "day", "minutes"),
    [
        ("Europe/Paris", date(2026, 3, 29), 23 * 60),
        ("Europe/Paris", date(2026, 10, 25), 25 * 60),
        ("Africa/Cairo", date(2026, 4, 24), 23 * 60),
        ("Asia/Beirut", date(2026, 3, 29), 23 * 60),
        ("America/Sao_Paulo", date(2018, 11, 4), 23 * 60),
        ("America/Sao_Paulo", date(2018, 2, 17), 25 * 60),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24 * 60 + 30),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23 * 60 + 30),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("America/New_York", date(2026, 7, 1), 24 * 60),
    ],
)
def test_local_day_has_the_hours_the_zone_gave_it(zone: str, day: date, minutes: int) -> None:
    start, end = local_day(day, zone)
    assert end - start == minutes


@given(NEAR_TRANSITIONS, st.integers(-3, 3))
def test_local_day_ends_where_the_next_begins(where: tuple[str, date], ahead: int) -> None:
    zone, day = where
    day += timedelta(days=ahead)
    assert local_day(day, zone)[1] == local_day(day + timedelta(days=1), zone)[0]


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, DAY - 1))
def test_day_on_wall_is_the_day_of_its_midnight(day: date, minute: int) -> None:
    assert day_on_wall(wall_midnight(day) + minute) == day
