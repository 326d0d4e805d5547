"""Bookings: which meeting stands in whose calendar, and as what event."""

from datetime import datetime
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Booking(BaseModel):
    """One meeting under its business key; `event` is the calendar adapter's own reference, as JSON.

    Two bookings of one key differ in `generation` only when a cancelled event could not be used again.
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
    status: str
    event: str | None = None
    offers: tuple[AwareDatetime, ...] = ()


class Bookings(Protocol):
    """Keeps bookings; an intention is kept before the calendars are written."""

    def get(self, key: str) -> Booking | None:
        """The booking under this key, or None."""
        ...

    def save(self, booking: Booking) -> None:
        """Keeps the booking as it is now."""
        ...

    def of_life(self, life: str) -> tuple[Booking, ...]:
        """All bookings of a life, by key."""
        ...

    def meanwhile(self, refs: tuple[str, ...], start: datetime, end: datetime) -> tuple[Booking, ...]:
        """Live bookings of any of these people that overlap the window."""
        ...
