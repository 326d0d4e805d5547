"""The best pairs where units have quotas."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog
from scipy.sparse import csr_array, vstack

from activities.rules.cohort import Candidate, Cohort, Side
from activities.rules.edges import Edges
from activities.rules.reporting_lines import Mask
from activities.rules.table import BARRED, Index, Table

_TIE_BITS = 16
_INFEASIBLE = 2

# All prices are whole numbers, as the limits are a network and the goals are whole.
_NONZERO = 0.5
_WHOLE = 1e-3

_Floats = npt.NDArray[np.float64]


class QuotaError(ValueError):
    """No choice of pairs meets the quotas."""


def within_quotas(cohort: Cohort, table: Table) -> Edges:
    """The edges of a table that meet the cohort's quotas: most mentees, then most points, then hashes.

    Three linear programmes in a row. People in units are two trees of sets, whose matrix is totally
    unimodular (Edmonds 1970), so that each has a whole solution; and each leaves to the next just the edges
    and the slack that its prices allow the best choices to use, which are all those and no others. Raises
    QuotaError.
    """
    mentees, places = np.nonzero(table.scores[:, table.mentor_of] > BARRED)
    edges = Edges(mentees, places)
    if not len(edges):
        if any(quota.at_least for quota in cohort.quotas):
            raise QuotaError("the quotas cannot be met: no pair is allowed")
        return edges
    points = table.scores[mentees, table.mentor_of[places]] - table.cost_of[places]
    hashed = table.with_hashes(_TIE_BITS, 0)
    ties = hashed.weights(mentees, places) % hashed.scale
    face = _Face.of(_limits(cohort, table, edges))
    taken = np.zeros(0)
    for goal in (np.ones(len(edges)), points.astype(np.float64), ties.astype(np.float64)):
        taken, face = face.best(goal)
    chosen = taken > _NONZERO
    return Edges(mentees[chosen], places[chosen])


@dataclass(frozen=True, eq=False)
class _Face:
    """All choices that are still among the best: some edges are out, and some limits are used up."""

    limits: csr_array
    most: _Floats
    edges: Index
    used_up: Mask

    @classmethod
    def of(cls, limits: Sequence[tuple[csr_array, _Floats]]) -> "_Face":
        """Every choice within the limits, each a matrix of sums and the most they may be."""
        rows, most = (
            vstack([rows for rows, _ in limits]).tocsr(),
            np.concatenate([most for _, most in limits]),
        )
        return cls(csr_array(rows), most, np.arange(rows.shape[1]), np.zeros(len(most), np.bool_))

    def best(self, goal: _Floats) -> tuple[_Floats, "_Face"]:
        """The choice that reaches most of a goal, and the face of all that reach as much."""
        rows, full = self.limits[:, self.edges], self.used_up
        found = linprog(  # type: ignore[call-overload] # it takes sparse matrices; its stubs know none
            -goal[self.edges],
            A_ub=rows[~full],
            b_ub=self.most[~full],
            A_eq=rows[full] if full.any() else None,
            b_eq=self.most[full] if full.any() else None,
            method="highs-ds",
        )
        if found.status == _INFEASIBLE:
            raise QuotaError("the quotas cannot all be met; lower `at_least` or raise `at_most`")
        if found.x is None or np.abs(found.x - np.round(found.x)).max() > _WHOLE:
            raise ArithmeticError(f"no whole solution within quotas was found: {found.message}")
        taken = np.zeros(len(goal))
        taken[self.edges] = found.x
        priced = full.copy()
        priced[np.flatnonzero(~full)] = np.abs(found.ineqlin.marginals) > _NONZERO
        left = self.edges[found.lower.marginals < _NONZERO]
        return taken, _Face(self.limits, self.most, left, full | priced)


def _limits(cohort: Cohort, table: Table, edges: Edges) -> list[tuple[csr_array, _Floats]]:
    return [
        _once(edges.mentees, table.mentees),
        _once(edges.places, table.places),
        *_quotas(cohort, table, edges),
    ]


def _once(members: Index, count: int) -> tuple[csr_array, _Floats]:
    """Each member is in one pair at most."""
    shape = (count, len(members))
    graph = csr_array((np.ones(len(members)), (members, np.arange(len(members)))), shape=shape)
    return graph, np.ones(count)


def _quotas(cohort: Cohort, table: Table, edges: Edges) -> Iterator[tuple[csr_array, _Floats]]:
    mentee_units, mentor_units = _units(cohort.mentees), _units(cohort.mentors)
    for quota in cohort.quotas:
        if quota.side is Side.MENTEES:
            inside = mentee_units[edges.mentees] == quota.unit
        else:
            inside = mentor_units[table.mentor_of[edges.places]] == quota.unit
        counted = csr_array(inside.astype(np.float64)[None, :])
        if quota.at_most is not None:
            yield counted, np.array([float(quota.at_most)])
        if quota.at_least:
            yield -counted, np.array([-float(quota.at_least)])


def _units(people: Sequence[Candidate]) -> npt.NDArray[np.str_]:
    return np.array([person.unit for person in people], np.str_)
