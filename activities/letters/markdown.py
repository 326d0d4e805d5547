"""The Markdown of letters, read once and told twice: as HTML and as plain text of 78 columns."""

import textwrap
from collections.abc import Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

_ACTION: Final = "[[action]]"
_COLUMNS: Final = 78
# Paragraphs, lists, headings, quotations and emphasis. Links, images, code and HTML do not exist here.
_MARKDOWN: Final = MarkdownIt("zero", {"breaks": True}).enable(
    ["blockquote", "emphasis", "escape", "heading", "list", "newline"]
)


def read(source: str) -> tuple[tuple[Token, ...], tuple[Token, ...] | None]:
    """The tokens before and after the line `[[action]]`; the second are None where there is no such line."""
    tokens = _MARKDOWN.parse(source)
    for number, token in enumerate(tokens):
        if token.type == "inline" and token.level == 1 and token.content == _ACTION:
            return tuple(tokens[: number - 1]), tuple(tokens[number + 2 :])
    return tuple(tokens), None


def to_html(tokens: Sequence[Token]) -> str:
    """The tokens as HTML."""
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def to_text(tokens: Sequence[Token]) -> str:
    """The tokens as plain text, wrapped at 78 columns; words longer than that are left whole."""
    return _Prose().tell(tokens)


def wrap(text: str, first: str = "", rest: str = "") -> list[str]:
    """One line of text as lines of at most 78 columns."""
    return textwrap.wrap(
        text,
        _COLUMNS,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


class _Prose:
    """Plain text in the making."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._indents: list[str] = []
        self._numbers: list[int] = []
        self._bullet = ""
        self._tight = False
        self._list_begins = False

    def tell(self, tokens: Sequence[Token]) -> str:
        for token in tokens:
            if token.type == "inline":
                self._passage(token.children or [])
            elif token.type == "paragraph_open":
                self._tight = token.hidden
            elif token.type == "heading_open":
                self._tight = False
            elif token.nesting > 0:
                self._open(token)
            elif token.nesting < 0:
                self._close(token)
        return "\n".join(self._lines)

    def _open(self, token: Token) -> None:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            self._list_begins = not self._numbers
            self._numbers.append(int(token.attrs.get("start", 1)) if token.tag == "ol" else 0)
        elif token.type == "list_item_open":
            self._bullet = f"{self._numbers[-1]}. " if self._numbers[-1] else "- "
            self._numbers[-1] += bool(self._numbers[-1])
            self._indents.append(" " * len(self._bullet))
        else:
            self._indents.append("> ")

    def _close(self, token: Token) -> None:
        if token.type in {"bullet_list_close", "ordered_list_close"}:
            self._numbers.pop()
        elif token.type in {"list_item_close", "blockquote_close"}:
            self._indents.pop()

    def _passage(self, children: Sequence[Token]) -> None:
        rest = "".join(self._indents)
        first = "".join(self._indents[:-1]) + self._bullet if self._bullet else rest
        words = "".join("\n" if child.type.endswith("break") else child.content for child in children)
        told: list[str] = []
        for line in words.split("\n"):
            told += wrap(line, rest if told else first, rest)
        if told and self._lines and (not self._tight or self._list_begins):
            told.insert(0, "")
        self._lines += told
        self._bullet, self._list_begins = "", False
