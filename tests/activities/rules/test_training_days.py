from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.rules.slots import Diary, Slot, Wish
from activities.rules.stretches import DAY, minutes_of
from activities.rules.training_days import HalfDay, Missed, best_days, redistribute

MONDAY = minutes_of(datetime(2026, 9, 7, tzinfo=UTC))
HOURS = tuple((MONDAY + day * DAY + 540, MONDAY + day * DAY + 1020) for day in range(5))
HALF = 210


def test_best_days_gives_each_day_once_the_best_attended_first() -> None:
    trainer = Diary("t", HOURS)
    busy = ((HOURS[1][0], HOURS[1][0] + 60),)
    mentors = [Diary("x", HOURS[1:]), Diary("y", HOURS[2:3]), Diary("z", HOURS[1:3], busy=busy)]
    days = best_days(
        [trainer], mentors, Wish(HALF, (MONDAY, MONDAY + 5 * DAY)), quorum=1, zone="Europe/Paris"
    )
    assert days == (
        Slot(HOURS[2][0], HOURS[2][0] + HALF, ("t", "x", "y", "z")),
        Slot(HOURS[1][0] + 60, HOURS[1][0] + 60 + HALF, ("t", "x", "z")),
        Slot(HOURS[3][0], HOURS[3][0] + HALF, ("t", "x")),
        Slot(HOURS[4][0], HOURS[4][0] + HALF, ("t", "x")),
    )


def test_best_days_are_those_of_the_zone() -> None:
    night = Diary("t", ((MONDAY + 22 * 60, MONDAY + 26 * 60),))
    wish = Wish(60, (MONDAY, MONDAY + 5 * DAY), step=60)
    paris, utc = (best_days([night], [], wish, quorum=0, zone=zone) for zone in ("Europe/Paris", "UTC"))
    assert [slot.start - MONDAY for slot in paris] == [22 * 60]
    assert [slot.start - MONDAY for slot in utc] == [22 * 60, 24 * 60]


def half_day(key: str, day: int, seats: int = 1, part: int = 2) -> HalfDay:
    return HalfDay(key, part, (HOURS[day][0], HOURS[day][0] + HALF), seats)


def test_redistribute_sends_everybody_to_the_next_date_with_a_seat() -> None:
    missed = [Missed(Diary(ref, HOURS), 2, MONDAY) for ref in ("b", "a", "c")]
    dates = [half_day("wed", 2, 2), half_day("tue", 1), half_day("mon, other part", 0, 9, part=1)]
    assert redistribute(missed, dates) == {"a": "tue", "b": "wed", "c": "wed"}


def test_redistribute_gives_up_a_seat_to_who_has_no_other() -> None:
    anytime, only_monday = Missed(Diary("a", HOURS), 2, MONDAY), Missed(Diary("b", HOURS[:1]), 2, MONDAY)
    assert redistribute([anytime, only_monday], [half_day("mon", 0), half_day("fri", 4)]) == {
        "a": "fri",
        "b": "mon",
    }


def test_redistribute_asks_only_for_time_that_is_free() -> None:
    at = HOURS[0][0]
    dates = [half_day("mon", 0)]
    for taken in (
        Diary("a", HOURS, busy=((at, at + 1),)),
        Diary("a", HOURS, tentative=((at, at + 1),)),
        Diary("a", HOURS, out_of_office=((at, at + 1),)),
        Diary("a", HOURS, known=False),
        Diary("a", HOURS[1:]),
    ):
        assert redistribute([Missed(taken, 2, MONDAY)], dates) == {}
    assert redistribute([Missed(Diary("a", HOURS), 2, at)], dates) == {"a": "mon"}
    assert redistribute([Missed(Diary("a", HOURS), 2, at + 1)], dates) == {}
    until_then = Missed(Diary("a", HOURS, busy=((at - 30, at),)), 2, MONDAY)
    assert redistribute([until_then], dates) == {"a": "mon"}
    close = Missed(Diary("a", HOURS, busy=((at - 30, at - 10),)), 2, MONDAY)
    assert redistribute([close], dates, buffer=10) == {"a": "mon"}
    assert redistribute([close], dates, buffer=11) == {}


def test_redistribute_takes_dates_at_any_minute() -> None:
    odd = HalfDay("odd", 2, (HOURS[0][0] + 7, HOURS[0][0] + 7 + HALF), 1)
    assert redistribute([Missed(Diary("a", HOURS), 2, MONDAY)], [odd]) == {"a": "odd"}


def test_redistribute_of_nothing_or_to_nowhere_is_empty() -> None:
    assert redistribute([], [half_day("mon", 0)]) == {}
    assert redistribute([Missed(Diary("a", HOURS), 2, MONDAY)], []) == {}
    assert (
        redistribute([Missed(Diary("a", HOURS), 2, MONDAY)], [HalfDay("x", 2, (HOURS[0][0], HOURS[0][0]), 1)])
        == {}
    )
    assert redistribute([Missed(Diary("a", HOURS), 2, MONDAY)], [half_day("mon", 0, 0)]) == {}


ABSENT = st.lists(
    st.tuples(st.frozensets(st.integers(0, 4)), st.sampled_from([1, 2]), st.integers(0, 2)), max_size=4
).map(
    lambda rows: [
        Missed(Diary(f"m{n}", tuple(HOURS[day] for day in sorted(days))), part, MONDAY + after * DAY)
        for n, (days, part, after) in enumerate(rows)
    ]
)
DATES = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2), st.sampled_from([1, 2])), max_size=4).map(
    lambda rows: [half_day(f"d{n}", day, seats, part) for n, (day, seats, part) in enumerate(rows)]
)


def _worth(
    missed: Sequence[Missed], dates: Sequence[HalfDay], to: Sequence[int | None]
) -> tuple[int, int] | None:
    """How many find no date, and how long the others wait; None where it cannot be."""
    wait = 0
    for one, at in zip(missed, to, strict=True):
        if at is not None:
            start, end = dates[at].when
            works = any(a <= start and end <= b for a, b in one.diary.working)
            if dates[at].part != one.part or start < one.earliest or not works:
                return None
            wait += start - one.earliest
    if any(to.count(at) > date.seats for at, date in enumerate(dates)):
        return None
    return to.count(None), wait


@given(ABSENT, DATES)
@settings(deadline=None)
def test_redistribute_is_the_best_of_all_ways(missed: list[Missed], dates: list[HalfDay]) -> None:
    found = redistribute(missed, dates)
    keys = [date.key for date in dates]
    chosen = [keys.index(found[one.diary.ref]) if one.diary.ref in found else None for one in missed]
    ways = [_worth(missed, dates, to) for to in product((None, *range(len(dates))), repeat=len(missed))]
    assert _worth(missed, dates, chosen) == min(way for way in ways if way is not None)
    assert redistribute(missed[::-1], dates[::-1]) == found
