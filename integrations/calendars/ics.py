"""iCalendar text: events written, read back, and read as busy time (RFC 5545, RFC 5546, RFC 6047)."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from urllib.parse import quote, unquote

import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar as Document
from icalendar import Component, Event, Timezone, vCalAddress, vText
from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.calendars.calendar import Attendee, Busy, BusyKind, EventSpec, Rsvp, Window
from integrations.errors import InvalidError

PRODUCT = "-//Reverse Mentoring//Reverse Mentoring//EN"
_KEY, _GENERATION = "X-MENTORING-KEY", "X-MENTORING-GENERATION"
_WRITTEN, _REPLACES, _COPIES = "X-MENTORING-WRITTEN", "X-MENTORING-REPLACES", "X-MENTORING-COPIES"
# RFC 5322, section 3.2.3, without the slash: in a calendar's path it would lead to somebody else's.
_ATEXT = re.compile(r"[A-Za-z0-9!#$%&'*+=?^_`{|}~.-]+")
_DOMAIN = re.compile(r"[A-Za-z0-9.-]+")
_CN_LIMIT = 120
_REMEMBERED = 20_000
# An event that repeats by the minute is a mistake or an attack: six weeks of it are 60 000 stretches.
_TOO_OFTEN = ("SECONDLY", "MINUTELY")
_Times = tuple[date, date, BusyKind]


class Mark(BaseModel):
    """What an event of ours carries in X-properties, by which we know it again.

    `replaces` is the etag of the version this one was written over; `copies` whose calendars have it too;
    `written` the times we last gave it, so that a person's own move can be told from ours.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    generation: int
    replaces: str = ""
    copies: tuple[str, ...] = ()
    written: Window | None = None


class Entry(BaseModel):
    """An event as one calendar has it; its times are aware, in UTC. `rsvps` is by lower-case address."""

    model_config = ConfigDict(frozen=True)

    uid: str
    start: AwareDatetime
    end: AwareDatetime
    sequence: int
    cancelled: bool
    rsvps: Mapping[str, Rsvp]
    location: str
    mark: Mark | None

    @property
    def window(self) -> Window:
        """Its times."""
        return Window(start=self.start, end=self.end)

    def rsvp(self, address: str) -> Rsvp:
        """What this calendar says this attendee answered; needs-action where it says nothing."""
        return self.rsvps.get(_plain(address), Rsvp.NEEDS_ACTION)


def event_uid(key: str, generation: int) -> str:
    """The UID that belongs to a business key and generation: base32hex of their SHA-256, lower case."""
    digest = hashlib.sha256(f"{key}/{generation}".encode()).digest()
    return base64.b32hexencode(digest).decode().rstrip("=").lower()


def event_text(spec: EventSpec, uid: str, mark: Mark, *, sequence: int = 0, stamp: datetime) -> str:
    """The event to be stored in a calendar; every attendee's RSVP is needs-action.

    SCHEDULE-AGENT=CLIENT keeps a server that schedules by itself from inviting people a second time
    (RFC 6638, section 7.1).
    """
    event = _event(spec, uid, sequence, stamp)
    for person in (event["ORGANIZER"], *_listed(event, "ATTENDEE")):
        person.params["SCHEDULE-AGENT"] = "CLIENT"
    _put_mark(event, mark.model_copy(update={"written": Window(start=spec.start, end=spec.end)}))
    return _document(event)


def cancelled_text(entry: Entry, mark: Mark, comment: str, *, stamp: datetime) -> str:
    """What remains of a cancelled event in the organizer's calendar: its times, free, nobody's name."""
    event = Event()
    event.add("UID", entry.uid)
    event.add("DTSTAMP", stamp.astimezone(UTC))
    event.add("DTSTART", entry.start)
    event.add("DTEND", entry.end)
    event.add("SEQUENCE", entry.sequence + 1)
    event.add("STATUS", "CANCELLED")
    event.add("TRANSP", "TRANSPARENT")
    event.add("CLASS", "PRIVATE")
    if comment:
        event.add("COMMENT", clean_text(comment))
    _put_mark(event, mark)
    return _document(event)


