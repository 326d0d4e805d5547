"""Reads HTML strictly: what browsers forgive is an error here."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "input", "br"})
_OPTIONAL_TEXT = frozenset({"blockquote", "ul", "dl", "tr", "table", "thead", "tbody", "select", "fieldset"})


@dataclass
class Element:
    """A tag with its attributes."""

    tag: str
    attributes: dict[str, str]


@dataclass
class Document(HTMLParser):
    """Every element of a page in order; raises where tags do not nest or attributes repeat."""

    elements: list[Element] = field(default_factory=list)
    text: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[str] = []

    @classmethod
    def of(cls, page: str) -> "Document":
        document = cls()
        document.feed(page)
        document.close()
        assert document._open == [], f"left open: {document._open}"
        return document

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> repeats an attribute: {names}"
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1] == tag, f"</{tag}> closes <{self._open[-1]}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        assert not data.strip() or self._open[-1] not in _OPTIONAL_TEXT, (
            f"text loose in {self._open}: {data!r}"
        )
        if self._open and data.strip():
            self.text.setdefault(self._open[-1], []).append(data.strip())

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of a tag with these attributes."""
        wanted = attributes.items()
        return [e for e in self.elements if e.tag == tag and wanted <= e.attributes.items()]

    @property
    def ids(self) -> list[str]:
        return [e.attributes["id"] for e in self.elements if "id" in e.attributes]

    @property
    def controls(self) -> list[Element]:
        """What people type into or tick."""
        return [e for e in self.elements if e.tag in {"input", "textarea", "select"}]
