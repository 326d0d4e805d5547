import pytest

from activities.rules.starts import Starts

HOUR = Starts.within((600, 900), minutes=60, step=15)
"""Seventeen starts of an hour's meeting, from minute 600 to minute 840."""


def at(starts: Starts, chosen: int) -> list[int]:
    return [starts.at(bit) for bit in starts.members(chosen)]


def test_starts_within_a_window_leave_room_for_the_meeting() -> None:
    assert at(HOUR, HOUR.every) == list(range(600, 841, 15))
    assert HOUR.count == 17


@pytest.mark.parametrize(
    ("window", "starts"),
    [
        ((601, 690), [615, 630]),
        ((600, 660), [600]),
        ((600, 659), []),
        ((601, 670), []),
        ((600, 500), []),
        ((-100, -25), [-90]),
    ],
)
def test_starts_lie_on_the_grid_and_within_the_window(window: tuple[int, int], starts: list[int]) -> None:
    found = Starts.within(window, minutes=60, step=15)
    assert at(found, found.every) == starts


def test_between_takes_starts_from_the_first_minute_to_before_the_last() -> None:
    assert at(HOUR, HOUR.between(615, 645)) == [615, 630]
    assert at(HOUR, HOUR.between(616, 646)) == [630, 645]
    assert at(HOUR, HOUR.between(0, 601)) == [600]
    assert at(HOUR, HOUR.between(840, 9999)) == [840]
    assert HOUR.between(0, 9999) == HOUR.every
    assert HOUR.between(645, 645) == HOUR.between(645, 615) == HOUR.between(0, 600) == 0


def test_overlapping_are_starts_whose_meeting_touches_a_minute_of_a_stretch() -> None:
    assert at(HOUR, HOUR.overlapping([(700, 701)])) == [645, 660, 675, 690]
    assert at(HOUR, HOUR.overlapping([(705, 720)])) == [660, 675, 690, 705]
    assert at(HOUR, HOUR.overlapping([(610, 611), (850, 999)])) == [600, 795, 810, 825, 840]


def test_overlapping_with_a_pad_keeps_that_many_minutes_free_on_both_sides() -> None:
    assert at(HOUR, HOUR.overlapping([(705, 720)], pad=15)) == [645, 660, 675, 690, 705, 720]
    assert at(HOUR, HOUR.overlapping([(705, 720)], pad=1)) == [645, 660, 675, 690, 705, 720]


def test_overlapping_of_empty_and_reversed_stretches_is_nothing_whatever_the_pad() -> None:
    assert HOUR.overlapping([(700, 700), (720, 700)], pad=60) == 0
    assert HOUR.overlapping([]) == 0


def test_inside_are_starts_whose_meeting_lies_wholly_within_the_time() -> None:
    assert at(HOUR, HOUR.inside([(610, 705)])) == [615, 630, 645]
    assert at(HOUR, HOUR.inside([(615, 675)])) == [615]
    assert HOUR.inside([(615, 674)]) == HOUR.inside([(616, 689)]) == HOUR.inside([]) == 0
    assert HOUR.inside([(0, 9999)]) == HOUR.every


def test_inside_goes_on_from_one_stretch_to_the_next_that_touches_it() -> None:
    assert at(HOUR, HOUR.inside([(660, 690), (630, 660)])) == [630]
    assert HOUR.inside([(661, 691), (630, 660)]) == 0


def test_inside_knows_meetings_shorter_than_the_grid() -> None:
    short = Starts.within((0, 120), minutes=10, step=30)
    assert at(short, short.inside([(0, 40), (55, 70)])) == [0, 30, 60]
    assert at(short, short.overlapping([(12, 29), (39, 61)])) == [30, 60]


def test_members_are_told_earliest_first() -> None:
    assert list(HOUR.members(0b1010010)) == [1, 4, 6]
    assert list(HOUR.members(0)) == []


@pytest.mark.parametrize(
    ("chosen", "near", "nearest"),
    [
        ([600, 840], 600, 600),
        ([600, 840], 719, 600),
        ([600, 840], 720, 600),
        ([600, 840], 721, 840),
        ([600, 840], 840, 840),
        ([630, 660, 690], 660, 660),
        ([630, 660, 690], 659, 660),
        ([630, 660, 690], 646, 660),
        ([630, 660, 690], 645, 630),
        ([630, 645], 0, 630),
        ([630, 645], 9999, 645),
        ([630], 9999, 630),
        ([630], 0, 630),
    ],
)
def test_nearest_is_the_closest_start_and_of_two_the_earlier(
    chosen: list[int], near: int, nearest: int
) -> None:
    starts = sum(HOUR.between(start, start + 1) for start in chosen)
    assert HOUR.at(HOUR.nearest(starts, near)) == nearest
