"""A letter as the bytes of RFC 5322: its own headers, then MIME parts from the standard library."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime

from integrations.errors import InvalidError
from integrations.mail.headers import added_headers, display_name, mail_address, message_id, subject_line
from integrations.mail.mail import Message

# RFC 2045 ends a quoted-printable line after 76 characters; the default of 78 is for headers.
_POLICY = policy.SMTP.clone(max_line_length=76)
_METHODS = frozenset({"PUBLISH", "REQUEST", "REPLY", "ADD", "CANCEL", "REFRESH", "COUNTER", "DECLINECOUNTER"})
_WORD_TO_ENCODE = re.compile(r"[^ -~]|=\?")


@dataclass(frozen=True)
class Letter:
    """A message as it goes over the wire: ASCII only, CRLF line ends, no 8BITMIME or SMTPUTF8 needed."""

    sender: str
    recipient: str
    message_id: str
    content: bytes


def compose(
    message: Message, key: str, *, sender_address: str, sender_name: str, written_at: datetime
) -> Letter:
    """Builds the letter; the same arguments give the same headers.

    Raises InvalidError for an address, header, subject or calendar method that mail cannot carry.
    """
    sender, recipient = mail_address(sender_address), mail_address(message.to_address)
    identity = message_id(key, sender)
    lines = [
        ("From", _mailbox("From", sender_name, sender)),
        ("To", _mailbox("To", message.to_name, recipient)),
        *([("Reply-To", mail_address(message.reply_to))] if message.reply_to else []),
        ("Subject", _encoded("Subject", subject_line(message.subject))),
        ("Date", format_datetime(written_at)),
        ("Message-ID", identity),
        *added_headers(message.headers).items(),
    ]
    # EmailMessage would fold these itself, but on Python 3.11 it loses spaces between encoded words (CPython
    # issue 92081; 7 % of random accented ones) and encodes a long List-Unsubscribe beyond recognition.
    head = "".join(f"{name}: {value}\r\n" for name, value in lines).encode("ascii")
    return Letter(sender, recipient, identity, head + _body(message).as_bytes())


def calendar_method(message: Message) -> str:
    """The iTIP method of the calendar part (RFC 5546); raises InvalidError for anything else."""
    if message.calendar_method not in _METHODS:
        raise InvalidError("the calendar part has no method of RFC 5546; use REQUEST or CANCEL")
    return message.calendar_method


def _mailbox(header: str, name: str, address: str) -> str:
    """`Name <address>`, the name quoted or encoded as it needs."""
    clean = display_name(name)
    if not clean:
        return address
    if _WORD_TO_ENCODE.search(clean):
        return f"{_encoded(header, clean)}\r\n <{address}>"
    return f'"{clean}" <{address}>'


def _encoded(header: str, text: str) -> str:
    """The text as it is, or in encoded words of at most 75 characters, one a line (RFC 2047, section 2)."""
    if not _WORD_TO_ENCODE.search(text):
        return text
    return Header(text, "utf-8", header_name=header).encode(linesep="\r\n")


def _body(message: Message) -> EmailMessage:
    """The MIME parts: text before HTML before calendar, as RFC 2046 orders alternatives, then the files."""
    if not message.text.strip():
        raise InvalidError("the letter has no plain text; give its template one")
    body = EmailMessage(policy=_POLICY)
    body.set_content(message.text, cte="quoted-printable")
    if message.html:
        body.add_alternative(message.html, subtype="html", cte="quoted-printable")
    if message.calendar:
        method = calendar_method(message)
        body.add_alternative(message.calendar, subtype="calendar", cte="base64", params={"method": method})
        invitation = message.calendar.encode()
        body.add_attachment(invitation, maintype="application", subtype="ics", filename="invite.ics")
    for attachment in message.attachments:
        kind, _, parameters = attachment.content_type.partition(";")
        main, _, sub = kind.partition("/")
        given = dict(parameter.strip().split("=", 1) for parameter in parameters.split(";") if parameter)
        name = attachment.filename
        body.add_attachment(attachment.content, maintype=main, subtype=sub, filename=name, params=given)
    return body
