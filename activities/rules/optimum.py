"""The one best matching of a table, with its proof."""

from dataclasses import dataclass

import numpy as np

from activities.rules.assignment import DENSE_CELLS, assign
from activities.rules.edges import Edges, joined, likely_edges, no_edges
from activities.rules.exchanges import can_exchange
from activities.rules.prices import Block, Prices
from activities.rules.shortage import Shortage, find_shortage
from activities.rules.table import Table

_EXACT_BITS = 52
_ENOUGH_BITS = 24
_SPARE_BITS = 3
_ATTEMPTS = 8


@dataclass(frozen=True, eq=False)
class Optimum:
    """The chosen edges of a table and what proves them the best.

    `unique` says that no other pairs have as many points and the same hashes.
    """

    table: Table
    chosen: Edges
    shortage: Shortage
    prices: Prices
    unique: bool


def optimum(table: Table, dense_cells: int = DENSE_CELLS) -> Optimum:
    """The largest matching of a table that weighs most.

    Where two would be equal, hashes of another salt tell them apart; where weights outgrow what floats count
    exactly, hashes get shorter. Raises ArithmeticError for millions of people, where no hashes would be left.
    """
    shortage, edges = find_shortage(table, likely_edges(table))
    size, points = (min(table.mentees, table.places) + 1).bit_length(), table.spread.bit_length()
    # No sum along an alternating path is longer than the matching, but nearly all are far shorter.
    always = _EXACT_BITS - 2 * size - points
    if always < 1:
        raise ArithmeticError(
            f"{table.mentees} mentees and {table.places} places are too many to match exactly"
        )
    bits, best = max(always, min(_ENOUGH_BITS, _EXACT_BITS - _SPARE_BITS - size - points)), None
    for salt in range(_ATTEMPTS):
        found = _solve(table.with_hashes(bits, salt), shortage, edges, dense_cells)
        if found is not None and found.unique:
            return found
        best = found or best
        bits = bits if found else always
    if best is None:
        raise ArithmeticError("no exact weights were found")
    return best


def _solve(table: Table, shortage: Shortage, edges: Edges, dense_cells: int) -> Optimum | None:
    chosen, unique = no_edges(), True
    mentee_prices, place_prices = np.zeros(table.mentees, np.int64), np.zeros(table.places, np.int64)
    for filled in (True, False):
        mentees, places = (side == filled for side in (shortage.mentees, shortage.places))
        block = Block(table, np.flatnonzero(mentees), np.flatnonzero(places), filled=filled)
        if not (len(block.places) if filled else len(block.mentees)):
            continue
        assignment = assign(block, edges.within(mentees, places), dense_cells)
        if assignment is None:
            return None
        chosen = joined(chosen, assignment.chosen)
        unique = unique and not can_exchange(block, assignment)
        mentee_prices += assignment.prices.mentees
        place_prices += assignment.prices.places
    return Optimum(table, chosen, shortage, Prices(mentee_prices, place_prices), unique)
