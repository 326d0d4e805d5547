"""iCalendar text: events written and read back (RFC 5545)."""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from urllib.parse import quote, unquote

from icalendar import Calendar as Document
from icalendar import Event, vCalAddress, vText
from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.calendars.calendar import Attendee, EventSpec, Rsvp, Window
from integrations.calendars.ics_reading import instant, listed, parsed, rsvp_of, span, word
from integrations.errors import InvalidError

PRODUCT = "-//Reverse Mentoring//Reverse Mentoring//EN"
_KEY, _GENERATION = "X-MENTORING-KEY", "X-MENTORING-GENERATION"
_WRITTEN, _REPLACES, _COPIES = "X-MENTORING-WRITTEN", "X-MENTORING-REPLACES", "X-MENTORING-COPIES"
# RFC 5322, section 3.2.3, without the slash: in a calendar's path it would lead to somebody else's.
_ATEXT = re.compile(r"[A-Za-z0-9!#$%&'*+=?^_`{|}~.-]+")
_DOMAIN = re.compile(r"[A-Za-z0-9.-]+")
_CN_LIMIT = 120
_BREAKS = {"Cc", "Zl", "Zp"}


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
        return self.rsvps.get(plain_address(address), Rsvp.NEEDS_ACTION)


def event_uid(key: str, generation: int) -> str:
    """The UID that belongs to a business key and generation: base32hex of their SHA-256, lower case."""
    digest = hashlib.sha256(f"{key}/{generation}".encode()).digest()
    return base64.b32hexencode(digest).decode().rstrip("=").lower()


def event_text(spec: EventSpec, uid: str, mark: Mark, *, sequence: int = 0, stamp: datetime) -> str:
    """The event to be stored in a calendar; every attendee's RSVP is needs-action.

    SCHEDULE-AGENT=CLIENT keeps a server that schedules by itself from inviting people a second time
    (RFC 6638, section 7.1).
    """
    event = new_event(spec, uid, sequence, stamp)
    for person in (event["ORGANIZER"], *listed(event, "ATTENDEE")):
        person.params["SCHEDULE-AGENT"] = "CLIENT"
    _put_mark(event, mark.model_copy(update={"written": Window(start=spec.start, end=spec.end)}))
    return document(event)


def admitted_text(text: str, people: Sequence[Attendee], copies: Sequence[str]) -> str:
    """A stored event with more people on its list and in its mark; whatever else stands in it stays.

    ValueError where the text holds no event.
    """
    stored = parsed(text)
    event = _first(stored)
    known = {plain_address(str(one)) for one in listed(event, "ATTENDEE")}
    for one in people:
        if plain_address(one.address) not in known:
            person = _asked(one)
            person.params["SCHEDULE-AGENT"] = "CLIENT"
            event.add("ATTENDEE", person)
    if _KEY in event and copies:
        event.pop(_COPIES, None)
        event.add(_COPIES, _copies_text(copies))
    return bytes(stored.to_ical()).decode()


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
    return document(event)


def read_event(text: str, zone: Callable[[], tzinfo] = lambda: UTC) -> Entry:
    """The (first, not overridden) event of a document; ValueError where there is none that can be read."""
    event = _first(parsed(text))
    first, last, longer = span(event)
    start, end = instant(first, zone), instant(last, zone) + longer
    return Entry(
        uid=str(event.get("UID", "")),
        start=start,
        end=max(end, start + timedelta(minutes=1)),
        sequence=int(event.get("SEQUENCE", 0)),
        cancelled=word(event, "STATUS") == "CANCELLED",
        rsvps={plain_address(str(one)): rsvp_of(one) for one in listed(event, "ATTENDEE")},
        location=str(event.get("LOCATION", "")),
        mark=_get_mark(event),
    )


def _first(stored: Document) -> Event:
    event = next((one for one in stored.events if "RECURRENCE-ID" not in one), None)
    if event is None:
        raise ValueError("the document holds no event")
    return event


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


def plain_address(address: str) -> str:
    """The address as it is compared: without mailto:, lower case, its domain in IDNA."""
    bare = re.sub("^mailto:", "", address.strip(), flags=re.IGNORECASE)
    try:
        return mail_address(bare).lower()
    except InvalidError:
        return bare.lower()


def new_event(spec: EventSpec, uid: str, sequence: int, stamp: datetime) -> Event:
    """The event as it stands in a calendar or a mail: private, confirmed, everybody asked for an answer."""
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
        event.add("ATTENDEE", _asked(attendee))
    return event


def _asked(attendee: Attendee) -> vCalAddress:
    person = _person(attendee)
    person.params.update(
        {"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "TRUE"}
    )
    return person


def _person(someone: Attendee) -> vCalAddress:
    address = mail_address(someone.address)
    person = vCalAddress(f"mailto:{address}")
    person.params["CN"] = clean_name(someone.name) or address
    return person


def document(event: Event, *, method: str = "") -> str:
    """The document around an event; one that is stored has no method (RFC 4791, section 4.1)."""
    around = Document()
    around.add("PRODID", PRODUCT)
    around.add("VERSION", "2.0")
    if method:
        around.add("METHOD", method)
    around.add_component(event)
    return bytes(around.to_ical()).decode()


def _put_mark(event: Event, mark: Mark) -> None:
    """Percent-encoded, since clients disagree on how the text of an X-property is escaped."""
    event.add(_KEY, vText(quote(mark.key)))
    event.add(_GENERATION, vText(str(mark.generation)))
    if mark.replaces:
        event.add(_REPLACES, vText(quote(mark.replaces)))
    if mark.copies:
        event.add(_COPIES, _copies_text(mark.copies))
    if mark.written:
        event.add(_WRITTEN, vText(f"{_basic(mark.written.start)}/{_basic(mark.written.end)}"))


def _copies_text(copies: Sequence[str]) -> vText:
    return vText("/".join(quote(address, safe="") for address in copies))


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
