from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.rules.stretches import DAY, Stretches, common, instant_of, merged, minutes_of
from activities.rules.wall_clock import local_day, wall_midnight
from activities.rules.working_hours import (
    ACCEPTED,
    WeeklyHours,
    day_stretches,
    parse_weekly_hours,
    utc_week,
    week_part_stretches,
    working_stretches,
)
from tests.activities.rules.test_wall_clock import NEAR_TRANSITIONS, first_shown

NAMES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
OFFICE = ((9 * 60, 12 * 60 + 30), (13 * 60 + 30, 17 * 60 + 30))
OFFICE_HOURS = parse_weekly_hours("Mo-Fr 09:00-12:30,13:30-17:30; Sa off")
NO_DAYS = frozenset[date]()


def _hours(bounds: list[int]) -> Stretches:
    bounds = sorted(bounds)
    return tuple(zip(bounds[::2], bounds[1::2], strict=False))


DAY_HOURS = st.lists(st.integers(0, DAY), unique=True, max_size=6).map(_hours)
WEEKS = st.lists(DAY_HOURS, min_size=7, max_size=7).map(lambda days: WeeklyHours(tuple(days)))


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mo-Fr 09:00-12:30,13:30-17:30; Sa off", (OFFICE,) * 5 + ((), ())),
        ("mo,we-th 8:00-12:00", (((480, 720),), (), ((480, 720),), ((480, 720),), (), (), ())),
        ("Mo-Fr 09:00-17:00; Fr 09:00-12:00;", (((540, 1020),),) * 4 + (((540, 720),), (), ())),
        ("Mo-Fr 09:00-17:00; We off", (((540, 1020),),) * 2 + ((),) + (((540, 1020),),) * 2 + ((), ())),
        ("Sa-Mo 00:00-24:00", (((0, 1440),), (), (), (), (), ((0, 1440),), ((0, 1440),))),
        ("  Tu   10:00 - 11:00 , 11:00-12:00 ", ((), ((600, 720),), (), (), (), (), ())),
        ("Su 10:00\N{EN DASH}11:00", ((), (), (), (), (), (), ((600, 660),))),
        ("Mo 13:00-15:00,09:00-14:00", (((540, 900),), (), (), (), (), (), ())),
        ("Mo-Su off", ((),) * 7),
        ("Mo-Su 10:00-11:00", (((600, 660),),) * 7),
    ],
)
def test_parse_weekly_hours_reads_a_rosters_text(text: str, days: tuple[Stretches, ...]) -> None:
    assert parse_weekly_hours(text) == WeeklyHours(days)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no working hours are given"),
        (" ; ", "no working hours are given"),
        ("09:00-17:00", "'09:00-17:00' is not understood"),
        ("Lu-Ve 09:00-17:00", "'lu-ve 09:00-17:00' is not understood"),
        ("Mo-Fr 9-17", "'mo-fr 9-17' is not understood"),
        ("Mo-Fr", "'mo-fr' is not understood"),
        ("Mo-Fr 09:00-17:00 and more", "'mo-fr 09:00-17:00 and more' is not understood"),
        ("Mo 22:00-06:00", "22:00-06:00 ends before it starts; split hours that go past midnight"),
        ("Mo 09:00-09:00", "09:00-09:00 ends before it starts; split hours that go past midnight"),
        ("Mo 09:60-10:00", "09:60 is no time of day"),
        ("Mo 09:00-24:01", "24:01 is no time of day"),
    ],
)
def test_parse_weekly_hours_says_what_is_accepted(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="working hours read like") as error:
        parse_weekly_hours(text)
    assert str(error.value) == f"{complaint}; {ACCEPTED}"


@given(WEEKS)
def test_parse_weekly_hours_reads_what_was_written(hours: WeeklyHours) -> None:
    rules = [f"{name} {_written(day)}" for name, day in zip(NAMES, hours.days, strict=True)]
    assert parse_weekly_hours("; ".join(rules)) == hours


def _written(day: Stretches) -> str:
    return ",".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in day) or "off"


@pytest.mark.parametrize(
    "days", [((),) * 6, (((60, 60),),) + ((),) * 6, (((-1, 60),),) + ((),) * 6, (((0, 1441),),) + ((),) * 6]
)
def test_weekly_hours_refuse_what_is_no_week(days: tuple[Stretches, ...]) -> None:
    with pytest.raises(ValueError, match=r"seven days, not 6|in order, apart and within the day"):
        WeeklyHours(days)


@given(
    where=NEAR_TRANSITIONS,
    hours=WEEKS,
    off=st.frozensets(st.integers(-2, 2), max_size=3),
    low=st.integers(-2 * DAY, 2 * DAY),
    width=st.integers(-60, 3 * DAY),
)
@settings(deadline=None)
def test_working_stretches_are_each_days_hours_by_the_clock_on_the_wall(
    where: tuple[str, date], hours: WeeklyHours, off: frozenset[int], low: int, width: int
) -> None:
    zone, day = where
    days_off = frozenset(day + timedelta(days=ahead) for ahead in off)
    start = minutes_of(datetime(day.year, day.month, day.day, tzinfo=UTC)) + low
    expected = []
    for one in (day + timedelta(days=ahead) for ahead in range(-5, 8)):
        if one not in days_off:
            at = wall_midnight(one)
            expected += [
                (first_shown(at + a, zone), first_shown(at + b, zone)) for a, b in hours.days[one.weekday()]
            ]
    window = (start, start + width)
    assert working_stretches(hours, zone, days_off, window) == common(expected, (window,))


