"""What the clock on a wall shows in a zone, and which instant that is.

A wall time that a transition skips is the instant of the transition; one that occurs twice is the first.
Every wall time is converted on its own: a day may have 0, 23, 23.5, 24.5 or 25 hours, and no midnight.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from activities.rules.stretches import DAY, Stretch, instant_of

_FIRST_DAY = date(1970, 1, 1).toordinal()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


def wall_of(minutes: int, zone: str) -> int:
    """The wall time of an instant in the zone, as minutes since midnight of 1 January 1970 on that wall."""
    local = instant_of(minutes).astimezone(ZoneInfo(zone))
    return (local.toordinal() - _FIRST_DAY) * DAY + local.hour * 60 + local.minute


def instant_at(wall: int, zone: str, *, up: bool = False) -> int:
    """The instant (UTC minutes) at which the zone's walls show `wall`, in minutes as `wall_of` counts them.

    Zones had offsets with seconds until 1972; such an instant is rounded down, or `up`.
    """
    seconds = _utc_seconds(wall, ZoneInfo(zone))
    return -(-seconds // 60) if up else seconds // 60


def wall_midnight(day: date) -> int:
    """The wall time at which a day begins, in minutes as `wall_of` counts them."""
    return (day.toordinal() - _FIRST_DAY) * DAY


def day_on_wall(wall: int) -> date:
    """The day to which a wall time belongs."""
    return date.fromordinal(_FIRST_DAY + wall // DAY)


@lru_cache(maxsize=4096)
def local_day(day: date, zone: str) -> Stretch:
    """A whole day of a zone, from midnight to midnight; empty where the zone skipped it."""
    midnight = wall_midnight(day)
    return (instant_at(midnight, zone, up=True), instant_at(midnight + DAY, zone))


def _utc_seconds(wall: int, zone: ZoneInfo) -> int:
    day, minute = day_on_wall(wall), wall % DAY
    clock = time(minute // 60, minute % 60)
    first = datetime.combine(day, clock, zone)
    before, after = first.utcoffset(), first.replace(fold=1).utcoffset()
    if before is None or after is None:  # a ZoneInfo always has an offset; the type cannot say so
        raise ValueError(f"{zone.key} has no offset from UTC")
    shown = wall * 60
    if after <= before:
        return shown - before // _SECOND
    return _transition(shown - after // _SECOND, shown - before // _SECOND, before, zone)


def _transition(low: int, high: int, before: timedelta, zone: ZoneInfo) -> int:
    """The first second in (low, high] at which the offset is no longer `before`."""
    while high - low > 1:
        middle = (low + high) // 2
        if (_EPOCH + timedelta(seconds=middle)).astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high
