"""What a response page can ask: fields by type, and the groups they stand in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

Posted = Mapping[str, tuple[str, ...]]
"""What came with a form: every value by the name of its field."""


@dataclass(frozen=True)
class Option:
    """One thing to choose."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True)
class OptionGroup:
    """Options under one heading; the heading may be empty."""

    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Field:
    """One question; `path` leads to its place in the answer's model, a number to a place in a list.

    `when` names the choices it counts for; empty means always. With any other choice it is not even kept.
    An optional field is marked as such beside its label, unless its group as a whole is.
    """

    kind: ClassVar[str] = ""

    path: tuple[str | int, ...]
    label: str
    hint: str = ""
    optional: bool = False
    marked: bool = True
    when: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The field's name in the HTML."""
        return "-".join(map(str, self.path))

    @property
    def anchor(self) -> str:
        """The id an error message leads to."""
        return self.name

    @property
    def options(self) -> tuple[Option, ...]:
        """All there is to choose; empty for texts."""
        return ()

    def counts(self, choice: str) -> bool:
        """Whether the field matters with this choice."""
        return not self.when or choice in self.when

    def shown(self, values: tuple[str, ...]) -> str:
        """Values as people read them."""
        labels = {option.value: option.label for option in self.options}
        return "; ".join(labels.get(value, value) for value in values)


@dataclass(frozen=True)
class Line(Field):
    """A text of one line."""

    kind = "line"
    type: Literal["text", "email"] = "text"
    autocomplete: str = "off"
    longest: int = 120
    shortest: int = 1


@dataclass(frozen=True)
class LongText(Field):
    """A text of several lines."""

    kind = "text"
    rows: int = 4
    longest: int = 1500
    shortest: int = 1


@dataclass(frozen=True)
class Radios(Field):
    """One of a few options, all in sight."""

    kind = "radios"
    choices: tuple[Option, ...] = ()

    @property
    def anchor(self) -> str:
        """The first option."""
        return f"{self.name}_0"

    @property
    def options(self) -> tuple[Option, ...]:
        """All there is to choose."""
        return self.choices


@dataclass(frozen=True)
class Scale(Radios):
    """One of a row of numbers, with words for its ends."""

    kind = "scale"
    low: str = ""
    high: str = ""


@dataclass(frozen=True)
class Select(Field):
    """One of many options, folded; the empty one says what leaving it means."""

    kind = "select"
    groups: tuple[OptionGroup, ...] = ()
    empty: str = ""

    @property
    def options(self) -> tuple[Option, ...]:
        """All there is to choose."""
        return tuple(option for group in self.groups for option in group.options)


@dataclass(frozen=True)
class Checks(Field):
    """Any of several options, at most `most`."""

    kind = "checks"
    groups: tuple[OptionGroup, ...] = ()
    most: int | None = None

    @property
    def anchor(self) -> str:
        """The first option."""
        return f"{self.name}_0"

    @property
    def options(self) -> tuple[Option, ...]:
        """All there is to choose."""
        return tuple(option for group in self.groups for option in group.options)


@dataclass(frozen=True)
class WeekParts(Checks):
    """Checks laid out as a week: one group a day, a morning and an afternoon each."""

    kind = "week"


@dataclass(frozen=True)
class Group:
    """Questions that belong together; an error of the group as a whole stands under `name`.

    A group that `repeats` asks what its neighbours ask; its fields need its legend to be told apart.
    """

    kind: ClassVar[str] = "group"

    name: str
    legend: str
    parts: tuple["Field | Group", ...]
    lead: str = ""
    quote: str = ""
    optional: bool = False
    repeats: bool = False

    @property
    def anchor(self) -> str:
        """The group itself."""
        return self.name


@dataclass(frozen=True)
class PairRow:
    """A proposed pair, or one that nearly was; people by name and by title and site."""

    value: str
    mentor: tuple[str, str]
    mentee: tuple[str, str]
    score: int
    reasons: tuple[str, ...]
    mark: str = ""


@dataclass(frozen=True)
class PairSection:
    """Pairs under one heading."""

    legend: str
    rows: tuple[PairRow, ...]


@dataclass(frozen=True)
class PairTable:
    """The pairs of a proposal to look through, each with a box to fix and a box to forbid it."""

    kind: ClassVar[str] = "pairs"

    sections: tuple[PairSection, ...]
    fixed: Checks
    forbidden: Checks
    proposal: str = ""


Part = Field | Group | PairTable


def fields_in(parts: tuple[Part, ...]) -> Iterator[Field]:
    """Every field, in the order of the page."""
    for part in parts:
        if isinstance(part, Group):
            yield from fields_in(part.parts)
        elif isinstance(part, PairTable):
            yield from (part.fixed, part.forbidden)
        else:
            yield part


def labels_in(parts: tuple[Part, ...]) -> dict[str, str]:
    """What fields are called away from their group, by name: `Goal 2 - Level wanted`."""
    found: dict[str, str] = {}
    for part in parts:
        if isinstance(part, Group):
            named = f"{part.legend} - " if part.repeats else ""
            found |= {name: named + label for name, label in labels_in(part.parts).items()}
            found[part.name] = part.legend
        else:
            found |= {field.name: field.label for field in fields_in((part,))}
    return found


def anchors_in(parts: tuple[Part, ...]) -> dict[str, str]:
    """Where the errors of fields and groups are found, by name, in the order of the page."""
    found: dict[str, str] = {}
    for part in parts:
        if isinstance(part, Group):
            found |= {part.name: part.anchor} | anchors_in(part.parts)
        elif isinstance(part, PairTable):
            found |= {part.fixed.name: part.fixed.anchor, part.forbidden.name: part.forbidden.anchor}
        else:
            found[part.name] = part.anchor
    return found
