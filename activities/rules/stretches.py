"""Stretches of time as half-open pairs of integer UTC minutes, and what can be done with them."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

Stretch = tuple[int, int]
"""A half-open stretch, [start, end), in minutes since 1970-01-01T00:00Z; without length it is empty."""

Stretches = tuple[Stretch, ...]
"""Stretches in order, none empty, none touching another, wherever a function here returns them."""

DAY = 24 * 60

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def minutes_of(instant: datetime, *, up: bool = False) -> int:
    """The whole minutes since 1970-01-01T00:00Z, rounded down, or `up`; a naive instant raises ValueError."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; an aware instant is expected")
    since = instant.astimezone(UTC) - _EPOCH
    return -(-since // _MINUTE) if up else since // _MINUTE


def instant_of(minutes: int) -> datetime:
    """The instant in UTC that lies so many minutes after 1970-01-01T00:00Z."""
    return _EPOCH + timedelta(minutes=minutes)


def outward(start: datetime, end: datetime) -> Stretch:
    """The whole minutes touched between two instants: the way to round time that is taken.

    Time that is empty stays empty; it does not grow into a minute.
    """
    if end <= start:
        return (minutes_of(start), minutes_of(start))
    return (minutes_of(start), minutes_of(end, up=True))


def inward(start: datetime, end: datetime) -> Stretch:
    """The whole minutes that fit between two instants: the way to round time that may be used."""
    return (minutes_of(start, up=True), minutes_of(end))


def merged(stretches: Iterable[Stretch]) -> Stretches:
    """The same time in order and in as few stretches as it takes; empty and reversed ones are dropped."""
    kept: list[Stretch] = []
    for start, end in sorted(stretches):
        if end <= start:
            continue
        if kept and start <= kept[-1][1]:
            kept[-1] = (kept[-1][0], max(kept[-1][1], end))
        else:
            kept.append((start, end))
    return tuple(kept)


def common(ones: Iterable[Stretch], others: Iterable[Stretch]) -> Stretches:
    """The time that lies in both."""
    left, right = merged(ones), merged(others)
    found: list[Stretch] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, end = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if start < end:
            found.append((start, end))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def without(stretches: Iterable[Stretch], taken: Iterable[Stretch]) -> Stretches:
    """The time of the first that does not lie in the second."""
    left: list[Stretch] = []
    holes = merged(taken)
    for start, end in merged(stretches):
        at = start
        for hole_start, hole_end in holes:
            if hole_end <= at or hole_start >= end:
                continue
            if at < hole_start:
                left.append((at, hole_start))
            at = hole_end
        if at < end:
            left.append((at, end))
    return tuple(left)


def length(stretches: Iterable[Stretch]) -> int:
    """How many minutes the stretches cover; minutes covered twice count once."""
    return sum(end - start for start, end in merged(stretches))
