"""Pairings whose calendars are at real servers of several providers, and the people who use them."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
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
    MeetingKind,
    MeetingState,
    MeetingStatus,
    MoveMeeting,
    OfferedSlots,
    OfferSlots,
    Redistributed,
    RedistributeMissed,
    Scheduling,
    WatchMeeting,
)
from integrations.calendars.calendar import Rsvp
from integrations.calendars.ics import event_uid
from integrations.clock import ProgrammeClock
from integrations.database.bookings import Booking
from integrations.database.sql.database import Database
from integrations.hr.events import PersonFacts
from integrations.programme import parse
from integrations.rehearsal.agenda import Agendas, Entry
from integrations.settings import Settings
from tests.workflows.town import Post
from workflows.names import CALENDARS

COORDINATOR = "coordinator@corp.example"
_GLANCE_S = 0.05
_GLANCES = 400
_HOUR, _WEEK = timedelta(hours=1), timedelta(weeks=1)


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
    """The acts on calendars by the organizer's provider, after which a programme is called.

    What the people of a life do to a meeting they do as soon as it is in their calendars, before its act
    ends: so what happens does not hang on how fast the machine is.
    """

    def __init__(self, by_provider: Mapping[str, Appointments], books: Database) -> None:
        self._by_provider = by_provider
        self._books = books
        self._loop = asyncio.get_running_loop()
        self.hands: dict[str, Sequence[Hand]] = {}

    @activity.defn(name="book-meeting")
    def book_meeting(self, request: BookMeeting) -> BookingOutcome:
        return self._seen(request.key, self._of(request.key).book_meeting(request))

    @activity.defn(name="watch-meeting")
    def watch_meeting(self, request: WatchMeeting) -> MeetingState:
        return self._of(request.key).watch_meeting(request)

    @activity.defn(name="move-meeting")
    def move_meeting(self, request: MoveMeeting) -> BookingOutcome:
        return self._seen(request.key, self._of(request.key).move_meeting(request))

    @activity.defn(name="offer-slots")
    def offer_slots(self, request: OfferSlots) -> OfferedSlots:
        return self._of(request.key).offer_slots(request)

    @activity.defn(name="redistribute-missed")
    def redistribute_missed(self, request: RedistributeMissed) -> Redistributed:
        return self._of(request.keys[0]).redistribute_missed(request)

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

    def _seen(self, key: str, outcome: BookingOutcome) -> BookingOutcome:
        booking = self._books.bookings.get(key)
        if booking and outcome.booked:
            asyncio.run_coroutine_threadsafe(self._show(booking), self._loop).result()
        return outcome

    async def _show(self, booking: Booking) -> None:
        """Everybody answers before the one who does something particular, whose change nobody is to miss."""
        hands = self.hands[booking.life]
        await asyncio.gather(*(hand.accept(booking) for hand in hands if not hand.is_theirs(booking)))
        await asyncio.gather(*(hand.do(booking) for hand in hands if hand.is_theirs(booking)))


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
    session: int
    done: int = 0

    def is_theirs(self, booking: Booking) -> bool:
        """Whether it is the session, and nothing was done yet."""
        return not self.done and booking.kind == MeetingKind.SESSION and booking.number == self.session

    async def accept(self, booking: Booking) -> None:
        """Waits until the meeting is in the calendar, and accepts it."""
        entry = await self._entry(booking)
        if entry.rsvp is Rsvp.NEEDS_ACTION:
            await entry.answer(Rsvp.ACCEPTED)

    async def do(self, booking: Booking) -> None:
        """Does what is particular, again where somebody's answer changed the meeting meanwhile."""
        while not self.done:
            self.done += await self.change(await self._entry(booking))

    @abstractmethod
    async def change(self, entry: Entry) -> bool:
        """Does it."""

    async def _entry(self, booking: Booking) -> Entry:
        """A person knows the meeting by its hour, the office by the service's mark."""
        uid = event_uid(booking.key, booking.generation)
        for _ in range(_GLANCES):
            for entry in await self.agendas.ahead(self.address, booking.start - _HOUR, days=1):
                if entry.mark == uid or (not entry.mark and entry.start == booking.start):
                    return entry
            await asyncio.sleep(_GLANCE_S)
        raise AssertionError(f"{booking.key} did not come into the calendar of {self.address}")


class Mover(Hand):
    """Wants the session a week later."""

    async def change(self, entry: Entry) -> bool:
        return await entry.shift(_WEEK)


class Deleter(Hand):
    """Deletes the session."""

    async def change(self, entry: Entry) -> bool:
        return await entry.delete()
