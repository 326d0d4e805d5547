from unittest.mock import patch

import numpy as np
import pytest

from activities.rules.edges import Edges, highest, joined, likely_edges, no_edges, some_edges
from activities.rules.table import BARRED, Table
from tests.activities.rules.tables import Kind, random_table, table

Pairs = set[tuple[int, int]]


def edges(*pairs: tuple[int, int]) -> Edges:
    return Edges(*np.array(pairs, np.int64).reshape(-1, 2).T)


def pairs(found: Edges) -> list[tuple[int, int]]:
    return list(zip(found.mentees.tolist(), found.places.tolist(), strict=True))


def allowed(one: Table) -> Pairs:
    return set(
        zip(*(side.tolist() for side in np.nonzero(one.scores[:, one.mentor_of] > BARRED)), strict=True)
    )


def test_joined_edges_are_each_there_once_and_in_order() -> None:
    groups = edges((2, 0), (0, 1)), no_edges(), edges((0, 1), (0, 0), (1, 7))
    assert pairs(joined(*groups)) == [(0, 0), (0, 1), (1, 7), (2, 0)]
    assert len(joined(*groups)) == 4
    assert pairs(joined(no_edges())) == []


def test_edges_within_are_between_some_mentees_and_some_places() -> None:
    some = edges((0, 0), (0, 1), (1, 0), (1, 1))
    assert pairs(some.within(np.array([True, False]), np.array([False, True]))) == [(0, 1)]


def test_edges_of_positions_are_edges_of_those_mentees_and_places() -> None:
    assert pairs(edges((0, 1), (1, 0)).of(np.array([7, 9]), np.array([3, 5]))) == [(7, 5), (9, 3)]


def ranked(rank: list[list[float]], barred: Pairs, count: int) -> Pairs:
    points = np.array(rank, np.float32)
    free = np.array(
        [[(row, at) not in barred for at in range(points.shape[1])] for row in range(len(points))]
    )
    return set(pairs(highest(points, free.reshape(points.shape), count)))


def test_highest_are_so_many_of_every_row() -> None:
    rank = [[3.0, 1.0, 2.0], [-5.0, -9.0, -7.0]]
    assert ranked(rank, set(), 1) == {(0, 0), (1, 0)}
    assert ranked(rank, set(), 2) == {(0, 0), (0, 2), (1, 0), (1, 2)}
    assert len(ranked(rank, set(), 3)) == len(ranked(rank, set(), 4)) == 6


def test_highest_are_of_those_allowed_however_high_the_others_are() -> None:
    rank = [[900.0, 1.0, 2.0, 3.0], [4.0, 3.0, 2.0, 1.0]]
    assert ranked(rank, {(0, 0)}, 2) == {(0, 2), (0, 3), (1, 0), (1, 1)}
    assert ranked(rank, {(0, 0), (0, 1), (0, 3), (1, 0)}, 2) == {(0, 2), (1, 1), (1, 2)}
    assert ranked([[1.0, 1.0]], {(0, 0), (0, 1)}, 1) == set()
    assert ranked([[5.0, 4.0]], {(0, 0)}, 7) == {(0, 1)}


def test_highest_of_equals_are_those_allowed() -> None:
    rank = [[1.0] * 4, [1.0] * 4]
    assert ranked(rank, {(0, 3), (0, 1), (1, 0), (1, 2)}, 2) == {(0, 0), (0, 2), (1, 1), (1, 3)}


@pytest.mark.parametrize("count", [1, 7, 999, 1999])
def test_highest_of_wide_rows_are_the_last_of_all_in_order(count: int) -> None:
    rank = np.random.Generator(np.random.PCG64(count)).permutation(8000).reshape(4, 2000)
    last = {(row, int(at)) for row in range(4) for at in np.argsort(rank[row])[-count:]}
    assert ranked(rank.astype(np.float64).tolist(), set(), count) == last


def test_highest_of_nothing_is_nothing() -> None:
    assert pairs(highest(np.zeros((2, 0), np.float32), np.zeros((2, 0), np.bool_), 3)) == []
    assert pairs(highest(np.zeros((0, 4), np.float32), np.zeros((0, 4), np.bool_), 3)) == []


