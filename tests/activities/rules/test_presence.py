from datetime import UTC, date, datetime

import pytest

from activities.rules.presence import end_of, has_left
from integrations.hr.events import Status
from tests.activities.rules.staff import person

NOON = datetime(2026, 7, 3, 12, tzinfo=UTC)


def test_has_left_is_whoever_hr_says_has() -> None:
    assert has_left(person(status=Status.LEFT), NOON)
    assert has_left(person(status=Status.LEFT, end_date=date(2026, 8, 1)), NOON)
    assert not has_left(person(), NOON)
    assert not has_left(person(status=Status.ON_LEAVE), NOON)


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (datetime(2026, 7, 2, 22, tzinfo=UTC), False),
        (datetime(2026, 7, 3, 21, 59, 59, tzinfo=UTC), False),
        (datetime(2026, 7, 3, 22, tzinfo=UTC), True),
    ],
)
def test_last_day_counts_until_it_ends_where_the_person_is(now: datetime, left: bool) -> None:
    assert has_left(person(end_date=date(2026, 7, 3), zone="Europe/Paris"), now) is left


def test_end_of_a_day_is_the_next_midnight_of_the_zone_in_utc() -> None:
    assert end_of(date(2026, 10, 25), "Europe/Paris") == datetime(2026, 10, 25, 23, tzinfo=UTC)
    assert end_of(date(2026, 12, 31), "Asia/Tokyo") == datetime(2026, 12, 31, 15, tzinfo=UTC)
    assert end_of(date(2026, 7, 3), "Europe/Paris").tzinfo is UTC
