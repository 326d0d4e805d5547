from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.rules.stretches import (
    Stretch,
    Stretches,
    common,
    instant_of,
    inward,
    length,
    merged,
    minutes_of,
    outward,
    without,
)

LOTS = st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), max_size=8)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware at once


def minutes_in(stretches: list[Stretch] | Stretches) -> set[int]:
    return {minute for start, end in stretches for minute in range(start, end)}


def is_tidy(stretches: Stretches) -> bool:
    bounds = [bound for stretch in stretches for bound in stretch]
    return bounds == sorted(set(bounds))


def test_minutes_of_counts_from_1970() -> None:
    assert minutes_of(datetime(1970, 1, 2, 0, 1, tzinfo=UTC)) == 1441
    assert minutes_of(datetime(1969, 12, 31, 23, 59, 30, tzinfo=UTC)) == -1


def test_minutes_of_rounds_down_or_up() -> None:
    at = datetime(1970, 1, 1, 0, 1, 1, tzinfo=UTC)
    assert (minutes_of(at), minutes_of(at, up=True)) == (1, 2)
    assert minutes_of(datetime(1970, 1, 1, 0, 1, tzinfo=UTC), up=True) == 1


def test_minutes_of_reads_the_offset_and_the_fold() -> None:
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"))
    assert minutes_of(first.replace(fold=1)) - minutes_of(first) == 60
    assert minutes_of(datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))) == 0


def test_minutes_of_refuses_a_naive_instant() -> None:
    with pytest.raises(
        ValueError, match=r"^2026-09-07T09:00:00 has no time zone; an aware instant is expected$"
    ):
        minutes_of(datetime(2026, 9, 7, 9))  # noqa: DTZ001 - what must be refused


@given(st.integers(-(10**7), 10**8))
def test_instant_of_undoes_minutes_of(minutes: int) -> None:
    assert minutes_of(instant_of(minutes)) == minutes
    assert instant_of(minutes).tzinfo is UTC


@given(start=INSTANTS, seconds=st.integers(-200, 400))
def test_outward_covers_all_that_is_taken_and_no_more(start: datetime, seconds: int) -> None:
    end = start + timedelta(seconds=seconds)
    low, high = outward(start, end)
    if seconds <= 0:
        assert low == high
    else:
        assert instant_of(low) <= start < instant_of(low + 1)
        assert instant_of(high - 1) < end <= instant_of(high)


def test_outward_lets_empty_time_stay_empty() -> None:
    at = datetime(1970, 1, 1, 0, 1, 30, tzinfo=UTC)
    assert outward(at, at) == (1, 1)


@given(start=INSTANTS, seconds=st.integers(0, 400))
def test_inward_stays_within_what_may_be_used(start: datetime, seconds: int) -> None:
    end = start + timedelta(seconds=seconds)
    low, high = inward(start, end)
    assert instant_of(low - 1) < start <= instant_of(low)
    assert instant_of(high) <= end < instant_of(high + 1)


@given(LOTS)
def test_merged_keeps_the_same_minutes_in_order(lot: list[Stretch]) -> None:
    assert minutes_in(merged(lot)) == minutes_in(lot)
    assert is_tidy(merged(lot))


@given(LOTS, LOTS)
def test_common_is_what_lies_in_both(ones: list[Stretch], others: list[Stretch]) -> None:
    assert minutes_in(common(ones, others)) == minutes_in(ones) & minutes_in(others)
    assert is_tidy(common(ones, others))


@given(LOTS, LOTS)
def test_without_is_what_lies_in_the_first_alone(ones: list[Stretch], others: list[Stretch]) -> None:
    assert minutes_in(without(ones, others)) == minutes_in(ones) - minutes_in(others)
    assert is_tidy(without(ones, others))


@given(LOTS)
def test_length_counts_each_minute_once(lot: list[Stretch]) -> None:
    assert length(lot) == len(minutes_in(lot))


def test_common_of_stretches_that_only_touch_is_nothing() -> None:
    assert common([(0, 10)], [(10, 20)]) == ()
    assert common([(10, 20)], [(0, 10), (20, 30)]) == ()


def test_common_goes_on_to_the_last_stretch_of_either_side() -> None:
    many = [(1, 2), (3, 4), (5, 6), (7, 8)]
    assert common([(0, 100)], many) == tuple(many)
    assert common(many, [(0, 100)]) == tuple(many)
    assert common(many, [(7, 9)]) == ((7, 8),)
