import pytest

from activities.rules.cohort import Cohort, Weights
from tests.activities.rules.cohorts import mentee, mentor

WEEK = 7 * 24 * 60


@pytest.mark.parametrize("stretch", [(-1, 5), (5, 5), (6, 5), (0, WEEK + 1)])
def test_candidate_refuses_stretches_outside_a_week(stretch: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is no stretch of a week of 10080 minutes"):
        mentor(working=((0, 1), stretch))
    with pytest.raises(ValueError, match="is no stretch of a week of 10080 minutes"):
        mentee(preferred=(stretch,))


def test_candidate_takes_a_whole_week() -> None:
    assert mentee(working=((0, WEEK),)).working == ((0, WEEK),)


def test_candidate_needs_a_ref() -> None:
    with pytest.raises(ValueError, match=r"^a candidate needs a ref$"):
        mentor("")


def test_mentor_refuses_a_capacity_below_zero() -> None:
    assert mentor(capacity=0).capacity == 0
    with pytest.raises(ValueError, match="a capacity of -1 is below zero"):
        mentor(capacity=-1)


@pytest.mark.parametrize("level", [0, 5])
def test_mentor_refuses_levels_that_do_not_exist(level: int) -> None:
    assert mentor(strengths={"1.1": 1, "1.2": 4}).strengths == {"1.1": 1, "1.2": 4}
    with pytest.raises(ValueError, match="strengths have levels 1 to 4"):
        mentor(strengths={"1.1": 2, "1.2": level})


@pytest.mark.parametrize("needs", [{"1.1": 99}, {"1.1": 50, "1.2": 51}, {"1.1": 101, "1.2": -1}])
def test_mentee_refuses_needs_that_are_no_shares_of_a_hundred(needs: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="needs are weights that sum to 100"):
        mentee(needs=needs)


def test_mentee_takes_a_need_of_nothing() -> None:
    assert mentee(needs={"1.1": 100, "1.2": 0}).needs == {"1.1": 100, "1.2": 0}


def test_weights_refuse_points_below_zero() -> None:
    with pytest.raises(ValueError, match=r"^points are never negative$"):
        Weights(other_site=-1)


def test_weights_take_points_of_nothing() -> None:
    assert Weights(need=0, other_site=0).other_site == 0


def test_cohort_names_everybody_once() -> None:
    twice = (mentee("m2"), mentee("m1"), mentee("m3"), mentee("m2"), mentee("m1"))
    with pytest.raises(ValueError, match=r"^each mentee is named once, but m1, m2 more often$"):
        Cohort(mentees=twice, mentors=(mentor(),))
    with pytest.raises(ValueError, match=r"^each mentor is named once, but y1 more often$"):
        Cohort(mentees=(mentee(),), mentors=(mentor("y1"), mentor("y2"), mentor("y1")))


def test_cohort_pins_every_mentee_once_but_a_mentor_to_several() -> None:
    pinned = frozenset({("y1", "m1"), ("y1", "m2")})
    assert Cohort(mentees=(mentee(),), mentors=(mentor(),), pinned=pinned).pinned == pinned
    with pytest.raises(ValueError, match=r"^each pinned mentee is named once, but m1 more often$"):
        Cohort(mentees=(mentee(),), mentors=(mentor(),), pinned=pinned | {("y2", "m1")})
