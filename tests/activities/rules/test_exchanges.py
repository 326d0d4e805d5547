from dataclasses import replace

import numpy as np
import pytest

from activities.rules.assignment import assign
from activities.rules.edges import likely_edges
from activities.rules.exchanges import can_exchange
from activities.rules.prices import Block
from activities.rules.table import BARRED
from tests.activities.rules.tables import table

NO = BARRED


def exchangeable(scores: list[list[int]], places: list[int] | None = None, *, filled: bool = False) -> bool:
    """Whether the best pairs have others as good, where all refs have the same hash."""
    one = table(scores, places)
    same = np.zeros(one.mentees, np.uint64), np.zeros(len(one.mentor_hashes), np.uint64)
    one = replace(one, mentee_hashes=same[0], mentor_hashes=same[1])
    block = Block(one, np.arange(one.mentees), np.arange(one.places), filled)
    return can_exchange(block, assign(block, likely_edges(one)))


@pytest.mark.parametrize("scores", [[[1, 1], [1, 1]], [[2, 1], [3, 2]], [[1, 1, NO], [NO, 1, 1], [1, NO, 1]]])
def test_pairs_can_be_exchanged_round_in_a_circle(scores: list[list[int]]) -> None:
    assert exchangeable(scores)
    assert exchangeable(scores, filled=True)


@pytest.mark.parametrize("scores", [[[2, 1], [1, 2]], [[1, NO], [NO, 1]], [[2, 1], [3, 3]]])
def test_pairs_that_would_lose_by_a_circle_stay(scores: list[list[int]]) -> None:
    assert not exchangeable(scores)
    assert not exchangeable(scores, filled=True)


def test_pairs_can_be_exchanged_along_to_a_place_left_over() -> None:
    assert exchangeable([[1, 1]])
    assert exchangeable([[1, 1, NO], [NO, 1, 1]])
    assert exchangeable([[3, 2, NO, NO], [NO, 3, 2, NO], [NO, NO, 2, 2]])
    assert not exchangeable([[2, 1]])
    assert not exchangeable([[2, 1, NO], [NO, 2, 1]])


def test_pairs_can_be_exchanged_along_to_a_mentee_left_over() -> None:
    assert exchangeable([[1], [1]], filled=True)
    assert exchangeable([[NO, 1], [1, NO], [1, NO]], filled=True)
    assert exchangeable([[1, NO], [1, 1], [NO, 1]], filled=True)
    assert not exchangeable([[2], [1]], filled=True)
    assert not exchangeable([[2, NO], [1, 2], [NO, 1]], filled=True)


def test_a_move_between_two_places_of_one_mentor_exchanges_nothing() -> None:
    assert not exchangeable([[1]], [2])
    assert not exchangeable([[2, 1], [2, 1]], [2, 1])
    assert exchangeable([[1, 1]], [2, 1])
