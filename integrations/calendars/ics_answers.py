"""Answers to invitations that come by mail, read out of their iCalendar text (RFC 5546, section 3.2).

Line by line, and nothing of an hour in a zone of no known name: the text is a stranger's, and a library that
reads all of it also computes whatever a VTIMEZONE or RRULE asks for.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.calendars.calendar import Rsvp
from integrations.calendars.ics import plain_address
from integrations.calendars.ics_zones import zone_named

MOST_EVENTS: Final = 10
MOST_ATTENDEES: Final = 200
_LONGEST_ADDRESS: Final = 320
_LONGEST_UID: Final = 255
_LARGEST_SEQUENCE: Final = 2**31 - 1
_LINE: Final = re.compile(r'([A-Za-z0-9-]+)((?:;[^:"]*(?:"[^"]*"[^:"]*)*)?):(.*)', re.DOTALL)
_PARAMETER: Final = re.compile(r';\s*([A-Za-z0-9-]+)\s*=((?:"[^"]*"|[^;"])*)')
_FORM: Final = re.compile(r"(\d{8})T(\d{6})(Z?)")
_FIRST_YEAR, _LAST_YEAR = 2000, 2100
_DURATION: Final = re.compile(r"\+?PT(?:(\d{1,2})H)?(?:(\d{1,4})M)?")
_IN_EVENT: Final = ("VCALENDAR", "VEVENT")
# Somebody who has sent another person in their place will not come.
_PARTSTATS: Final = {**{rsvp.value: rsvp for rsvp in Rsvp}, "delegated": Rsvp.DECLINED}


class Method(StrEnum):
    """What an attendee says to the organizer: an answer, or a wish for another time."""

    REPLY = "REPLY"
    COUNTER = "COUNTER"


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Answer(_Value):
    """What the text says one attendee answers; the address is as it is compared."""

    address: str
    rsvp: Rsvp


class EventAnswer(_Value):
    """The answer to one event; `start` and `end` are its hour, or the wished one in a COUNTER.

    Each is None where the text does not say it, or not in a way that can be understood.
    """

    method: Method
    uid: str
    sequence: int | None
    stamp: AwareDatetime | None
    answers: tuple[Answer, ...]
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None


class OtherMethodError(ValueError):
    """The document is no answer to an invitation: a REQUEST quoted, a CANCEL, or no method at all."""


def read_answers(text: str, method: str = "") -> tuple[EventAnswer, ...]:
    """The answers in an unfolded document; ValueError where it is none, OtherMethodError where it has none.

    `method` is what the mail said, and counts where the document says nothing itself.
    """
    said, events = _components(text)
    said = (said or method).strip().upper()
    if said not in set(Method):
        raise OtherMethodError("the document is no answer")
    found = tuple(answer for event in events if (answer := _answer(Method(said), event)))
    if not found:
        raise ValueError("the document answers nothing")
    return found


def is_of_our_age(moment: datetime) -> bool:
    """Whether a moment can be meant; PostgreSQL keeps some that Python cannot read in every zone."""
    return _FIRST_YEAR <= moment.year <= _LAST_YEAR


class _Line(_Value):
    parameters: Mapping[str, str]
    value: str


_Properties = dict[str, list[_Line]]


def _components(text: str) -> tuple[str, list[_Properties]]:
    """The document's method, and its events' own lines; an alarm inside an event has attendees too."""
    method, events, inside = "", list[_Properties](), list[str]()
    for name, line in _lines(text):
        if name == "BEGIN":
            inside.append(line.value.strip().upper())
            if tuple(inside) == _IN_EVENT:
                events.append({})
        elif name == "END":
            inside[-1:] = []
        elif tuple(inside) == _IN_EVENT and len(events) <= MOST_EVENTS:
            values = events[-1].setdefault(name, [])
            if len(values) < MOST_ATTENDEES:
                values.append(line)
        elif name == "METHOD" and inside == ["VCALENDAR"]:
            method = line.value
    return method, events[:MOST_EVENTS]


def _lines(text: str) -> Iterator[tuple[str, _Line]]:
    for written in re.split(r"\r\n?|\n", text):
        if found := _LINE.fullmatch(written):
            name, parameters, value = found.groups()
            told = {key.upper(): text.strip().strip('"') for key, text in _PARAMETER.findall(parameters)}
            yield name.upper(), _Line(parameters=told, value=value)


def _answer(method: Method, event: _Properties) -> EventAnswer | None:
    """The answer an event is; None where it says of no event, or of nobody, what they answer."""
    uid = _first(event, "UID").value.strip()
    answers = tuple(
        Answer(address=address, rsvp=_rsvp(method, line))
        for line in event.get("ATTENDEE", [])
        if (address := _address(line))
    )
    if not 0 < len(uid) <= _LONGEST_UID or not answers:
        return None
    start = _instant(_first(event, "DTSTART"))
    return EventAnswer(
        method=method,
        uid=uid,
        sequence=_sequence(_first(event, "SEQUENCE").value),
        stamp=_instant(_first(event, "DTSTAMP")),
        answers=answers,
        start=start,
        end=_end(event, start),
    )


def _first(event: _Properties, name: str) -> _Line:
    return next(iter(event.get(name, ())), _Line(parameters={}, value=""))


def _address(line: _Line) -> str:
    """Whose line it is: mailto: in any case, a bare address, or EMAIL beside another URI (RFC 7986, 6.2)."""
    value = unquote(line.value.strip())[:_LONGEST_ADDRESS]
    bare = re.sub("^mailto:", "", value, flags=re.IGNORECASE)
    if "@" not in bare or ":" in bare:
        bare = line.parameters.get("EMAIL", "")[:_LONGEST_ADDRESS]
    return plain_address(bare) if "@" in bare else ""


def _rsvp(method: Method, line: _Line) -> Rsvp:
    """Who wishes for another time and says nothing else does not take the one there is as settled."""
    rsvp = _PARTSTATS.get(line.parameters.get("PARTSTAT", "").lower(), Rsvp.NEEDS_ACTION)
    return Rsvp.TENTATIVE if method is Method.COUNTER and rsvp is Rsvp.NEEDS_ACTION else rsvp


def _sequence(value: str) -> int | None:
    digits = value.strip()
    is_number = digits.isascii() and digits.isdecimal() and len(digits) <= len(str(_LARGEST_SEQUENCE))
    return min(int(digits), _LARGEST_SEQUENCE) if is_number else None


def _instant(line: _Line) -> datetime | None:
    """The moment in UTC; None for a whole day, a floating time, a zone of no known name, or another age."""
    form = _FORM.fullmatch(line.value.strip().upper())
    zone = UTC if form and form[3] else zone_named(line.parameters.get("TZID", ""))
    if form is None or zone is None:
        return None
    try:
        moment = datetime.strptime(form[1] + form[2], "%Y%m%d%H%M%S").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if is_of_our_age(moment) else None


def _end(event: _Properties, start: datetime | None) -> datetime | None:
    """When the event ends, by its DTEND or DURATION; None where that is not after its start."""
    end = _instant(_first(event, "DTEND"))
    hours = _DURATION.fullmatch(_first(event, "DURATION").value.strip().upper())
    if end is None and start and hours:
        end = start + timedelta(hours=int(hours[1] or 0), minutes=int(hours[2] or 0))
    return end if start and end and end > start else None
