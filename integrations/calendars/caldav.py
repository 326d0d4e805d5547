"""CalDAV: one service account keeps a meeting in the organizer's and each attendee's calendar (RFC 4791).

The organizer's calendar has the master, written last: where it stands every copy has been written, and one
that is missing was deleted by its person. Radicale carries no copies by itself (no RFC 6638); servers that do
are told to leave it to us (SCHEDULE-AGENT=CLIENT).
"""

import functools
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextvars import copy_context
from datetime import UTC, datetime, tzinfo
from http import HTTPStatus
from typing import NamedTuple, TypeVar

from integrations import deadline
from integrations.calendars.caldav_access import ABSENT, Answer, Dav, texts_of
from integrations.calendars.calendar import (
    Attendee,
    Availability,
    Busy,
    EventRef,
    EventSpec,
    Gone,
    Rsvp,
    Snapshot,
    Unknown,
    Window,
)
from integrations.calendars.ics import (
    Entry,
    Mark,
    admitted_text,
    cancelled_text,
    event_text,
    event_uid,
    read_event,
)
from integrations.calendars.ics_busy import BusyReader, read_free_busy
from integrations.calendars.ics_zones import read_zone, zone_text
from integrations.errors import (
    ConflictError,
    GoneError,
    InvalidError,
    MisconfiguredError,
    PersonUnavailableError,
    RetryableError,
)

PROVIDER = "caldav"
T = TypeVar("T")
_AT_ONCE, _FEW = 8, 2
_LONGEST_S = 60.0
_REMEMBERED = 20_000


class _Stored(NamedTuple):
    """An event as one calendar has it, and the etag that guards its next change."""

    entry: Entry
    etag: str


