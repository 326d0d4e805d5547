"""The calendar port: free/busy, one event per meeting, and what people do to it in their own calendars."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, model_validator


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


def _is_before(start: datetime, end: datetime) -> bool:
    """Whether it is sooner; Python compares two times of one zone by what clocks show, and they go back."""
    return start.timestamp() < end.timestamp()


class Window(_Value):
    """A stretch of time, half-open, aware; refuses to be empty."""

    start: AwareDatetime
    end: AwareDatetime

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not _is_before(self.start, self.end):
            raise ValueError("a window must end after it starts")
        return self


class BusyKind(StrEnum):
    """How busy somebody is; a tentative hour may be used where there is no better one."""

    BUSY = "busy"
    TENTATIVE = "tentative"
    OUT_OF_OFFICE = "out-of-office"


class Busy(Window):
    """A stretch of somebody's time that is taken."""

    kind: BusyKind = BusyKind.BUSY


class Unknown(_Value):
    """A calendar that could not be read; it counts as busy. `why` names no person."""

    why: str


Availability = tuple[Busy, ...] | Unknown


class Rsvp(StrEnum):
    """An attendee's answer (RFC 5545, PARTSTAT)."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"
    NEEDS_ACTION = "needs-action"


class Attendee(_Value):
    """Somebody at a meeting, by work address."""

    address: str
    name: str


class EventSpec(_Value):
    """What an event should say: neutral words, private, its times aware.

    `conference` asks for a conference link of the provider's own where it has one; `location` is shown as
    it is.
    """

    summary: str
    description: str
    start: AwareDatetime
    end: AwareDatetime
    organizer: Attendee
    attendees: tuple[Attendee, ...]
    location: str = ""
    conference: bool = True

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if not _is_before(self.start, self.end):
            raise ValueError("an event must end after it starts")
        return self


class EventRef(_Value):
    """Where an event stands: provider, organizer's address, the provider's id, and what it was made with.

    `attendees` are the addresses whose calendars carry a copy.
    """

    provider: str
    organizer: str
    id: str
    key: str
    generation: int = 0
    attendees: tuple[str, ...] = ()


class Snapshot(_Value):
    """An event as the calendars have it now.

    `start` and `end` are the organizer's. `moved` says where an attendee moved their own copy to, `proposed`
    which other time they asked for, `deleted_by` who removed it, all by address, where the provider lets that
    be seen. `etag` guards the next change.
    """

    start: AwareDatetime
    end: AwareDatetime
    rsvps: Mapping[str, Rsvp]
    etag: str
    sequence: int = 0
    conference: str = ""
    moved: Mapping[str, Window] = {}
    proposed: Mapping[str, Window] = {}
    deleted_by: tuple[str, ...] = ()


class Gone(_Value):
    """The organizer's event exists no longer, or is cancelled."""


class Calendar(Protocol):
    """One provider's calendars. All calls block; errors are those of `integrations.errors`.

    Everything may be repeated: `ensure` adopts what it made before, `cancel` of what is gone is done.
    """

    def free_busy(self, people: Sequence[str], window: Window) -> Mapping[str, Availability]:
        """When these people (addresses) are taken within the window; each person has an entry."""
        ...

    def ensure(self, key: str, generation: int, spec: EventSpec) -> EventRef:
        """Creates the event of this key and generation, or adopts it; GoneError where it was cancelled."""
        ...

    def get(self, ref: EventRef) -> Snapshot | Gone:
        """The event as it is now, in the organizer's and the attendees' calendars."""
        ...

    def reschedule(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        """Changes the same event and asks everybody anew; ConflictError on a stale etag."""
        ...

    def admit(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        """Invites those of the spec who are not in the reference yet; the hour and all answers stay.

        ConflictError on a stale etag, GoneError where the event is gone. May be repeated.
        """
        ...

    def cancel(self, ref: EventRef, comment: str, spare: Sequence[str] = ()) -> None:
        """Cancels the event everywhere; those in `spare` lose it without a notice. Repeats do nothing."""
        ...
