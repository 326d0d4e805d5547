"""What would help where one rule alone stands between a mentee and some mentors."""

from typing import Final

import numpy as np

from activities.rules.cohort import Cohort
from activities.rules.eligibility import Eligibility, Rule
from activities.rules.reasons import Code, Reason
from activities.rules.table import Index

RELAXABLE: Final = (
    Rule.ADMITTED,
    Rule.PLACE,
    Rule.COMMON_MANAGER,
    Rule.LEVEL_GAP,
    Rule.LANGUAGE,
    Rule.COMMON_HOURS,
)
"""The rules that time or a coordinator may bend; what is past, or a fact of HR, stands."""

_HOUR = 60
_NAMED = 3


class Relaxations:
    """How far rules would have to give way for mentees to get more mentors."""

    def __init__(self, cohort: Cohort, eligibility: Eligibility) -> None:
        self._cohort = cohort
        self._eligibility = eligibility
        self._levels_of = np.array([mentor.level for mentor in cohort.mentors], np.int64)
        self._known = sorted({language for mentor in cohort.mentors for language in mentor.languages})
        spoken = [[language in mentor.languages for language in self._known] for mentor in cohort.mentors]
        self._spoken = np.array(spoken, np.bool_).reshape(len(cohort.mentors), len(self._known))
        self._how = {
            Rule.COMMON_HOURS: self._hours,
            Rule.LEVEL_GAP: self._levels,
            Rule.LANGUAGE: self._language,
        }

    def sensible(self, row: int, rule: Rule, mentors: Index) -> Index:
        """Those of these mentors for whom the rule can bend and still mean something.

        A mentor stays below the mentee, and the two share some working time.
        """
        if rule is Rule.LEVEL_GAP:
            return mentors[self._levels_of[mentors] < self._cohort.mentees[row].level]
        if rule is Rule.COMMON_HOURS:
            return mentors[self._eligibility.common_minutes(row)[mentors] > 0]
        return mentors

    def only(self, row: int, rule: Rule, mentors: Index) -> Reason:
        """What one rule would have to be for the nearest of these mentors, who fail it and no other.

        Mentors are named in the order given.
        """
        how = self._how.get(rule)
        numbers, languages, mentors = how(row, mentors) if how else ({}, (), mentors)
        return Reason(
            Code.ONLY_RULE,
            about=rule,
            numbers={"mentors": len(mentors), **numbers},
            refs=tuple(self._cohort.mentors[mentor].ref for mentor in mentors[:_NAMED]),
            languages=languages,
        )

    def _hours(self, row: int, mentors: Index) -> tuple[dict[str, int], tuple[str, ...], Index]:
        minutes = self._eligibility.common_minutes(row)[mentors]
        most = int(minutes.max())
        enough = most - most % _HOUR or most
        needed = self._cohort.rules.min_common_minutes
        return {"needed": needed, "enough": enough}, (), mentors[minutes >= enough]

    def _levels(self, row: int, mentors: Index) -> tuple[dict[str, int], tuple[str, ...], Index]:
        gaps = self._cohort.mentees[row].level - self._levels_of[mentors]
        enough = int(gaps.max())
        return {"needed": self._cohort.rules.min_level_gap, "enough": enough}, (), mentors[gaps == enough]

    def _language(self, _row: int, mentors: Index) -> tuple[dict[str, int], tuple[str, ...], Index]:
        """The language that most of the mentors speak; those who speak none are no help."""
        speakers = self._spoken[mentors].sum(axis=0)
        if not speakers.any():
            return {}, (), mentors
        most = int(speakers.argmax())
        return {}, (self._known[most],), mentors[self._spoken[mentors, most]]