def invitation(spec: EventSpec, *, key: str, generation: int, sequence: int, method: str = "REQUEST") -> str:
    """What is mailed to a person without a calendar: METHOD REQUEST invites or changes, CANCEL calls off.

    `sequence` is above the last one sent under this key and generation (RFC 5546, section 2.1.4).
    """
    event = _event(spec, event_uid(key, generation), sequence, datetime.now(UTC))
    if method == "CANCEL":
        event["STATUS"] = vText("CANCELLED")
        event["TRANSP"] = vText("TRANSPARENT")
    elif method != "REQUEST":
        raise ValueError(f"an invitation is a REQUEST or a CANCEL, not {method!r}")
    return _document(event, method=method)


def read_event(text: str, zone: Callable[[], tzinfo] = lambda: UTC) -> Entry:
    """The (first, not overridden) event of a document; ValueError where there is none that can be read."""
    events = _parsed(text).events
    event = next((one for one in events if "RECURRENCE-ID" not in one), None)
    if event is None:
        raise ValueError("the document holds no event")
    start, end = (_instant(moment, zone) for moment in (event.start, event.end))
    return Entry(
        uid=str(event.get("UID", "")),
        start=start,
        end=max(end, start + timedelta(minutes=1)),
        sequence=int(event.get("SEQUENCE", 0)),
        cancelled=_word(event, "STATUS") == "CANCELLED",
        rsvps={_plain(str(one)): _rsvp(one) for one in _listed(event, "ATTENDEE")},
        location=str(event.get("LOCATION", "")),
        mark=_get_mark(event),
    )


