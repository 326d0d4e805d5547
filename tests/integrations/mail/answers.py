"""Answers to invitations in the shape in which each mail program writes them."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

PERSON = "zoe.dupont@corp.example"
MAILBOX = "invitations@programme.example"
START = datetime(2026, 9, 8, 8, tzinfo=UTC)
WISH = datetime(2026, 9, 9, 13, tzinfo=UTC)
STAMP = datetime(2026, 9, 7, 7, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Said:
    """What somebody answers; a wish makes a COUNTER of it."""

    uid: str = "uid-1"
    partstat: str = "DECLINED"
    sequence: int = 0
    stamp: datetime = STAMP
    wish: datetime | None = None
    person: str = PERSON
    sender: str = ""

    @property
    def method(self) -> str:
        return "COUNTER" if self.wish else "REPLY"

    @property
    def start(self) -> datetime:
        return self.wish or START

    @property
    def from_(self) -> str:
        return self.sender or self.person


def basic(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")


def document(said: Said, attendee: str = "", *more: str, method: str | None = None) -> str:
    """The least that an answer is; `attendee` replaces the whole ATTENDEE line."""
    named = said.method if method is None else method
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Test//EN",
        *([f"METHOD:{named}"] if named else []),
        "BEGIN:VEVENT",
        f"UID:{said.uid}",
        f"DTSTAMP:{basic(said.stamp)}",
        f"SEQUENCE:{said.sequence}",
        f"DTSTART:{basic(said.start)}",
        f"DTEND:{basic(said.start + HOUR)}",
        f"ORGANIZER:mailto:{MAILBOX}",
        attendee or f"ATTENDEE;PARTSTAT={said.partstat}:mailto:{said.person}",
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


def plain(said: Said, *, headers: Mapping[str, str] | None = None) -> bytes:
    """A message that is nothing but the answer."""
    part = MIMEText(document(said), "calendar", "utf-8")
    part.set_param("method", said.method)
    return _addressed(part, said, {**(headers or {})})


def outlook(said: Said) -> bytes:
    """Outlook and Exchange: base64, MAILTO in capitals, their own zone names, folded inside words."""
    local = (said.start + timedelta(hours=2)).strftime("%Y%m%dT%H%M%S")
    ends = (said.start + HOUR + timedelta(hours=2)).strftime("%Y%m%dT%H%M%S")
    text = (
        "BEGIN:VCALENDAR\r\n"
        f"METHOD:{said.method}\r\n"
        "PRODID:Microsoft Exchange Server 2010\r\nVERSION:2.0\r\n"
        "BEGIN:VTIMEZONE\r\nTZID:Romance Standard Time\r\n"
        "BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n"
        "BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n"
        "RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n"
        "BEGIN:VEVENT\r\n"
        f'ATTENDEE;PARTSTAT={said.partstat};CN="Dupont, Zo\u00e9":MAILT\r\n O:{said.person.title()}\r\n'
        "COMMENT;LANGUAGE=fr-FR:Je suis en d\u00e9placement\\, d\u00e9sol\u00e9e : mardi ?\\n\r\n"
        f"UID:{said.uid[:20]}\r\n {said.uid[20:]}\r\n"
        "SUMMARY;LANGUAGE=fr-FR:Refus\u00e9 : S\u00e9ance num\u00e9rique\r\n"
        f"DTSTART;TZID=Romance Standard Time:{local}\r\nDTEND;TZID=Romance Standard Time:{ends}\r\n"
        f"CLASS:PRIVATE\r\nPRIORITY:5\r\nDTSTAMP:{basic(said.stamp)}\r\nTRANSP:OPAQUE\r\n"
        f"STATUS:CONFIRMED\r\nSEQUENCE:{said.sequence}\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:{said.sequence}\r\n"
        "BEGIN:VALARM\r\nACTION:EMAIL\r\nATTENDEE:mailto:alarm@corp.example\r\nEND:VALARM\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    part = MIMEBase("text", "calendar", charset="utf-8", method=said.method)
    part.set_payload(base64.encodebytes(text.encode()).decode())
    part["Content-Transfer-Encoding"] = "base64"
    whole = MIMEMultipart("alternative")
    whole.attach(MIMEText("D\u00e9clin\u00e9", "plain", "iso-8859-1"))
    whole.attach(MIMEText("<p>D\u00e9clin\u00e9</p>", "html", "utf-8"))
    whole.attach(part)
    return _addressed(whole, said, {"Thread-Topic": "Seance", "X-MS-Has-Attach": ""})


def gmail(said: Said) -> bytes:
    """Google: the answer as an alternative and as a file, and all of it marked as generated."""
    text = document(
        said,
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;"
        f"PARTSTAT={said.partstat};CN={said.person};X-NUM-GUESTS=0:mailto:{said.person}",
    )
    alternative = MIMEMultipart("alternative")
    alternative.attach(MIMEText("Declined", "plain", "utf-8"))
    answer = MIMEText(text, "calendar", "utf-8")
    answer.set_param("method", said.method)
    alternative.attach(answer)
    file = MIMEBase("application", "ics", name="invite.ics")
    file.set_payload(base64.encodebytes(text.encode()).decode())
    file["Content-Transfer-Encoding"] = "base64"
    file.add_header("Content-Disposition", "attachment", filename="invite.ics")
    whole = MIMEMultipart("mixed")
    whole.attach(alternative)
    whole.attach(file)
    marked = {"Auto-Submitted": "auto-generated", "Sender": "Calendar <notification@calendar.example>"}
    return _addressed(whole, said, marked)


def apple(said: Said) -> bytes:
    """Apple Mail: no method in the Content-Type, and the address beside a URI of the account."""
    text = document(
        said,
        f'ATTENDEE;CN="Zo\u00e9 Dupont";CUTYPE=INDIVIDUAL;EMAIL="{said.person}";PARTSTAT={said.partstat};'
        "ROLE=REQ-PARTICIPANT:urn:uuid:4a5f0b66-3c8e-4f0f-9b8f-0c8b8d8f1a11",
    )
    part = MIMEText(text, "calendar", "utf-8")
    part.add_header("Content-Disposition", "attachment", filename="iCal-20260907-093000.ics")
    whole = MIMEMultipart("mixed")
    whole.attach(MIMEText("", "plain", "us-ascii"))
    whole.attach(part)
    return _addressed(whole, said, {"X-Mailer": "Mail"})


def zoneless(said: Said) -> bytes:
    """A phone's mail program: UTF-8 declared as us-ascii, sent as 8 bit, every attendee listed."""
    text = document(
        said,
        f"ATTENDEE;PARTSTAT={said.partstat};CN=Zo\u00e9:mailto:{said.person}\r\n"
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:max@corp.example",
    )
    head = (
        f"From: {said.from_}\r\nTo: {MAILBOX}\r\nSubject: Re\r\nMIME-Version: 1.0\r\n"
        'Content-Type: text/calendar; charset="us-ascii"; method=reply\r\n'
        "Content-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return head.encode() + text.encode()


def out_of_office(said: Said) -> bytes:
    """A note that nobody wrote, with the invitation it answers."""
    quoted = MIMEText(document(said), "calendar", "utf-8")
    quoted.set_param("method", "REPLY")
    whole = MIMEMultipart("mixed")
    whole.attach(MIMEText("I am away until Monday.", "plain", "utf-8"))
    whole.attach(quoted)
    return _addressed(whole, said, {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"})


def rich_text(said: Said) -> bytes:
    """Outlook in rich text: everything is in a winmail.dat."""
    whole = EmailMessage()
    whole["From"], whole["To"], whole["Subject"] = said.from_, MAILBOX, "Declined"
    whole.set_content("Declined")
    whole.add_attachment(
        b"\x78\x9f\x3e\x22", maintype="application", subtype="ms-tnef", filename="winmail.dat"
    )
    return whole.as_bytes()


def letter(said: Said) -> bytes:
    """A person's own words."""
    whole = EmailMessage()
    whole["From"], whole["To"], whole["Subject"] = said.from_, MAILBOX, "Sorry"
    whole.set_content("I cannot come.")
    return whole.as_bytes()


def _addressed(message: MIMEBase | MIMEMultipart | MIMEText, said: Said, headers: Mapping[str, str]) -> bytes:
    message["From"] = f"Zoe Dupont <{said.from_}>"
    message["To"] = MAILBOX
    message["Subject"] = "Declined"
    message["Date"] = "Mon, 7 Sep 2026 09:30:00 +0200"
    for name, value in headers.items():
        message[name] = value
    return message.as_bytes()


def wishing(said: Said, wish: datetime = WISH, partstat: str = "TENTATIVE") -> Said:
    """The same, asking for another time."""
    return replace(said, wish=wish, partstat=partstat)
