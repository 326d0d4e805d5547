"""A booking as an event in its people's calendars: made, read, moved and cancelled exactly once each."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from activities.imip import MailInvitations
from activities.letters.catalogue import Letter
from activities.rules.providers import Providers
from activities.scheduling import MeetingKind
from integrations.calendars.calendar import Attendee, Calendar, EventRef, EventSpec, Gone, Rsvp, Snapshot
from integrations.database.bookings import Booking
from integrations.database.people import Directory, Person
from integrations.errors import ConflictError, GoneError

_TRIES = 5
_WRITES_ITSELF = "caldav"
_TITLES: Mapping[str, Mapping[MeetingKind, str]] = {
    "en": {
        MeetingKind.BRIEFING: "Digital programme: briefing",
        MeetingKind.TRAINING: "Digital programme: training",
        MeetingKind.KICK_OFF: "Digital session: first meeting",
        MeetingKind.SESSION: "Digital session",
        MeetingKind.SUPERVISION: "Digital programme: mentors' round",
        MeetingKind.CLOSING_REVIEW: "Digital session: closing",
    },
    "fr": {
        MeetingKind.BRIEFING: "Programme numérique : présentation",
        MeetingKind.TRAINING: "Programme numérique : formation",
        MeetingKind.KICK_OFF: "Séance numérique : premier rendez-vous",
        MeetingKind.SESSION: "Séance numérique",
        MeetingKind.SUPERVISION: "Programme numérique : réunion des mentors",
        MeetingKind.CLOSING_REVIEW: "Séance numérique : bilan",
    },
}
_DECLINE: Mapping[str, str] = {
    "en": "If the hour does not suit, decline it: the programme then looks for another one.",
    "fr": "Si l'heure ne convient pas, refusez-la : le programme en cherche alors une autre.",
}
# What attendees can do differs: CalDAV gives them an event of their own to move, Exchange lets them propose a
# time, and what they propose to Google its API does not tell (calendar/v3 has no such field).
_NOTES: Mapping[str, Mapping[str, str]] = {
    "caldav": {
        "en": "If the hour does not suit, decline it or move it here: the programme follows your calendar.",
        "fr": "Si l'heure ne convient pas, refusez-la ou déplacez-la ici : le programme suit votre agenda.",
    },
    "microsoft": {
        "en": "If the hour does not suit, decline or propose a new time: the programme goes by your answer.",
        "fr": "Si l'heure ne convient pas, refusez ou proposez-en une autre : le programme en tient compte.",
    },
}


@dataclass(frozen=True)
class Seen:
    """What the calendars say of a meeting, people by ref; `moved_to` is where somebody has put it.

    `wishes` are the times that people ask for instead.
    """

    rsvps: Mapping[str, str] = field(default_factory=dict)
    deleted_by: tuple[str, ...] = ()
    moved_to: datetime | None = None
    moved_by: str | None = None
    wishes: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def answers(self) -> Mapping[str, str]:
        """The RSVPs, where a tentative one with a wish for another time declines this one."""
        declined = {ref for ref in self.wishes if self.rsvps.get(ref) == Rsvp.TENTATIVE}
        return {ref: "declined" if ref in declined else rsvp for ref, rsvp in self.rsvps.items()}


class Events:
    """Brings bookings to calendars. `organizer` holds every event, at the usual provider."""

    def __init__(  # noqa: PLR0913 - each is a port or an address of its own
        self,
        directory: Directory,
        *,
        calendars: Mapping[str, Calendar],
        providers: Providers,
        organizer: Attendee,
        by_mail: MailInvitations,
        conference: Callable[[str], str],
    ) -> None:
        self._directory = directory
        self._calendars = calendars
        self._calendar = calendars[providers.usual]
        self._providers = providers
        self._organizer = organizer
        self._by_mail = by_mail
        self._conference = conference

    def make(self, booking: Booking) -> Booking:
        """Makes the event, or adopts the one an earlier try made; a cancelled one gets a new generation."""
        people = self._people(booking.attendees)
        by_mail = tuple(person.ref for person in people if not self._is_reachable(person))
        for generation in range(booking.generation, booking.generation + _TRIES):
            try:
                ref = self._calendar.ensure(booking.key, generation, self._spec(booking, people))
            except GoneError:
                continue
            booking = booking.model_copy(
                update={"generation": generation, "event": ref.model_dump_json(), "by_mail": by_mail}
            )
            self._by_mail.invite(Letter.EVENT_INVITATION, booking, self._spec(booking, people))
            return booking
        raise GoneError(f"meeting {booking.key} was cancelled {_TRIES} times while it was being booked")

    def read(self, booking: Booking) -> Seen | None:
        """What people did to the event; None where it is gone or cancelled."""
        seen = self._calendar.get(_ref(booking))
        if isinstance(seen, Gone):
            return None
        people = {person.address.lower(): person.ref for person in self._people(booking.attendees)}
        moved = self._moved(booking, seen, people)
        mailed = self._by_mail.replies(booking)
        told = {people[who.lower()]: rsvp for who, rsvp in seen.rsvps.items() if who.lower() in people}
        told |= {ref: mailed[ref].rsvp if ref in mailed else Rsvp.NEEDS_ACTION for ref in booking.by_mail}
        asked = {people[who.lower()]: wish for who, wish in seen.proposed.items() if who.lower() in people}
        asked |= {ref: reply.proposed for ref, reply in mailed.items() if reply.proposed}
        return Seen(
            rsvps={ref: rsvp.value for ref, rsvp in told.items()},
            deleted_by=tuple(people[who.lower()] for who in seen.deleted_by if who.lower() in people),
            moved_to=moved[0] if moved else None,
            moved_by=moved[1] if moved else None,
            wishes={ref: wish.start for ref, wish in asked.items() if wish.start != booking.start},
        )

    @staticmethod
    def _moved(
        booking: Booking, seen: Snapshot, people: Mapping[str, str]
    ) -> tuple[datetime, str | None] | None:
        for address, window in sorted(seen.moved.items()):
            if window.start != booking.start:
                return window.start, people.get(address.lower())
        return (seen.start, None) if seen.start != booking.start else None

    def move(self, booking: Booking) -> Booking:
        """Brings the event to the booking's hour; one that is gone is made anew."""
        people = self._people(booking.attendees)
        spec = self._spec(booking, people)
        for _ in range(_TRIES):
            seen = self._calendar.get(_ref(booking))
            if isinstance(seen, Gone):
                return self.make(booking.model_copy(update={"generation": booking.generation + 1}))
            if seen.start == booking.start and not seen.moved and not seen.deleted_by:
                break
            try:
                ref = self._calendar.reschedule(_ref(booking), spec, seen.etag)
            except ConflictError:
                continue
            booking = booking.model_copy(update={"event": ref.model_dump_json()})
            break
        else:
            raise ConflictError(f"meeting {booking.key} was changed by others each time it was to be moved")
        self._by_mail.invite(Letter.EVENT_MOVED, booking, spec)
        return booking

    def cancel(self, booking: Booking, comment: str, spare: Sequence[str]) -> None:
        """Cancels the event in every calendar; those in `spare` (refs) get no notice. Repeats do nothing."""
        people = self._people(booking.attendees)
        spec = self._spec(booking, people)
        try:
            ref = (
                _ref(booking)
                if booking.event
                else self._calendar.ensure(booking.key, booking.generation, spec)
            )
        except GoneError:
            return
        spared = [person.address for person in people if person.ref in spare]
        self._calendar.cancel(ref, comment, spared)
        self._by_mail.cancel(booking, spec, spare)

    def _spec(self, booking: Booking, people: Sequence[Person]) -> EventSpec:
        languages = {person.language for person in people}
        language = languages.pop() if len(languages) == 1 else "en"
        room = self._conference(booking.key)
        return EventSpec(
            summary=_TITLES[language][MeetingKind(booking.kind)],
            description=_NOTES.get(self._providers.usual, _DECLINE)[language],
            start=booking.start,
            end=booking.end,
            organizer=self._organizer,
            attendees=tuple(
                Attendee(address=person.address, name=person.name)
                for person in people
                if self._is_reachable(person)
            ),
            location=room,
            conference=not room,
        )

    def _is_reachable(self, person: Person) -> bool:
        """Whether the organizer's provider brings the event to this person.

        Google and Microsoft invite everybody, by mail where need be; the CalDAV adapter writes into calendars
        of its own server and knows no others.
        """
        return self._providers.usual != _WRITES_ITSELF or self._providers.of(person) == _WRITES_ITSELF

    def _people(self, refs: Sequence[str]) -> tuple[Person, ...]:
        people: list[Person] = []
        for ref in refs:
            try:
                people.append(self._directory.person(ref))
            except GoneError:
                continue
        return tuple(people)


def conference_link(template: str) -> Callable[[str], str]:
    """The video room of a meeting by its key: `{code}` in the template is an unguessable, stable code.

    An empty template means that meetings have no room of their own.
    """

    def link(key: str) -> str:
        code = hashlib.sha256(f"room\n{key}".encode()).hexdigest()
        return template.replace("{code}", f"{code[:4]}-{code[4:8]}-{code[8:12]}")

    return link


def _ref(booking: Booking) -> EventRef:
    if booking.event is None:
        raise GoneError(f"meeting {booking.key} has no event yet")
    return EventRef.model_validate_json(booking.event)
