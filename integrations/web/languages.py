"""The two languages of the pages, and which one a visitor without a link reads."""

import re
from collections.abc import Callable
from typing import Final

LANGUAGES: Final = ("en", "fr")

Say = Callable[[str, str], str]
"""Gives the English or the French of two texts that say the same."""

# French sets a space before these signs; it must not break the line.
_BEFORE: Final = re.compile(r" (?=[:;?!»])")
_AFTER: Final = re.compile(r"(?<=«) ")
_NO_BREAK: Final = "\N{NO-BREAK SPACE}"


def speaker(language: str) -> Say:
    """The chooser of texts in one language; what is neither English nor French reads English."""

    def say(english: str, french: str) -> str:
        if language != "fr":
            return english
        return _AFTER.sub(_NO_BREAK, _BEFORE.sub(_NO_BREAK, french))

    return say


def preferred(accept_language: str) -> str:
    """The better of our languages for an Accept-Language header (RFC 9110, section 12.5.4)."""
    weights = dict.fromkeys(LANGUAGES, 0.0)
    for part in accept_language.split(","):
        tag, _, parameter = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(parameter))
    return max(LANGUAGES, key=lambda language: weights[language])


def _weight(parameter: str) -> float:
    found = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", parameter)
    return float(found.group(1)) if found else float(not parameter.strip())
