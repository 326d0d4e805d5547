"""The account of a rehearsal: what the service says it did, beside what the servers say they saw."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from icalendar import Calendar, Event
from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.calendars.ics import event_uid
from integrations.database.bookings import Booking, BookingStatus
from integrations.database.books import Books
from integrations.database.pairings import PairingRecord
from integrations.mail.headers import message_id
from integrations.rehearsal.agenda import Entry
from integrations.rehearsal.mailbox import Heading, heading

_ENDINGS = frozenset({"completed", "ended_early", "declined", "lapsed", "erased", "programme_stopped"})


class Lives(Protocol):
    """What Temporal itself says of a programme's lives."""

    async def stages(self, programme_id: str) -> dict[str, str]:
        """The stage of every pairing, and of the programme, by workflow id."""
        ...

    async def outcomes(self, programme_id: str) -> dict[str, str]:
        """How every pairing ended, by workflow id; `running` where it has not."""
        ...


class Count(BaseModel):
    """One figure from both sides."""

    model_config = ConfigDict(frozen=True)

    name: str
    service: int
    server: int
    asked: str

    @property
    def agrees(self) -> bool:
        """Whether both say the same."""
        return self.service == self.server


class Account(BaseModel):
    """What a rehearsal came to; instants are programme time.

    `wanted` pairings were to be completed, with `sessions_wanted` each; none where the cast does as it likes.
    """

    model_config = ConfigDict(frozen=True)

    programme_id: str
    began: AwareDatetime
    ended: AwareDatetime
    seconds: float
    outcomes: Mapping[str, int]
    sessions_held: int
    least_sessions_of_completed: int
    letters: Mapping[str, int]
    events: Mapping[str, int]
    hr_events: Mapping[str, int]
    tasks: Mapping[str, int]
    cast: Mapping[str, int]
    troubles: tuple[str, ...]
    counts: tuple[Count, ...]
    wanted: int = 0
    sessions_wanted: int = 0

    @property
    def falls_short(self) -> bool:
        """Whether fewer pairings were completed than a calm cast completes, or with fewer sessions."""
        completed = self.outcomes.get("completed", 0)
        return completed < self.wanted or (
            bool(self.wanted) and self.least_sessions_of_completed < self.sessions_wanted
        )

    @property
    def is_whole(self) -> bool:
        """Whether all wanted was done, every pairing ended, nobody met trouble and all counts agree."""
        ended = bool(self.outcomes) and set(self.outcomes) <= _ENDINGS
        agreed = all(count.agrees for count in self.counts)
        return ended and agreed and not self.troubles and not self.falls_short


@dataclass(frozen=True)
class Seen:
    """What the calendar servers have: the organizer's events, and the copies of none (None: not looked)."""

    events: int
    asked: str
    orphaned: int | None = None


def mails(folder: Path) -> list[Heading]:
    """The heading of every letter in every mailbox."""
    return [heading(file) for file in sorted(folder.glob("*/new/*"))]


def live_events(storage: Path, organizer: str) -> list[Calendar]:
    """The organizer's events that are not cancelled, from the calendar server's own files."""
    files = sorted((storage / "collection-root" / organizer / "calendar").glob("*.ics"))
    documents = [Calendar.from_ical(file.read_bytes()) for file in files]
    return [
        document
        for document in documents
        if any(str(event.get("STATUS", "")) != "CANCELLED" for event in document.walk("VEVENT"))
    ]


def documents(entries: Sequence[Entry], bookings: Sequence[Booking]) -> list[Calendar]:
    """The organizer's events at a vendor as iCalendar, with the business key that each was made for."""
    keys = {event_uid(one.key, one.generation): one.key for one in bookings}
    found: list[Calendar] = []
    for entry in entries:
        event = Event()
        event.add("UID", entry.mark or entry.uid)
        event.add("DTSTART", entry.start)
        event.add("DTEND", entry.end)
        if entry.mark in keys:
            event.add("X-MENTORING-KEY", keys[entry.mark])
        document = Calendar()
        document.add_component(event)
        found.append(document)
    return found


def bookings_of(books: Books, programme_id: str) -> list[Booking]:
    """All bookings of a programme's lives."""
    lives = [f"programme/{programme_id}", *(one.id for one in books.pairings.of_programme(programme_id))]
    return [booking for life in lives for booking in books.bookings.of_life(life)]


def counted(  # noqa: PLR0913, PLR0917 - both sides of every figure
    books: Books, programme_id: str, outcomes: Mapping[str, str], mail: list[Heading], seen: Seen, sender: str
) -> tuple[Count, ...]:
    """The figures that the service and the servers must agree on.

    A letter that its process was killed over counts on neither side: nobody knows whether it went out.
    """
    pairings = books.pairings.of_programme(programme_id)
    booked = [one for one in bookings_of(books, programme_id) if one.status is BookingStatus.BOOKED]
    sent = books.ledger.sent(programme_id)
    # Calendars write to each other too, and are no letters of ours.
    unsure = {message_id(key, sender) for key in books.ledger.unsure(programme_id)}
    letters = {one.message_id for one in mail if one.letter} - unsure
    ended = Counter(outcomes.values())
    return (
        Count(name="pairings", service=len(pairings), server=len(outcomes), asked="Temporal"),
        *(
            Count(
                name=f"pairings {status}", service=_having(pairings, status), server=count, asked="Temporal"
            )
            for status, count in sorted(ended.items())
        ),
        Count(name="events", service=len(booked), server=seen.events, asked=seen.asked),
        *(
            [Count(name="copies of no event", service=0, server=seen.orphaned, asked="everybody's calendars")]
            if seen.orphaned is not None
            else []
        ),
        Count(name="letters", service=len(sent), server=len(letters), asked="Maildir"),
    )


def _having(pairings: tuple[PairingRecord, ...], status: str) -> int:
    return sum(one.status == status for one in pairings)
