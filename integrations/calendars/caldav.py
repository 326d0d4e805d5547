"""CalDAV: one service account keeps a meeting in the organizer's and each attendee's calendar (RFC 4791).

The organizer's calendar has the master, written last: where it stands every copy has been written, and one
that is missing was deleted by its person. Radicale carries no copies by itself (no RFC 6638); servers that do
are told to leave it to us (SCHEDULE-AGENT=CLIENT).
"""

import errno
import functools
import socket
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import NamedTuple, TypeVar
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

import niquests

from integrations import deadline
from integrations.calendars import patience
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
    mail_address,
    read_event,
)
from integrations.calendars.ics_busy import BusyReader, read_free_busy
from integrations.calendars.ics_zones import read_zone, zone_text
from integrations.errors import (
    AmbiguousError,
    ConflictError,
    GoneError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    PersonUnavailableError,
    RetryableError,
)

PROVIDER = "caldav"
T = TypeVar("T")
_ABSENT = frozenset({404, 410})
# The server compares whole days and floating times as UTC; they may be meant from UTC-12 to UTC+14.
_ZONES_APART = timedelta(hours=14)
_AT_ONCE, _FEW = 8, 2
_LONGEST_S = 60.0
_REMEMBERED = 20_000
_SUCCESS = range(200, 300)
_WRITES = frozenset({"PUT", "DELETE", "MKCALENDAR", "MKCOL"})
_UNREACHED = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN})


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
        self._dav = _Dav(url_template, user, password, timeout_s)
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
        if answer.status in _ABSENT:
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
        if answer.status in _ABSENT:
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
        except (InvalidError, ET.ParseError, ValueError):
            return Unknown(why="the calendar holds something that cannot be read")
        return _unknown(answer)

    def _busy(self, multistatus: str, address: str, window: Window) -> tuple[Busy, ...]:
        zone = functools.cache(lambda: self._zone(address))
        stretches = [
            busy
            for text in _texts(multistatus, "calendar-data")
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
        texts = (
            _texts(answer.text, "calendar-timezone") if answer.status == HTTPStatus.MULTI_STATUS else iter(())
        )
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


def _unknown(answer: "_Answer") -> Unknown:
    if answer.status in _ABSENT:
        return Unknown(why="no calendar has been set up for this person")
    if answer.status == HTTPStatus.FORBIDDEN:
        return Unknown(why="the service account may not read this calendar")
    return Unknown(why=f"the calendar server answered {answer.status}")


def _texts(multistatus: str, tag: str) -> Iterator[str]:
    # expat, as Python 3.11 brings it, limits the growth of entities and loads nothing from outside.
    root = ET.fromstring(multistatus)  # noqa: S314
    return (node.text or "" for node in root.iter(f"{{urn:ietf:params:xml:ns:caldav}}{tag}"))


@dataclass(frozen=True)
class _Answer:
    status: int
    etag: str
    text: str


class _Dav:
    """The requests we make, each one HTTP call; what the server refuses comes out as our own errors."""

    def __init__(self, url_template: str, user: str, password: str, timeout_s: float) -> None:
        if "{address}" not in url_template or urlsplit(url_template).scheme not in {"http", "https"}:
            raise MisconfiguredError("the CalDAV URL must be http(s) and hold {address}")
        self._template = url_template.rstrip("/") + "/"
        self._auth = (user, password) if user else None
        self._timeout_s = timeout_s
        self._of_thread = threading.local()

    def get(self, address: str, name: str) -> _Answer:
        return self._send("GET", self._event(address, name), allow=_ABSENT)

    def put(self, address: str, name: str, text: str, guard: Mapping[str, str] | None = None) -> _Answer:
        headers = {"Content-Type": "text/calendar; charset=utf-8", **(guard or {})}
        return self._send("PUT", self._event(address, name), text, headers)

    def delete(self, address: str, name: str) -> _Answer:
        return self._send("DELETE", self._event(address, name), allow=_ABSENT)

    def events(self, address: str, window: Window) -> _Answer:
        """The events that touch the window.

        Not free-busy-query: Radicale 3.9 takes 35 ms for it and 7 ms for this (60 events), and only an event
        tells a whole day from 24 hours in UTC.
        """
        body = (
            '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
            "<D:prop><C:calendar-data/></D:prop>"
            '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
            f"{_range(window.start - _ZONES_APART, window.end + _ZONES_APART)}"
            "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        )
        return self._ask("REPORT", address, body, depth="1")

    def free_busy(self, address: str, window: Window) -> _Answer:
        body = (
            '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f"{_range(window.start, window.end)}</C:free-busy-query>"
        )
        return self._ask("REPORT", address, body, depth="1")

    def timezone(self, address: str) -> _Answer:
        body = (
            '<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
            "<D:prop><C:calendar-timezone/></D:prop></D:propfind>"
        )
        return self._ask("PROPFIND", address, body, depth="0")

    def make_calendar(self, address: str, timezone: str) -> None:
        """Makes the collection and, where it is missing, the one above it; 405 says that one is there."""
        if self.timezone(address).status == HTTPStatus.MULTI_STATUS:
            return
        url = self._collection(address)
        prop = f"<C:calendar-timezone>{escape(timezone)}</C:calendar-timezone>" if timezone else ""
        body = (
            '<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f"<D:set><D:prop>{prop}</D:prop></D:set></C:mkcalendar>"
        )
        headers = {"Content-Type": "application/xml; charset=utf-8"}
        parent = url.rstrip("/").rpartition("/")[0] + "/"
        if (
            self._send("MKCALENDAR", url, body, headers, allow=frozenset({405, 409})).status
            == HTTPStatus.CONFLICT
        ):
            self._send("MKCOL", parent, allow=frozenset({405, 409}))
            self._send("MKCALENDAR", url, body, headers)

    def _ask(self, method: str, address: str, body: str, *, depth: str) -> _Answer:
        """Asks a collection; whatever concerns this one person only is an answer, not an error."""
        headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": depth}
        personal = frozenset({400, 403, 404, 405, 409, 410, 415, 422, 500, 501})
        return self._send(method, self._collection(address), body, headers, allow=personal)

    def _collection(self, address: str) -> str:
        return self._template.replace("{address}", quote(mail_address(address), safe="@"))

    def _event(self, address: str, name: str) -> str:
        return f"{self._collection(address)}{name}.ics"

    def _send(
        self,
        method: str,
        url: str,
        body: str = "",
        headers: Mapping[str, str] | None = None,
        *,
        allow: frozenset[int] = frozenset(),
    ) -> _Answer:
        try:
            response = self._session().request(
                method,
                url,
                data=body.encode() or None,
                headers=dict(headers or {}),
                auth=self._auth,
                timeout=patience.shared(url, deadline.left(self._timeout_s)),
                allow_redirects=False,
            )
            content = response.content or b""
        except niquests.RequestException as error:
            raise _translated(method, error) from _anonymous(error)
        status = response.status_code or 0
        if status not in _SUCCESS and status not in allow:
            refusal = niquests.HTTPError(f"{method} answered {status}", response=response)
            raise _translated(method, refusal) from _anonymous(refusal)
        return _Answer(status, str(response.headers.get("ETag", "")), content.decode(errors="replace"))

    def _session(self) -> niquests.Session:
        """This thread's session. A proxy named in the environment is not asked for what is on this host."""
        session: niquests.Session | None = getattr(self._of_thread, "session", None)
        if session is None:
            session = niquests.Session(retries=0, disable_http3=True)
            session.trust_env = urlsplit(self._template).hostname not in {"127.0.0.1", "::1", "localhost"}
            self._of_thread.session = session
        return session


def _range(start: datetime, end: datetime) -> str:
    first, last = (one.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for one in (start, end))
    return f'<C:time-range start="{first}" end="{last}"/>'


def _translated(method: str, error: niquests.RequestException) -> IntegrationError:
    """What the library's error is in ours.

    A write whose answer was lost, or was a server error, is ambiguous; a read is simply made again.
    """
    if isinstance(error, niquests.HTTPError) and error.response is not None:
        return _refusal(method, error.response)
    if isinstance(error, (niquests.exceptions.SSLError, niquests.exceptions.InvalidURL)):
        return MisconfiguredError("the CalDAV server's certificate or URL is wrong; check caldav_url")
    kind = type(error).__name__
    if method in _WRITES and not _never_sent(error):
        return AmbiguousError(f"the answer to a {method} was lost ({kind}); read before writing again")
    return RetryableError(f"the CalDAV server did not answer a {method} ({kind})")


def _refusal(method: str, response: niquests.Response) -> IntegrationError:
    status = response.status_code or 0
    said = f"the CalDAV server answered {status} to a {method}"
    clash = "no-uid-conflict" in (response.text or "")  # RFC 4791, section 5.3.2.1
    error: IntegrationError
    match status:
        case 408 | 423 | 425 | 429 | 503:
            error = RetryableError(said, after=_retry_after(str(response.headers.get("Retry-After", ""))))
        case 412:
            error = ConflictError(f"{said}: the event has changed; read it again")
        case 409 if clash:
            error = ConflictError(f"{said}: its UID stands under another name; delete that")
        case 404 | 409 | 410:
            error = PersonUnavailableError(f"{said}: a calendar is missing; provision it")
        case _ if 400 <= status < 500 and status not in {401, 403}:  # noqa: PLR2004
            error = InvalidError(f"{said} and will do so again")
        case 500 | 502 | 504:
            lost = f"{said}; read before writing again"
            error = AmbiguousError(lost) if method in _WRITES else RetryableError(said)
        case _:
            error = MisconfiguredError(f"{said}; check caldav_url, its user's rights and the server's space")
    return error


def _retry_after(value: str) -> timedelta | None:
    """The wait a Retry-After asks for, in seconds or until a date (RFC 9110, section 10.2.3)."""
    try:
        if value.isdigit():
            return timedelta(seconds=int(value))
        return max(parsedate_to_datetime(value) - datetime.now(UTC), timedelta())
    except (ValueError, OverflowError, TypeError):
        return None


def _never_sent(error: BaseException) -> bool:
    """Whether no connection came about, so that nothing can have been written.

    The library keeps the cause among the arguments, as `reason` or as the exception's context.
    """
    if isinstance(error, (niquests.ConnectTimeout, ConnectionRefusedError, socket.gaierror)):
        return True
    if isinstance(error, OSError) and error.errno in _UNREACHED:
        return True
    causes = (*error.args, getattr(error, "reason", None), error.__cause__, error.__context__)
    return any(_never_sent(cause) for cause in causes if isinstance(cause, BaseException))


def _anonymous(error: niquests.RequestException) -> niquests.RequestException:
    """The same kind of error without its text, which holds the URL and with it a person's address."""
    return type(error)(type(error).__name__)
