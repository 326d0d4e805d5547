"""What a user might take instead: plain Python, greedy, networkx, a textbook Munkres, scipy's `milp`."""

from collections.abc import Sequence
from itertools import product

import networkx as nx  # type: ignore[import-untyped]
import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from activities.rules.cohort import Cohort, Mentee, Mentor, Stretch

Scores = Sequence[Sequence[int]]
Pairs = list[tuple[int, int]]


def score_pair_by_pair(cohort: Cohort) -> Scores:
    """The scores of all pairs, -1 where a pair is not allowed, without numpy."""
    above = {one.ref: _above(cohort, one.ref) for one in (*cohort.mentees, *cohort.mentors)}
    return [[_score(cohort, above, one, other) for one in cohort.mentors] for other in cohort.mentees]


def greedy(scores: Scores) -> Pairs:
    """The best pair left, again and again."""
    cells = ((score, row, column) for row, line in enumerate(scores) for column, score in enumerate(line))
    pairs: Pairs = []
    rows, columns = set[int](), set[int]()
    for score, row, column in sorted(cells, key=lambda cell: -cell[0]):
        if score >= 0 and row not in rows and column not in columns:
            rows.add(row)
            columns.add(column)
            pairs.append((row, column))
    return pairs


def networkx_matching(scores: Scores) -> Pairs:
    """`max_weight_matching` of networkx, largest first."""
    graph = nx.Graph()
    for row, line in enumerate(scores):
        edges = ((("e", row), ("o", column), score) for column, score in enumerate(line) if score >= 0)
        graph.add_weighted_edges_from(edges)
    pairs = (dict(edge) for edge in nx.max_weight_matching(graph, maxcardinality=True))
    return [(pair["e"], pair["o"]) for pair in pairs]


def integer_programme(scores: Scores, units: Sequence[str], most: int) -> Pairs:
    """`milp` of scipy: most pairs, then most points among those; at most so many rows of a unit."""
    table = np.array(scores)
    rows, columns = np.nonzero(table >= 0)
    count = np.arange(len(rows))
    known = {unit: number for number, unit in enumerate(sorted(set(units)))}
    unit_of = np.array([known[unit] for unit in units])
    limits = [
        LinearConstraint(csr_array((np.ones(len(rows)), (members, count))), ub=at_most)
        for members, at_most in ((rows, 1), (columns, 1), (unit_of[rows], most))
    ]
    taken: list[float] = []
    for goal in (np.ones(len(rows)), table[rows, columns].astype(np.float64)):
        whole = np.ones(len(rows), np.int8)
        best = milp(-goal, integrality=whole, bounds=Bounds(0, 1), constraints=limits)
        if best.x is None:
            raise ValueError("the quotas cannot be met")
        taken = np.round(best.x).tolist()
        limits.append(LinearConstraint(goal[None, :], lb=goal @ taken))
    return [(int(rows[n]), int(columns[n])) for n in np.flatnonzero(taken)]


def munkres(scores: Scores) -> Pairs:
    """Stars, primes and covers over a full square of costs (Munkres 1957), as mentor-match solves its rounds.

    A pair that is not allowed costs more than any other, so that it is taken only where nothing else is left.
    """
    size = max(len(scores), len(scores[0]))
    worst = max(map(max, scores)) + 1
    cost = [[worst * 2] * size for _ in range(size)]
    for row, line in enumerate(scores):
        cost[row][: len(line)] = [worst - score if score >= 0 else worst * 2 for score in line]
    for row in range(size):
        least = min(cost[row])
        cost[row] = [value - least for value in cost[row]]
    star_of_row, star_of_column = [-1] * size, [-1] * size
    for row, column in product(range(size), repeat=2):
        if cost[row][column] == 0 and star_of_row[row] < 0 and star_of_column[column] < 0:
            star_of_row[row], star_of_column[column] = column, row
    while -1 in star_of_row:
        _augment(cost, star_of_row, star_of_column)
    columns = range(len(scores[0]))
    return [
        (row, star_of_row[row])
        for row in range(len(scores))
        if star_of_row[row] in columns and scores[row][star_of_row[row]] >= 0
    ]


def _augment(cost: list[list[int]], star_of_row: list[int], star_of_column: list[int]) -> None:
    """One more star: primes uncovered zeros until one has no star in its row, then turns the path round."""
    size = len(cost)
    covered_rows, covered_columns = [False] * size, [column >= 0 for column in star_of_column]
    prime_of_row = [-1] * size
    while True:
        row, column = _uncovered_zero(cost, covered_rows, covered_columns)
        if row < 0:
            _shift(cost, covered_rows, covered_columns)
            continue
        prime_of_row[row] = column
        if star_of_row[row] < 0:
            break
        covered_rows[row], covered_columns[star_of_row[row]] = True, False
    while True:
        before = star_of_column[column]
        star_of_row[row], star_of_column[column] = column, row
        if before < 0:
            return
        row, column = before, prime_of_row[before]


def _uncovered_zero(cost: list[list[int]], rows: list[bool], columns: list[bool]) -> tuple[int, int]:
    for row, line in enumerate(cost):
        if not rows[row]:
            for column, value in enumerate(line):
                if value == 0 and not columns[column]:
                    return row, column
    return -1, -1


def _shift(cost: list[list[int]], rows: list[bool], columns: list[bool]) -> None:
    """Takes the least uncovered cost off what is uncovered and adds it where two covers cross."""
    least = min(
        value
        for row, line in enumerate(cost)
        if not rows[row]
        for column, value in enumerate(line)
        if not columns[column]
    )
    for row, line in enumerate(cost):
        for column in range(len(line)):
            line[column] += least * (rows[row] - (not columns[column]))


def _score(cohort: Cohort, above: dict[str, list[str]], one: Mentor, other: Mentee) -> int:
    if not _fits(cohort, above, one, other):
        return -1
    weights = cohort.weights
    hours = _common(one.preferred, other.preferred) // 60
    met = other.needs.keys() & one.strengths.keys()
    return (
        weights.need * sum(weight * one.strengths.get(need, 0) for need, weight in other.needs.items())
        + weights.mentee_wish * (one.ref in other.wishes)
        + weights.mentor_wish * (other.ref in one.wishes)
        + weights.interest * len((one.interests & other.interests) - met)
        + weights.other_function * (one.function != other.function)
        + weights.other_site * (one.site != other.site)
        + weights.preferred_hour * min(hours, weights.preferred_hours_max)
    )


def _fits(cohort: Cohort, above: dict[str, list[str]], one: Mentor, other: Mentee) -> bool:
    mine, theirs = above[one.ref], above[other.ref]
    hops = cohort.rules.manager_hops
    return (
        other.level - one.level >= cohort.rules.min_level_gap
        and not one.languages.isdisjoint(other.languages)
        and (one.ref, other.ref) not in cohort.forbidden
        and one.ref not in theirs
        and other.ref not in mine
        and not set(mine[:hops]) & set(theirs[:hops])
        and _common(one.working, other.working) >= cohort.rules.min_common_minutes
    )


def _above(cohort: Cohort, ref: str) -> list[str]:
    found = []
    at = cohort.managers.get(ref)
    while at:
        found.append(at)
        at = cohort.managers.get(at)
    return found


def _common(mine: Sequence[Stretch], theirs: Sequence[Stretch]) -> int:
    return sum(max(min(end, last) - max(start, first), 0) for start, end in mine for first, last in theirs)
