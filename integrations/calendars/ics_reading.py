"""What all that reads iCalendar text has in common (RFC 5545)."""

import functools
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from icalendar import Calendar as Document
from icalendar import Component, Event, vCalAddress, vDDDLists, vDDDTypes

from integrations.calendars.calendar import Rsvp


def parsed(text: str) -> Document:
    """The document; every way in which text can be no iCalendar is a ValueError."""
    try:
        document = Document.from_ical(text)
        _set_zones(document)
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError("the text is no iCalendar document") from error
    return document


def _set_zones(document: Document) -> None:
    """Has each time be of the zone that this document describes by the name; floating where it does not.

    The library keeps the first zone it reads by a name that is neither IANA's nor Windows', and gives it to
    all documents to come; Outlook calls every zone that is somebody's own "Customized Time Zone".
    """

    @functools.cache
    def zone_of(name: str) -> tzinfo | None:
        found = next((one for one in document.timezones if one.tz_name == name), None)
        return found.to_tz(lookup_tzid=False) if found else None

    for event in document.events:
        for name in ("DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"):
            for value in listed(event, name):
                tzid = value.params.get("TZID")
                # What cannot be read has no times; whoever asks for them finds out.
                if tzid and isinstance(value, vDDDTypes | vDDDLists):
                    for one in value.dts:
                        one.dt = _zoned(one.dt, zone_of, str(tzid))


def _zoned(moment: Any, zone_of: Callable[[str], tzinfo | None], name: str) -> Any:  # noqa: ANN401 - a period too
    if isinstance(moment, tuple):
        return tuple(_zoned(one, zone_of, name) for one in moment)
    if not isinstance(moment, datetime) or isinstance(moment.tzinfo, ZoneInfo):
        return moment
    return moment.replace(tzinfo=zone_of(name))


def span(event: Event) -> tuple[date, date, timedelta]:
    """When an event starts, when it ends by the calendar, and how long after that it does end.

    A DURATION's days are the calendar's, its hours are exact, clocks changed or not (RFC 5545, 3.3.6).
    """
    start, end, lasts = event.start, event.end, event.DURATION
    if lasts is None or not isinstance(start, datetime):
        return start, end, timedelta()
    days = timedelta(days=lasts.days)
    return start, start + days, lasts - days


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
