"""A booking as an event in its people's calendars: made, read, moved and cancelled exactly once each."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from activities.event_words import note, title
from activities.imip import MailInvitations
from activities.keeping import OvertakenError
from activities.letters.catalogue import Letter
from activities.rules.providers import Providers
from activities.scheduling import MeetingKind
from activities.seen import Seen
from integrations.calendars.calendar import Attendee, Calendar, EventRef, EventSpec, Gone, Snapshot
from integrations.calendars.parking import Parking
from integrations.database.bookings import Booking
from integrations.database.people import Directory, Person
from integrations.database.programmes import Programmes
from integrations.errors import ConflictError, GoneError

_TRIES = 5
_WRITES_ITSELF = "caldav"
T = TypeVar("T")
Save = Callable[[Booking], None]
"""Keeps a booking as it is now; whoever takes over goes on from there."""


class Events:
    """Brings bookings to calendars. One organizer holds a programme's events, at the usual provider.

    That is the one its file names, found in `programmes`, else `organizer`; an event that stands stays where
    it is.
    """

    def __init__(  # noqa: PLR0913 - each is a port or an address of its own
        self,
        directory: Directory,
        *,
        calendars: Mapping[str, Calendar],
        providers: Providers,
        organizer: Attendee,
        by_mail: MailInvitations,
        conference: Callable[[str], str],
        programmes: Programmes | None = None,
        parking: Parking | None = None,
    ) -> None:
        self._directory = directory
        self._calendars = calendars
        self._calendar = calendars[providers.usual]
        self._providers = providers
        self._organizer = organizer
        self._by_mail = by_mail
        self._conference = conference
        self._programmes = programmes
        self._parking = parking or Parking()

    def check(self, programme_id: str) -> None:
        """Raises QuotaParkedError where the programme's organizer may not write, before it is asked."""
        organizer = self._organizer_of(programme_id).address
        self._parking.check(self._providers.usual, organizer, writes=True)

    def make(self, booking: Booking, save: Save) -> Booking:
        """Makes the event, or adopts the one an earlier try made; a cancelled one gets a new generation.

        Each step is kept before the next: what was begun is known before anybody hears of it by mail, and a
        new generation before it can have an event. Who was invited by mail stays so.
        """
        people = self._people(booking.attendees)
        for _ in range(_TRIES):
            begun = self._by_channel(booking, people)
            spec = self._spec(begun, people)
            try:
                ref = self._ensured(booking, spec)
            except GoneError:
                booking = self._given_up(booking, spec, save)
                continue
            booking = begun.model_copy(update={"event": ref.model_dump_json()})
            self._keep(booking, save)
            self._by_mail.invite(Letter.EVENT_INVITATION, booking, spec)
            return booking
        raise GoneError(f"meeting {booking.key} was cancelled {_TRIES} times while it was being booked")

    def read(self, booking: Booking) -> Seen | None:
        """What people did to the event; None where it is gone or cancelled, or there is none yet."""
        if booking.event is None:
            return None
        found = self._got(_ref(booking))
        if isinstance(found, Gone):
            return None
        people = {person.address.lower(): person.ref for person in self._people(booking.attendees)}
        return Seen.of(booking, found, people, self._by_mail.replies(booking))

    def move(self, booking: Booking, save: Save) -> Booking:
        """Brings the event to the booking's hour; one that is gone is made anew."""
        if booking.event is None:
            return self.make(booking, save)
        people = self._people(booking.attendees)
        spec = self._spec(booking, people)
        organizer = spec.organizer.address
        self._parking.check(self._providers.usual, organizer, writes=True)
        for _ in range(_TRIES):
            ref = _ref(booking)
            seen = self._got(ref)
            if isinstance(seen, Gone):
                return self.make(self._given_up(booking, spec, save), save)
            if seen.start == booking.start and not seen.moved and not seen.deleted_by:
                break
            try:
                change = partial(self._calendar.reschedule, ref, spec, seen.etag)
                ref = self._write(organizer, change)
            except (ConflictError, GoneError):
                continue
            booking = booking.model_copy(update={"event": ref.model_dump_json()})
            self._keep(booking, save)
            break
        else:
            raise ConflictError(f"meeting {booking.key} was changed by others each time it was to be moved")
        self._by_mail.invite(Letter.EVENT_MOVED, booking, spec)
        return booking

    def admit(self, booking: Booking, refs: Sequence[str], save: Save) -> Booking:
        """Puts these people (refs of the booking's) on its event as it stands; the others' answers stay.

        Raises GoneError where the event is gone. May be repeated: nobody is invited twice.
        """
        people = self._people(booking.attendees)
        new = [one.ref for one in people if one.ref in refs and not self._is_reachable(one)]
        booking = booking.model_copy(update={"by_mail": (*dict.fromkeys((*booking.by_mail, *new)),)})
        spec = self._spec(booking, people)
        for _ in range(_TRIES):
            ref = _ref(booking)
            seen = self._got(ref)
            if isinstance(seen, Gone):
                raise GoneError(f"meeting {booking.key} is gone")
            try:
                ref = self._write(ref.organizer, partial(self._calendar.admit, ref, spec, seen.etag))
            except ConflictError:
                continue
            booking = booking.model_copy(update={"event": ref.model_dump_json()})
            self._keep(booking, save)
            self._by_mail.invite(Letter.EVENT_INVITATION, booking, spec)
            return booking
        raise ConflictError(f"meeting {booking.key} was changed by others each time somebody was to join it")

    def cancel(self, booking: Booking, comment: str, spare: Sequence[str], save: Save) -> Booking:
        """Cancels the event in every calendar; those in `spare` (refs) get no notice. Repeats do nothing.

        Who is spared has left the company. Where only a notice would reach them, by mail or at another
        provider than the organizer's, a copy stays in their closed mailbox: not to write to them comes first.
        Where no event is known one may be under way; it is made or adopted, so that it cannot come later, and
        kept first: of one that is half cancelled the next try must know.
        """
        people = self._people(booking.attendees)
        spec = self._spec(self._by_channel(booking, people), people)
        if not booking.event:
            try:
                ref = self._ensured(booking, spec)
            except GoneError:
                return booking
            booking = booking.model_copy(update={"event": ref.model_dump_json()})
            save(booking)
        ref = _ref(booking)
        spared = [person.address for person in people if person.ref in spare]
        self._write(ref.organizer, lambda: self._calendar.cancel(ref, comment, spared))
        self._by_mail.cancel(booking, spec, spare)
        return booking

    def _keep(self, booking: Booking, save: Save) -> None:
        """Keeps what was just written; where the meeting is off by now, it is taken back instead."""
        try:
            save(booking)
        except OvertakenError:
            ref = _ref(booking)
            self._write(ref.organizer, lambda: self._calendar.cancel(ref, "", ()))
            raise

    def _ensured(self, booking: Booking, spec: EventSpec) -> EventRef:
        ensure = partial(self._calendar.ensure, booking.key, booking.generation, spec)
        return self._write(spec.organizer.address, ensure)

    def _got(self, ref: EventRef) -> Snapshot | Gone:
        get = partial(self._calendar.get, ref)
        return self._parking.call(self._providers.usual, ref.organizer, get, writes=False)

    def _write(self, organizer: str, act: Callable[[], T]) -> T:
        return self._parking.call(self._providers.usual, organizer, act, writes=True)

    def _organizer_of(self, programme_id: str) -> Attendee:
        named = self._programmes.load(programme_id).organizer if self._programmes else None
        return self._organizer.model_copy(update={"address": named}) if named else self._organizer

    def _given_up(self, booking: Booking, spec: EventSpec, save: Save) -> Booking:
        """The booking's next generation, nothing of it begun; the invitations by mail of this one are off."""
        self._by_mail.cancel(booking, spec, ())
        after = {"generation": booking.generation + 1, "event": None, "by_mail": ()}
        booking = booking.model_copy(update=after)
        save(booking)
        return booking

    def _by_channel(self, booking: Booking, people: Sequence[Person]) -> Booking:
        """The booking with those who are to be invited by mail; once begun, nobody changes channels."""
        if booking.event:
            return booking
        by_mail = tuple(person.ref for person in people if not self._is_reachable(person))
        return booking.model_copy(update={"by_mail": by_mail})

    def _spec(self, booking: Booking, people: Sequence[Person]) -> EventSpec:
        languages = {person.language for person in people}
        language = languages.pop() if len(languages) == 1 else "en"
        room = self._conference(booking.key)
        organizer = (
            self._organizer.model_copy(update={"address": _ref(booking).organizer})
            if booking.event
            else self._organizer_of(booking.programme_id)
        )
        return EventSpec(
            summary=title(MeetingKind(booking.kind), language),
            description=note(MeetingKind(booking.kind), self._providers.usual, language),
            start=booking.start,
            end=booking.end,
            organizer=organizer,
            attendees=tuple(
                Attendee(address=person.address, name=person.name)
                for person in people
                if person.ref not in booking.by_mail
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
