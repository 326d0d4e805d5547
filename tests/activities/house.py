"""The acts over a real calendar server, a real mail server and a real database, with the sample company."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from activities.scheduling import BookMeeting, MeetingKind
from integrations.clock import ProgrammeClock
from integrations.database.people import Person
from integrations.database.sql.database import Database
from integrations.programme import Programme
from integrations.rehearsal.agenda_caldav import CalDavAgenda, CalDavEntry
from integrations.rehearsal.mailbox import message_of
from integrations.rehearsal.servers import MailServer, RadicaleServer
from integrations.settings import Settings

MORNING = datetime(2026, 9, 7, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Neighbours:
    """The servers, shared by all tests of a session; every test has a programme and people of its own."""

    calendars: RadicaleServer
    mail: MailServer


@dataclass
class House:
    """One test's house: acts by name, books, and the hands of the people outside."""

    acts: Mapping[str, Callable[..., Any]]
    books: Database
    programme: Programme
    settings: Settings
    agendas: CalDavAgenda
    maildir: Path
    people: dict[str, Person]

    @property
    def clock(self) -> ProgrammeClock:
        """Programme time; it hardly moves in a test."""
        return self.settings.clock

    def person(self, person_id: str) -> Person:
        """Somebody of the sample company by HR id."""
        return self.people[person_id]

    async def seen(self, person: Person) -> list[CalDavEntry]:
        """What the person sees in their own calendar."""
        return await self.agendas.ahead(person.address, self.clock.now())

    def mail_to(self, person: Person) -> list[EmailMessage]:
        """The letters in the person's mailbox, oldest first."""
        return [message_of(file) for file in sorted((self.maildir / person.address / "new").glob("*"))]

    def meeting(self, key: str, *people: Person, **more: Any) -> BookMeeting:
        """A session of an hour these people need to have in the next two weeks."""
        now = self.clock.now()
        values: dict[str, Any] = {
            "key": key,
            "kind": MeetingKind.SESSION,
            "programme_id": self.programme.id,
            "life": key.rpartition("/")[0],
            "required": tuple(person.ref for person in people),
            "minutes": 60,
            "earliest": now.replace(day=now.day + 1),
            "latest": now.replace(day=now.day + 14),
            "number": 1,
        }
        return BookMeeting(**{**values, **more})
