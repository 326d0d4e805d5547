"""What all that reads iCalendar text has in common (RFC 5545)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from icalendar import Calendar as Document
from icalendar import Component, vCalAddress

from integrations.calendars.calendar import Rsvp


def parsed(text: str) -> Document:
    """The document; every way in which text can be no iCalendar is a ValueError."""
    try:
        document = Document.from_ical(text)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError("the text is no iCalendar document") from error
    return document


def instant(moment: date, zone: Callable[[], tzinfo]) -> datetime:
    """A day begins at midnight in the zone; a floating time is the zone's."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone())).astimezone(UTC)


def listed(event: Component, name: str) -> list[Any]:
    """The values of a property; the library gives one as itself and several as a list."""
    value = event.get(name, [])
    return value if isinstance(value, list) else [value]


def word(event: Component, name: str) -> str:
    """The value of a property in capitals; empty where there is none."""
    return str(event.get(name, "")).strip().upper()


def rsvp_of(attendee: vCalAddress) -> Rsvp:
    """What an attendee answered; anything unheard of is no answer."""
    answer = str(attendee.params.get("PARTSTAT", "")).lower()
    return Rsvp(answer) if answer in set(Rsvp) else Rsvp.NEEDS_ACTION
