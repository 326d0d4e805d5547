"""The acts on calendars over ports that fail, once, before or after any one of their calls."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from icalendar import Calendar as Document

from activities.appointments import Appointments
from activities.correspondence import Recipient, SendLetters
from activities.events import Events, conference_link
from activities.hours import Hours
from activities.imip import MailInvitations
from activities.rules.providers import Providers
from integrations.calendars.calendar import (
    Attendee,
    Availability,
    EventRef,
    EventSpec,
    Gone,
    Rsvp,
    Snapshot,
    Window,
)
from integrations.calendars.ics import event_uid
from integrations.database.bookings import Booking, Bookings
from integrations.errors import ConflictError, GoneError
from integrations.rehearsal.scene import ORGANIZER
from tests.activities.house import House

T = TypeVar("T")


class Crash(Exception):  # noqa: N818 - what befalls a worker
    """The worker is gone."""


@dataclass
class Steps:
    """Counts the moments before and after each call; the worker dies at the one that `dies_at` names."""

    dies_at: int = 0
    taken: int = 0

    def call(self, act: Callable[[], T]) -> T:
        self._pass()
        result = act()
        self._pass()
        return result

    def _pass(self) -> None:
        self.taken += 1
        if self.taken == self.dies_at:
            raise Crash


@dataclass
class Stored:
    """An event in the organizer's calendar; the id of one that was cancelled stays taken."""

    spec: EventSpec
    version: int = 1
    is_live: bool = True


@dataclass
class MemoryCalendar:
    """A provider's calendars in memory, everybody free."""

    steps: Steps
    events: dict[str, Stored] = field(default_factory=dict)

    def free_busy(self, people: Sequence[str], window: Window) -> Mapping[str, Availability]:  # noqa: ARG002
        return dict.fromkeys(people, ())

    def ensure(self, key: str, generation: int, spec: EventSpec) -> EventRef:
        return self.steps.call(lambda: self._ensure(key, generation, spec))

    def get(self, ref: EventRef) -> Snapshot | Gone:
        return self.steps.call(lambda: self._get(ref))

    def reschedule(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        return self.steps.call(lambda: self._reschedule(ref, spec, if_match))

    def admit(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        return self.reschedule(ref, spec, if_match)

    def cancel(self, ref: EventRef, comment: str, spare: Sequence[str] = ()) -> None:  # noqa: ARG002
        self.steps.call(lambda: self.delete(ref.id))

    def live(self, key: str) -> list[str]:
        """The ids of this key's live events."""
        ids = (event_uid(key, generation) for generation in range(12))
        return [one for one in ids if one in self.events and self.events[one].is_live]

    def delete(self, event_id: str) -> None:
        """Takes an event out of the organizer's calendar."""
        self.events[event_id].is_live = False

    def _ensure(self, key: str, generation: int, spec: EventSpec) -> EventRef:
        event_id = event_uid(key, generation)
        if not self.events.setdefault(event_id, Stored(spec)).is_live:
            raise GoneError("the event was cancelled")
        who = tuple(one.address for one in spec.attendees)
        return EventRef(
            provider="memory", organizer=ORGANIZER, id=event_id, key=key, generation=generation, attendees=who
        )

    def _get(self, ref: EventRef) -> Snapshot | Gone:
        stored = self.events[ref.id]
        if not stored.is_live:
            return Gone()
        rsvps = {one.address: Rsvp.NEEDS_ACTION for one in stored.spec.attendees}
        return Snapshot(start=stored.spec.start, end=stored.spec.end, rsvps=rsvps, etag=str(stored.version))

    def _reschedule(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        stored = self.events[ref.id]
        if not stored.is_live:
            raise GoneError("the event was cancelled")
        if str(stored.version) != if_match:
            raise ConflictError("the event was changed")
        self.events[ref.id] = Stored(spec, stored.version + 1)
        return ref


@dataclass
class MemoryPost:
    """Mail in memory, each letter once for its key: what people were told of which event (UID)."""

    steps: Steps
    letters: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def post(
        self, request: SendLetters, to: Recipient, *, calendar: str = "", method: str = "REQUEST"
    ) -> None:
        (event,) = Document.from_ical(calendar).events
        told = (str(event["UID"]), method)
        self.steps.call(lambda: self.letters.setdefault((request.key, to.ref), told))

    def told(self, ref: str, method: str) -> set[str]:
        """The UIDs of the events that this person was invited to, or told to be off."""
        return {uid for (_, who), (uid, how) in self.letters.items() if (who, how) == (ref, method)}


@dataclass
class BreakingBookings:
    """The bookings of a database, each call one at which a worker may die."""

    kept: Bookings
    steps: Steps

    def get(self, key: str) -> Booking | None:
        return self.steps.call(lambda: self.kept.get(key))

    def save(self, booking: Booking) -> None:
        self.steps.call(lambda: self.kept.save(booking))

    def replace(self, read: Booking | None, booking: Booking) -> None:
        self.steps.call(lambda: self.kept.replace(read, booking))

    def reserve(self, booking: Booking, read: Booking | None = None) -> bool:
        return self.steps.call(lambda: self.kept.reserve(booking, read))

    def of_life(self, life: str) -> tuple[Booking, ...]:
        return self.kept.of_life(life)

    def standing(self, now: datetime) -> tuple[Booking, ...]:
        return self.kept.standing(now)

    def meanwhile(self, refs: tuple[str, ...], start: datetime, end: datetime) -> tuple[Booking, ...]:
        return self.kept.meanwhile(refs, start, end)


class Trial:
    """One meeting's world: its calendar, its mail, and workers that come and go."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.steps = Steps()
        self.calendar = MemoryCalendar(self.steps)
        self.post = MemoryPost(self.steps)
        providers, calendars = Providers("caldav"), {"caldav": self.calendar}
        events = Events(
            house.books.directory,
            calendars=calendars,
            providers=providers,
            organizer=Attendee(address=ORGANIZER, name="Programme"),
            by_mail=MailInvitations(house.books.directory, self.post),
            conference=conference_link(""),
        )
        hours = Hours(house.books, calendars, providers, house.clock)
        bookings = BreakingBookings(house.books.bookings, self.steps)
        self.acts = Appointments(bookings=bookings, hours=hours, events=events, clock=house.clock)