def test_working_stretches_follow_the_wall_over_a_change_of_clocks() -> None:
    monday = minutes_of(datetime(2026, 10, 19, tzinfo=UTC))
    first, second = (
        working_stretches(
            OFFICE_HOURS, "Europe/Paris", NO_DAYS, (monday + week * 7 * DAY, monday + week * 7 * DAY + DAY)
        )
        for week in (0, 1)
    )
    assert [instant_of(start).hour for start, _ in first] == [7, 11]
    assert [instant_of(start).hour for start, _ in second] == [8, 12]


def test_working_stretches_leave_out_a_day_the_zone_skipped() -> None:
    window = (minutes_of(datetime(2011, 12, 29, tzinfo=UTC)), minutes_of(datetime(2012, 1, 1, tzinfo=UTC)))
    worked = working_stretches(parse_weekly_hours("Mo-Su 10:00-11:00"), "Pacific/Apia", NO_DAYS, window)
    days = [instant_of(start).astimezone(ZoneInfo("Pacific/Apia")).date() for start, _ in worked]
    assert days == [date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]


def test_working_stretches_join_over_midnight_and_the_end_of_a_month() -> None:
    window = (minutes_of(datetime(2026, 8, 30, tzinfo=UTC)), minutes_of(datetime(2026, 12, 3, tzinfo=UTC)))
    assert working_stretches(parse_weekly_hours("Mo-Su 00:00-24:00"), "Europe/Paris", NO_DAYS, window) == (
        window,
    )


def test_working_stretches_of_a_window_beside_the_hours_or_without_length_are_none() -> None:
    monday = minutes_of(datetime(2026, 10, 19, tzinfo=UTC))
    nine, half_past_twelve = monday + 9 * 60, monday + 12 * 60 + 30
    for window in (
        (monday, nine),
        (half_past_twelve, half_past_twelve + 60),
        (nine + 60, nine + 60),
        (nine + 60, nine),
    ):
        assert working_stretches(OFFICE_HOURS, "UTC", NO_DAYS, window) == ()
    assert working_stretches(OFFICE_HOURS, "UTC", NO_DAYS, (monday, nine + 1)) == ((nine, nine + 1),)


@given(NEAR_TRANSITIONS, st.lists(st.integers(-3, 3), max_size=4), st.integers(-DAY, DAY))
def test_day_stretches_are_whole_local_days(where: tuple[str, date], ahead: list[int], low: int) -> None:
    zone, day = where
    start = local_day(day, zone)[0] + low
    days = [day + timedelta(days=n) for n in ahead]
    expected = [
        (first_shown(wall_midnight(one), zone), first_shown(wall_midnight(one) + DAY, zone)) for one in days
    ]
    assert day_stretches(days, zone, (start, start + DAY)) == common(expected, [(start, start + DAY)])


def test_utc_week_counts_from_monday_in_utc() -> None:
    monday = ((9 * 60 - 120, 12 * 60 + 30 - 120), (13 * 60 + 30 - 120, 17 * 60 + 30 - 120))
    expected = tuple((start + day * DAY, end + day * DAY) for day in range(5) for start, end in monday)
    for on in (date(2026, 9, 7), date(2026, 9, 13)):
        assert utc_week(OFFICE_HOURS, "Europe/Paris", on) == expected


def test_utc_week_wraps_work_beyond_its_ends() -> None:
    worked = utc_week(parse_weekly_hours("Mo 09:00-17:00"), "Pacific/Auckland", date(2026, 7, 1))
    assert worked == ((0, 5 * 60), (6 * DAY + 21 * 60, 7 * DAY))


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("mon-am",), ((6 * 60, 11 * 60),)),
        (("mon-am", "mon-pm"), ((6 * 60, 16 * 60),)),
        (("fri-pm", "tue-am"), ((DAY + 6 * 60, DAY + 11 * 60), (4 * DAY + 11 * 60, 4 * DAY + 16 * 60))),
        ((), ()),
    ],
)
def test_week_part_stretches_are_local_mornings_and_afternoons(
    parts: tuple[str, ...], expected: Stretches
) -> None:
    monday = minutes_of(datetime(2026, 9, 7, tzinfo=UTC))
    found = week_part_stretches(parts, "Europe/Paris", (monday, monday + 7 * DAY))
    assert found == merged((start + monday, end + monday) for start, end in expected)


@pytest.mark.parametrize("part", ["mon", "mon-noon", "monday-am", ""])
def test_week_part_stretches_refuse_other_parts(part: str) -> None:
    with pytest.raises(
        ValueError, match=f"^'{part}' is no part of the week; parts read like mon-am or fri-pm$"
    ):
        week_part_stretches((part,), "UTC", (0, 1))
