"""One response page as a value: what it tells, what it asks, and what it says once answered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from integrations.web.fields import Option, Part, Posted, fields_in

Rule = Callable[[Posted], Mapping[str, str]]
"""Errors that need more than one field to see, by the name of the field or group they belong to."""


def no_rule(_: Posted) -> Mapping[str, str]:
    """Nothing beyond what each field asks."""
    return {}


@dataclass(frozen=True)
class Page:
    """A page in the reader's language.

    The buttons carry the choice where it is the whole answer, or nearly; where the choice is a field of
    its own there is one button without a value. `thanks` says what happens next, by choice; the text
    under the empty choice stands for all others. `values` are what the form starts with.
    """

    title: str
    thanks: Mapping[str, str]
    buttons: tuple[Option, ...]
    lead: tuple[str, ...] = ()
    points_legend: str = ""
    points: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    quotes: tuple[tuple[str, str], ...] = ()
    parts: tuple[Part, ...] = ()
    after_legend: str = ""
    after: tuple[tuple[str, str], ...] = ()
    privacy: str = ""
    rule: Rule = no_rule
    values: Posted = field(default_factory=dict)
    shows_competences: bool = False
    wide: bool = False

    def next(self, choice: str) -> str:
        """What happens next after this choice."""
        return self.thanks.get(choice, self.thanks.get("", ""))

    @property
    def has_choice_field(self) -> bool:
        """Whether the choice is a field of its own rather than a button."""
        return any(part.path == ("choice",) for part in fields_in(self.parts))
