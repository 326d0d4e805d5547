from unittest.mock import patch

import numpy as np
import pytest

from activities.rules.edges import Edges
from activities.rules.optimum import optimum
from activities.rules.prices import Block, Prices, prices_of, scan
from activities.rules.table import BARRED, Table
from tests.activities.rules.tables import Kind, random_table, table


def block_of(one: Table, *, filled: bool = False) -> Block:
    return Block(one, np.arange(one.mentees), np.arange(one.places), filled)


def edges(*pairs: tuple[int, int]) -> Edges:
    return Edges(*np.array(pairs, np.int64).reshape(-1, 2).T)


def pairs(found: Edges) -> set[tuple[int, int]]:
    return set(zip(found.mentees.tolist(), found.places.tolist(), strict=True))


def prices(one: Table, mentees: dict[int, int] | None = None, places: dict[int, int] | None = None) -> Prices:
    """Prices of some, 0 for all others."""
    given = Prices(np.zeros(one.mentees, np.int64), np.zeros(one.places, np.int64))
    for side, values in ((given.mentees, mentees or {}), (given.places, places or {})):
        for at, value in values.items():
            side[at] = value
    return given


def weight(one: Table, mentee: int, place: int) -> int:
    return int(one.weights(np.array([mentee]), np.array([place]))[0])


def test_lowest_prices_make_everybody_content_with_the_best_choice() -> None:
    one = table([[5, 3], [4, 1]], bits=4)
    found = prices_of(block_of(one), edges((0, 0), (0, 1), (1, 0), (1, 1)), edges((0, 1), (1, 0)))
    assert found is not None
    wanted = weight(one, 0, 0) - weight(one, 0, 1)
    assert found.places.tolist() == [wanted, 0]
    assert found.mentees.tolist() == [weight(one, 0, 1), weight(one, 1, 0) - wanted]


def test_lowest_prices_where_places_are_filled_are_those_of_the_mentees() -> None:
    one = table([[5, 4], [3, 1]], bits=4)
    best = edges((0, 1), (1, 0))
    found = prices_of(block_of(one, filled=True), edges((0, 0), (0, 1), (1, 0), (1, 1)), best)
    assert found is not None
    wanted = weight(one, 0, 0) - weight(one, 1, 0)
    assert found.mentees.tolist() == [wanted, 0]
    assert found.places.tolist() == [weight(one, 1, 0), weight(one, 0, 1) - wanted]


def test_prices_outside_of_a_block_are_nothing() -> None:
    one = table(np.full((3, 3), 5), bits=4)
    block = Block(one, np.array([1]), np.array([2]), filled=False)
    found = prices_of(block, edges((1, 2)), edges((1, 2)))
    assert found is not None
    assert found.places.tolist() == [0, 0, 0]
    assert found.mentees.tolist() == [0, weight(one, 1, 2), 0]


def test_prices_settle_along_the_longest_chain_of_wishes() -> None:
    """Each mentee would rather have the place of the next one, so that prices rise from one to the other."""
    size = 7
    scores = np.full((size, size), BARRED)
    for n in range(size):
        scores[n, n] = 1
        if n:
            scores[n, n - 1] = 3
    one = table(scores, bits=4)
    allowed = Edges(*np.nonzero(scores > BARRED))
    found = prices_of(block_of(one), allowed, Edges(np.arange(size), np.arange(size)))
    assert found is not None
    assert np.argsort(-found.places).tolist() == list(range(size))
    assert not len(scan(block_of(one), found).underpriced)


def test_scan_tells_the_ten_most_underpriced_of_each_mentee() -> None:
    one = table([list(range(15)), [*range(14, 0, -1), BARRED]])
    assert pairs(scan(block_of(one), prices(one)).underpriced) == {
        *((0, place) for place in range(5, 15)),
        *((1, place) for place in range(10)),
    }


def test_scan_tells_the_ten_most_underpriced_of_each_by_hashes_alone() -> None:
    one = table([[4] * 15] * 3, bits=20)
    heaviest = [sorted(range(15), key=lambda place: -weight(one, row, place)) for row in range(3)]
    found = scan(block_of(one), prices(one, dict.fromkeys(range(3), 4 * one.scale)))
    assert pairs(found.underpriced) == {(row, place) for row in range(3) for place in heaviest[row][:10]}
    assert pairs(found.exact) == set()
    fifth = {row: weight(one, row, heaviest[row][4]) for row in range(3)}
    found = scan(block_of(one), prices(one, fifth))
    assert pairs(found.underpriced) == {(row, place) for row in range(3) for place in heaviest[row][:4]}
    assert pairs(found.exact) == {(row, heaviest[row][4]) for row in range(3)}


def test_scan_takes_what_a_place_costs_off_its_points() -> None:
    one = table([[5]], [2], cost=3)
    found = scan(block_of(one), prices(one, {0: 3 * one.scale}))
    assert pairs(found.underpriced) == {(0, 0)}


def test_scan_knows_pairs_that_are_not_allowed_at_no_price() -> None:
    one = table([[BARRED, 0], [0, BARRED]], bits=8)
    low = -10 * one.scale
    found = scan(block_of(one), prices(one, {0: low, 1: low}))
    assert pairs(found.underpriced) == {(0, 1), (1, 0)}


@pytest.mark.parametrize("points", [0, 30_000, 1_000_000_000])
def test_scan_is_exact_however_high_the_prices(points: int) -> None:
    one = table([[7, 7, 7]], bits=8)
    high = points * one.scale
    places = {place: weight(one, 0, place) - high + more for place, more in enumerate((-1, 0, 1))}
    found = scan(block_of(one), prices(one, {0: high}, places))
    assert pairs(found.underpriced) == {(0, 0)}
    assert pairs(found.exact) == {(0, 1)}


def test_scan_looks_at_the_block_only() -> None:
    one = table(np.full((4, 4), 5), bits=4)
    block = Block(one, np.array([1, 3]), np.array([0, 2]), filled=False)
    assert pairs(scan(block, prices(one)).underpriced) == {(1, 0), (1, 2), (3, 0), (3, 2)}
    exact = {mentee: weight(one, mentee, 0) for mentee in (1, 3)}
    free = dict.fromkeys(range(1, 4), 10 * one.scale)
    found = scan(block, prices(one, exact, free))
    assert (pairs(found.underpriced), pairs(found.exact)) == (set(), {(1, 0), (3, 0)})


def test_scan_of_the_best_prices_finds_every_pair_that_is_as_good() -> None:
    one = random_table(4, Kind(mentees=15, mentors=20, allowed=0.6, highest=4))
    found = optimum(one)
    block, proof = block_of(found.table), found.prices
    with patch("activities.rules.table._ROWS", 2):
        seen = scan(block, proof)
    mentees, places = np.nonzero(one.scores > BARRED)
    surplus = found.table.weights(mentees, places) - proof.mentees[mentees] - proof.places[places]
    within = found.shortage.mentees[mentees] == found.shortage.places[places]
    assert pairs(found.chosen) <= pairs(seen.exact)
    assert pairs(seen.exact) == pairs(Edges(mentees[surplus == 0], places[surplus == 0]))
    assert not pairs(seen.underpriced) & pairs(Edges(mentees[within], places[within]))
