"""How well a mentor and a mentee fit: parts in integer points that add up to the score."""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from activities.rules.cohort import NEEDS_TOTAL, TOP_LEVEL, Candidate, Cohort, Mentee, Mentor, Weights
from activities.rules.reporting_lines import Positions
from activities.rules.weeks import common_minutes, shared_minutes

Points = npt.NDArray[np.int16]
Features = npt.NDArray[np.float32]

_HOUR = 60


class Part(StrEnum):
    """The parts of a score."""

    NEEDS = "needs"
    MENTEE_WISH = "mentee-wish"
    MENTOR_WISH = "mentor-wish"
    INTERESTS = "interests"
    OTHER_FUNCTION = "other-function"
    OTHER_SITE = "other-site"
    PREFERRED_HOURS = "preferred-hours"


def parts(mentee: Mentee, mentor: Mentor, weights: Weights) -> Mapping[Part, int]:
    """The points of one pair by part, without those that are zero."""
    coverage = sum(weight * mentor.strengths.get(need, 0) for need, weight in mentee.needs.items())
    hours = shared_minutes(mentee.preferred, mentor.preferred) // _HOUR
    points = {
        Part.NEEDS: weights.need * coverage,
        Part.MENTEE_WISH: weights.mentee_wish * (mentor.ref in mentee.wishes),
        Part.MENTOR_WISH: weights.mentor_wish * (mentee.ref in mentor.wishes),
        Part.INTERESTS: weights.interest * len(common_interests(mentee, mentor)),
        Part.OTHER_FUNCTION: weights.other_function * _differ(mentee.function, mentor.function),
        Part.OTHER_SITE: weights.other_site * _differ(mentee.site, mentor.site),
        Part.PREFERRED_HOURS: weights.preferred_hour * min(hours, weights.preferred_hours_max),
    }
    return {part: value for part, value in points.items() if value}


def common_interests(mentee: Mentee, mentor: Mentor) -> frozenset[str]:
    """The interests of both that do not count as a need met already, so that nothing counts twice."""
    return frozenset(
        interest
        for interest in mentee.interests & mentor.interests
        if interest not in mentee.needs or interest not in mentor.strengths
    )


class Scoring:
    """The scores of a cohort: mentees are rows, mentors columns, both in the cohort's order.

    Needs, interests, functions and sites are one product of two matrices of small integers: every partial sum
    stays below 2^24, where float32 counts exactly, so that every machine gets the same points.
    """

    def __init__(self, cohort: Cohort) -> None:
        self.highest = _highest(cohort)
        if self.highest > np.iinfo(np.int16).max:
            raise ValueError(f"scores up to {self.highest} are too high; lower the weights")
        self._mentees, self._mentors = _features(cohort)
        self._hours = _PreferredHours(cohort)
        self._wishes = _wishes(cohort)

    def scores(self, rows: slice) -> Points:
        """The scores of these mentees with every mentor, whether they may be paired or not."""
        # A BLAS may set floating-point flags for lanes of its vectors that hold nothing (numpy issue 24067).
        with np.errstate(all="ignore"):
            product = self._mentees[rows] @ self._mentors.T
        points = product.astype(np.int16)
        points += self._hours.points(rows)
        wishes = self._wishes[(self._wishes[:, 0] >= rows.start) & (self._wishes[:, 0] < rows.stop)]
        np.add.at(points, (wishes[:, 0] - rows.start, wishes[:, 1]), wishes[:, 2].astype(np.int16))
        return points


class _PreferredHours:
    """Points for common preferred hours, decided once for every two different weeks."""

    def __init__(self, cohort: Cohort) -> None:
        self._mentee_week, mentee_weeks = _weeks(cohort.mentees)
        self._mentor_week, mentor_weeks = _weeks(cohort.mentors)
        weights = cohort.weights
        hours = common_minutes(mentee_weeks, mentor_weeks) // _HOUR
        self._points = (np.minimum(hours, weights.preferred_hours_max) * weights.preferred_hour).astype(
            np.int16
        )

    def points(self, rows: slice) -> Points:
        return np.take(self._points[self._mentee_week[rows]], self._mentor_week, axis=1)


def _differ(one: str, other: str) -> bool:
    return bool(one) and bool(other) and one != other


def _highest(cohort: Cohort) -> int:
    weights = cohort.weights
    interests = max((len(mentee.interests) for mentee in cohort.mentees), default=0)
    return (
        weights.need * NEEDS_TOTAL * TOP_LEVEL
        + weights.mentee_wish
        + weights.mentor_wish
        + weights.interest * interests
        + weights.other_function
        + weights.other_site
        + weights.preferred_hour * weights.preferred_hours_max
    )


def _features(cohort: Cohort) -> tuple[Features, Features]:
    """What is multiplied: a column for each competence needed, each interest, each function and each site."""
    weights = cohort.weights
    columns: dict[tuple[str, str], int] = {}
    mentees = [_mentee_entries(mentee, weights) for mentee in cohort.mentees]
    for entries in mentees:
        for key in entries:
            columns.setdefault(key, len(columns))
    return _matrix(mentees, columns), _matrix([_mentor_entries(mentor) for mentor in cohort.mentors], columns)


def _mentee_entries(mentee: Mentee, weights: Weights) -> dict[tuple[str, str], int]:
    entries = {("need", competence): weights.need * weight for competence, weight in mentee.needs.items()}
    for competence in mentee.interests:
        entries["untaught" if competence in mentee.needs else "interest", competence] = weights.interest
    # Points for every known function or site, taken back where it is the same one.
    for kind, value, points in (
        ("function", mentee.function, weights.other_function),
        ("site", mentee.site, weights.other_site),
    ):
        if value:
            entries |= {(kind, ""): points, (kind, value): -points}
    return entries


def _mentor_entries(mentor: Mentor) -> dict[tuple[str, str], int]:
    entries = {("need", competence): level for competence, level in mentor.strengths.items()}
    entries |= {("interest", competence): 1 for competence in mentor.interests}
    entries |= {("untaught", competence): 1 for competence in mentor.interests - mentor.strengths.keys()}
    for kind, value in (("function", mentor.function), ("site", mentor.site)):
        if value:
            entries |= {(kind, ""): 1, (kind, value): 1}
    return entries


def _matrix(people: list[dict[tuple[str, str], int]], columns: Mapping[tuple[str, str], int]) -> Features:
    matrix = np.zeros((len(people), len(columns)), np.float32)
    for row, entries in enumerate(people):
        for key, value in entries.items():
            if key in columns:
                matrix[row, columns[key]] = value
    return matrix


def _weeks(people: tuple[Candidate, ...]) -> tuple[Positions, list[tuple[tuple[int, int], ...]]]:
    numbers: dict[tuple[tuple[int, int], ...], int] = {}
    belongs = [numbers.setdefault(person.preferred, len(numbers)) for person in people]
    return np.array(belongs, np.int32), list(numbers)


def _wishes(cohort: Cohort) -> Positions:
    """Cells with wishes: row, column, points."""
    rows = {mentee.ref: row for row, mentee in enumerate(cohort.mentees)}
    columns = {mentor.ref: column for column, mentor in enumerate(cohort.mentors)}
    weights = cohort.weights
    cells = [
        (row, columns[wish], weights.mentee_wish)
        for row, mentee in enumerate(cohort.mentees)
        for wish in mentee.wishes
        if wish in columns
    ]
    cells += [
        (rows[wish], column, weights.mentor_wish)
        for column, mentor in enumerate(cohort.mentors)
        for wish in mentor.wishes
        if wish in rows
    ]
    return np.array(cells, np.int32).reshape(-1, 3)
