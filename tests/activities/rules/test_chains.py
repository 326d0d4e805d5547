from collections.abc import Sequence
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.rules.chains import LEFT_OUT, Chain, Place, Spacing, best_chain

OPTIONS = st.tuples(st.integers(0, 40), st.integers(0, 12))
FREE_PLACES = st.lists(OPTIONS, max_size=6).map(
    lambda options: Place([at for at, _ in sorted(options)], [cost for _, cost in sorted(options)])
)
FIXED_PLACES = OPTIONS.map(lambda option: Place([option[0]], [option[1]], fixed=True))
PLACES = st.lists(st.one_of(FREE_PLACES, FREE_PLACES, FREE_PLACES, FIXED_PLACES), min_size=1, max_size=4)
SPACINGS = st.builds(
    Spacing,
    every=st.integers(8, 16),
    shortest=st.integers(1, 8),
    longest=st.integers(16, 30),
    weight=st.sampled_from([1, 2]),
)


def cost_of(options: Sequence[int | None], places: Sequence[Place], spacing: Spacing) -> int | None:
    """What a chain costs; None where it is not allowed."""
    if any(option is None and place.fixed for option, place in zip(options, places, strict=True)):
        return None
    cost = LEFT_OUT * options.count(None)
    chosen = [(index, option) for index, option in enumerate(options) if option is not None]
    cost += sum(places[index].costs[option] for index, option in chosen)
    for (i, one), (j, other) in pairwise(chosen):
        gap = places[j].at[other] - places[i].at[one]
        both_fixed = places[i].fixed and places[j].fixed
        if not both_fixed and not spacing.shortest <= gap <= spacing.longest * (j - i):
            return None
        cost += abs(gap - spacing.every * (j - i)) * spacing.weight
    return cost


def cheapest(places: Sequence[Place], spacing: Spacing) -> int:
    """The least cost among all chains there are."""
    choices = [(None, *range(len(place.at))) for place in places]
    costs = [cost_of(options, places, spacing) for options in product(*choices)]
    return min(cost for cost in costs if cost is not None)


def greedy(places: Sequence[Place], spacing: Spacing) -> tuple[int | None, ...]:
    """A chain that takes the best next option each time, as a person with a calendar would."""
    chain: tuple[int | None, ...] = ()
    for place in places:
        reached = places[: len(chain) + 1]
        choices = [(cost_of((*chain, option), reached, spacing), option) for option in range(len(place.at))]
        possible = [(cost, option) for cost, option in choices if cost is not None]
        chain = (*chain, min(possible)[1] if possible else None)
    return chain


@given(PLACES, SPACINGS)
@settings(max_examples=500, deadline=None)
def test_best_chain_is_the_cheapest_of_all(places: list[Place], spacing: Spacing) -> None:
    chain = best_chain(places, spacing)
    assert cost_of(chain.options, places, spacing) == chain.cost == cheapest(places, spacing)


def test_best_chain_gives_up_a_good_hour_for_a_better_whole() -> None:
    places = [Place([0, 8], [0, 3]), Place([18], [0])]
    spacing = Spacing(every=10, shortest=5, longest=20)
    assert best_chain(places, spacing) == Chain((1, 0), 3)
    assert cost_of(greedy(places, spacing), places, spacing) == 8


def test_best_chain_leaves_out_as_few_places_as_it_can() -> None:
    places = [Place([0], [0]), Place([1], [0]), Place([20], [0])]
    assert best_chain(places, Spacing(10, 5, 12)).options == (0, None, 0)
    assert best_chain([Place([], []), Place([], [])], Spacing(10, 5, 12)) == Chain((None, None), 2 * LEFT_OUT)


def test_best_chain_keeps_what_is_fixed_whatever_it_costs() -> None:
    places = [Place([0], [0]), Place([1], [7], fixed=True), Place([2], [0], fixed=True), Place([3], [0])]
    assert best_chain(places, Spacing(10, 5, 12)) == Chain((None, 0, 0, None), 2 * LEFT_OUT + 16)


def test_best_chain_passes_over_no_fixed_place() -> None:
    places = [Place([0], [0]), Place([3], [0], fixed=True), Place([20], [0])]
    assert best_chain(places, Spacing(10, 5, 12)).options == (None, 0, None)


def test_best_chain_takes_the_earliest_of_equals() -> None:
    assert best_chain([Place([0, 1], [0, 0])], Spacing(10, 5, 12)).options == (0,)
    assert best_chain([Place([0, 2], [0, 0]), Place([11], [0])], Spacing(10, 5, 12)) == Chain((0, 0), 1)
    assert best_chain([Place([0, 1], [0, 1]), Place([20], [0])], Spacing(10, 5, 20)) == Chain((0, 0), 10)


@pytest.mark.parametrize(("at", "cost"), [(5, 5), (10, 0), (12, 2)])
def test_best_chain_takes_neighbours_as_near_and_as_far_as_is_allowed(at: int, cost: int) -> None:
    assert best_chain([Place([0], [0]), Place([at], [0])], Spacing(10, 5, 12)) == Chain((0, 0), cost)


@pytest.mark.parametrize("at", [4, 13])
def test_best_chain_takes_neighbours_no_nearer_and_no_farther_than_is_allowed(at: int) -> None:
    chain = best_chain([Place([0], [0]), Place([at], [0])], Spacing(10, 5, 12))
    assert (chain.options.count(None), chain.cost) == (1, LEFT_OUT)


@pytest.mark.parametrize(
    ("before", "at", "heavy", "light"),
    [
        (Place([0, 3], [0, 4]), 13, Chain((1, 0), 4), Chain((0, 0), 3)),
        (Place([2, 4], [3, 0]), 11, Chain((0, 0), 5), Chain((1, 0), 3)),
    ],
)
def test_best_chain_weighs_minutes_off_against_what_options_cost(
    before: Place, at: int, heavy: Chain, light: Chain
) -> None:
    """The first places are farther apart than wanted, the others nearer."""
    places = [before, Place([at], [0])]
    assert best_chain(places, Spacing(10, 5, 15, weight=2)) == heavy
    assert best_chain(places, Spacing(10, 5, 15, weight=1)) == light


def test_best_chain_weighs_minutes_off_across_what_is_left_out_and_between_fixed_places() -> None:
    spacing = Spacing(10, 5, 12, weight=3)
    hole = [Place([0, 2], [0, 5]), Place([], []), Place([23], [0])]
    assert best_chain(hole, spacing) == Chain((1, None, 0), LEFT_OUT + 5 + 3)
    fixed = [Place([0], [0], fixed=True), Place([50], [0], fixed=True)]
    assert best_chain(fixed, spacing) == Chain((0, 0), 3 * 40)


def test_best_chain_of_no_place_is_empty() -> None:
    assert best_chain([], Spacing(10, 5, 12)) == Chain((), 0)
