"""An HTML document as tests look at it: its elements, links, attributes and words."""

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "br", "img", "link", "hr", "input"})


@dataclass
class Document:
    """What a document holds."""

    tags: Counter[str] = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)
    attributes: set[str] = field(default_factory=set)
    lang: str = ""
    words: str = ""
    unclosed: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.document = Document()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.document.tags[tag] += 1
        self.document.attributes |= set(given)
        if tag == "html":
            self.document.lang = given.get("lang") or ""
        if tag == "a":
            self.document.links.append(given.get("href") or "")
        if tag not in _VOID:
            self.document.unclosed.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.document.unclosed.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.document.unclosed:
            self.document.words += data


def read(html: str) -> Document:
    """Reads a document; fails where an element is closed that is not open."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.document
