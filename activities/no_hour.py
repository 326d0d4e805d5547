"""Why a life found no common hour: kept for the one who is asked to help, and told in words."""

from collections.abc import Mapping
from typing import Final

from activities.rules.diaries import Reason
from integrations.database.pairings import Pairings
from integrations.errors import GoneError

_MOST: Final = 2

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    Reason.BUSY: {
        "en": "If other appointments could be moved: {count} possible times.",
        "fr": "Si d'autres rendez-vous pouvaient être déplacés : {count} horaires possibles.",
    },
    Reason.OUT_OF_OFFICE: {
        "en": "If an absence in the calendar could be shorter: {count} possible times.",
        "fr": "Si une absence à l'agenda pouvait être plus courte : {count} horaires possibles.",
    },
    Reason.UNKNOWN: {
        "en": "A calendar cannot be read, so that all of its time counts as taken: {count} possible times.",
        "fr": "Un agenda est illisible, tout son temps compte comme pris : {count} horaires possibles.",
    },
    Reason.NOT_WORKING: {
        "en": "Outside the working hours that HR knows: {count} possible times.",
        "fr": "En dehors des heures de travail connues des RH : {count} horaires possibles.",
    },
    Reason.LUNCH: {
        "en": "During lunch: {count} possible times.",
        "fr": "Pendant le déjeuner : {count} horaires possibles.",
    },
    Reason.FRIDAY_AFTERNOON: {
        "en": "On Friday afternoon: {count} possible times.",
        "fr": "Le vendredi après-midi : {count} horaires possibles.",
    },
    Reason.HOLIDAY: {
        "en": "On days off: {count} possible times.",
        "fr": "Des jours fériés ou chômés : {count} horaires possibles.",
    },
    Reason.ASSISTANT: {
        "en": "At shorter notice than an assistant gets: {count} possible times.",
        "fr": "Avec un préavis plus court que celui d'une assistante ou d'un assistant : {count} horaires "
        "possibles.",
    },
    Reason.MOST_PER_DAY: {
        "en": "With one more session on a day: {count} possible times.",
        "fr": "Avec une séance de plus dans une journée : {count} horaires possibles.",
    },
    Reason.MOST_PER_WEEK: {
        "en": "With one more session in a week: {count} possible times.",
        "fr": "Avec une séance de plus dans une semaine : {count} horaires possibles.",
    },
}


class NoHour:
    """Keeps what would have helped, by life, until the life finds an hour."""

    def __init__(self, pairings: Pairings) -> None:
        self._pairings = pairings

    def keep(self, life: str, programme_id: str, would_help: Mapping[str, int]) -> None:
        """Keeps how many hours lifting each reason alone would win; empty once an hour was found."""
        if would_help or self._kept(life):
            self._pairings.save_matching(_id(life), programme_id, {"would_help": dict(would_help)})

    def hints(self, life: str, language: str) -> tuple[str, ...]:
        """What would help the most, in a sentence each; nothing where nothing is known."""
        kept = self._kept(life)
        best = sorted((reason for reason in kept if reason in _WORDS), key=lambda one: (-kept[one], one))
        return tuple(_WORDS[reason][language].format(count=kept[reason]) for reason in best[:_MOST])

    def _kept(self, life: str) -> Mapping[str, int]:
        try:
            kept: Mapping[str, int] = self._pairings.matching(_id(life))["would_help"]
        except GoneError:
            return {}
        return kept


def _id(life: str) -> str:
    return f"{life}/no-hour"
