from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings

from activities.rules.assignment import InexactError, assign
from activities.rules.certificate import certify
from activities.rules.edges import Edges, likely_edges
from activities.rules.exchanges import can_exchange
from activities.rules.optimum import optimum
from activities.rules.prices import Block, Prices, prices_of, scan
from activities.rules.shortage import find_shortage
from activities.rules.table import BARRED, Table
from tests.activities.rules.tables import Kind, pairs, random_table, small_tables, table

Choice = frozenset[tuple[int, int]]


def choices(one: Table) -> Iterator[Choice]:
    """Every way to pair the mentees of a table within its places."""
    left = Counter(one.mentor_of.tolist())

    def extend(row: int, chosen: Choice) -> Iterator[Choice]:
        if row == one.mentees:
            yield chosen
            return
        yield from extend(row + 1, chosen)
        for mentor in range(one.scores.shape[1]):
            if one.scores[row, mentor] > BARRED and left[mentor]:
                left[mentor] -= 1
                yield from extend(row + 1, chosen | {(row, mentor)})
                left[mentor] += 1

    return extend(0, frozenset())


def worth(one: Table, chosen: Choice) -> tuple[int, int]:
    """Mentees and weight; the cheapest places of a mentor go first."""
    taken: Counter[int] = Counter()
    total = 0
    for row, mentor in sorted(chosen):
        place = np.flatnonzero(one.mentor_of == mentor)[[taken[mentor]]]
        taken[mentor] += 1
        total += int(one.weights(np.array([row]), place)[0])
    return len(chosen), total


@settings(max_examples=200, deadline=None)
@given(small_tables())
def test_optimum_is_the_best_choice_and_knows_whether_it_is_alone(one: Table) -> None:
    for cells in (0, 10**6):
        found = optimum(one, cells)
        best = [worth(found.table, chosen) for chosen in choices(found.table)]
        assert (len(found.chosen), found.unique) == (max(best)[0], best.count(max(best)) == 1)
        assert worth(found.table, frozenset(pairs(found))) == max(best)


@settings(max_examples=200, deadline=None)
@given(small_tables(highest=1))
def test_can_exchange_agrees_with_counting_equal_choices(one: Table) -> None:
    """Two bits of hash leave many choices equal."""
    weighed = one.with_hashes(2, 0)
    shortage, edges = find_shortage(weighed, likely_edges(weighed))
    best = [worth(weighed, chosen) for chosen in choices(weighed)]
    exchange = False
    for filled in (True, False):
        mentees, places = shortage.mentees == filled, shortage.places == filled
        block = Block(weighed, np.flatnonzero(mentees), np.flatnonzero(places), filled)
        if len(block.places if filled else block.mentees):
            found = assign(block, edges.within(mentees, places))
            exchange = exchange or can_exchange(block, found)
    assert exchange == (best.count(max(best)) > 1)


@pytest.mark.parametrize("seed", range(12))
def test_both_solvers_agree_and_are_proved(seed: int) -> None:
    kind = Kind(
        mentees=60 + 37 * (seed % 3),
        mentors=40 + 31 * (seed % 4),
        allowed=(0.05, 0.3, 1.0)[seed % 3],
        highest=(0, 3, 300)[seed % 3],
        capacity=1 + seed % 2,
        common=(0, 400)[seed % 2],
    )
    one = random_table(seed, kind)
    dense, sparse = optimum(one, 10**9), optimum(one, 0)
    assert pairs(dense) == pairs(sparse)
    assert dense.unique
    for found in (dense, sparse):
        assert certify(found).proves(one, found.chosen)
    assert np.array_equal(dense.prices.mentees, sparse.prices.mentees)
    assert np.array_equal(dense.prices.places, sparse.prices.places)


def test_cells_beyond_those_asked_for_are_never_laid_out() -> None:
    one = table([[1, 2], [3, 1]])
    with patch("activities.rules.assignment.linear_sum_assignment", side_effect=MemoryError):
        assert pairs(optimum(one, 3)) == {(0, 1), (1, 0)}
        with pytest.raises(MemoryError):
            optimum(one, 4)


@pytest.mark.parametrize("cells", [0, 10**6])
def test_portions_of_any_size_lead_to_the_same_optimum(cells: int) -> None:
    """What is looked at in portions of two mentees is usually one portion here."""
    one = random_table(3, Kind(mentees=23, mentors=20, allowed=0.4, capacity=2, common=30))
    whole = optimum(one, cells)
    with patch("activities.rules.table._ROWS", 2):
        found = optimum(one, cells)
        assert certify(found).proves(one, found.chosen)
    assert pairs(found) == pairs(whole)
    assert found.shortage.mentees.tolist() == whole.shortage.mentees.tolist()
    assert found.prices.mentees.tolist() == whole.prices.mentees.tolist()


