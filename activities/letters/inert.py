"""Values made inert: whatever a person typed, it stays one line of plain words in a letter."""

import re
import unicodedata
from typing import Final

_BREAKS: Final = re.compile(r"[\x00-\x20\x7f-\x9f\u2028\u2029]+")
# Soft hyphen, zero-width space and bidirectional controls: they hide or reorder what is read.
_HIDDEN: Final = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
# CommonMark 0.31, section 2.4: any ASCII punctuation character may be backslash-escaped.
_PUNCTUATION: Final = re.compile(r"([!-/:-@\[-`{-~])")
_SUBJECT_LENGTH: Final = 120


class Source(str):
    """Markdown of our own making, which the letter takes as it is."""

    __slots__ = ()


def one_line(value: object) -> str:
    """The value on one line: breaks and control characters are a space, hidden characters are gone."""
    return _HIDDEN.sub("", _BREAKS.sub(" ", str(value)))


def inert(value: object) -> str:
    """The value as Markdown that reads as the value itself and marks up nothing."""
    if isinstance(value, Source):
        return value
    return _PUNCTUATION.sub(r"\\\1", one_line(value))


def quotation(value: object) -> Source:
    """The value as a block quotation that keeps its lines; stands on a line of its own."""
    lines = [inert(line) for line in str(value).splitlines()]
    return Source("\n".join(f"> {line}" for line in lines if line.strip()))


def subject_line(subject: str) -> str:
    """The subject as a header may carry it: one line in NFC, no invisible characters, at most 120 of them."""
    line = one_line(unicodedata.normalize("NFC", subject))
    line = "".join(sign for sign in line if unicodedata.category(sign) not in {"Cc", "Cf", "Cs"}).strip()
    return line if len(line) <= _SUBJECT_LENGTH else f"{line[: _SUBJECT_LENGTH - 1].rstrip()}…"
