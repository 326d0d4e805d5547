"""Why a mentee for whom there are mentors gets none: others share the same places."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest
from itertools import islice

import numpy as np

from activities.rules.cohort import Cohort
from activities.rules.eligibility import places_left
from activities.rules.matching import Matching
from activities.rules.reasons import Code, Reason
from activities.rules.reporting_lines import Mask

_NAMED = 20


@dataclass(frozen=True, eq=False)
class _Group:
    """Mentees, the first of their refs in order, and all the mentors any of them is allowed."""

    mentees: frozenset[int]
    mentors: Mask
    refs: tuple[str, ...]


class Shortfall:
    """Finds the mentees who, together, are allowed fewer places than they are (Hall 1935)."""

    def __init__(self, cohort: Cohort, matching: Matching, allowed: Callable[[int], Mask]) -> None:
        self._cohort = cohort
        self._unmatched = matching.unmatched
        self._allowed = allowed
        self._places = places_left(cohort)
        self._row = {mentee.ref: row for row, mentee in enumerate(cohort.mentees)}
        columns = {mentor.ref: column for column, mentor in enumerate(cohort.mentors)}
        self._held: dict[int, list[int]] = defaultdict(list)
        for pair in matching.pairs:
            if not pair.pinned:
                self._held[columns[pair.mentor_ref]].append(self._row[pair.mentee_ref])

    def reason(self, mentee_ref: str) -> Reason:
        """The mentees who share too few places with this one; a quota where a place could be had."""
        found = self._groups[self._row[mentee_ref]]
        places = int(self._places[found.mentors].sum())
        if len(found.mentees) <= places:
            return Reason(Code.QUOTA)
        others = (ref for ref in found.refs if ref != mentee_ref)
        return Reason(
            Code.SHORTAGE,
            numbers={"mentees": len(found.mentees), "places": places, "mentors": int(found.mentors.sum())},
            refs=(mentee_ref, *islice(others, _NAMED - 1)),
        )

    @cached_property
    def _groups(self) -> dict[int, _Group]:
        """The group of every mentee left over although a mentor would fit; all of a group share it."""
        left_over = {row: self._allowed(row) for row in map(self._row.__getitem__, self._unmatched)}
        groups: dict[int, _Group] = {}
        for start in left_over:
            if start in groups:
                continue
            reached, mentors = self._reached(start)
            more = {
                row for row, allowed in left_over.items() if allowed.any() and not (allowed & ~mentors).any()
            }
            mentees = reached | more
            refs = nsmallest(_NAMED, (self._cohort.mentees[row].ref for row in mentees))
            group = _Group(mentees, mentors, tuple(refs))
            groups |= dict.fromkeys((more | {start}) - groups.keys(), group)
        return groups

    def _reached(self, start: int) -> tuple[frozenset[int], Mask]:
        """From a mentee to every mentor allowed, from there to the mentees that mentor has, and so on.

        Whoever is met could give way to the one before, and at the end no other place could be taken.
        """
        mentees, mentors, front = {start}, np.zeros(len(self._places), np.bool_), [start]
        while front:
            reached = np.logical_or.reduce([self._allowed(row) for row in front]) & ~mentors
            mentors |= reached
            front = [row for column in np.flatnonzero(reached) for row in self._held[int(column)]]
            front = [row for row in front if row not in mentees]
            mentees.update(front)
        return frozenset(mentees), mentors
