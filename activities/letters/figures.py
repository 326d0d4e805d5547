"""The figures of a programme in words, as letters list them."""

from collections.abc import Mapping
from typing import Final

from babel.numbers import format_decimal

_PEOPLE: Final = "_people"
_HUNDREDTHS: Final = frozenset({"trust_during", "useful", "trust_at_the_end", "levels_gained", "still_using"})
_PERCENT: Final = frozenset({"would_again"})

_NAMES: Final[Mapping[str, Mapping[str, str]]] = {
    "people": {"en": "people known to the programme", "fr": "personnes connues du programme"},
    "mentors_called": {
        "en": "colleagues who would be called as mentors",
        "fr": "collègues à qui l'on proposerait d'être mentor",
    },
    "mentees": {"en": "managers who would be invited", "fr": "dirigeants qui seraient invités"},
    "mentors": {"en": "mentors in the programme", "fr": "mentors dans le programme"},
    "mentors_applied": {"en": "applications as a mentor", "fr": "candidatures de mentor"},
    "mentors_certified": {"en": "mentors certified", "fr": "mentors certifiés"},
    "pairings": {"en": "pairings proposed", "fr": "binômes proposés"},
    "pairings_running": {"en": "pairings under way", "fr": "binômes en cours"},
    "pairings_proposed": {"en": "pairings waiting for a yes", "fr": "binômes en attente d'un accord"},
    "pairings_confirmed": {"en": "pairings under way", "fr": "binômes en cours"},
    "pairings_completed": {"en": "pairings completed", "fr": "binômes arrivés à leur terme"},
    "pairings_ended_early": {"en": "pairings ended early", "fr": "binômes arrêtés avant leur terme"},
    "pairings_declined": {"en": "proposals not taken up", "fr": "propositions sans suite"},
    "pairings_lapsed": {"en": "proposals without an answer", "fr": "propositions sans réponse"},
    "pairings_otherwise": {
        "en": "pairings with another outcome",
        "fr": "binômes avec une autre issue",
    },
    "pairings_erased": {
        "en": "pairings whose data was erased",
        "fr": "binômes dont les données ont été effacées",
    },
    "pairings_programme_stopped": {
        "en": "pairings ended with the programme",
        "fr": "binômes arrêtés avec le programme",
    },
    "sessions_held": {"en": "sessions held", "fr": "séances tenues"},
    "ideas": {"en": "ideas handed in", "fr": "idées transmises"},
    "ideas_adopt": {"en": "ideas adopted", "fr": "idées retenues"},
    "ideas_try": {"en": "ideas being tried", "fr": "idées à l'essai"},
    "ideas_not-now": {"en": "ideas put off", "fr": "idées remises à plus tard"},
    "ideas_unanswered": {"en": "ideas without an answer", "fr": "idées sans réponse"},
    "trust_during": {
        "en": "trust during the sessions, from 1 to 5",
        "fr": "confiance au fil des séances, de 1 à 5",
    },
    "trust_at_the_end": {"en": "trust at the end, from 1 to 5", "fr": "confiance à la fin, de 1 à 5"},
    "useful": {"en": "usefulness of the sessions, from 0 to 10", "fr": "utilité des séances, de 0 à 10"},
    "levels_gained": {"en": "levels gained by each mentee", "fr": "niveaux gagnés par personne mentorée"},
    "still_using": {
        "en": "“I still use what I learnt”, from 1 to 5",
        "fr": "« j'utilise toujours ce que j'ai appris », de 1 à 5",
    },
    "would_again": {"en": "would take part again", "fr": "participeraient à nouveau"},
}
_COLON: Final = {"en": ":", "fr": " :"}
_LOCALE: Final = {"en": "en_GB", "fr": "fr"}
_PER_CENT: Final = {"en": "%", "fr": "\u00a0%"}
_OF_PEOPLE: Final = {"en": "{} ({} people)", "fr": "{} ({} personnes)"}


def lines(counts: Mapping[str, int], language: str) -> tuple[str, ...]:
    """The figures, a line each: `sessions held: 66`, in the order they come in.

    Averages arrive in hundredths and shares in percent, each with the number of people under `<key>_people`.
    A key nobody has words for is told with spaces.
    """
    return tuple(
        f"{_name(key, language)}{_COLON[language]} {_value(key, counts, language)}"
        for key in counts
        if not key.endswith(_PEOPLE) or key.removesuffix(_PEOPLE) not in counts
    )


def _name(key: str, language: str) -> str:
    words = _NAMES.get(key)
    return words[language] if words else key.replace("_", " ").replace("-", " ")


def _value(key: str, counts: Mapping[str, int], language: str) -> str:
    told = str(format_decimal(counts[key], locale=_LOCALE[language]))
    if key in _HUNDREDTHS:
        told = str(format_decimal(counts[key] / 100, format="0.0#", locale=_LOCALE[language]))
    elif key in _PERCENT:
        told = f"{told}{_PER_CENT[language]}"
    people = counts.get(f"{key}{_PEOPLE}")
    return told if people is None else _OF_PEOPLE[language].format(told, people)
