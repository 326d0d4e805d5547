"""Which mentor may be paired with which mentee at all: the hard rules."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from activities.rules.cohort import Candidate, Cohort, PairRefs
from activities.rules.reporting_lines import Mask, Positions, ReportingLines, overlap
from activities.rules.weeks import common_minutes

# Where somebody has no manager; a mentee's nobody is not the same as a mentor's.
_NOBODY, _NOBODY_EITHER = -1, -2


class Rule(StrEnum):
    """The hard rules, in the order in which they are looked at."""

    PAST_OR_DECLINED = "past-or-declined"
    CONFLICT = "declared-conflict"
    ADMITTED = "mentor-admitted"
    PLACE = "place-left"
    REPORTING_LINE = "reporting-line"
    COMMON_MANAGER = "common-manager"
    LEVEL_GAP = "level-gap"
    LANGUAGE = "shared-language"
    COMMON_HOURS = "common-hours"


class Eligibility:
    """The hard rules over a cohort: mentees are rows, mentors columns, both in the cohort's order.

    Level, languages and working hours make classes of people, so those rules are decided once for every two
    classes.
    """

    def __init__(self, cohort: Cohort) -> None:
        mentees, mentors = cohort.mentees, cohort.mentors
        self._places = places_left(cohort)
        self._admitted = np.array([mentor.admitted for mentor in mentors], np.bool_)
        self._classes = _Classes(cohort)
        self._lines = _Lines(cohort)
        rows = {mentee.ref: row for row, mentee in enumerate(mentees)}
        columns = {mentor.ref: column for column, mentor in enumerate(mentors)}
        self._past = _cells(cohort.forbidden, rows, columns)
        self._conflicts = _cells(cohort.conflicts, rows, columns)

    @property
    def places(self) -> npt.NDArray[np.int32]:
        """The places each mentor has left."""
        return self._places

    def allowed(self, rows: slice) -> Mask:
        """Which mentors fit these mentees."""
        mask = self._classes.allowed(rows)
        mask &= self._admitted & (self._places > 0)
        mask &= ~self._lines.related(rows)
        mask &= ~self._lines.common_manager(rows)
        for cells in (self._past, self._conflicts):
            _scatter(mask, cells, rows, value=False)
        return mask

    def broken(self, row: int) -> Mapping[Rule, Mask]:
        """For each rule the mentors who break it with this mentee."""
        rows = slice(row, row + 1)
        past, conflict = (np.zeros((1, len(self._places)), np.bool_) for _ in range(2))
        _scatter(past, self._past, rows, value=True)
        _scatter(conflict, self._conflicts, rows, value=True)
        masks = {
            Rule.PAST_OR_DECLINED: past,
            Rule.CONFLICT: conflict,
            Rule.ADMITTED: ~self._admitted[None, :],
            Rule.PLACE: (self._places <= 0)[None, :],
            Rule.REPORTING_LINE: self._lines.related(rows),
            Rule.COMMON_MANAGER: self._lines.common_manager(rows),
            **self._classes.broken(rows),
        }
        return {rule: mask[0] for rule, mask in masks.items()}

    def common_minutes(self, row: int) -> npt.NDArray[np.int32]:
        """The working minutes a week that this mentee shares with each mentor."""
        return self._classes.minutes(row)


def places_left(cohort: Cohort) -> npt.NDArray[np.int32]:
    """How many more mentees each mentor may get, in the cohort's order."""
    taken = Counter(mentor for mentor, _ in cohort.pinned)
    return np.array([max(mentor.capacity - taken[mentor.ref], 0) for mentor in cohort.mentors], np.int32)


