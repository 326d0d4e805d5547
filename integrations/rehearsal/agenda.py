"""A person's own calendar as their own hand drives it, whatever their provider: seen, answered, moved."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from integrations.calendars.calendar import Rsvp


class Entry(Protocol):
    """An event as it stood in a person's calendar when they looked.

    What a person does to it says False where the event was changed or removed by somebody else meanwhile.
    """

    @property
    def address(self) -> str:
        """Whose calendar it is in."""
        ...

    @property
    def uid(self) -> str:
        """The event's iCalendar UID, the same in every calendar."""
        ...

    @property
    def mark(self) -> str:
        """The id the service gave the event; empty where the provider keeps it from this person."""
        ...

    @property
    def start(self) -> datetime:
        """When it starts, in UTC."""
        ...

    @property
    def end(self) -> datetime:
        """When it ends, in UTC."""
        ...

    @property
    def sequence(self) -> int:
        """How often it was moved."""
        ...

    @property
    def rsvp(self) -> Rsvp:
        """The person's own answer."""
        ...

    async def answer(self, rsvp: Rsvp) -> bool:
        """Answers the invitation."""
        ...

    async def shift(self, by: timedelta) -> bool:
        """Moves the event, or asks for another time where the provider lets only the organizer move it."""
        ...

    async def delete(self) -> bool:
        """Deletes the event from this person's calendar; the organizer's own deletion cancels it."""
        ...


class Agenda(Protocol):
    """The calendars of one provider; each person signs in as themselves."""

    async def ahead(self, address: str, now: datetime, *, days: int = 60) -> Sequence[Entry]:
        """The events in the person's calendar in the days ahead, earliest first."""
        ...


class Agendas:
    """Everybody's calendars: each person's is at their own provider; some people have none."""

    def __init__(self, agendas: Mapping[str, Agenda], providers: Mapping[str, str]) -> None:
        self._of_person = {
            address: agendas[provider] for address, provider in providers.items() if provider in agendas
        }

    async def ahead(self, address: str, now: datetime, *, days: int = 60) -> Sequence[Entry]:
        """The events in the person's calendar in the days ahead, earliest first; none without a calendar."""
        agenda = self._of_person.get(address)
        return await agenda.ahead(address, now, days=days) if agenda else ()
