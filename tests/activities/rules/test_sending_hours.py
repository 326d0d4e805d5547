from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.rules.sending_hours import next_sending_instant

PARIS = ZoneInfo("Europe/Paris")
ZONES = st.sampled_from(["Europe/Paris", "America/Toronto", "Asia/Kolkata", "Australia/Lord_Howe"]).map(
    ZoneInfo
)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 9, 7, 9, 0, tzinfo=PARIS), datetime(2026, 9, 7, 9, 0, tzinfo=PARIS)),
        (datetime(2026, 9, 7, 6, 0, tzinfo=PARIS), datetime(2026, 9, 7, 8, 0, tzinfo=PARIS)),
        (datetime(2026, 9, 7, 8, 0, tzinfo=PARIS), datetime(2026, 9, 7, 8, 0, tzinfo=PARIS)),
        (datetime(2026, 9, 7, 17, 59, tzinfo=PARIS), datetime(2026, 9, 7, 17, 59, tzinfo=PARIS)),
        (datetime(2026, 9, 7, 18, 0, tzinfo=PARIS), datetime(2026, 9, 8, 8, 0, tzinfo=PARIS)),
        (datetime(2026, 9, 11, 19, 0, tzinfo=PARIS), datetime(2026, 9, 14, 8, 0, tzinfo=PARIS)),
        (datetime(2026, 10, 24, 12, 0, tzinfo=PARIS), datetime(2026, 10, 26, 8, 0, tzinfo=PARIS)),
    ],
)
def test_next_sending_instant_is_within_the_readers_hours(now: datetime, expected: datetime) -> None:
    found = next_sending_instant(now, PARIS, frozenset())
    assert found == expected
    assert found.tzinfo is UTC


@given(
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001 - made aware at once
    zone=ZONES,
    holidays=st.frozensets(st.dates(date(2026, 1, 1), date(2027, 1, 5)), max_size=10),
)
def test_next_sending_instant_is_the_first_there_is(
    now: datetime, zone: ZoneInfo, holidays: frozenset[date]
) -> None:
    found = next_sending_instant(now, zone, holidays)
    local = found.astimezone(zone)
    assert found >= now
    assert local.weekday() < 5
    assert local.date() not in holidays
    assert time(8) <= local.time() < time(18)
    quarters = int((found - now) / timedelta(minutes=15))
    for earlier in (now + timedelta(minutes=15) * n for n in range(quarters)):
        there = earlier.astimezone(zone)
        works = there.weekday() < 5 and there.date() not in holidays
        assert not (works and time(8) <= there.time() < time(18))
