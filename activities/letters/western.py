"""Names in Western European letters, for fonts that know no others.

Greek and Cyrillic follow the tables of passports: ELOT 743, and ICAO Doc 9303, part 3, section 6. Other Latin
letters lose their accents. A letter of any further script becomes `?`.
"""

import unicodedata
from collections.abc import Mapping
from typing import Final

ENCODING: Final = "windows-1252"


def western(text: str) -> str:
    """The text in letters of Windows-1252; what those already are stays as it is."""
    bases = "".join(map(_undressed, unicodedata.normalize("NFC", text)))
    return "".join(_spelling(letter, bases[:place][-1:]) for place, letter in enumerate(bases))


def _undressed(letter: str) -> str:
    """The letter itself where there is a way to write it, or else without its accents."""
    if _fits(letter) or letter.lower() in _LETTERS:
        return letter
    return "".join(sign for sign in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(sign))


def _spelling(letter: str, before: str) -> str:
    if _fits(letter):
        return letter
    small = letter.lower()
    spelled = "u" if (before.lower(), small) == _GREEK_OU else _LETTERS.get(small, "?")
    return spelled if letter == small else spelled.capitalize()


def _fits(letter: str) -> bool:
    try:
        letter.encode(ENCODING)
    except UnicodeEncodeError:
        return False
    return letter.isprintable() or letter == "\u00a0"


def _spelled(letters: str, spellings: str) -> Mapping[str, str]:
    return dict(zip(letters, spellings.split(), strict=True))


_LETTERS: Final[Mapping[str, str]] = {
    **_spelled("łđħıŧŋĸə", "l d h i t n k e"),
    **_spelled("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o"),
    **_spelled("абвгґдеёєжзиіїйклмноп", "a b v g g d e e ie zh z i i i i k l m n o p"),
    **_spelled("рстуўфхцчшщъыэюя", "r s t u u f kh ts ch sh shch ie y e iu ia"),
    **_spelled("ђѓѕјљњћќџ", "d g dz j lj nj c k dz"),
    "ь": "",
}
_GREEK_OU: Final = ("\N{GREEK SMALL LETTER OMICRON}", "\N{GREEK SMALL LETTER UPSILON}")
