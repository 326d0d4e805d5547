"""Which mentor may be paired with which mentee at all: the hard rules."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

import numpy as np
import numpy.typing as npt

from activities.rules.cohort import Cohort, PairRefs
from activities.rules.reporting_lines import Mask, Positions, ReportingLines, overlap
from activities.rules.weeks import common_minutes

K = TypeVar("K", bound=Hashable)
S = TypeVar("S", bound=np.generic)

# Where somebody has no manager; a mentee's nobody is not the same as a mentor's.
_NOBODY, _NOBODY_EITHER = -1, -2


class Rule(StrEnum):
    """The hard rules, in the order in which they are looked at."""

    PAST_OR_DECLINED = "past-or-declined"
    CONFLICT = "declared-conflict"
    ADMITTED = "mentor-admitted"
    PLACE = "place-left"
    STAYS = "stays-long-enough"
    REPORTING_LINE = "reporting-line"
    COMMON_MANAGER = "common-manager"
    LEVEL_GAP = "level-gap"
    LANGUAGE = "shared-language"
    COMMON_HOURS = "common-hours"


class Eligibility:
    """The hard rules over a cohort: mentees are rows, mentors columns, both in the cohort's order.

    People of the same languages, or of the same working hours, make a class, so those rules are decided once
    for every two classes.
    """

    def __init__(self, cohort: Cohort) -> None:
        mentees, mentors = cohort.mentees, cohort.mentors
        self._places = places_left(cohort)
        self._admitted = np.array([mentor.admitted for mentor in mentors], np.bool_)
        self._mentors_stay = np.array([mentor.stays for mentor in mentors], np.bool_)
        self._mentees_stay = np.array([mentee.stays for mentee in mentees], np.bool_)
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
        mask &= self._both_stay(rows)
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
            Rule.STAYS: ~self._both_stay(rows),
            Rule.REPORTING_LINE: self._lines.related(rows),
            Rule.COMMON_MANAGER: self._lines.common_manager(rows),
            **self._classes.broken(rows),
        }
        return {rule: mask[0] for rule, mask in masks.items()}

    def _both_stay(self, rows: slice) -> Mask:
        both: Mask = self._mentees_stay[rows, None] & self._mentors_stay[None, :]
        return both

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
        mentees, mentors = cohort.mentees, cohort.mentors
        gap = cohort.rules.min_level_gap
        self._levels = _Pairwise.of(
            [one.level for one in mentees],
            [one.level for one in mentors],
            lambda mine, theirs: np.asarray(np.subtract.outer(mine, theirs) < gap),
        )
        self._languages = _Pairwise.of(
            [one.languages for one in mentees], [one.languages for one in mentors], _no_shared_language
        )
        self._hours = _Pairwise.of(
            [one.working for one in mentees], [one.working for one in mentors], common_minutes
        )
        self._enough = cohort.rules.min_common_minutes

    def allowed(self, rows: slice) -> Mask:
        mask = self._hours.rows(rows) >= self._enough
        mask &= ~self._levels.rows(rows)
        mask &= ~self._languages.rows(rows)
        return mask

    def broken(self, rows: slice) -> dict[Rule, Mask]:
        return {
            Rule.LEVEL_GAP: self._levels.rows(rows),
            Rule.LANGUAGE: self._languages.rows(rows),
            Rule.COMMON_HOURS: self._hours.rows(rows) < self._enough,
        }

    def minutes(self, row: int) -> npt.NDArray[np.int32]:
        minutes: npt.NDArray[np.int32] = self._hours.rows(slice(row, row + 1))[0]
        return minutes


@dataclass(frozen=True, eq=False)
class _Pairwise(Generic[S]):
    """What one fact of a mentee and of a mentor makes together, once for every two values of it."""

    table: npt.NDArray[S]
    mentee_class: Positions
    mentor_class: Positions

    @classmethod
    def of(
        cls,
        mentees: Sequence[K],
        mentors: Sequence[K],
        make: Callable[[Sequence[K], Sequence[K]], npt.NDArray[S]],
    ) -> "_Pairwise[S]":
        """`make` gets the values of the mentees and of the mentors, each once."""
        (mentee_class, mine), (mentor_class, theirs) = _classes(mentees), _classes(mentors)
        return cls(make(mine, theirs), mentee_class, mentor_class)

    def rows(self, rows: slice) -> npt.NDArray[S]:
        """For these mentees and all mentors."""
        spread: npt.NDArray[S] = self.table[self.mentee_class[rows]].take(self.mentor_class, axis=1)
        return spread


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


def _classes(values: Sequence[K]) -> tuple[Positions, list[K]]:
    """The class of each value, and the value of each class."""
    numbers: dict[K, int] = {}
    belongs = [numbers.setdefault(value, len(numbers)) for value in values]
    return np.array(belongs, np.int32), list(numbers)


def _no_shared_language(mentees: Sequence[frozenset[str]], mentors: Sequence[frozenset[str]]) -> Mask:
    known = frozenset[str]().union(*mentees, *mentors)
    shared = np.zeros((len(mentees), len(mentors)), np.bool_)
    for language in sorted(known):
        mine = np.array([language in one for one in mentees], np.bool_)
        shared |= np.logical_and.outer(mine, [language in one for one in mentors])
    return ~shared


def _cells(pairs: Iterable[PairRefs], rows: Mapping[str, int], columns: Mapping[str, int]) -> Positions:
    known = [
        (rows[mentee], columns[mentor]) for mentor, mentee in pairs if mentee in rows and mentor in columns
    ]
    return np.array(known, np.int32).reshape(-1, 2)


def _scatter(mask: Mask, cells: Positions, rows: slice, *, value: bool) -> None:
    inside = cells[(cells[:, 0] >= rows.start) & (cells[:, 0] < rows.stop)]
    mask[inside[:, 0] - rows.start, inside[:, 1]] = value
