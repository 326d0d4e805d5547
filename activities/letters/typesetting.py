"""Typesetting: typographic apostrophes and, in French, the spaces before high punctuation."""

import re
from typing import Final

_NARROW: Final = re.compile(r" (?=[;!?](?:\s|$))")
_WIDE: Final = re.compile(r"(?<=«) | (?=»)| (?=:(?:\s|$))")
_APOSTROPHE: Final = "\u2019"


def typeset(text: str, language: str) -> str:
    """The text as it is printed; it is typed with straight apostrophes and plain spaces.

    French puts a narrow no-break space before `;`, `!` and `?`, a no-break space before `:` and inside
    guillemets (Lexique des règles typographiques en usage à l'Imprimerie nationale).
    """
    text = text.replace("'", _APOSTROPHE)
    return _WIDE.sub("\u00a0", _NARROW.sub("\u202f", text)) if language == "fr" else text
