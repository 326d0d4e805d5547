"""What a session costs in calls to its provider; `python -m bench.calendar_calls` prints the table."""

import pytest

from activities import hours
from activities.rules.stretches import DAY
from bench.calendar_calls import VENDORS, rows

EXACTLY = {"google": [3, 3, 1], "microsoft": [3, 3, 1], "caldav": [6, 6, 3]}


@pytest.mark.parametrize("vendor", sorted(VENDORS))
def test_a_session_costs_so_many_calls_and_no_more(vendor: str) -> None:
    found = rows(vendor)
    assert [row.calls for row in found] == EXACTLY[vendor]
    assert all(row.is_right for row in found)


def test_the_first_session_is_looked_for_as_far_as_the_acts_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hours, "AT_ONCE", hours.AT_ONCE + 7 * DAY)
    assert [row.calls for row in rows("microsoft")] == [3, 4, 1]