class CalDav:
    """The calendars of a CalDAV server, reached by one account that may write each of them.

    `url_template` holds `{address}`. May be shared between threads: each has a connection of its own. Whole
    days are those of the calendar's own zone (CALDAV:calendar-timezone), or of UTC. Nothing is retried.
    CalDAV has no conferences of its own: a snapshot's is the link that stands as the event's location.
    """

    def __init__(self, url_template: str, user: str, password: str, *, timeout_s: float = 20) -> None:
        self._dav = Dav(url_template, user, password, timeout_s)
        self._reader = BusyReader()
        self._read: dict[tuple[str, str, str], Entry] = {}
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="caldav")

    def free_busy(self, people: Sequence[str], window: Window) -> Mapping[str, Availability]:
        """When these people are taken within the window; a calendar that cannot be read is Unknown.

        What concerns the server and not one person (unreachable, overloaded, wrong password) is raised.
        """
        return self._each(lambda address: self._availability(address, window), people, few=1)

    def ensure(self, key: str, generation: int, spec: EventSpec) -> EventRef:
        """Creates the event of this key and generation, or adopts it; GoneError where it was cancelled.

        A try that broke off has left copies without a master; the next one completes them. Attendees who
        have no calendar here are missing from the reference's `attendees`.
        """
        ref = EventRef(
            provider=PROVIDER,
            organizer=spec.organizer.address,
            id=event_uid(key, generation),
            key=key,
            generation=generation,
            attendees=tuple(one.address for one in spec.attendees),
        )
        master = self._stored(ref.organizer, ref)
        return _adopted(master, ref) if master else self._create(ref, spec)

    def get(self, ref: EventRef) -> Snapshot | Gone:
        """The event as it is now: one GET for the organizer's calendar and one for each attendee's."""
        master = self._stored(ref.organizer, ref)
        if master is None or master.entry.cancelled:
            return Gone()
        others = [address for address in ref.attendees if address != ref.organizer]
        copies = {ref.organizer: master, **self._each(lambda address: self._stored(address, ref), others)}
        return _snapshot(master, {address: copies[address] for address in ref.attendees})

    def reschedule(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        """Changes the event, asks everybody anew and writes deleted copies again; ConflictError if stale.

        A change that broke off is repeated with the same etag; one whose answer was lost is known by the
        etag it replaced and the hour it gave, and is done.
        """
        master = self._stored(ref.organizer, ref)
        if master is None or master.entry.cancelled:
            raise GoneError("the event to be changed is gone; book it under another generation")
        mark = master.entry.mark
        if mark and mark.replaces == if_match and mark.written == Window(start=spec.start, end=spec.end):
            return _adopted(master, ref)
        if master.etag != if_match:
            raise ConflictError("the event was changed after it had been read; read it again")
        sequence = master.entry.sequence + 1
        moved = self._write_copies(ref, spec, sequence=sequence, keep=False)
        for address in set(ref.attendees) - {one.address for one in spec.attendees} - {ref.organizer}:
            self._dav.delete(address, ref.id)
        self._write_master(moved, spec, {"If-Match": if_match}, sequence=sequence, replaces=if_match)
        return moved

    def admit(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        """Gives newcomers a copy and writes them into the others'; the hour and all answers stay.

        The master is written last; a try that broke off is repeated as a whole.
        """
        master = self._stored(ref.organizer, ref)
        if master is None or master.entry.cancelled:
            raise GoneError("the event that more people were to join is gone")
        known = {*ref.attendees, *(master.entry.mark.copies if master.entry.mark else ())}
        new = [one for one in spec.attendees if one.address not in known]
        if not new:
            return _adopted(master, ref)
        if master.etag != if_match:
            raise ConflictError("the event was changed after it had been read; read it again")
        everybody = ref.model_copy(update={"attendees": (*ref.attendees, *(one.address for one in new))})
        text = _text(everybody, spec, master.entry.sequence)
        written = {one.address: self._write_copy(one.address, ref, text, keep=True) for one in new}
        carrying = tuple(address for address in everybody.attendees if written.get(address, True))
        others = [address for address in ref.attendees if address != ref.organizer]
        self._each(lambda address: self._write_in(address, ref, new, carrying), others)
        self._write_in(ref.organizer, ref, new, carrying)
        return ref.model_copy(update={"attendees": carrying})

    def cancel(self, ref: EventRef, comment: str, spare: Sequence[str] = ()) -> None:  # noqa: ARG002
        """Cancels the event everywhere; repeats do nothing.

        The organizer's calendar keeps a cancelled event without names: a late `ensure` finds it and revives
        nothing. The copies go; as CalDAV sends no notices, nobody needs to be spared one.
        """
        master = self._stored(ref.organizer, ref)
        if master and not master.entry.cancelled:
            mark = Mark(key=ref.key, generation=ref.generation)
            text = cancelled_text(master.entry, mark, comment, stamp=datetime.now(UTC))
            self._dav.put(ref.organizer, ref.id, text)
        self._delete_copies(ref)

    def provision(self, address: str, zone: str = "") -> None:
        """Sets up a person's calendar, in an IANA zone where one is named; one that exists stays as it is."""
        self._dav.make_calendar(address, zone_text(zone) if zone else "")

    def _create(self, ref: EventRef, spec: EventSpec) -> EventRef:
        try:
            made = self._write_copies(ref, spec, sequence=0, keep=True)
            self._write_master(made, spec, {"If-None-Match": "*"}, sequence=0)
        except ConflictError:
            return self._overtaken(ref)
        except (InvalidError, MisconfiguredError, PersonUnavailableError):
            self._delete_copies(ref)
            raise
        return made

    def _overtaken(self, ref: EventRef) -> EventRef:
        """Another try wrote the master meanwhile: adopts it, or takes back the copies where it is off."""
        master = self._stored(ref.organizer, ref)
        if master and not master.entry.cancelled:
            return _adopted(master, ref)
        self._delete_copies(ref)
        raise GoneError("the event was cancelled while it was being made; book it under another generation")

    def _write_copies(self, ref: EventRef, spec: EventSpec, *, sequence: int, keep: bool) -> EventRef:
        """Writes the attendees' copies; the reference then names those whose calendars carry the event."""
        text = _text(ref, spec, sequence)
        others = [one.address for one in spec.attendees if one.address != ref.organizer]
        written = self._each(lambda address: self._write_copy(address, ref, text, keep=keep), others)
        carrying = [one.address for one in spec.attendees if written.get(one.address, True)]
        return ref.model_copy(update={"attendees": tuple(carrying)})

    def _write_copy(self, address: str, ref: EventRef, text: str, *, keep: bool) -> bool:
        """Writes a copy, and keeps one of the same hour if so told; False if there is no calendar for it."""
        try:
            self._dav.put(address, ref.id, text, {"If-None-Match": "*"} if keep else {})
        except PersonUnavailableError:
            return False
        except ConflictError:
            found, ours = self._stored(address, ref), read_event(text).mark
            if not (found and found.entry.mark and ours and found.entry.mark.written == ours.written):
                self._dav.put(address, ref.id, text)
        return True

    def _write_in(
        self, address: str, ref: EventRef, people: Sequence[Attendee], carrying: Sequence[str]
    ) -> None:
        """Writes more people into one calendar's event; one that its person has deleted stays so."""
        answer = self._dav.get(address, ref.id)
        if answer.status in ABSENT:
            return
        try:
            text = admitted_text(answer.text, people, carrying)
        except ValueError as error:
            raise InvalidError("an event of ours cannot be read in a calendar; delete it there") from error
        self._dav.put(address, ref.id, text, {"If-Match": answer.etag})

    def _write_master(
        self, ref: EventRef, spec: EventSpec, guard: Mapping[str, str], *, sequence: int, replaces: str = ""
    ) -> None:
        self._dav.put(ref.organizer, ref.id, _text(ref, spec, sequence, replaces), guard)

    def _delete_copies(self, ref: EventRef) -> None:
        others = [address for address in ref.attendees if address != ref.organizer]
        self._each(lambda address: self._dav.delete(address, ref.id), others)

    def _each(self, act: Callable[[str], T], people: Sequence[str], *, few: int = _FEW) -> Mapping[str, T]:
        """Does it for each person, several at a time where they are more than a few.

        Nothing is under way any more when it returns or raises. What there was no time to begin is left.
        """
        if len(people) <= few:
            return {address: act(address) for address in people}
        begun = [self._threads.submit(copy_context().run, act, address) for address in people]
        _, late = wait(begun, timeout=deadline.left(_LONGEST_S), return_when=FIRST_EXCEPTION)
        left = [one for one in late if one.cancel()]
        wait([one for one in begun if one not in left])
        done = {address: one.result() for address, one in zip(people, begun, strict=True) if one not in left}
        if left:
            raise RetryableError("there was no time for every calendar")
        return done

    def _stored(self, address: str, ref: EventRef) -> _Stored | None:
        """The event in this person's calendar; None where it, or the calendar, is missing."""
        answer = self._dav.get(address, ref.id)
        if answer.status in ABSENT:
            return None
        version = (address, ref.id, answer.etag)
        entry = self._read.get(version) if answer.etag else None
        return _Stored(entry or self._remember(version, answer.text), answer.etag)

    def _remember(self, version: tuple[str, str, str], text: str) -> Entry:
        """Reads an event once in each version: to read it takes longer (1 ms) than to fetch it."""
        try:
            entry = read_event(text, lambda: self._zone(version[0]))
        except ValueError as error:
            raise InvalidError("an event of ours cannot be read in a calendar; delete it there") from error
        if len(self._read) >= _REMEMBERED:
            self._read = {}
        self._read[version] = entry
        return entry

    def _availability(self, address: str, window: Window) -> Availability:
        try:
            answer = self._dav.events(address, window)
            if answer.status == HTTPStatus.MULTI_STATUS:
                return self._busy(answer.text, address, window)
            if answer.status == HTTPStatus.FORBIDDEN:
                return self._free_busy_only(address, window)
        except (InvalidError, ET.ParseError, ValueError, AttributeError, TypeError):
            # The last two are how the iCalendar libraries stumble over a property that stands twice.
            return Unknown(why="the calendar holds something that cannot be read")
        return _unknown(answer)

    def _busy(self, multistatus: str, address: str, window: Window) -> tuple[Busy, ...]:
        zone = functools.cache(lambda: self._zone(address))
        stretches = [
            busy
            for text in texts_of(multistatus, "calendar-data")
            for busy in self._reader.busy(text, address, window, zone)
        ]
        return tuple(sorted(stretches, key=lambda one: (one.start, one.end)))

    def _free_busy_only(self, address: str, window: Window) -> Availability:
        """Asks for less where the account may see when a person is busy, but not the events."""
        answer = self._dav.free_busy(address, window)
        return read_free_busy(answer.text, window) if answer.status == HTTPStatus.OK else _unknown(answer)

    def _zone(self, address: str) -> tzinfo:
        """The zone set for this calendar (RFC 4791, section 5.2.2), or UTC."""
        answer = self._dav.timezone(address)
        found = answer.status == HTTPStatus.MULTI_STATUS
        texts = texts_of(answer.text, "calendar-timezone") if found else iter(())
        return read_zone(next(texts, ""))


def _text(ref: EventRef, spec: EventSpec, sequence: int, replaces: str = "") -> str:
    mark = Mark(key=ref.key, generation=ref.generation, copies=ref.attendees, replaces=replaces)
    return event_text(spec, ref.id, mark, sequence=sequence, stamp=datetime.now(UTC))


def _adopted(master: _Stored, ref: EventRef) -> EventRef:
    """The reference of an event that stands already; ConflictError where it is not the one meant."""
    mark = master.entry.mark
    if master.entry.uid != ref.id or (mark and (mark.key, mark.generation) != (ref.key, ref.generation)):
        raise ConflictError("another event stands where this one belongs; delete it or use another key")
    if master.entry.cancelled:
        raise GoneError("the event was cancelled; book it under another generation")
    return ref.model_copy(update={"attendees": mark.copies}) if mark else ref


def _snapshot(master: _Stored, copies: Mapping[str, _Stored | None]) -> Snapshot:
    """What the calendars say together; a copy was moved if its hour is neither the master's nor ours."""
    event = master.entry
    given = event.mark.written if event.mark else None
    present = {who: copy.entry for who, copy in copies.items() if copy and not copy.entry.cancelled}
    moved = {
        who: copy.window
        for who, copy in present.items()
        if copy.window not in (event.window, (copy.mark.written if copy.mark else None) or given)
    }
    return Snapshot(
        start=event.start,
        end=event.end,
        rsvps={who: present[who].rsvp(who) if who in present else Rsvp.NEEDS_ACTION for who in copies},
        etag=master.etag,
        sequence=event.sequence,
        conference=event.location if event.location.startswith(("https://", "http://")) else "",
        moved=moved,
        deleted_by=tuple(who for who in copies if who not in present),
    )


def _unknown(answer: Answer) -> Unknown:
    if answer.status in ABSENT:
        return Unknown(why="no calendar has been set up for this person")
    if answer.status == HTTPStatus.FORBIDDEN:
        return Unknown(why="the service account may not read this calendar")
    return Unknown(why=f"the calendar server answered {answer.status}")
