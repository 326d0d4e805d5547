"""What would help where one rule alone stands between a mentee and some mentors."""

from collections import Counter
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
"""The rules that time or a coordinator may bend; past pairs, conflicts and reporting lines stand."""

_HOUR = 60
_NAMED = 3


class Relaxations:
    """How far rules would have to give way for mentees to get more mentors."""

    def __init__(self, cohort: Cohort, eligibility: Eligibility) -> None:
        self._cohort = cohort
        self._eligibility = eligibility
        self._how = {
            Rule.COMMON_HOURS: self._hours,
            Rule.LEVEL_GAP: self._levels,
            Rule.LANGUAGE: self._language,
        }

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
        level = self._cohort.mentees[row].level
        gaps = np.array([level - self._cohort.mentors[mentor].level for mentor in mentors])
        enough = int(gaps.max())
        return {"needed": self._cohort.rules.min_level_gap, "enough": enough}, (), mentors[gaps == enough]

    def _language(self, _row: int, mentors: Index) -> tuple[dict[str, int], tuple[str, ...], Index]:
        """The language that most of the mentors speak; those who speak none are no help."""
        spoken = Counter(language for mentor in mentors for language in sorted(self._languages(mentor)))
        if not spoken:
            return {}, (), mentors
        language = min(spoken, key=lambda one: (-spoken[one], one))
        speakers = [mentor for mentor in mentors if language in self._languages(mentor)]
        return {}, (language,), np.array(speakers)

    def _languages(self, mentor: int) -> frozenset[str]:
        return self._cohort.mentors[mentor].languages
