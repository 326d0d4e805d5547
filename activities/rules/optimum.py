"""The one best matching of a table, with its proof."""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from activities.rules.assignment import DENSE_CELLS, InexactError, assign
from activities.rules.edges import Edges, joined, likely_edges, no_edges
from activities.rules.exchanges import can_exchange
from activities.rules.prices import Block, Prices
from activities.rules.shortage import Shortage, find_shortage
from activities.rules.table import Table

_EXACT_BITS = 52
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


def optimum(table: Table, dense_cells: int = DENSE_CELLS, bits: int | None = None) -> Optimum:
    """The largest matching of a table that weighs most.

    Hashes have as many bits as floats are sure to count exactly, whichever solver it is, so that ties go the
    same way on every path; or `bits`, where those prove to be exact too. Raises ArithmeticError for millions
    of people, when no bit would be left.
    """
    size, points = (min(table.mentees, table.places) + 1).bit_length(), table.spread.bit_length()
    # No sum along an alternating path is longer than the matching.
    sure = _EXACT_BITS - 2 * size - points
    if sure < 1:
        people = f"{table.mentees} mentees and {table.places} places"
        raise ArithmeticError(f"{people} are too many to match exactly")
    problem = _Problem(table, *find_shortage(table, likely_edges(table)), dense_cells)
    if bits is not None:
        with suppress(InexactError):
            return problem.solve(bits)
    return problem.solve(sure)


@dataclass(frozen=True, eq=False)
class _Problem:
    table: Table
    shortage: Shortage
    edges: Edges
    dense_cells: int

    def solve(self, bits: int) -> Optimum:
        """The optimum under hashes that tell equal ones apart, if any do."""
        for salt in range(_ATTEMPTS):
            found = self._solve(self.table.with_hashes(bits, salt))
            if found.unique:
                break
        return found

    def _solve(self, table: Table) -> Optimum:
        """Matches short mentees with short places, and all the others with one another."""
        chosen, unique = no_edges(), True
        mentee_prices, place_prices = np.zeros(table.mentees, np.int64), np.zeros(table.places, np.int64)
        for filled in (True, False):
            mentees, places = (side == filled for side in (self.shortage.mentees, self.shortage.places))
            block = Block(table, np.flatnonzero(mentees), np.flatnonzero(places), filled=filled)
            if not (len(block.places) if filled else len(block.mentees)):
                continue
            assignment = assign(block, self.edges.within(mentees, places), self.dense_cells)
            chosen = joined(chosen, assignment.chosen)
            unique = unique and not can_exchange(block, assignment)
            mentee_prices += assignment.prices.mentees
            place_prices += assignment.prices.places
        return Optimum(table, chosen, self.shortage, Prices(mentee_prices, place_prices), unique)
