import pytest

from activities.rules.cohort import Weights
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
    with pytest.raises(ValueError, match="needs a ref"):
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
    with pytest.raises(ValueError, match="points are never negative"):
        Weights(other_site=-1)
