"""The directory: who works for the company, as HR last told us."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from pydantic import BaseModel, ConfigDict

from integrations.facts import Named
from integrations.hr.events import PersonFacts, Status


class Person(BaseModel):
    """One person; `ref` is the opaque id that workflows know, `language` is `en` or `fr`.

    `calendar_provider` is empty where HR does not say it: the settings' word on the mail domain counts then.
    """

    model_config = ConfigDict(frozen=True)

    ref: str
    person_id: str
    given_name: str
    family_name: str
    address: str
    language: str
    zone: str
    site: str
    department: str
    function: str
    level: int
    title: str
    manager_ref: str | None
    hire_date: date | None
    end_date: date | None
    status: Status
    weekly_hours: str
    languages: tuple[str, ...]
    assistant_ref: str | None
    calendar_provider: str

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def named(self) -> Named:
        """The person as others may see them."""
        return Named(
            ref=self.ref,
            name=self.name,
            given_name=self.given_name or self.name,
            title=self.title,
            site=self.site,
        )


class ChangeKind(StrEnum):
    """Which of a person's facts changed, as far as a life may care."""

    JOINED = "joined"
    LEFT = "left"
    END_DATE = "end-date"
    MANAGER = "manager"
    CONTACT = "contact"
    JOB = "job"
    PLACE = "place"


class Change(BaseModel):
    """What a merge changed about one person; nothing where an older event came late."""

    model_config = ConfigDict(frozen=True)

    ref: str
    kinds: frozenset[ChangeKind]
    end_date: date | None = None
    status: Status = Status.ACTIVE


class Directory(Protocol):
    """Reads and merges people. Raises GoneError for an unknown or forgotten ref."""

    def person(self, ref: str) -> Person:
        """The person with this ref."""
        ...

    def people(self, refs: Collection[str]) -> Mapping[str, Person]:
        """Those of these people who are known, by ref."""
        ...

    def everybody(self) -> tuple[Person, ...]:
        """Everybody known, in the order of their person ids."""
        ...

    def find(self, *, person_id: str | None = None, address: str | None = None) -> str | None:
        """The ref of the person with this HR id or work address, or None."""
        ...

    def apply(self, facts: Sequence[PersonFacts], occurred_at: datetime, event_id: str) -> tuple[Change, ...]:
        """Merges facts in one transaction; the newest (occurred_at, event_id) wins each field."""
        ...

    def said(self, ref: str, fields: Collection[str]) -> tuple[datetime, str] | None:
        """When (UTC) one of these facts of a person was told last, and by which event; None if none was."""
        ...

    def forget(self, ref: str) -> None:
        """Removes a person for good; doing it again changes nothing."""
        ...
