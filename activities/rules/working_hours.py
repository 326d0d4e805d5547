"""Weekly working hours as HR writes them, and the stretches of UTC they are in somebody's zone."""

import re
from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from activities.rules.stretches import DAY, Stretch, Stretches, common, merged
from activities.rules.wall_clock import (
    day_on_wall,
    instant_at,
    local_day,
    wall_midnight,
    wall_of,
)

ACCEPTED = (
    "working hours read like 'Mo-Fr 09:00-12:30,13:30-17:30; Sa off': days Mo Tu We Th Fr Sa Su, alone, "
    "listed (Mo,We) or as a range (Mo-Fr), then times from 00:00 to 24:00 or 'off'; a later rule replaces an "
    "earlier one for its days"
)
_DAYS = ("mo", "tu", "we", "th", "fr", "sa", "su")
_DAY_NAME = "(?:mo|tu|we|th|fr|sa|su)"
_DAY_RANGE = rf"{_DAY_NAME}(?:-{_DAY_NAME})?"
_TIME_RANGE = r"\d{1,2}:\d\d-\d{1,2}:\d\d"
_RULE = re.compile(rf"({_DAY_RANGE}(?:,{_DAY_RANGE})*) (off|{_TIME_RANGE}(?:,{_TIME_RANGE})*)", re.ASCII)
_PART_DAYS = {"mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6}
_PART_HOURS: dict[str, Stretch] = {"am": (8 * 60, 13 * 60), "pm": (13 * 60, 18 * 60)}


@dataclass(frozen=True)
class WeeklyHours:
    """The working hours of each weekday, Monday first, as stretches of minutes since local midnight."""

    days: tuple[Stretches, ...]

    def __post_init__(self) -> None:
        if len(self.days) != len(_DAYS):
            raise ValueError(f"a week has seven days, not {len(self.days)}")
        for day in self.days:
            if day != merged(day) or (day and (day[0][0] < 0 or day[-1][1] > DAY)):
                raise ValueError(f"hours must be in order, apart and within the day, unlike {day}")


def parse_weekly_hours(text: str) -> WeeklyHours:
    """The hours that a roster's text means; ValueError says what is accepted.

    Days that no rule names are off; times that overlap or touch are one. A dash may be a hyphen or an en
    dash, which spreadsheets like to put.
    """
    plain = re.sub(r"\s*([,;-])\s*", r"\1", text.replace("\N{EN DASH}", "-").strip().lower())
    days: list[Stretches] = [()] * len(_DAYS)
    rules = [rule for rule in plain.split(";") if rule]
    if not rules:
        raise ValueError(f"no working hours are given; {ACCEPTED}")
    for rule in rules:
        match = _RULE.fullmatch(re.sub(r"\s+", " ", rule))
        if match is None:
            raise ValueError(f"{rule!r} is not understood; {ACCEPTED}")
        hours = () if match[2] == "off" else merged(_times(match[2]))
        for day in _weekdays(match[1]):
            days[day] = hours
    return WeeklyHours(tuple(days))


def working_stretches(
    hours: WeeklyHours, zone: str, days_off: AbstractSet[date], window: Stretch
) -> Stretches:
    """The working time within the window, each local day converted on its own, rounded inward.

    Kept by zone, hours, days off and month, so that windows that slide find it again.
    """
    if window[1] <= window[0]:
        return ()
    off = frozenset(days_off)
    first, last = (day_on_wall(wall_of(minutes, zone)) for minutes in window)
    months = (_month(hours, zone, off, month) for month in _months(first, last))
    return _clipped(merged(stretch for month in months for stretch in month), window)


def day_stretches(days: Iterable[date], zone: str, window: Stretch) -> Stretches:
    """Whole local days, midnight to midnight, as far as they lie within the window."""
    return common((local_day(day, zone) for day in days), (window,))


@lru_cache(maxsize=4096)
def utc_week(hours: WeeklyHours, zone: str, on: date) -> Stretches:
    """The working time of the week of `on`, in minutes since its Monday 00:00 UTC; no day counts as off.

    What zones east or west of Greenwich work beyond the ends of the UTC week belongs to its neighbours, and
    theirs to this one: a year of such weeks is a year of work.
    """
    monday = wall_midnight(on - timedelta(days=on.weekday()))
    within = working_stretches(hours, zone, frozenset(), (monday, monday + 7 * DAY))
    return tuple((start - monday, end - monday) for start, end in within)


def week_part_stretches(parts: Collection[str], zone: str, window: Stretch) -> Stretches:
    """Preferred parts of the week within the window: `mon-am` is 08:00-13:00, `mon-pm` 13:00-18:00 local."""
    return working_stretches(_week_parts(frozenset(parts)), zone, frozenset(), window)


def _weekdays(text: str) -> Iterator[int]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        start = _DAYS.index(first)
        span = (_DAYS.index(last or first) - start) % len(_DAYS)
        yield from ((start + ahead) % len(_DAYS) for ahead in range(span + 1))


def _times(text: str) -> Iterator[Stretch]:
    for part in text.split(","):
        first, _, last = part.partition("-")
        start, end = _minute(first), _minute(last)
        if end <= start:
            raise ValueError(f"{part} ends before it starts; split hours that go past midnight; {ACCEPTED}")
        yield (start, end)


def _minute(text: str) -> int:
    hour, minute = map(int, text.split(":"))
    at = hour * 60 + minute
    if minute > 59 or at > DAY:  # noqa: PLR2004 - a clock
        raise ValueError(f"{text} is no time of day; {ACCEPTED}")
    return at


@lru_cache(maxsize=1024)
def _week_parts(parts: frozenset[str]) -> WeeklyHours:
    days: list[list[Stretch]] = [[] for _ in _DAYS]
    for part in parts:
        day, _, half = part.partition("-")
        if day not in _PART_DAYS or half not in _PART_HOURS:
            raise ValueError(f"{part!r} is no part of the week; parts read like mon-am or fri-pm")
        days[_PART_DAYS[day]].append(_PART_HOURS[half])
    return WeeklyHours(tuple(merged(day) for day in days))


@lru_cache(maxsize=2048)
def _month(hours: WeeklyHours, zone: str, days_off: frozenset[date], first: date) -> Stretches:
    day = first
    found: list[Stretch] = []
    while day.month == first.month:
        if day not in days_off:
            midnight = wall_midnight(day)
            found += (
                (instant_at(midnight + start, zone, up=True), instant_at(midnight + end, zone))
                for start, end in hours.days[day.weekday()]
            )
        day += timedelta(days=1)
    return merged(found)


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + timedelta(days=31)).replace(day=1)


def _clipped(stretches: Stretches, window: Stretch) -> Stretches:
    low, high = window
    return tuple((max(start, low), min(end, high)) for start, end in stretches if start < high and end > low)
