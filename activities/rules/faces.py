"""Linear programmes over very many columns, of which the solver sees but the few that matter."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csc_array

from activities.rules.patience import Patience, TooLongError
from activities.rules.reporting_lines import Mask
from activities.rules.table import Index

_OUT_OF_TIME = 1
_JOINING = 10
"""How many columns of each owner join the programme in a round."""

# All prices are whole numbers, as the limits are a network and the goals are whole.
_NONZERO = 0.5
_WHOLE = 1e-3

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Limits:
    """Sums of columns, and the most that each may be; every column is of one owner, given as a number."""

    sums: csc_array
    most: Floats
    owners: Index


@dataclass(frozen=True, eq=False)
class Face:
    """All choices that are still among the best: some columns are out, and some limits are used up."""

    limits: Limits
    columns: Index
    used_up: Mask

    @classmethod
    def of(cls, limits: Limits, columns: Index) -> "Face":
        """Every choice of these columns within the limits; there is one."""
        return cls(limits, columns, np.zeros(len(limits.most), np.bool_))

    def best(self, goal: Floats, likely: Mask, patience: Patience) -> tuple[Floats, "Face"]:
        """The choice that reaches most of a goal, and the face of all that reach as much.

        The likely columns must allow a choice; others join them where their price says that they would help,
        until none does, so that the choice is the best of all columns. Raises TooLongError.
        """
        if not len(self.columns):
            return np.zeros(len(goal)), self
        seen = self.columns[likely[self.columns]]
        if not len(seen):
            seen = self.columns[:1]
        while True:
            found, prices = self._solved(goal, seen, patience)
            gains = goal[self.columns] - (self.limits.sums.T @ prices)[self.columns]
            helpful = gains > _NONZERO
            if not helpful.any():
                break
            seen = np.union1d(seen, self._most_helpful(helpful, gains))
        taken = np.zeros(len(goal))
        taken[seen] = found
        left = self.columns[gains > -_NONZERO]
        return taken, Face(self.limits, left, self.used_up | (np.abs(prices) > _NONZERO))

    def _solved(self, goal: Floats, seen: Index, patience: Patience) -> tuple[Floats, Floats]:
        """How much of each of these columns is taken, and the price of every limit."""
        rows, full, most = self.limits.sums[:, seen].tocsr(), self.used_up, self.limits.most
        some = full.any()

        def solve() -> Any:  # noqa: ANN401 - the stubs of SciPy have no name for a result
            return linprog(  # type: ignore[call-overload] # it takes sparse matrices; its stubs know none
                -goal[seen],
                A_ub=rows[~full],
                b_ub=most[~full],
                A_eq=rows[full] if some else None,
                b_eq=most[full] if some else None,
                method="highs-ds",
                options={"time_limit": patience.seconds},
            )

        found = patience.while_waiting_for(solve)
        if found.status == _OUT_OF_TIME:
            raise TooLongError(f"no choice was found within {patience.seconds:g} s")
        if found.x is None or np.abs(found.x - np.round(found.x)).max(initial=0) > _WHOLE:
            raise ArithmeticError(f"no whole solution was found: {found.message}")
        prices = np.zeros(len(most))
        prices[~full] = -found.ineqlin.marginals
        if some:
            prices[full] = -found.eqlin.marginals
        return found.x, prices

    def _most_helpful(self, helpful: Mask, gains: Floats) -> Index:
        """Of each owner the columns that would help most."""
        columns, gains = self.columns[helpful], gains[helpful]
        owners = self.limits.owners[columns]
        order = np.lexsort((-gains, owners))
        ordered = owners[order]
        place = np.arange(len(order)) - np.searchsorted(ordered, ordered)
        joining: Index = columns[order[place < _JOINING]]
        return joining
