"""People's calendars over CalDAV. Where the organizer's are elsewhere, invitations and answers go by mail."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
from icalendar import Calendar, Component, vCalAddress, vText

from integrations.calendars.calendar import Rsvp
from integrations.rehearsal.invitations import Invitation, Method, Outbox, attendees, read_invitation

_DAV = "{DAV:}"
_CALDAV = "{urn:ietf:params:xml:ns:caldav}"
_QUERY = (
    '<?xml version="1.0"?><C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
    "<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name='VCALENDAR'>"
    "<C:comp-filter name='VEVENT'><C:time-range start='{start}' end='{end}'/></C:comp-filter>"
    "</C:comp-filter></C:filter></C:calendar-query>"
)
_CHANGED = frozenset({httpx.codes.PRECONDITION_FAILED, httpx.codes.NOT_FOUND})


@dataclass
class CalDavEntry:
    """An event as it stands in a person's calendar."""

    agenda: "CalDavAgenda"
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
    def mark(self) -> str:
        """The id the service gave the event: the UID itself, in a copy that the service wrote."""
        return self.uid if self.agenda.outbox is None else ""

    @property
    def start(self) -> datetime:
        """When it starts, in UTC."""
        return self._instant("DTSTART")

    @property
    def end(self) -> datetime:
        """When it ends, in UTC."""
        return self._instant("DTEND")

    @property
    def sequence(self) -> int:
        """How often it was moved."""
        return int(self.event.get("SEQUENCE", 0))

    @property
    def rsvp(self) -> Rsvp:
        """The person's own answer."""
        answers = (str(one.params.get("PARTSTAT", "NEEDS-ACTION")) for one in self._mine())
        return Rsvp(next(answers, "NEEDS-ACTION").lower())

    async def answer(self, rsvp: Rsvp) -> bool:
        """Sets the person's own RSVP, and mails it to an organizer elsewhere."""
        for attendee in self._mine():
            attendee.params["PARTSTAT"] = vText(rsvp.value.upper())
        return await self.agenda.save(self) and self._reply(rsvp)

    async def shift(self, by: timedelta) -> bool:
        """Moves the event and accepts it there; an organizer elsewhere is asked by mail instead (COUNTER)."""
        if said := self._said(Rsvp.DECLINED):
            wish = replace(said, method=Method.COUNTER, start=said.start + by, end=said.end + by)
            return await self.agenda.remove(self) and self._send(wish)
        for name in ("DTSTART", "DTEND"):
            moved = self.event.decoded(name) + by
            del self.event[name]
            self.event.add(name, moved)
        return await self.answer(Rsvp.ACCEPTED)

    async def delete(self) -> bool:
        """Deletes the event, and declines it where the organizer is elsewhere."""
        return await self.agenda.remove(self) and self._reply(Rsvp.DECLINED)

    def _instant(self, name: str) -> datetime:
        moment: datetime = self.event.decoded(name)
        return moment.astimezone(UTC)

    def _mine(self) -> Iterator[vCalAddress]:
        for attendee in attendees(self.event):
            if str(attendee).lower().removeprefix("mailto:") == self.address.lower():
                yield attendee

    def _said(self, rsvp: Rsvp) -> Invitation | None:
        """The answer to an organizer elsewhere; None where the organizer reads it in this very calendar."""
        known = read_invitation(self.document.to_ical()) if self.agenda.outbox else None
        return known.answered(self.address, rsvp) if known else None

    def _reply(self, rsvp: Rsvp) -> bool:
        said = self._said(rsvp)
        return self._send(said) if said else True

    def _send(self, said: Invitation) -> bool:
        if self.agenda.outbox:
            self.agenda.outbox.put(said, self.address, said.organizer)
        return True


class CalDavAgenda:
    """Everybody's calendars at one server. With an `outbox`, who invites them is elsewhere."""

    def __init__(
        self, client: httpx.AsyncClient, url: str, password: str, outbox: Outbox | None = None
    ) -> None:
        self.outbox = outbox
        self._client = client
        self._url = url.rstrip("/")
        self._password = password

    async def ahead(self, address: str, now: datetime, *, days: int = 60) -> list[CalDavEntry]:
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
        found = ET.fromstring(response.text)  # noqa: S314 - our own server's answer
        return sorted((self._entry(one, address) for one in found), key=lambda entry: entry.start)

    async def save(self, entry: CalDavEntry) -> bool:
        """Puts the changed event back; says False where it was changed by somebody else meanwhile."""
        content = entry.document.to_ical()
        return await self._change(entry, "PUT", {"Content-Type": "text/calendar; charset=utf-8"}, content)

    async def remove(self, entry: CalDavEntry) -> bool:
        """Deletes the event; says False where it was changed by somebody else meanwhile."""
        return await self._change(entry, "DELETE", {}, b"")

    async def file(self, address: str, invitation: Invitation) -> None:
        """Does with an invitation from elsewhere what mail programs do: puts it into the person's calendar.

        One that is out of date is left unread, a cancelled event goes.
        """
        url = f"{self._url}/{quote(address)}/calendar/{quote(invitation.uid, safe='')}.ics"
        auth = (address, self._password)
        known = await self._client.get(url, auth=auth)
        old = read_invitation(known.content) if known.is_success else None
        if old and old.sequence > invitation.sequence:
            return
        if invitation.method is Method.CANCEL:
            await self._client.delete(url, auth=auth)
        elif invitation.method is Method.REQUEST:
            headers = {"Content-Type": "text/calendar; charset=utf-8"}
            content = invitation.document(stored=True).to_ical()
            (await self._client.put(url, content=content, headers=headers, auth=auth)).raise_for_status()

    async def _change(self, entry: CalDavEntry, method: str, headers: dict[str, str], content: bytes) -> bool:
        response = await self._client.request(
            method,
            f"{self._url}{entry.href}" if entry.href.startswith("/") else entry.href,
            content=content,
            headers={"If-Match": entry.etag, **headers},
            auth=(entry.address, self._password),
        )
        if response.status_code in _CHANGED:
            return False
        response.raise_for_status()
        return True

    def _entry(self, found: ET.Element, address: str) -> CalDavEntry:
        document = Calendar.from_ical(found.findtext(f".//{_CALDAV}calendar-data", ""))
        return CalDavEntry(
            agenda=self,
            href=found.findtext(f"{_DAV}href", ""),
            etag=found.findtext(f".//{_DAV}getetag", ""),
            document=document,
            event=next(iter(document.walk("VEVENT"))),
            address=address,
        )
