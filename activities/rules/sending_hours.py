"""When a letter may go out: on working days between eight and six where the reader is."""

from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

OPENS = time(8)
CLOSES = time(18)
_SATURDAY = 5


def next_sending_instant(now: datetime, zone: ZoneInfo, holidays: AbstractSet[date]) -> datetime:
    """The first instant from `now` (aware) on at which a letter may go out to that zone, in UTC."""
    local = now.astimezone(zone)
    day = local.date()
    if _works(day, holidays) and OPENS <= local.time() < CLOSES:
        return now.astimezone(UTC)
    if local.time() >= OPENS or not _works(day, holidays):
        day += timedelta(days=1)
    while not _works(day, holidays):
        day += timedelta(days=1)
    return datetime.combine(day, OPENS, zone).astimezone(UTC)


def _works(day: date, holidays: AbstractSet[date]) -> bool:
    return day.weekday() < _SATURDAY and day not in holidays