def test_likely_edges_are_all_that_are_allowed_where_places_are_few() -> None:
    one = random_table(1, Kind(mentees=40, mentors=30, allowed=0.6))
    assert set(pairs(likely_edges(one))) == allowed(one)


def test_likely_edges_are_far_from_all_where_places_are_many() -> None:
    one = random_table(1, Kind(mentees=20, mentors=300, allowed=0.8))
    counts = np.bincount(likely_edges(one).mentees, minlength=20)
    assert counts.min() >= 30
    assert counts.max() <= 30 + 24
    assert set(pairs(likely_edges(one))) <= allowed(one)


def test_likely_places_are_more_for_everybody_than_the_best() -> None:
    """Thirty are the best; of twenty-four met by chance only a few are among those."""
    one = random_table(1, Kind(mentees=50, mentors=300, allowed=1.0))
    assert np.bincount(likely_edges(one).mentees, minlength=50).min() >= 40


def test_likely_is_who_suits_a_mentee_better_than_they_suit_others() -> None:
    """Everybody's own mentor is worth ten points more, and some mentors are worth hundreds to anybody."""
    popular = np.arange(80) * 10
    one = table(popular[None, :] + 10 * np.eye(80, dtype=np.int64))
    assert {(n, n) for n in range(80)} <= set(pairs(likely_edges(one)))


def test_likely_is_told_by_the_average_of_those_who_are_allowed_a_place() -> None:
    """The first mentee suits thirty places better than others do; who else may have the rest is no matter."""
    scores = np.full((60, 100), 40)
    scores[0, :30] = 42
    alone, both = scores.copy(), scores.copy()
    alone[1:, 30:] = BARRED
    both[2:, :] = BARRED
    both[1, :30] = 38
    for one in (table(scores), table(alone), table(both)):
        assert {(0, place) for place in range(30)} <= set(pairs(likely_edges(one)))


def test_likely_places_are_first_ones_where_further_ones_cost_more_than_they_gain() -> None:
    one = table(np.zeros((20, 40), np.int64), [2] * 40, cost=50)
    found = likely_edges(one)
    first = np.bincount(found.mentees[one.cost_of[found.places] == 0], minlength=20)
    assert first.min() >= 30


def test_likely_places_differ_where_all_are_equal() -> None:
    one = table(np.zeros((150, 200), np.int64))
    found = likely_edges(one)
    taken = np.bincount(found.places, minlength=200)
    assert taken.min() > 0
    assert taken.max() < 75


def test_some_edges_are_so_many_of_the_allowed_places_of_each_mentee() -> None:
    one = random_table(2, Kind(mentees=30, mentors=30, allowed=0.3))
    mentees, places = np.array([3, 8, 20]), np.arange(5, 25)
    found = some_edges(one, mentees, places, 2)
    possible = {(row, place) for row, place in allowed(one) if row in {3, 8, 20} and 5 <= place < 25}
    assert set(pairs(found)) <= possible
    for row in (3, 8, 20):
        has = sum(mentee == row for mentee, _ in possible)
        assert (found.mentees == row).sum() == min(has, 2) > 0
    assert len(some_edges(one, mentees, np.zeros(0, np.int64), 2)) == 0


def test_some_edges_differ_from_mentee_to_mentee() -> None:
    one = table(np.zeros((60, 20), np.int64))
    found = some_edges(one, np.arange(60), np.arange(20), 1)
    counts = np.bincount(found.places, minlength=20)
    assert counts.sum() == 60
    assert counts.max() < 20
    assert (counts > 0).sum() > 10


@pytest.mark.parametrize("seed", range(3))
def test_portions_of_any_size_lead_to_the_same_edges(seed: int) -> None:
    one = random_table(seed, Kind(mentees=11, mentors=70, allowed=0.7, common=40, capacity=2))
    everybody = np.arange(one.mentees), np.arange(one.places)
    likely, some = likely_edges(one), some_edges(one, *everybody, 3)
    with patch("activities.rules.table._ROWS", 3):
        assert pairs(likely_edges(one)) == pairs(likely)
        assert pairs(some_edges(one, *everybody, 3)) == pairs(some)
