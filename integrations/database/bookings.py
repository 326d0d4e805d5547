"""Bookings: which meeting stands in whose calendar, and as what event."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict


class BookingStatus(StrEnum):
    """How far a booking has come; all but the last hold their attendees' time.

    An intention (`intended`, `moving`, `cancelling`) is kept before the calendars are written, so that a
    worker that takes over after a crash finishes what was begun instead of choosing anew.
    """

    INTENDED = "intended"
    BOOKED = "booked"
    MOVING = "moving"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"


class Booking(BaseModel):
    """One meeting under its business key; `event` is the calendar adapter's own reference, as JSON.

    `by_mail` are the attendees who are invited by mail, having no calendar we can reach. Two bookings of one
    key differ in `generation` only when a cancelled event could not be used again.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    programme_id: str
    life: str
    kind: str
    number: int = 0
    generation: int = 0
    start: AwareDatetime
    end: AwareDatetime
    attendees: tuple[str, ...]
    by_mail: tuple[str, ...] = ()
    sequence: int = 0
    status: BookingStatus
    event: str | None = None
    offers: tuple[AwareDatetime, ...] = ()


class Bookings(Protocol):
    """Keeps bookings; an intention is kept before the calendars are written."""

    def get(self, key: str) -> Booking | None:
        """The booking under this key, or None."""
        ...

    def save(self, booking: Booking) -> None:
        """Keeps the booking, whatever stands under its key: for bookings that nobody else works on."""
        ...

    def replace(self, read: Booking | None, booking: Booking) -> None:
        """Keeps the booking in place of the one that was `read` (None: there was none), in one step.

        Raises ConflictError where another stands there by now; what already stands may be kept again.
        """
        ...

    def reserve(self, booking: Booking, read: Booking | None = None) -> bool:
        """Replaces `read` unless an attendee's time is held by another key; of two racing calls one wins.

        Raises ConflictError as `replace` does, and keeps nothing then.
        """
        ...

    def of_life(self, life: str) -> tuple[Booking, ...]:
        """All bookings of a life, by key."""
        ...

    def standing(self, now: datetime) -> tuple[Booking, ...]:
        """Bookings with an event that is not to be cancelled, nor over at `now` (programme time), by key."""
        ...

    def meanwhile(self, refs: tuple[str, ...], start: datetime, end: datetime) -> tuple[Booking, ...]:
        """Bookings that hold the time of any of these people within the window."""
        ...
