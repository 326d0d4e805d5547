from hypothesis import given, settings
from hypothesis import strategies as st

from activities.rules.cohort import Stretch
from activities.rules.weeks import Week, common_minutes, shared_minutes

WEEK = 7 * 24 * 60

stretches = st.tuples(st.integers(0, WEEK - 1), st.integers(1, 900)).map(
    lambda start_length: (start_length[0], min(sum(start_length), WEEK))
)
weeks = st.lists(stretches, max_size=5).map(tuple)


def minutes(week: tuple[Stretch, ...]) -> set[int]:
    return {minute for start, end in week for minute in range(start, end)}


@settings(max_examples=150)
@given(st.lists(weeks, max_size=3), st.lists(weeks, max_size=3))
def test_common_minutes_agrees_with_counting_every_minute(mine: list[Week], theirs: list[Week]) -> None:
    expected = [[len(minutes(one) & minutes(other)) for other in theirs] for one in mine]
    assert common_minutes(mine, theirs).tolist() == expected
    assert [[shared_minutes(one, other) for other in theirs] for one in mine] == expected


def test_common_minutes_of_whole_weeks_is_exact() -> None:
    halves: Week = tuple((minute, minute + 1) for minute in range(0, WEEK, 2))
    assert common_minutes([((0, WEEK),), halves], [((0, WEEK),)]).tolist() == [[WEEK], [WEEK // 2]]


def test_common_minutes_of_stretches_that_touch_is_nothing() -> None:
    assert common_minutes([((0, 60),)], [((60, 120),)]).tolist() == [[0]]
