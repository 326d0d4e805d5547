"""The directory as acts: what an HR delivery changes, and the terms a programme runs under."""

from abc import ABC, abstractmethod
from datetime import date
from enum import StrEnum

from pydantic import AwareDatetime
from temporalio import activity

from activities.values import Value
from integrations.clock import ProgrammeClock
from integrations.programme import Timings

Stamp = tuple[AwareDatetime, str]
"""When something was said (as HR says), and the id of the event that said it; of two the later one counts."""


class Roles(Value):
    """The refs of those who run a programme."""

    sponsor: str
    coordinator: str
    deputy: str
    trainer: str
    confidential_contact: str


class Terms(Value):
    """What every life of a programme runs under, fixed when the programme opens; holds nothing personal.

    Working days are those of `zone`.
    """

    programme_id: str
    clock: ProgrammeClock
    roles: Roles
    timings: Timings
    holidays: tuple[date, ...] = ()
    sessions: int = 6
    session_minutes: int = 60
    quorum: int = 6
    continue_after_events: int = 8_000
    zone: str = "UTC"


class ReadTerms(Value):
    """The programme whose terms are wanted."""

    programme_id: str


class ApplyDelivery(Value):
    """An HR delivery by source and key; its content waits in the database."""

    source: str
    key: str


class HandOverRoles(Value):
    """Somebody who leaves, and a programme they have a role in."""

    programme_id: str
    person_ref: str


class NewsKind(StrEnum):
    """What an HR event means for a life; the reason stays with HR."""

    LEFT = "left"
    LEAVES_LATER = "leaves-later"
    STAYS = "stays"
    STOP_REQUESTED = "stop-requested"

    @property
    def matter(self) -> str:
        """What the news is about: of two on the same matter the newer one counts."""
        return "stop" if self is NewsKind.STOP_REQUESTED else "employment"


class News(Value):
    """One life to be told, about whom, and from when (programme time, UTC).

    `stamp` says when what is told was said, and by which event.
    """

    life: str
    kind: NewsKind
    person_ref: str | None = None
    effective: AwareDatetime | None = None
    mode: str | None = None
    stamp: Stamp | None = None


class AppliedDelivery(Value):
    """What the delivery did: lives to be told, a programme to be opened, how many people changed."""

    event_type: str
    changed: int = 0
    news: tuple[News, ...] = ()
    open_programme: str | None = None


class DirectoryActs(ABC):
    """The acts on the directory. Blocking: runs on the records queue."""

    @activity.defn(name="apply-delivery")
    @abstractmethod
    def apply_delivery(self, request: ApplyDelivery) -> AppliedDelivery:
        """Merges the delivery into the directory field by field, once, and says which lives it concerns."""

    @activity.defn(name="read-terms")
    @abstractmethod
    def read_terms(self, request: ReadTerms) -> Terms:
        """Reads the terms a programme runs under."""

    @activity.defn(name="hand-over-roles")
    @abstractmethod
    def hand_over_roles(self, request: HandOverRoles) -> Roles:
        """Gives the roles of somebody who leaves to their stand-ins, and says who has which role now."""
