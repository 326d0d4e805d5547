"""The figures of a programme as pages list them."""

from collections.abc import Mapping
from typing import Final

from babel.numbers import format_decimal, format_percent

_PEOPLE: Final = "_people"
_HUNDREDTHS: Final = frozenset({"trust_during", "trust_at_the_end", "useful", "levels_gained", "still_using"})
_PERCENT: Final = frozenset({"would_again"})
_LOCALES: Final = {"en": "en_GB", "fr": "fr"}
_OF_PEOPLE: Final = {"en": "{} ({} people)", "fr": "{} ({} personnes)"}
_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "people": ("People known to the programme", "Personnes connues du programme"),
    "mentors_called": ("Colleagues called as mentors", "Collègues appelés comme mentors"),
    "mentees": ("Managers invited", "Dirigeants invités"),
    "mentors": ("Mentors", "Mentors"),
    "mentors_applied": ("Applications as a mentor", "Candidatures de mentor"),
    "mentors_certified": ("Mentors certified", "Mentors certifiés"),
    "pairings": ("Pairings proposed", "Binômes proposés"),
    "pairings_running": ("Pairings under way", "Binômes en cours"),
    "pairings_proposed": ("Pairings waiting for a yes", "Binômes en attente d'un accord"),
    "pairings_confirmed": ("Pairings under way", "Binômes en cours"),
    "pairings_completed": ("Pairings completed", "Binômes arrivés à leur terme"),
    "pairings_ended_early": ("Pairings ended early", "Binômes arrêtés avant leur terme"),
    "pairings_declined": ("Proposals not taken up", "Propositions sans suite"),
    "pairings_lapsed": ("Proposals without an answer", "Propositions sans réponse"),
    "pairings_otherwise": ("Pairings with another outcome", "Binômes avec une autre issue"),
    "pairings_erased": ("Pairings erased", "Binômes effacés"),
    "pairings_programme_stopped": ("Pairings ended with the programme", "Binômes arrêtés avec le programme"),
    "sessions_held": ("Sessions held", "Séances tenues"),
    "ideas": ("Ideas handed in", "Idées transmises"),
    "ideas_adopt": ("Ideas adopted", "Idées retenues"),
    "ideas_try": ("Ideas being tried", "Idées à l'essai"),
    "ideas_not-now": ("Ideas put off", "Idées remises à plus tard"),
    "ideas_unanswered": ("Ideas without an answer", "Idées sans réponse"),
    "trust_during": ("Trust during the sessions, 1 to 5", "Confiance au fil des séances, de 1 à 5"),
    "trust_at_the_end": ("Trust at the end, 1 to 5", "Confiance à la fin, de 1 à 5"),
    "useful": ("Usefulness of the sessions, 0 to 10", "Utilité des séances, de 0 à 10"),
    "levels_gained": ("Levels gained by each mentee", "Niveaux gagnés par personne mentorée"),
    "still_using": ("Still using what was learnt, 1 to 5", "Usage de ce qui a été appris, de 1 à 5"),
    "would_again": ("Would take part again", "Participeraient à nouveau"),
}


def figures(counts: Mapping[str, int], language: str) -> tuple[tuple[str, str], ...]:
    """Names and values in the order they come in, averages with the number of people behind them.

    Averages are in hundredths, shares in percent; a key without words is told as it stands.
    """
    return tuple(
        (_name(key, language), _value(key, counts, language))
        for key in counts
        if not key.endswith(_PEOPLE) or key.removesuffix(_PEOPLE) not in counts
    )


def _name(key: str, language: str) -> str:
    english, french = _NAMES.get(key, (key.replace("_", " "),) * 2)
    return french if language == "fr" else english


def _value(key: str, counts: Mapping[str, int], language: str) -> str:
    locale = _LOCALES[language]
    if key in _HUNDREDTHS:
        told = str(format_decimal(counts[key] / 100, format="0.0#", locale=locale))
    elif key in _PERCENT:
        told = str(format_percent(counts[key] / 100, locale=locale))
    else:
        told = str(format_decimal(counts[key], locale=locale))
    people = counts.get(f"{key}{_PEOPLE}")
    return told if people is None else _OF_PEOPLE[language].format(told, people)
