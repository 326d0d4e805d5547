"""The best pairs where units have quotas."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, hstack, vstack

from activities.rules.cohort import Candidate, Cohort, Side
from activities.rules.edges import Edges, likely_edges
from activities.rules.faces import Face, Floats, Limits
from activities.rules.patience import Patience
from activities.rules.reporting_lines import Mask
from activities.rules.table import BARRED, Index, Table

_TIE_BITS = 16
_TAKEN = 0.5

_Sums = tuple[csr_array, Floats]


class QuotaError(ValueError):
    """No choice of pairs meets the quotas."""


def within_quotas(cohort: Cohort, table: Table, patience: Patience) -> Edges:
    """The edges of a table that meet the cohort's quotas: most mentees, then most points, then hashes.

    Three linear programmes in a row. People in units are two trees of sets, whose matrix is totally
    unimodular (Edmonds 1970), so that each has a whole solution; and each leaves to the next just the edges
    and the slack that its prices allow the best choices to use, which are all those and no others. Raises
    QuotaError, and TooLongError of the patience.
    """
    edges = _allowed(table)
    if not len(edges):
        if any(quota.at_least for quota in cohort.quotas):
            raise QuotaError("the quotas cannot be met: no pair is allowed")
        return edges
    limits = _limits(cohort, table, edges)
    likely = _meeting(limits, table, edges, patience)
    if likely is None:
        raise QuotaError("the quotas cannot all be met; lower `at_least` or raise `at_most`")
    points = table.scores[edges.mentees, table.mentor_of[edges.places]] - table.cost_of[edges.places]
    hashed = table.with_hashes(_TIE_BITS, 0)
    ties = hashed.weights(edges.mentees, edges.places) % hashed.scale
    face, taken = Face.of(limits, np.arange(len(edges))), np.zeros(0)
    for goal in (np.ones(len(edges)), points, ties):
        taken, face = face.best(_padded(goal, limits), likely, patience)
        likely = likely | (taken > _TAKEN)
    chosen = taken[: len(edges)] > _TAKEN
    return Edges(edges.mentees[chosen], edges.places[chosen])


def can_meet_quotas(cohort: Cohort, table: Table, patience: Patience) -> bool:
    """Whether any edges of a table meet all of the cohort's quotas."""
    edges = _allowed(table)
    if not len(edges):
        return not any(quota.at_least for quota in cohort.quotas)
    return _meeting(_limits(cohort, table, edges), table, edges, patience) is not None


def _meeting(limits: Limits, table: Table, edges: Edges, patience: Patience) -> Mask | None:
    """Columns that a matching is likely to be made of and that meet every limit; None where nothing does.

    The columns after the edges are what is lacking to each quota; it is made as little as can be.
    """
    lacking = np.arange(len(limits.owners)) >= len(edges)
    likely = np.zeros(len(lacking), np.bool_)
    likely[: len(edges)] = np.isin(_keys(table, edges), _keys(table, likely_edges(table)))
    if not lacking.any():
        return likely
    everything = Face.of(limits, np.arange(len(lacking)))
    taken, _ = everything.best(-lacking.astype(np.float64), likely | lacking, patience)
    used = taken > _TAKEN
    return None if (used & lacking).any() else likely | used


def _allowed(table: Table) -> Edges:
    return Edges(*np.nonzero(table.scores[:, table.mentor_of] > BARRED))


def _keys(table: Table, edges: Edges) -> Index:
    return edges.mentees * table.places + edges.places


def _padded(goal: npt.NDArray[np.generic], limits: Limits) -> Floats:
    """The goal of the edges; what is lacking has none."""
    padded = np.zeros(len(limits.owners))
    padded[: len(goal)] = goal
    return padded


def _limits(cohort: Cohort, table: Table, edges: Edges) -> Limits:
    """A column for each edge, owned by its mentee, and one for what is lacking to each `at_least`."""
    most = [_once(edges.mentees, table.mentees), _once(edges.places, table.places)]
    least = []
    for counted, at_most, at_least in _quotas(cohort, table, edges):
        if at_most is not None:
            most.append((counted, np.array([float(at_most)])))
        if at_least:
            least.append((-counted, np.array([-float(at_least)])))
    rows = vstack([rows for rows, _ in (*most, *least)])
    lacking = np.arange(len(least))
    above = rows.shape[0] - len(least)
    slack = csr_array((-np.ones(len(least)), (above + lacking, lacking)), shape=(rows.shape[0], len(least)))
    return Limits(
        sums=hstack([rows, slack]).tocsc() if least else rows.tocsc(),
        most=np.concatenate([most for _, most in (*most, *least)]),
        owners=np.concatenate([edges.mentees, table.mentees + lacking]),
    )


def _once(members: Index, count: int) -> _Sums:
    """Each member is in one pair at most."""
    shape = (count, len(members))
    graph = csr_array((np.ones(len(members)), (members, np.arange(len(members)))), shape=shape)
    return graph, np.ones(count)


def _quotas(cohort: Cohort, table: Table, edges: Edges) -> Iterator[tuple[csr_array, int | None, int]]:
    """For each quota which edges it counts, the most of them and the fewest."""
    mentee_units, mentor_units = _units(cohort.mentees), _units(cohort.mentors)
    for quota in cohort.quotas:
        if quota.side is Side.MENTEES:
            inside = mentee_units[edges.mentees] == quota.unit
        else:
            inside = mentor_units[table.mentor_of[edges.places]] == quota.unit
        yield csr_array(inside.astype(np.float64)[None, :]), quota.at_most, quota.at_least


def _units(people: Sequence[Candidate]) -> npt.NDArray[np.str_]:
    return np.array([person.unit for person in people], np.str_)