class BusyReader:
    """Reads events as busy time and remembers, by digest, when they are; never what they say.

    Reading 60 events takes 20 ms, remembering them less than one.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[_Times, ...] | None] = {}

    def busy(
        self, text: str, owner: str, window: Window, zone: Callable[[], tzinfo] = lambda: UTC
    ) -> tuple[Busy, ...]:
        """What the event takes of its owner's time within the window; ValueError where it cannot be read.

        Transparent, cancelled and declined is free; whole days and floating times are the `zone`'s, which
        is asked for only where there are some.
        """
        digest = hashlib.sha256(f"{owner}\n{text}".encode(errors="surrogatepass")).digest()
        times = self._remember((digest,), lambda: _single_times(_parsed(text), owner))
        if times is None:
            days = (window.start.astimezone(UTC).date(), window.end.astimezone(UTC).date())
            times = self._remember((digest, *days), lambda: _repeated_times(_parsed(text), days, owner))
        return tuple(_within(times or (), window, zone))

    def _remember(
        self, key: tuple[object, ...], read: Callable[[], tuple[_Times, ...] | None]
    ) -> tuple[_Times, ...] | None:
        if key in self._known:
            return self._known[key]
        if len(self._known) >= _REMEMBERED:
            self._known = {}
        times = self._known[key] = read()
        return times


def read_free_busy(text: str, window: Window) -> tuple[Busy, ...]:
    """What a VFREEBUSY answer says is taken within the window (RFC 5545, section 3.6.4)."""
    kinds = {"BUSY-TENTATIVE": BusyKind.TENTATIVE, "BUSY-UNAVAILABLE": BusyKind.OUT_OF_OFFICE}
    times: list[_Times] = []
    for part in _parsed(text).walk("VFREEBUSY"):
        for line in _listed(part, "FREEBUSY"):
            kind = str(line.params.get("FBTYPE", "BUSY")).upper()
            if kind != "FREE":
                times.append((line.start, line.end, kinds.get(kind, BusyKind.BUSY)))
    return tuple(_within(tuple(times), window, lambda: UTC))


def zone_text(name: str) -> str:
    """The VTIMEZONE document of an IANA zone, as CALDAV:calendar-timezone wants it (RFC 4791, 5.2.2)."""
    document = Document()
    document.add("PRODID", PRODUCT)
    document.add("VERSION", "2.0")
    document.add_component(Timezone.from_tzid(name))
    return _serialised(document)


def read_zone(text: str) -> tzinfo:
    """The zone a VTIMEZONE document describes; UTC where there is none."""
    zones = _parsed(text).timezones if text.strip() else []
    return zones[0].to_tz() if zones else UTC


def clean_name(name: str) -> str:
    """A name fit for CN: one line, NFC, at most 120 long, no control or formatting characters.

    No quotes, which end a parameter, and no backslashes: readers disagree on whether those escape one
    (RFC 5545, section 3.2, says they do not).
    """
    kept = (char for char in name if unicodedata.category(char) not in {"Cf", "Cs", "Co", "Cn"})
    words = "".join(" " if unicodedata.category(char) in _BREAKS else char for char in kept)
    return " ".join(unicodedata.normalize("NFC", re.sub(r'["\\]', "", words)).split())[:_CN_LIMIT].rstrip()


def clean_text(text: str) -> str:
    r"""Text fit for a property: line breaks are `\\n`, no other control character, NFC.

    U+0085, U+2028 and U+2029 become `\\n` too: some readers end a content line at them.
    """
    lines = re.sub("\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text)
    kept = (char for char in lines if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"})
    return unicodedata.normalize("NFC", "".join(kept))


_BREAKS = {"Cc", "Zl", "Zp"}


def mail_address(address: str) -> str:
    """The address in ASCII, its domain in IDNA; InvalidError where no mail can go to it."""
    local, at, domain = address.strip().rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise InvalidError("a work address has a domain no mail can go to; correct it in HR") from error
    if not (at and _ATEXT.fullmatch(local) and _DOMAIN.fullmatch(ascii_domain)):
        raise InvalidError("a work address holds characters no mail address may hold; correct it in HR")
    return f"{local}@{ascii_domain}"


def _plain(address: str) -> str:
    """The address as it is compared: without mailto:, lower case, its domain in IDNA."""
    bare = re.sub("^mailto:", "", address.strip(), flags=re.IGNORECASE)
    try:
        return mail_address(bare).lower()
    except InvalidError:
        return bare.lower()


def _event(spec: EventSpec, uid: str, sequence: int, stamp: datetime) -> Event:
    event = Event()
    event.add("UID", uid)
    event.add("DTSTAMP", stamp.astimezone(UTC))
    event.add("DTSTART", spec.start.astimezone(UTC))
    event.add("DTEND", spec.end.astimezone(UTC))
    event.add("SEQUENCE", sequence)
    event.add("SUMMARY", clean_text(spec.summary).replace("\n", " "))
    event.add("DESCRIPTION", clean_text(spec.description))
    if spec.location:
        event.add("LOCATION", clean_text(spec.location).replace("\n", " "))
    event.add("STATUS", "CONFIRMED")
    event.add("TRANSP", "OPAQUE")
    event.add("CLASS", "PRIVATE")
    event.add("ORGANIZER", _person(spec.organizer))
    for attendee in spec.attendees:
        person = _person(attendee)
        person.params.update(
            {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
        )
        event.add("ATTENDEE", person)
    return event


def _person(someone: Attendee) -> vCalAddress:
    address = mail_address(someone.address)
    person = vCalAddress(f"mailto:{address}")
    person.params["CN"] = clean_name(someone.name) or address
    return person


def _document(event: Event, *, method: str = "") -> str:
    document = Document()
    document.add("PRODID", PRODUCT)
    document.add("VERSION", "2.0")
    if method:
        document.add("METHOD", method)
    document.add_component(event)
    return _serialised(document)


def _serialised(document: Document) -> str:
    return bytes(document.to_ical()).decode()


def _put_mark(event: Event, mark: Mark) -> None:
    """Percent-encoded, since clients disagree on how the text of an X-property is escaped."""
    event.add(_KEY, vText(quote(mark.key)))
    event.add(_GENERATION, vText(str(mark.generation)))
    if mark.replaces:
        event.add(_REPLACES, vText(quote(mark.replaces)))
    if mark.copies:
        event.add(_COPIES, vText("/".join(quote(address, safe="") for address in mark.copies)))
    if mark.written:
        event.add(_WRITTEN, vText(f"{_basic(mark.written.start)}/{_basic(mark.written.end)}"))


def _get_mark(event: Event) -> Mark | None:
    """The mark of an event of ours; None on somebody else's, or where a client has dropped or spoilt it."""
    start, slash, end = str(event.get(_WRITTEN, "")).partition("/")
    try:
        written = (
            Window(start=datetime.fromisoformat(start), end=datetime.fromisoformat(end)) if slash else None
        )
        return Mark(
            key=unquote(str(event[_KEY])),
            generation=int(str(event[_GENERATION])),
            replaces=unquote(str(event.get(_REPLACES, ""))),
            copies=tuple(unquote(one) for one in str(event.get(_COPIES, "")).split("/") if one),
            written=written,
        )
    except (KeyError, ValueError):
        return None


