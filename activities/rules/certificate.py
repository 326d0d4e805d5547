"""The proof that goes with a matching, checked without solving anything."""

from dataclasses import dataclass

import numpy as np

from activities.rules.edges import Edges
from activities.rules.optimum import Optimum
from activities.rules.prices import Prices
from activities.rules.shortage import Shortage
from activities.rules.table import BARRED, Index, Table, chunks


@dataclass(frozen=True, eq=False)
class Certificate:
    """Who is short of places, and what everybody and every place is worth, in the order of a table.

    Prices are in weights; `scale` of them are one point. `unique` says that no other matching is as good.
    """

    bits: int
    salt: int
    scale: int
    shortage: Shortage
    prices: Prices
    unique: bool

    def proves(self, table: Table, chosen: Edges) -> bool:
        """Whether these edges are a largest matching of the table and none as large has more points."""
        weighed = table.with_hashes(self.bits, self.salt)
        return (
            _is_matching(weighed, chosen)
            and len(chosen) == self.shortage.most
            and _covers(weighed, self.shortage, self.prices)
            and _nobody_below_zero(self.shortage, self.prices)
            and self._total() == int(weighed.weights(chosen.mentees, chosen.places).sum())
        )

    def _total(self) -> int:
        return int(self.prices.mentees.sum()) + int(self.prices.places.sum())


def certify(optimum: Optimum) -> Certificate:
    """What of an optimum is needed to prove it."""
    table = optimum.table
    return Certificate(
        bits=table.bits,
        salt=table.salt,
        scale=table.scale,
        shortage=optimum.shortage,
        prices=optimum.prices,
        unique=optimum.unique,
    )


def _is_matching(table: Table, chosen: Edges) -> bool:
    once = (len(np.unique(side)) == len(side) for side in (chosen.mentees, chosen.places))
    return all(once) and bool((table.scores[chosen.mentees, table.mentor_of[chosen.places]] > BARRED).all())


def _covers(table: Table, shortage: Shortage, prices: Prices) -> bool:
    """Whether every allowed pair lies in the shortage or outside it and weighs no more than its prices.

    A short place with a mentee who is not short is in no largest matching and may weigh anything. A short
    mentee with a place that is not short would make the matching larger.
    """
    places: Index = np.arange(table.places)
    for mentees in chunks(np.arange(table.mentees)):
        allowed = table.block(mentees, places) > BARRED
        short_mentee, short_place = shortage.mentees[mentees][:, None], shortage.places[None, :]
        if (allowed & short_mentee & ~short_place).any():
            return False
        weights = table.weights(mentees[:, None], places[None, :])
        worth = prices.mentees[mentees][:, None] + prices.places[None, :]
        if (allowed & (short_mentee == short_place) & (weights > worth)).any():
            return False
    return True


def _nobody_below_zero(shortage: Shortage, prices: Prices) -> bool:
    """Whether those who may be left over have no price below 0."""
    return bool(
        (prices.mentees[shortage.mentees] >= 0).all() and (prices.places[~shortage.places] >= 0).all()
    )
