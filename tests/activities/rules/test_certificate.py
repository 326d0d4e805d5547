from dataclasses import replace

import numpy as np
import pytest

from activities.rules.certificate import Certificate, certify
from activities.rules.edges import Edges
from activities.rules.optimum import optimum
from activities.rules.prices import Prices
from activities.rules.shortage import Shortage
from activities.rules.table import BARRED, Table
from tests.activities.rules.tables import table


def claim(
    one: Table, short: tuple[list[bool], list[bool]], prices: tuple[list[int], list[int]]
) -> Certificate:
    """A certificate of these claims, true or not."""
    return Certificate(
        bits=one.bits,
        salt=one.salt,
        scale=one.scale,
        shortage=Shortage(np.array(short[0]), np.array(short[1])),
        prices=Prices(np.array(prices[0]), np.array(prices[1])),
        unique=True,
    )


def weights(one: Table, chosen: Edges) -> list[int]:
    weighed: list[int] = one.weights(chosen.mentees, chosen.places).tolist()
    return weighed


@pytest.mark.parametrize("scores", [[[5, 3], [4, 1]], [[0, 0], [0, 0]]])
@pytest.mark.parametrize("unique", [True, False])
def test_certificate_tells_how_an_optimum_was_weighed_and_whether_it_is_alone(
    scores: list[list[int]], unique: bool
) -> None:
    found = replace(optimum(table(scores)), unique=unique)
    proof = certify(found)
    assert (proof.bits, proof.salt, proof.scale) == (found.table.bits, found.table.salt, found.table.scale)
    assert proof.scale == 3 << proof.bits
    assert proof.unique is unique
    assert proof.shortage is found.shortage
    assert proof.prices is found.prices


def test_a_pair_that_is_not_allowed_is_no_matching_whatever_the_prices() -> None:
    one, chosen = table([[BARRED]]), Edges(np.array([0]), np.array([0]))
    assert not claim(one, ([False], [False]), (weights(one, chosen), [0])).proves(one, chosen)
    allowed = table([[0]])
    assert claim(allowed, ([False], [False]), (weights(allowed, chosen), [0])).proves(allowed, chosen)


def test_two_pairs_of_one_mentee_are_no_matching_whatever_the_prices() -> None:
    one, chosen = table([[5, 5]]), Edges(np.array([0, 0]), np.array([0, 1]))
    first, second = weights(one, chosen)
    assert not claim(one, ([False], [True, False]), ([second], [first, 0])).proves(one, chosen)


def test_two_mentees_at_one_place_are_no_matching_whatever_the_prices() -> None:
    one, chosen = table([[5], [5]]), Edges(np.array([0, 1]), np.array([0, 0]))
    first, second = weights(one, chosen)
    assert not claim(one, ([False, False], [False]), ([first, second], [0])).proves(one, chosen)


def test_fewer_pairs_than_there_could_be_prove_nothing() -> None:
    one, chosen = table([[5, BARRED], [BARRED, 4]]), Edges(np.array([0]), np.array([0]))
    prices = [*weights(one, chosen), 0]
    assert not claim(one, ([False, False], [False, False]), (prices, [0, 0])).proves(one, chosen)


def test_prices_that_add_up_to_more_than_the_pairs_weigh_prove_nothing() -> None:
    one, chosen = table([[5]]), Edges(np.array([0]), np.array([0]))
    (exact,) = weights(one, chosen)
    for more, proved in ((0, True), (1, False), (-1, False)):
        assert claim(one, ([False], [False]), ([exact + more], [0])).proves(one, chosen) is proved
        assert claim(one, ([True], [True]), ([0], [exact + more])).proves(one, chosen) is proved
