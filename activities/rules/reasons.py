"""The reasons of a matching: values that can be kept, and their words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from activities.rules.reason_words import AND_MORE, COUNTED, SENTENCES
from integrations.competences import COMPETENCES

FIXED = "fixed"
"""What a pinned pair is about where the coordinator fixed it."""

_HOUR = 60


class Code(StrEnum):
    """What a reason says."""

    PINNED = "pinned"
    AGAINST = "against"
    PART = "part"
    RANK = "rank"
    RUNNER_UP = "runner-up"
    BETTER_TAKEN = "better-taken"
    NO_MENTORS = "no-mentors"
    FIRST_RULE = "first-rule"
    ONLY_RULE = "only-rule"
    SHORTAGE = "shortage"
    QUOTA = "quota"
    LOAD = "load"
    QUOTA_MISSED = "quota-missed"
    TEMPTED = "tempted"
    UNKNOWN_NAMES = "unknown-names"


@dataclass(frozen=True)
class Reason:
    """One reason: what it is about (a part, a rule, a standing), numbers by name, the people it names.

    Of many people only the first are named; the numbers count all of them. Minutes are whole.
    """

    code: Code
    about: str = ""
    numbers: Mapping[str, int] = field(default_factory=dict)
    refs: tuple[str, ...] = ()
    competences: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """Code and about: `only-rule/common-hours`."""
        return f"{self.code}/{self.about}" if self.about else str(self.code)


def in_words(reason: Reason, language: str, names: Mapping[str, str]) -> str:
    """The reason as a sentence in `en` or `fr`.

    `names` gives the names of people by ref and of languages by code; what it does not know stays as it is.
    """
    numbers = {name: _number(reason, name, count, language) for name, count in reason.numbers.items()}
    competences = (COMPETENCES[competence][language] for competence in reason.competences)
    return SENTENCES[reason.kind][language].format(
        **numbers,
        who=_who(reason, language, names),
        competences=", ".join(competences),
        languages=", ".join(names.get(code, code) for code in reason.languages),
    )


def _number(reason: Reason, name: str, count: int, language: str) -> str:
    if name in COUNTED:
        one, several = COUNTED[name][language]
        single = count == 1 or (count == 0 and language == "fr")
        return f"{count} {one if single else several}"
    if reason.about == "common-hours" and name in {"needed", "enough"}:
        hours, minutes = divmod(count, _HOUR)
        return f"{hours} h {minutes:02}" if minutes else f"{hours} h"
    return str(count)


def _who(reason: Reason, language: str, names: Mapping[str, str]) -> str:
    """The names, and how many more there are."""
    named = [names.get(ref, ref) for ref in reason.refs]
    everybody = reason.numbers.get("mentees" if reason.code == Code.SHORTAGE else "mentors", len(named))
    more = everybody - len(named)
    return ", ".join(named) + (f" {AND_MORE[language].format(count=more)}" if more > 0 else "")
