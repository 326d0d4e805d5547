"""A person's own calendar over CalDAV, as their own hand drives it: seen, accepted, declined, moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
from icalendar import Calendar, Component, vCalAddress

_DAV = "{DAV:}"
_CALDAV = "{urn:ietf:params:xml:ns:caldav}"
_QUERY = (
    '<?xml version="1.0"?><C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name='VCALENDAR'>"
    "<C:comp-filter name='VEVENT'><C:time-range start='{start}' end='{end}'/></C:comp-filter>"
    "</C:comp-filter></C:filter></C:calendar-query>"
)


@dataclass
class Entry:
    """An event as it stands in a person's calendar."""

    href: str
    etag: str
    document: Calendar
    event: Component
    address: str

    @property
    def uid(self) -> str:
        """The event's UID."""
        return str(self.event["UID"])

    @property
    def start(self) -> datetime:
        """When it starts, in UTC."""
        start: datetime = self.event.decoded("DTSTART")
        return start.astimezone(UTC)

    @property
    def partstat(self) -> str:
        """The person's own RSVP, as RFC 5545 writes it."""
        return str(next((a.params.get("PARTSTAT", "NEEDS-ACTION") for a in self._mine()), "NEEDS-ACTION"))

    def answer(self, partstat: str) -> None:
        """Sets the person's own RSVP."""
        for attendee in self._mine():
            attendee.params["PARTSTAT"] = partstat

    def shift(self, by: timedelta) -> None:
        """Moves the event to another time."""
        for name in ("DTSTART", "DTEND"):
            moved = self.event.decoded(name) + by
            del self.event[name]
            self.event.add(name, moved)

    def _mine(self) -> Iterator[vCalAddress]:
        attendees = self.event.get("ATTENDEE", [])
        for attendee in attendees if isinstance(attendees, list) else [attendees]:
            if str(attendee).lower().removeprefix("mailto:") == self.address.lower():
                yield attendee


class Agendas:
    """Everybody's calendars at one server; each person signs in as themselves."""

    def __init__(self, client: httpx.AsyncClient, url: str, password: str) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._password = password

    async def ahead(self, address: str, now: datetime, *, days: int = 60) -> list[Entry]:
        """The events in the person's calendar in the days ahead, earliest first."""
        span = (now, now + timedelta(days=days))
        start, end = (f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}" for instant in span)
        response = await self._client.request(
            "REPORT",
            f"{self._url}/{quote(address)}/calendar/",
            content=_QUERY.format(start=start, end=end),
            headers={"Depth": "1", "Content-Type": "application/xml"},
            auth=(address, self._password),
        )
        response.raise_for_status()
        entries = [_entry(found, address) for found in ET.fromstring(response.text)]  # noqa: S314 - our own server's answer
        return sorted(entries, key=lambda entry: entry.start)

    async def save(self, entry: Entry) -> bool:
        """Puts the changed event back; says False where it was changed by somebody else meanwhile."""
        response = await self._client.put(
            f"{self._url}{entry.href}" if entry.href.startswith("/") else entry.href,
            content=entry.document.to_ical(),
            headers={"If-Match": entry.etag, "Content-Type": "text/calendar; charset=utf-8"},
            auth=(entry.address, self._password),
        )
        if response.status_code in {httpx.codes.PRECONDITION_FAILED, httpx.codes.NOT_FOUND}:
            return False
        response.raise_for_status()
        return True


def _entry(found: ET.Element, address: str) -> Entry:
    document = Calendar.from_ical(found.findtext(f".//{_CALDAV}calendar-data", ""))
    return Entry(
        href=found.findtext(f"{_DAV}href", ""),
        etag=found.findtext(f".//{_DAV}getetag", ""),
        document=document,
        event=next(iter(document.walk("VEVENT"))),
        address=address,
    )