class _Classes:
    """The rules that look at a person's level, languages and working hours only."""

    def __init__(self, cohort: Cohort) -> None:
        self._mentee_class, mentees = _classes(cohort.mentees)
        self._mentor_class, mentors = _classes(cohort.mentors)
        levels = (
            np.array([one.level for one in mentees], np.int32),
            np.array([one.level for one in mentors], np.int32),
        )
        self._minutes = common_minutes([one.working for one in mentees], [one.working for one in mentors])
        self._broken = {
            Rule.LEVEL_GAP: levels[0][:, None] - levels[1][None, :] < cohort.rules.min_level_gap,
            Rule.LANGUAGE: _no_shared_language(mentees, mentors),
            Rule.COMMON_HOURS: self._minutes < cohort.rules.min_common_minutes,
        }
        self._allowed = ~np.logical_or.reduce([*self._broken.values()])

    def allowed(self, rows: slice) -> Mask:
        return self._spread(self._allowed, rows)

    def broken(self, rows: slice) -> dict[Rule, Mask]:
        return {rule: self._spread(table, rows) for rule, table in self._broken.items()}

    def minutes(self, row: int) -> npt.NDArray[np.int32]:
        return np.take(self._minutes[self._mentee_class[row]], self._mentor_class)

    def _spread(self, table: Mask, rows: slice) -> Mask:
        return np.take(table[self._mentee_class[rows]], self._mentor_class, axis=1)


class _Lines:
    """The rules that look at managers."""

    def __init__(self, cohort: Cohort) -> None:
        lines = ReportingLines(cohort.managers)
        refs = [one.ref for one in (*cohort.mentees, *cohort.mentors)]
        first, last = lines.ranges(refs)
        split = len(cohort.mentees)
        self._mentees, self._mentors = (first[:split], last[:split]), (first[split:], last[split:])
        near = _near_managers(lines, refs, cohort.rules.manager_hops)
        self._near_mentees, self._near_mentors = near[:split], near[split:]
        self._near_mentors[self._near_mentors == _NOBODY] = _NOBODY_EITHER

    def related(self, rows: slice) -> Mask:
        first, last = (bound[rows, None] for bound in self._mentees)
        return overlap(first, last, *(bound[None, :] for bound in self._mentors))

    def common_manager(self, rows: slice) -> Mask:
        mask = np.zeros((len(self._near_mentees[rows]), len(self._near_mentors)), np.bool_)
        for mine in self._near_mentees[rows].T:
            for theirs in self._near_mentors.T:
                mask |= mine[:, None] == theirs[None, :]
        return mask


def _near_managers(lines: ReportingLines, refs: Sequence[str], hops: int) -> Positions:
    numbers: dict[str, int] = {}
    near = np.full((len(refs), hops), _NOBODY, np.int32)
    for row, ref in enumerate(refs):
        for hop, manager in enumerate(lines.managers_of(ref, hops)):
            near[row, hop] = numbers.setdefault(manager, len(numbers))
    return near


def _classes(people: Sequence[Candidate]) -> tuple[Positions, list[Candidate]]:
    """The class of each person, and one person of each class."""
    numbers: dict[tuple[object, ...], int] = {}
    first: list[Candidate] = []
    belongs = np.empty(len(people), np.int32)
    for row, person in enumerate(people):
        key = (person.level, person.languages, person.working)
        if key not in numbers:
            numbers[key] = len(numbers)
            first.append(person)
        belongs[row] = numbers[key]
    return belongs, first


def _no_shared_language(mentees: Sequence[Candidate], mentors: Sequence[Candidate]) -> Mask:
    cells = [[one.languages.isdisjoint(other.languages) for other in mentors] for one in mentees]
    return np.array(cells, np.bool_).reshape(len(mentees), len(mentors))


def _cells(pairs: Iterable[PairRefs], rows: Mapping[str, int], columns: Mapping[str, int]) -> Positions:
    known = [
        (rows[mentee], columns[mentor]) for mentor, mentee in pairs if mentee in rows and mentor in columns
    ]
    return np.array(known, np.int32).reshape(-1, 2)


def _scatter(mask: Mask, cells: Positions, rows: slice, *, value: bool) -> None:
    inside = cells[(cells[:, 0] >= rows.start) & (cells[:, 0] < rows.stop)]
    mask[inside[:, 0] - rows.start, inside[:, 1]] = value
