"""People's time as a search for common hours sees it, and the reasons for which it may not be used."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from activities.rules.stretches import Stretch, Stretches, merged
from activities.rules.wall_clock import day_on_wall, wall_of
from activities.rules.working_hours import day_stretches


class Reason(StrEnum):
    """Why a start is out of the question; a diary's `avoid` may name further ones."""

    NOTICE = "notice"
    EXCLUDED = "excluded"
    NOT_WORKING = "not-working"
    HOLIDAY = "holiday"
    LUNCH = "lunch"
    FRIDAY_AFTERNOON = "friday-afternoon"
    MOST_PER_DAY = "most-per-day"
    MOST_PER_WEEK = "most-per-week"
    ASSISTANT = "assistant"
    UNKNOWN = "unknown"
    OUT_OF_OFFICE = "out-of-office"
    BUSY = "busy"
    TENTATIVE = "tentative"
    QUORUM = "quorum"


@dataclass(frozen=True)
class Diary:
    """One person's time, in UTC minutes; stretches may come unsorted, overlapping, empty or reversed.

    `working` is the time that may be used. `avoid` is time that may not be, by reason (holiday, lunch, a full
    day). `known` is false for a calendar that could not be read: all its time counts as busy.
    """

    ref: str
    working: Stretches
    busy: Stretches = ()
    tentative: Stretches = ()
    out_of_office: Stretches = ()
    known: bool = True
    preferred: Stretches = ()
    avoid: Mapping[str, Stretches] = field(default_factory=dict)


def full_days(booked: Iterable[int], most: int, zone: str, window: Stretch) -> Stretches:
    """The local days within the window that hold `most` or more of the booked starts already."""
    per_day = Counter(day_on_wall(wall_of(start, zone)) for start in booked)
    return day_stretches((day for day, count in per_day.items() if count >= most), zone, window)


def full_weeks(booked: Iterable[int], most: int, zone: str, window: Stretch) -> Stretches:
    """The local weeks, from Monday on, that hold `most` or more of the booked starts already."""
    per_week = Counter(_monday(day_on_wall(wall_of(start, zone))) for start in booked)
    full = (monday for monday, count in per_week.items() if count >= most)
    return merged(
        day_stretches((monday + timedelta(days=n) for monday in full for n in range(7)), zone, window)
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
