"""Whose calendar a person has: their own word, their mail domain's, else the company's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from integrations.database.people import Person

NONE = "none"


@dataclass(frozen=True)
class Providers:
    """Providers by mail domain, and the one of everybody else."""

    usual: str
    by_domain: Mapping[str, str] = field(default_factory=dict)

    def of(self, person: Person) -> str:
        """The provider of a person's calendar, `none` where they have none that we can reach."""
        if person.calendar_provider:
            return person.calendar_provider
        domain = person.address.rpartition("@")[2].lower()
        return self.by_domain.get(domain, self.usual)
