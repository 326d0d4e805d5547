"""The bench reads as much of people's calendars as the acts do."""

import pytest

from activities import hours, rhythm
from activities.rules.slots import Diary
from activities.rules.stretches import DAY, Stretch
from bench.rhythm import LONGEST, MONDAY, Pair, Search, with_the_second


@pytest.mark.parametrize(("lasts", "reads"), [(1 * DAY, 1 * DAY + LONGEST), (20 * DAY, 20 * DAY + LONGEST)])
def test_first_session_is_looked_for_with_the_second_in_what_one_call_tells(
    monkeypatch: pytest.MonkeyPatch, lasts: int, reads: int
) -> None:
    read: list[Stretch] = []

    def diaries(_pair: Pair, _now: int, window: Stretch) -> list[Diary]:
        read.append(window)
        return []

    monkeypatch.setattr(Pair, "diaries", diaries)
    monkeypatch.setattr(rhythm, "with_the_second", lambda *_: None)
    for at_once in (hours.AT_ONCE, 1000 * DAY):
        monkeypatch.setattr(hours, "AT_ONCE", at_once)
        with_the_second(Search(Pair(((), ()), ()), MONDAY, (MONDAY, MONDAY + lasts)))
    assert read == [(MONDAY, MONDAY + 40 * DAY), (MONDAY, MONDAY + reads)]
