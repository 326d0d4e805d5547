"""The best pairs where units have quotas."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from activities.rules.cohort import Candidate, Cohort, Side
from activities.rules.edges import Edges
from activities.rules.table import BARRED, Index, Table

_TIE_BITS = 16

_Floats = npt.NDArray[np.float64]


class QuotaError(ValueError):
    """No choice of pairs meets the quotas."""


def within_quotas(cohort: Cohort, table: Table) -> Edges:
    """The edges of a table that meet the cohort's quotas: most mentees, then most points, then hashes.

    Three integer programmes in a row, each of which keeps what the one before reached. People in units make a
    network, so that their linear programmes have whole solutions and hardly branch. Raises QuotaError.
    """
    mentees, places = np.nonzero(table.scores[:, table.mentor_of] > BARRED)
    edges = Edges(mentees, places)
    if not len(edges):
        if any(quota.at_least for quota in cohort.quotas):
            raise QuotaError("the quotas cannot be met: no pair is allowed")
        return edges
    limits = [_once(edges.mentees), _once(edges.places), *_quotas(cohort, table, edges)]
    points = table.scores[mentees, table.mentor_of[places]] - table.cost_of[places]
    hashed = table.with_hashes(_TIE_BITS, 0)
    ties = hashed.weights(mentees, places) % hashed.scale
    taken = np.zeros(len(edges))
    for goal in (np.ones(len(edges)), points.astype(np.float64), ties.astype(np.float64)):
        taken = _most(goal, limits)
        limits.append(LinearConstraint(goal[None, :], lb=goal @ taken))
    chosen = taken > 0
    return Edges(mentees[chosen], places[chosen])


def _most(goal: _Floats, limits: Sequence[LinearConstraint]) -> _Floats:
    found = milp(
        -goal,
        integrality=np.ones(len(goal), np.int8),
        bounds=Bounds(0, 1),
        constraints=limits,
        options={"mip_rel_gap": 0},
    )
    if found.x is None:
        raise QuotaError("the quotas cannot all be met; lower `at_least` or raise `at_most`")
    return np.round(found.x)


def _once(members: Index) -> LinearConstraint:
    """Each member is in one pair at most."""
    graph = csr_array((np.ones(len(members)), (members, np.arange(len(members)))))
    return LinearConstraint(graph, ub=1)


def _quotas(cohort: Cohort, table: Table, edges: Edges) -> list[LinearConstraint]:
    mentee_units, mentor_units = _units(cohort.mentees), _units(cohort.mentors)
    limits = []
    for quota in cohort.quotas:
        if quota.side is Side.MENTEES:
            inside = mentee_units[edges.mentees] == quota.unit
        else:
            inside = mentor_units[table.mentor_of[edges.places]] == quota.unit
        most = np.inf if quota.at_most is None else quota.at_most
        limits.append(LinearConstraint(inside.astype(np.float64)[None, :], lb=quota.at_least, ub=most))
    return limits


def _units(people: Sequence[Candidate]) -> npt.NDArray[np.str_]:
    return np.array([person.unit for person in people], np.str_)
