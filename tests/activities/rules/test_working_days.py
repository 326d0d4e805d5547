from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from activities.rules.working_days import WorkingDays

FRIDAY = datetime(2026, 12, 18, 9, 30, tzinfo=UTC)
CHRISTMAS = frozenset({date(2026, 12, 25)})


def test_add_passes_over_weekends_and_holidays() -> None:
    assert WorkingDays(CHRISTMAS).add(FRIDAY, 5) == datetime(2026, 12, 28, 9, 30, tzinfo=UTC)


def test_add_counts_back() -> None:
    assert WorkingDays(CHRISTMAS).add(datetime(2026, 12, 28, 9, 30, tzinfo=UTC), -5) == FRIDAY


def test_add_nothing_stays_on_a_day_off() -> None:
    saturday = FRIDAY + timedelta(days=1)
    assert WorkingDays().add(saturday, 0) == saturday


def test_add_counts_the_days_of_utc_and_answers_in_it() -> None:
    friday_night = datetime(2026, 12, 18, 1, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
    moved = WorkingDays().add(friday_night, 1)
    assert moved == datetime(2026, 12, 18, 16, 0, tzinfo=UTC)
    assert moved.tzinfo is UTC


@given(
    instant=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=UTC)),  # noqa: DTZ001 - made aware at once
    count=st.integers(1, 40),
    holidays=st.frozensets(st.dates(date(2026, 1, 1), date(2027, 3, 1)), max_size=20),
)
def test_add_agrees_with_counting_every_day(instant: datetime, count: int, holidays: frozenset[date]) -> None:
    days = WorkingDays(holidays)
    moved = days.add(instant, count)
    between = [instant.date() + timedelta(days=n) for n in range(1, (moved.date() - instant.date()).days + 1)]
    worked = [day for day in between if day.weekday() < 5 and day not in holidays]
    assert (len(worked), moved.date(), moved.time()) == (count, worked[-1], instant.time())