def _basic(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _parsed(text: str) -> Document:
    """The document; every way in which text can be no iCalendar is a ValueError."""
    try:
        document = Document.from_ical(text)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError("the text is no iCalendar document") from error
    return document


def _single_times(document: Document, owner: str) -> tuple[_Times, ...] | None:
    """When the document's events are, None if they repeat; ValueError if they repeat by the minute."""
    events = document.events
    for rule in (rule for event in events for rule in _listed(event, "RRULE")):
        if set(map(str, rule.get("FREQ", ()))) & set(_TOO_OFTEN):
            raise ValueError("an event repeats more than hourly")
    if any(name in event for event in events for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
        return None
    return tuple(_times(events, owner))


def _repeated_times(document: Document, days: tuple[date, date], owner: str) -> tuple[_Times, ...]:
    """When repeating events are, from a day before to a day after: whole days have no zone yet."""
    first, last = (datetime.combine(one, time(), UTC) for one in days)
    found = recurring_ical_events.of(document).between(first - timedelta(days=1), last + timedelta(days=2))
    return tuple(_times([one for one in found if isinstance(one, Event)], owner))


def _times(events: Sequence[Event], owner: str) -> Iterator[_Times]:
    for event in events:
        kind = _kind(event, owner)
        if kind:
            yield event.start, event.end, kind


def _kind(event: Event, owner: str) -> BusyKind | None:
    """How busy an event makes its owner; None for not at all.

    X-MICROSOFT-CDO-BUSYSTATUS is what Outlook and Exchange write ([MS-OXCICAL], 2.1.3.1.1.20.31).
    """
    status, exchange = _word(event, "STATUS"), _word(event, "X-MICROSOFT-CDO-BUSYSTATUS")
    rsvp = next((_rsvp(one) for one in _listed(event, "ATTENDEE") if _plain(str(one)) == _plain(owner)), None)
    free = _word(event, "TRANSP") == "TRANSPARENT" or exchange in {"FREE", "WORKINGELSEWHERE"}
    if free or status == "CANCELLED" or rsvp is Rsvp.DECLINED:
        return None
    if exchange == "OOF":
        return BusyKind.OUT_OF_OFFICE
    tentative = "TENTATIVE" in {status, exchange} or rsvp is Rsvp.TENTATIVE
    return BusyKind.TENTATIVE if tentative else BusyKind.BUSY


def _within(times: tuple[_Times, ...], window: Window, zone: Callable[[], tzinfo]) -> Iterator[Busy]:
    for first, last, kind in times:
        start, end = max(_instant(first, zone), window.start), min(_instant(last, zone), window.end)
        if start < end:
            yield Busy(start=start, end=end, kind=kind)


def _instant(moment: date, zone: Callable[[], tzinfo]) -> datetime:
    """A day begins at midnight in the zone; a floating time is the zone's."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone())).astimezone(UTC)


def _listed(event: Component, name: str) -> list[Any]:
    """The values of a property; the library gives one as itself and several as a list."""
    value = event.get(name, [])
    return value if isinstance(value, list) else [value]


def _word(event: Event, name: str) -> str:
    return str(event.get(name, "")).strip().upper()


def _rsvp(attendee: vCalAddress) -> Rsvp:
    answer = str(attendee.params.get("PARTSTAT", "")).lower()
    return Rsvp(answer) if answer in set(Rsvp) else Rsvp.NEEDS_ACTION
