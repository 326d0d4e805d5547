from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from activities.rules.local_days import LocalDays
from activities.rules.working_days import WorkingDays

NEW_YEAR = WorkingDays(holidays=frozenset({datetime(2026, 1, 1, tzinfo=UTC).date()}))


@pytest.mark.parametrize(
    ("zone", "instant", "count", "expected"),
    [
        ("Asia/Tokyo", "2026-09-07T08:00", -1, "2026-09-04T08:00"),  # Monday there, Sunday in UTC
        ("America/Los_Angeles", "2026-09-04T18:00", 1, "2026-09-07T18:00"),  # Friday there, Saturday in UTC
        ("Asia/Tokyo", "2026-01-02T08:00", -1, "2025-12-31T08:00"),  # over a holiday of that zone's day
        ("Europe/Paris", "2026-03-27T09:00", 1, "2026-03-30T09:00"),  # over the change to summer time
        ("UTC", "2026-09-04T09:00", 1, "2026-09-07T09:00"),
        ("Asia/Tokyo", "2026-09-06T08:00", 0, "2026-09-06T08:00"),
    ],
)
def test_working_days_are_those_of_the_zone_at_its_time_of_day(
    zone: str, instant: str, count: int, expected: str
) -> None:
    def there(moment: str) -> datetime:
        return datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))

    found = LocalDays(NEW_YEAR, zone).add(there(instant), count)
    assert found == there(expected)
    assert found.utcoffset() == UTC.utcoffset(None)
