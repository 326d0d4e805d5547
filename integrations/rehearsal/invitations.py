"""Invitations as calendars and mail programs send them to each other (RFC 5546, by mail as in RFC 6047)."""

import smtplib
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from enum import StrEnum
from pathlib import Path
from queue import Empty, SimpleQueue

from icalendar import Calendar, Component, Event, vCalAddress, vText

from integrations.calendars.calendar import Rsvp
from integrations.rehearsal.mailbox import Arrivals, message_of
from integrations.rehearsal.maildir import mailbox

_PARTSTAT = {rsvp: rsvp.value.upper() for rsvp in Rsvp}
_RSVP = {text: rsvp for rsvp, text in _PARTSTAT.items()}
_LISTENS_S = 20.0


class Method(StrEnum):
    """What a calendar says to another."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    REPLY = "REPLY"
    COUNTER = "COUNTER"


@dataclass(frozen=True)
class Guest:
    """Somebody invited, and what they answered."""

    address: str
    rsvp: Rsvp = Rsvp.NEEDS_ACTION


@dataclass(frozen=True)
class Invitation:
    """What is said of one event; of an answer, `guests` is who answers, and `start` and `end` their wish."""

    method: Method
    uid: str
    sequence: int
    organizer: str
    start: datetime
    end: datetime
    summary: str
    guests: tuple[Guest, ...]
    location: str = ""

    def answered(self, address: str, rsvp: Rsvp) -> "Invitation":
        """The answer of one guest."""
        return replace(self, method=Method.REPLY, guests=(Guest(address, rsvp),))

    def event(self) -> Event:
        """The event as iCalendar has it."""
        event = Event()
        event.add("UID", self.uid)
        event.add("SEQUENCE", self.sequence)
        event.add("DTSTAMP", datetime.now(UTC))
        event.add("DTSTART", self.start.astimezone(UTC))
        event.add("DTEND", self.end.astimezone(UTC))
        event.add("SUMMARY", self.summary)
        event.add("LOCATION", self.location)
        event.add("ORGANIZER", f"mailto:{self.organizer}")
        for guest in self.guests:
            attendee = vCalAddress(f"mailto:{guest.address}")
            attendee.params["PARTSTAT"] = vText(_PARTSTAT[guest.rsvp])
            event.add("ATTENDEE", attendee, encode=False)
        if self.method is Method.CANCEL:
            event.add("STATUS", "CANCELLED")
        return event

    def document(self, *, stored: bool = False) -> Calendar:
        """The event in a document of its own; one that is stored has no method (RFC 4791, section 4.1)."""
        document = Calendar()
        document.add("VERSION", "2.0")
        document.add("PRODID", "-//Rehearsal//EN")
        if not stored:
            document.add("METHOD", self.method.value)
        document.add_component(self.event())
        return document


def read_invitation(text: str | bytes) -> Invitation | None:
    """What a document says; None where it is about something else than one event with hours."""
    document = Calendar.from_ical(text)
    event = next(iter(document.walk("VEVENT")), None)
    if event is None or str(document.get("METHOD", "REQUEST")) not in set(Method):
        return None
    return Invitation(
        method=Method(str(document.get("METHOD", "REQUEST"))),
        uid=str(event["UID"]),
        sequence=int(event.get("SEQUENCE", 0)),
        organizer=_address(event.get("ORGANIZER", "")),
        start=event.decoded("DTSTART").astimezone(UTC),
        end=event.decoded("DTEND").astimezone(UTC),
        summary=str(event.get("SUMMARY", "")),
        location=str(event.get("LOCATION", "")),
        guests=tuple(
            Guest(_address(one), _RSVP.get(str(one.params.get("PARTSTAT")), Rsvp.NEEDS_ACTION))
            for one in attendees(event)
        ),
    )


def attendees(event: Component) -> list[vCalAddress]:
    """The attendees of an event, be they none, one or many."""
    found = event.get("ATTENDEE", [])
    return found if isinstance(found, list) else [found]


def letter(invitation: Invitation, sender: str, to: str) -> EmailMessage:
    """The mail that carries an invitation."""
    message = EmailMessage()
    message["From"], message["To"] = sender, to
    message["Subject"] = f"{invitation.method.title()}: {invitation.summary}"
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain="rehearsal.localdomain")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(f"{invitation.summary}\n{invitation.start:%Y-%m-%d %H:%M} UTC\n")
    content = invitation.document().to_ical().decode()
    message.add_alternative(content, subtype="calendar", params={"method": invitation.method.value})
    return message


class Outbox:
    """Sends invitations one after the other, in the order in which they were put in; a thread does it."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._queue: SimpleQueue[tuple[Invitation, str, str]] = SimpleQueue()
        threading.Thread(target=self._send, daemon=True).start()

    def put(self, invitation: Invitation, sender: str, to: str) -> None:
        """Has an invitation sent."""
        self._queue.put((invitation, sender, to))

    def _send(self) -> None:
        """Keeps a connection while there is something to send."""
        while True:
            waiting = [self._queue.get()]
            with smtplib.SMTP(*self._server, timeout=_LISTENS_S, local_hostname="localhost") as server:
                while waiting:
                    invitation, sender, to = waiting.pop()
                    server.send_message(letter(invitation, sender, to), sender, [to])
                    try:
                        waiting.append(self._queue.get(timeout=0.5))
                    except Empty:
                        break


class Inbox:
    """The invitations in some people's mailboxes, each handed out once, in order of arrival."""

    def __init__(self, folder: Path, addresses: Iterable[str]) -> None:
        self._boxes = {address: mailbox(folder, address) / "new" for address in addresses}
        self._arrivals = Arrivals()

    def new(self) -> Iterator[tuple[str, Invitation]]:
        """To whom each invitation was sent, and what it says."""
        for address, box in self._boxes.items():
            for file in self._arrivals.of(box):
                yield from ((address, found) for found in _invitations_in(file))


def _invitations_in(file: Path) -> Iterator[Invitation]:
    # Most letters have none, and parsing one takes a hundred times as long as looking.
    if b"text/calendar" not in file.read_bytes():
        return
    for part in message_of(file).walk():
        if part.get_content_type() == "text/calendar" and not part.is_attachment():
            found = read_invitation(str(part.get_content()))
            if found is not None:
                yield found


def _address(written: object) -> str:
    return str(written).lower().removeprefix("mailto:")