def test_leaving_out_unlikely_pairs_would_lose_people_and_points() -> None:
    """The broken variant: the few best pairs of everybody, and nothing added to them."""
    one = random_table(5, Kind(mentees=120, mentors=110, allowed=0.9, highest=20, common=500))
    few = Edges(np.repeat(np.arange(120), 5), np.argsort(-one.scores, axis=1)[:, :5].ravel())
    shortage, enough = find_shortage(one, few)
    assert shortage.most == 110
    assert len(set(few.places.tolist())) < 110 <= len(set(enough.places.tolist()))
    everything = optimum(one)
    assert len(everything.chosen) == 110
    block = Block(
        everything.table, np.flatnonzero(shortage.mentees), np.flatnonzero(shortage.places), filled=True
    )
    lazy = enough.within(shortage.mentees, shortage.places)
    repaired = assign(block, lazy, 0)
    assert set(zip(repaired.chosen.mentees.tolist(), repaired.chosen.places.tolist(), strict=True)) == pairs(
        everything
    )
    assert not set(zip(lazy.mentees.tolist(), lazy.places.tolist(), strict=True)) >= pairs(everything)


@pytest.mark.parametrize("seed", range(6))
def test_certificate_refuses_every_other_matching(seed: int) -> None:
    one = random_table(seed, Kind(mentees=12, mentors=10, allowed=0.7, highest=9, capacity=1 + seed % 2))
    found = optimum(one)
    proof = certify(found)
    mentees, places = found.chosen.mentees, found.chosen.places
    assert proof.proves(one, found.chosen)
    assert not proof.proves(one, Edges(mentees[1:], places[1:]))
    swapped = places.copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    assert not proof.proves(one, Edges(mentees, swapped))
    doubled = places.copy()
    doubled[0] = doubled[1]
    assert not proof.proves(one, Edges(mentees, doubled))


def test_certificate_refuses_a_table_in_which_a_better_pair_appears() -> None:
    one = table([[5, 3, BARRED], [4, 1, BARRED], [BARRED, 2, BARRED]])
    found = optimum(one)
    proof = certify(found)
    assert pairs(found) == {(1, 0), (0, 1)} or pairs(found) == {(0, 0), (1, 1)}
    better = one.scores.copy()
    better[1, 1] = 9
    assert proof.proves(one, found.chosen)
    assert not proof.proves(table(better), found.chosen)
    larger = one.scores.copy()
    larger[2, 2] = 0
    assert not proof.proves(table(larger), found.chosen)


@pytest.mark.parametrize("filled", [True, False])
def test_certificate_refuses_prices_below_zero_of_whoever_may_be_left_over(filled: bool) -> None:
    """With a negative price for the better one left over, the sum of prices would fit the worse choice."""
    one = table([[5], [4]] if filled else [[5, 4]])
    found = optimum(one)
    zero = np.zeros(2, np.int64)
    weights = found.table.weights(np.arange(2), zero) if filled else found.table.weights(zero, np.arange(2))
    false = np.array([0, weights[1] - weights[0]]), weights[[0]]
    prices = Prices(*false) if filled else Prices(*reversed(false))
    worse = Edges(np.array([1]), np.array([0])) if filled else Edges(np.array([0]), np.array([1]))
    assert certify(found).proves(one, found.chosen)
    assert not replace(certify(found), prices=prices).proves(one, worse)


