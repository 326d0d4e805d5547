from collections.abc import Callable

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from activities.rules.edges import Edges, likely_edges, no_edges
from activities.rules.shortage import find_shortage
from activities.rules.table import BARRED, Table
from tests.activities.rules.tables import Kind, random_table, table


def largest(one: Table, edges: Edges) -> int:
    """How many mentees a largest matching of these edges has."""
    graph = csr_array((np.ones(len(edges)), (edges.mentees, edges.places)), shape=(one.mentees, one.places))
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


def allowed(one: Table) -> Edges:
    return Edges(*np.nonzero(one.scores[:, one.mentor_of] > BARRED))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("begin", [likely_edges, lambda _: no_edges()])
def test_shortage_tells_how_many_can_be_matched_and_whom_the_others_compete_with(
    seed: int, begin: Callable[[Table], Edges]
) -> None:
    kind = Kind(mentees=20 + seed, mentors=26 - seed, allowed=(0.05, 0.1, 0.2, 1.0)[seed % 4], capacity=2)
    one = random_table(seed, kind)
    shortage, edges = find_shortage(one, begin(one))
    everything = allowed(one)
    assert shortage.most == largest(one, everything) == largest(one, edges)
    assert not (shortage.mentees[everything.mentees] & ~shortage.places[everything.places]).any()
    assert shortage.most == shortage.places.sum() + (~shortage.mentees).sum()


def test_nobody_is_short_where_everybody_finds_a_place() -> None:
    one = table([[1, 1], [1, BARRED]])
    shortage, _ = find_shortage(one, no_edges())
    assert not shortage.mentees.any()
    assert not shortage.places.any()
    assert shortage.most == 2


def test_short_are_those_who_could_be_left_over_and_all_places_they_could_take() -> None:
    """Of three mentees and two places one is left over, whichever it is; the last two have a place each."""
    one = table(
        [
            [1, BARRED, BARRED, BARRED],
            [1, 1, BARRED, BARRED],
            [BARRED, 1, BARRED, BARRED],
            [BARRED, 1, 1, 1],
            [BARRED, BARRED, 1, 1],
            [BARRED, BARRED, BARRED, BARRED],
        ]
    )
    for begin in (likely_edges(one), no_edges()):
        shortage, _ = find_shortage(one, begin)
        assert shortage.mentees.tolist() == [True, True, True, False, False, True]
        assert shortage.places.tolist() == [True, True, False, False]
        assert shortage.most == 4


def test_edges_that_are_missing_are_added_to_those_there_are() -> None:
    one = table(np.zeros((3, 3), np.int64))
    first = Edges(np.arange(3), np.zeros(3, np.int64))
    _, edges = find_shortage(one, first)
    found = set(zip(edges.mentees.tolist(), edges.places.tolist(), strict=True))
    assert found >= {(0, 0), (1, 0), (2, 0)}
    enough, same = find_shortage(one, edges)
    assert (enough.most, len(same)) == (3, len(edges))
