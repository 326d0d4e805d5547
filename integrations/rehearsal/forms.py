"""The form on a page as a person finds it: its fields, what may be chosen, and what stands in it already."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Field:
    """One field by name: `kind` is an input type or `textarea`, `select`, `button`; `options` its offer."""

    name: str
    kind: str
    options: list[str] = field(default_factory=list)
    value: str = ""


@dataclass
class PageForm:
    """The form of a page; `action` is where it is posted to, empty for the page itself."""

    action: str = ""
    fields: dict[str, Field] = field(default_factory=dict)


def form_on(page: str) -> PageForm | None:
    """The first form of a page that is posted, or None where there is none."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.form


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.form: PageForm | None = None
        self._inside = False
        self._open: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None and given.get("method", "").lower() == "post":
            self.form, self._inside = PageForm(action=given.get("action", "")), True
        elif self._inside and self.form and "name" in given and tag in {"input", "button"}:
            kind = "button" if tag == "button" else given.get("type", "text")
            self._add(given["name"], kind, given)
        elif self._inside and "name" in given and tag in {"select", "textarea"}:
            self._open = self._add(given["name"], tag, given)
        elif tag == "option" and self._open and "value" in given:
            self._open.options.append(given["value"])
            if "selected" in given:
                self._open.value = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "textarea" and self._open:
            # The newline right after the tag is not part of the value (HTML standard, 4.10.11).
            self._open.value = self._open.value.removeprefix("\n")
        if tag in {"select", "textarea"}:
            self._open = None

    def handle_data(self, data: str) -> None:
        if self._open and self._open.kind == "textarea":
            self._open.value += data

    def _add(self, name: str, kind: str, given: dict[str, str]) -> Field:
        if self.form is None:
            raise ValueError("a field outside a form cannot be filled")
        found = self.form.fields.setdefault(name, Field(name, kind))
        if kind in {"radio", "checkbox", "button"}:
            found.options.append(given.get("value", "on"))
            if "checked" in given:
                found.value = given.get("value", "on")
        else:
            found.value = given.get("value", "")
        return found