def test_prices_refuse_a_choice_that_is_not_the_best() -> None:
    one = table([[5, 3], [4, 1]], bits=4)
    block = Block(one, np.arange(2), np.arange(2), filled=False)
    edges = Edges(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    best, worse = Edges(np.arange(2), np.array([1, 0])), Edges(np.arange(2), np.array([0, 1]))
    prices = prices_of(block, edges, best)
    assert prices is not None
    assert len(scan(block, prices).underpriced) == 0
    assert prices_of(block, edges, worse) is None


@pytest.mark.parametrize("filled", [True, False])
def test_prices_refuse_a_choice_that_leaves_the_better_one_over(filled: bool) -> None:
    scores = [[5], [4]] if filled else [[5, 4]]
    one = table(scores, bits=4)
    block = Block(one, np.arange(one.mentees), np.arange(one.places), filled)
    edges = (
        Edges(np.arange(2), np.zeros(2, np.int64)) if filled else Edges(np.zeros(2, np.int64), np.arange(2))
    )
    at = [Edges(edges.mentees[[n]], edges.places[[n]]) for n in range(2)]
    assert prices_of(block, edges, at[0]) is not None
    assert prices_of(block, edges, at[1]) is None


def test_scan_finds_pairs_underpriced_by_points_and_by_hashes() -> None:
    one = table([[5, 5], [5, 0]], bits=8)
    block = Block(one, np.arange(2), np.arange(2), filled=False)
    chosen = Edges(np.arange(2), np.array([1, 0]))
    prices = prices_of(block, chosen, chosen)
    assert prices is not None
    by_points = scan(block, prices)
    assert set(by_points.underpriced.mentees.tolist()) <= {0}
    hashes = one.weights(np.zeros(2, np.int64), np.arange(2))
    assert len(by_points.underpriced) == int(hashes[0] > hashes[1])


def test_hashes_get_shorter_where_floats_cannot_count_them() -> None:
    """Eight bits are two too many beside these costs; what floats find is then not always the heaviest."""
    shorter = 0
    for seed in range(200):
        hashes = np.random.Generator(np.random.PCG64(seed)).integers(0, 2**64, (2, 2), np.uint64)
        tied = replace(
            table([[4, 4], [4, 4]]),
            cost_of=np.full(2, 1 << 45),
            mentee_hashes=hashes[0],
            mentor_hashes=hashes[1],
        )
        found = optimum(tied, bits=8)
        shorter += found.table.bits < 8
        assert certify(found).proves(tied, found.chosen)
        assert worth(found.table, frozenset(pairs(found))) == max(
            worth(found.table, c) for c in choices(found.table)
        )
    assert 0 < shorter < 200


def test_assigning_is_refused_where_floats_do_not_find_the_heaviest_pairs() -> None:
    """Sums of these weights are beyond what floats tell apart, and lead them astray for some hashes."""
    told = set()
    for salt in range(50):
        one = replace(table([[4, 4], [4, 4]], bits=8), cost_of=np.full(2, 1 << 50), salt=salt)
        block = Block(one, np.arange(2), np.arange(2), filled=False)
        try:
            assign(block, Edges(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])))
        except InexactError as error:
            told.add(str(error))
    assert told == {"floats did not find the heaviest pairs"}


@pytest.mark.parametrize(("cost", "bits"), [(0, 46), (1 << 20, 27), (1 << 45, 2), (1 << 46, 1)])
def test_hashes_are_as_long_as_weights_allow(cost: int, bits: int) -> None:
    assert optimum(table([[1, BARRED], [2, 1]], [2, 1], cost=cost)).table.bits == bits


@pytest.mark.parametrize("cells", [0, 10**6])
def test_hashes_are_as_long_for_every_solver_as_is_sure_for_all(cells: int) -> None:
    chance = np.random.Generator(np.random.PCG64(1))
    wide = table(chance.integers(0, 3, (10, 10)).tolist(), [2] * 10, cost=1 << 22)
    assert optimum(wide, cells).table.bits == 52 - 2 * 4 - 23


def test_optimum_refuses_weights_that_floats_cannot_count() -> None:
    with pytest.raises(ArithmeticError, match="2 mentees and 2 places are too many to match exactly"):
        optimum(table([[1], [2]], [2], cost=1 << 50))


@pytest.mark.parametrize("seed", range(8))
def test_equal_hashes_are_told_apart_by_another_salt(seed: int) -> None:
    """A place that costs this much leaves one or two bits to hashes."""
    chance = np.random.Generator(np.random.PCG64(seed))
    tied = table([[4, 4, BARRED], [4, 4, BARRED]], [1, 1, 2], cost=1 << 45)
    hashes = chance.integers(0, 2**64, (2, 3), np.uint64)
    one = replace(tied, mentee_hashes=hashes[0, :2], mentor_hashes=hashes[1])
    found = optimum(one)
    assert (found.unique, found.table.bits) == (True, 2)
    first = one.with_hashes(2, 0)
    straight, crossed = (worth(first, frozenset(pairs)) for pairs in ({(0, 0), (1, 1)}, {(0, 1), (1, 0)}))
    assert (found.table.salt == 0) == (straight != crossed)
    assert pairs(optimum(one, 0)) == pairs(found)


def test_shortage_is_the_smallest_of_all_covers() -> None:
    one = table([[1, BARRED, BARRED], [1, BARRED, BARRED], [1, 1, 1], [BARRED, 1, BARRED]])
    shortage, _ = find_shortage(one, likely_edges(one))
    assert shortage.mentees.tolist() == [True, True, False, False]
    assert shortage.places.tolist() == [True, False, False]
    assert shortage.most == 3
