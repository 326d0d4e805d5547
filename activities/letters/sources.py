"""Where the letters' words are kept: `<letter>/<language>.md`, read and compiled once.

A source has a head (`subject:`, and `action:` where the letter asks), a line `---`, and a body in Markdown.
A line is a line: a paragraph is written on one, so that a signature may take two. The body says with
`[[action]]`, on a line of its own, where the button goes. Names are the fields of `Facts`, and filters are
those of `words.py`; a name that does not exist raises. Sources are typed with plain spaces and straight
apostrophes; French spacing and typographic apostrophes are set here.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, StrictUndefined, Template

from activities.letters.catalogue import Letter
from activities.letters.inert import inert, one_line
from activities.letters.typesetting import typeset
from activities.letters.words import FILTERS, TESTS

LANGUAGES: Final = ("en", "fr")

_HERE: Final = Path(__file__).parent
_CODE: Final = re.compile(r"(\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\})", re.DOTALL)


class SourceError(ValueError):
    """A letter's source is not written as it should be; the message names it."""


@dataclass(frozen=True)
class LetterSource:
    """One letter in one language, compiled; `action` is None where the letter asks nothing."""

    subject: Template
    action: Template | None
    body: Template


def languages_of(letter: Letter) -> tuple[str, ...]:
    """The languages the letter is written in."""
    return tuple(language for language in LANGUAGES if _path(letter, language).is_file())


@cache
def source_of(letter: Letter, language: str) -> LetterSource:
    """The compiled source of a letter; raises SourceError where it is missing or malformed."""
    path = _path(letter, language)
    if not path.is_file():
        raise SourceError(f"the letter {letter.value} is not written in {language}")
    return compile_source(path.read_text(encoding="utf-8"), language, str(path.relative_to(_HERE)))


def compile_source(text: str, language: str, name: str) -> LetterSource:
    """Compiles a source; raises SourceError naming it where its head is malformed."""
    head, rule, body = text.partition("\n---\n")
    fields = dict(_field(line, name) for line in head.splitlines() if line.strip())
    if not rule or "subject" not in fields or not fields.keys() <= {"subject", "action"}:
        raise SourceError(f"{name}: a head of `subject:` and at most `action:`, then `---`, is expected")
    marked = body.count("[[action]]")
    if marked != int("action" in fields):
        raise SourceError(f"{name}: [[action]] stands once where there is an `action:`, not {marked} times")
    action = fields.get("action")
    return LetterSource(
        subject=_PLAIN.from_string(_typeset(fields["subject"], language)),
        action=None if action is None else _PLAIN.from_string(_typeset(action, language)),
        body=_MARKDOWN.from_string(_typeset(body, language)),
    )


def _typeset(text: str, language: str) -> str:
    parts = _CODE.split(text)
    parts[::2] = [typeset(part, language) for part in parts[::2]]
    return "".join(parts)


def _path(letter: Letter, language: str) -> Path:
    return _HERE / letter.value / f"{language}.md"


def _field(line: str, name: str) -> tuple[str, str]:
    key, colon, value = line.partition(":")
    if not colon or not value.strip():
        raise SourceError(f"{name}: {line!r} is no `field: value`")
    return key.strip(), value.strip()


def _environment(*, markdown: bool) -> Environment:
    environment = Environment(
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
        autoescape=False,  # noqa: S701 - `finalize` makes every value inert; Markdown is turned into HTML later
        finalize=inert if markdown else one_line,
    )
    environment.filters.update(FILTERS)
    environment.tests.update(TESTS)
    return environment


_PLAIN: Final = _environment(markdown=False)
_MARKDOWN: Final = _environment(markdown=True)
