from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from scipy.sparse import csc_array

from activities.rules import patience
from activities.rules.faces import Face, Limits
from activities.rules.patience import Patience, TooLongError

PATIENCE = Patience()


def grid(mentees: int, places: int, **more: list[float]) -> Limits:
    """A column for each mentee with each place, everybody once; and further sums of columns."""
    columns = list(product(range(mentees), range(places)))
    rows = [[float(mentee == one) for mentee, _ in columns] for one in range(mentees)]
    rows += [[float(place == one) for _, place in columns] for one in range(places)]
    rows += more.values()
    most = np.ones(len(rows))
    return Limits(csc_array(np.array(rows)), most, np.array([mentee for mentee, _ in columns]))


def best(face: Face, goal: Sequence[float], likely: set[int]) -> tuple[list[int], Face]:
    """The columns taken, and the face of all choices as good."""
    mask = np.array([column in likely for column in range(len(goal))])
    taken, left = face.best(np.array(goal), mask, PATIENCE)
    assert np.abs(taken - np.round(taken)).max() < 0.01
    return np.flatnonzero(taken > 0.5).tolist(), left


def test_best_reaches_most_of_a_goal_whatever_seems_likely() -> None:
    face = Face.of(grid(2, 2), np.arange(4))
    for likely in ({0, 1, 2, 3}, {0, 3}, {1}, set()):
        assert best(face, [5, 9, 1, 8], likely)[0] == [0, 3]
        assert best(face, [5, 9, 6, 8], likely)[0] == [1, 2]


def test_columns_worth_less_than_nothing_are_not_taken() -> None:
    assert best(Face.of(grid(2, 2), np.arange(4)), [-5, 2, -1, -4], {0, 1, 2, 3})[0] == [1]
    assert best(Face.of(grid(1, 2), np.arange(2)), [-5, -1], {0})[0] == []


def test_face_leaves_to_the_next_goal_what_is_as_good_and_nothing_else() -> None:
    face = Face.of(grid(2, 2), np.arange(4))
    _, equal = best(face, [4, 4, 4, 4], {0, 3})
    for goal, taken in (([9, 0, 0, 9], [0, 3]), ([0, 1, 1, 0], [1, 2]), ([0, 1, 0, 0], [1, 2])):
        assert best(equal, goal, {0, 3})[0] == taken
    _, decided = best(face, [4, 3, 4, 4], {0, 3})
    assert best(decided, [0, 9, 9, 0], {0, 3})[0] == [0, 3]


def test_face_keeps_to_as_much_of_the_first_goal_even_where_the_next_is_against_it() -> None:
    face = Face.of(grid(2, 2), np.arange(4))
    _, many = best(face, [1, 1, 1, 1], {0, 1, 2, 3})
    assert best(many, [-9, -1, -3, -9], {0, 1, 2, 3})[0] == [1, 2]
    _, third = best(best(face, [1, 1, 1, 1], {0, 3})[1], [2, 1, 1, 0], {0, 3})
    assert best(third, [0, 5, 0, 0], {0, 3})[0] == [1, 2]


def test_face_goes_on_with_the_columns_it_is_given() -> None:
    assert best(Face.of(grid(1, 3), np.array([0, 2])), [1, 9, 5], {0})[0] == [2]


def test_face_without_columns_takes_nothing() -> None:
    face = Face.of(grid(1, 2), np.zeros(0, np.int64))
    taken, left = face.best(np.array([3.0, 4.0]), np.ones(2, np.bool_), PATIENCE)
    assert taken.tolist() == [0, 0]
    assert left is face


@pytest.mark.parametrize("top", [0, 7, 24])
def test_best_of_very_many_columns_of_one_owner_is_found(top: int) -> None:
    """Columns join a few at a time; those of the least promise take the most rounds."""
    limits = Limits(csc_array(np.ones((1, 25))), np.ones(1), np.zeros(25, np.int64))
    goal = [float(column) for column in range(25)]
    goal[top] = 99
    assert best(Face.of(limits, np.arange(25)), goal, {3})[0] == [top]


def test_columns_that_help_most_join_first_so_that_two_rounds_are_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every round begins with a beat; each of two owners may take one of twenty-five columns."""
    monkeypatch.setattr(patience, "_BETWEEN_BEATS", 60)
    rows = np.repeat(np.eye(2), 25, axis=1)
    limits = Limits(csc_array(rows), np.ones(2), np.repeat(np.arange(2), 25))
    likely = np.arange(50) % 25 == 0
    rounds = list[None]()
    taken, _ = Face.of(limits, np.arange(50)).best(
        (np.arange(50) % 25 + 1).astype(np.float64), likely, Patience(lambda: rounds.append(None))
    )
    assert np.flatnonzero(taken > 0.5).tolist() == [24, 49]
    assert len(rounds) == 2


def test_columns_join_for_every_owner_at_once() -> None:
    """All owners have better columns than the likely one, and all share the same places."""
    mentees, places = 6, 12
    goal = [
        float(10 * (mentee + place == 11) + 1) for mentee, place in product(range(mentees), range(places))
    ]
    likely = {mentee * places + mentee for mentee in range(mentees)}
    taken, _ = best(Face.of(grid(mentees, places), np.arange(mentees * places)), goal, likely)
    assert taken == [mentee * places + 11 - mentee for mentee in range(mentees)]


def test_further_sums_of_columns_are_kept_within_their_limits() -> None:
    """The first two of three mentees are in a unit that may have one pair."""
    face = Face.of(grid(3, 3, unit=[1, 1, 1, 1, 1, 1, 0, 0, 0]), np.arange(9))
    assert best(face, [9, 0, 0, 0, 8, 0, 0, 0, 7], {0, 8})[0] == [0, 8]
    assert best(face, [6, 0, 0, 0, 8, 0, 0, 0, 7], {0, 8})[0] == [4, 8]
    assert best(face, [6, 1, 0, 0, 8, 0, 0, 10, 7], {0, 8})[0] == [0, 7]


def test_halves_are_no_solution() -> None:
    """Of three columns any two exclude each other, and half of each would be most."""
    odd = Limits(csc_array(np.array([[1.0, 1, 0], [0, 1, 1], [1, 0, 1]])), np.ones(3), np.zeros(3, np.int64))
    with pytest.raises(ArithmeticError, match=r"^no whole solution was found: "):
        Face.of(odd, np.arange(3)).best(np.ones(3), np.ones(3, np.bool_), PATIENCE)


def test_limits_that_no_choice_keeps_are_told() -> None:
    below = Limits(csc_array(np.ones((1, 2))), -np.ones(1), np.zeros(2, np.int64))
    with pytest.raises(ArithmeticError, match=r"^no whole solution was found: .*infeasible"):
        Face.of(below, np.arange(2)).best(np.ones(2), np.ones(2, np.bool_), PATIENCE)


def test_best_is_given_up_when_the_time_is_over() -> None:
    with pytest.raises(TooLongError, match=r"^no choice was found within 0 s$"):
        Face.of(grid(9, 9), np.arange(81)).best(np.arange(81.0), np.ones(81, np.bool_), Patience(seconds=0))
