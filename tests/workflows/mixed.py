"""Pairings whose calendars are at real servers of several providers, and the people who use them."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from temporalio import activity

import worker
from activities.appointments import Appointments
from activities.correspondence import SendLetters, SentLetters
from activities.scheduling import (
    BookingOutcome,
    BookMeeting,
    CancelMeetings,
    MeetingState,
    MeetingStatus,
    MoveMeeting,
    OfferedSlots,
    OfferSlots,
    Scheduling,
    WatchMeeting,
)
from integrations.calendars.calendar import Rsvp
from integrations.calendars.ics import event_uid
from integrations.clock import ProgrammeClock
from integrations.database.sql.database import Database
from integrations.hr.events import PersonFacts
from integrations.programme import parse
from integrations.rehearsal.agenda import Agendas, Entry
from integrations.settings import Settings
from tests.workflows.town import Post
from workflows.names import CALENDARS

COORDINATOR = "coordinator@corp.example"
_GLANCE_S = 0.05
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Pair:
    """Two people by address, which begins with their provider; the mentor's holds their events."""

    mentor: str
    mentee: str

    @property
    def programme(self) -> str:
        """A programme for each kind of pair, called after both providers."""
        return "-".join(one.partition(".")[0] for one in self.people)

    @property
    def usual(self) -> str:
        """The organizer's provider."""
        return self.programme.partition("-")[0]

    @property
    def people(self) -> tuple[str, str]:
        """Both."""
        return self.mentor, self.mentee


def settle(books: Database, pair: Pair, clock: ProgrammeClock) -> None:
    """Puts a pair's programme and people into the books; the coordinator has no calendar."""
    first_day = clock.programme_anchor
    facts = [
        PersonFacts(
            person_id=address,
            given_name="Zoé",
            family_name="Dupont",
            work_address=address,
            locale="fr-FR",
            zone="Europe/Paris",
            level=3,
            calendar_provider="none" if address == COORDINATOR else address.partition(".")[0],
        )
        for address in (*pair.people, COORDINATOR)
    ]
    books.directory.apply(facts, first_day, f"people of {pair.programme}")
    offices = ("sponsor", "coordinator", "deputy", "trainer", "confidential_contact")
    content = {"id": pair.programme, "name": "Digital", "starts_on": date(2026, 9, 7)}
    books.programmes.save(parse({**content, **dict.fromkeys(offices, COORDINATOR)}))


def appointments(settings: Settings, books: Database) -> Appointments:
    """The acts on calendars as the service composes them."""
    rooms = {getattr(act, "__self__", None) for act in worker.compose(settings, books).by_queue[CALENDARS]}
    (found,) = [room for room in rooms if isinstance(room, Appointments)]
    return found


class Rooms(Scheduling):
    """The acts on calendars by the organizer's provider, after which a programme is called."""

    def __init__(self, by_provider: Mapping[str, Appointments]) -> None:
        self._by_provider = by_provider

    @activity.defn(name="book-meeting")
    def book_meeting(self, request: BookMeeting) -> BookingOutcome:
        return self._of(request.key).book_meeting(request)

    @activity.defn(name="watch-meeting")
    def watch_meeting(self, request: WatchMeeting) -> MeetingState:
        return self._of(request.key).watch_meeting(request)

    @activity.defn(name="move-meeting")
    def move_meeting(self, request: MoveMeeting) -> BookingOutcome:
        return self._of(request.key).move_meeting(request)

    @activity.defn(name="offer-slots")
    def offer_slots(self, request: OfferSlots) -> OfferedSlots:
        return self._of(request.key).offer_slots(request)

    @activity.defn(name="cancel-meetings")
    def cancel_meetings(self, request: CancelMeetings) -> None:
        for key in request.keys:
            self._of(key).cancel_meetings(request.model_copy(update={"keys": (key,)}))

    def look(self, key: str) -> MeetingState:
        """The meeting as the calendars have it."""
        return self._of(key).look(key)

    def _of(self, key: str) -> Appointments:
        """Keys begin `pairing/<provider>-<other provider>/`."""
        return self._by_provider[key.split("/")[1].partition("-")[0]]


class LookingPost(Post):
    """Looks at a meeting before it writes about it, and says instead what people did to it."""

    def __init__(self, clock: ProgrammeClock, look: Callable[[str], MeetingState]) -> None:
        super().__init__(clock)
        self._look = look

    @activity.defn(name="send-letters")
    def send_letters(self, request: SendLetters) -> SentLetters:
        if request.check_meeting and request.about.meeting_key:
            state = self._look(request.about.meeting_key)
            is_off = state.status is MeetingStatus.CANCELLED or state.deleted_by
            if is_off or state.start != request.expected_start or "declined" in state.rsvps.values():
                return SentLetters(at=self._clock.now(), meeting=state)
        return super().send_letters(request)


@dataclass
class Hand:
    """Somebody's own calendar, and the session of a pairing they do something particular about, once."""

    address: str
    agendas: Agendas
    books: Database
    clock: ProgrammeClock
    life: str
    session: int
    done: int = 0

    async def live(self) -> None:
        """Looks at the calendar until cancelled."""
        while True:
            now = self.clock.now()
            for entry in await self.agendas.ahead(self.address, now + _HOUR):
                if not self.done and self.is_theirs(entry):
                    self.done += await self.change(entry)
                elif entry.rsvp is Rsvp.NEEDS_ACTION:
                    await entry.answer(Rsvp.ACCEPTED)
            await asyncio.sleep(_GLANCE_S)

    @abstractmethod
    async def change(self, entry: Entry) -> bool:
        """Does it."""

    def is_theirs(self, entry: Entry) -> bool:
        """Whether it is the session; a person knows it by its hour, the office by the service's mark."""
        booked = (one for one in self.books.bookings.of_life(self.life) if one.number == self.session)
        return any(
            event_uid(one.key, one.generation) == entry.mark if entry.mark else one.start == entry.start
            for one in booked
        )


class Mover(Hand):
    """Wants the session a day later."""

    async def change(self, entry: Entry) -> bool:
        return await entry.shift(_DAY)


class Deleter(Hand):
    """Deletes the session."""

    async def change(self, entry: Entry) -> bool:
        return await entry.delete()
