"""Mail that comes in: who it is from and which invitations it answers, or why it is set aside.

A message is a stranger's text until its sender is proven: it is bounded before it is parsed, and nothing of
it is logged.
"""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import Message
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from integrations.calendars.ics import plain_address
from integrations.calendars.ics_answers import EventAnswer, OtherMethodError, is_of_our_age, read_answers
from integrations.errors import InvalidError
from integrations.mail.headers import mail_address

LARGEST_MAIL: Final = 1024 * 1024
"""Octets. An answer has 2 to 60 KB, with whatever its sender's company adds."""

LARGEST_CALENDAR: Final = 256 * 1024
MOST_HEADERS_OF_CONTENT: Final = 64
"""Each level of nesting needs a Content-Type: so many bound the depth too, and with it the parser's stack."""

_MOST_CALENDARS: Final = 5
_MOST_RESULTS: Final = 20
_LONGEST_HEADER: Final = 2000
_CALENDAR_TYPES: Final = ("text/calendar", "application/ics", "application/calendar")
_WIDE: Final = ("utf-16", "utf-32", "ucs-2")
_QUOTED: Final = re.compile(r'"(?:\\.|[^"\\])*"')
_COMMENT: Final = re.compile(r"\([^()]*\)")
_MAILBOX: Final = re.compile(r"(?:[^<>@,:;]*<\s*([^<>\s]+)\s*>|([^<>\s]+))")
# What a hostile message makes the standard library raise on its way to a part, besides ValueError.
_BROKEN: Final = (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError)


class Why(StrEnum):
    """Why a message is set aside."""

    TOO_LARGE = "too-large"
    TOO_NESTED = "too-nested"
    BROKEN = "broken"
    NO_SENDER = "no-sender"
    AUTOMATIC = "automatic"
    TNEF = "tnef"
    NO_CALENDAR = "no-calendar"
    NO_ANSWER = "no-answer"


class SetAsideError(Exception):
    """A message that answers no invitation, or not in a way that can be read."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True)
class Incoming:
    """A message that answers invitations: its one sender, as addresses are compared, and the answers.

    `sent_at` is its Date; `results` are its Authentication-Results, topmost first, whoever wrote them.
    """

    sender: str
    answers: tuple[EventAnswer, ...]
    sent_at: datetime | None = None
    results: tuple[str, ...] = ()

    @property
    def domain(self) -> str:
        """The domain of the sender's address."""
        return self.sender.rpartition("@")[2]


def read_mail(raw: bytes) -> Incoming:
    """Reads a message as it was received (RFC 5322); raises SetAsideError where it answers no invitation."""
    if len(raw) > LARGEST_MAIL:
        raise SetAsideError(Why.TOO_LARGE)
    if raw.lower().count(b"content-type") > MOST_HEADERS_OF_CONTENT:
        raise SetAsideError(Why.TOO_NESTED)
    try:
        # The newer policies parse every header they meet, and raise at more of what strangers write.
        message = email.message_from_bytes(raw, policy=policy.compat32)
        if _is_automatic(message):
            raise SetAsideError(Why.AUTOMATIC)
        return Incoming(
            sender=_sender(message),
            answers=_answers(message),
            sent_at=_date(message),
            results=_results(message),
        )
    except _BROKEN as error:
        raise SetAsideError(Why.BROKEN) from error


def _is_automatic(message: Message) -> bool:
    """Whether it is an out-of-office note: those may quote the invitation (RFC 3834, section 5).

    Not every automatic message is: Google marks people's own answers as auto-generated.
    """
    submitted = str(message.get("Auto-Submitted", "")).strip().lower()
    precedence = str(message.get("Precedence", "")).strip().lower()
    return (
        submitted.startswith("auto-replied")
        or precedence == "auto_reply"
        or any(name in message for name in ("X-Autoreply", "X-Autorespond"))
    )


def _sender(message: Message) -> str:
    """The address in From, of which there must be one: with two, readers differ on whom they show."""
    written = message.get_all("From", [])
    bare = _QUOTED.sub(" ", str(written[0])[:_LONGEST_HEADER]) if len(written) == 1 else ""
    found = _MAILBOX.fullmatch(_COMMENT.sub(" ", bare).strip())
    try:
        return plain_address(mail_address(found[1] or found[2] if found else ""))
    except InvalidError as error:
        raise SetAsideError(Why.NO_SENDER) from error


def _answers(message: Message) -> tuple[EventAnswer, ...]:
    """The answers of the first part that holds some: an alternative of the text, or a file beside it."""
    parts = list(_parts(message))
    calendars = [part for part in parts if part.get_content_type() == _CALENDAR_TYPES[0]]
    calendars += [part for part in parts if part not in calendars and _is_file_of_calendar(part)]
    if not calendars:
        raise SetAsideError(Why.TNEF if any(map(_is_tnef, parts)) else Why.NO_CALENDAR)
    why = Why.NO_ANSWER
    for part in calendars[:_MOST_CALENDARS]:
        try:
            return read_answers(_text(part), _method(part))
        except OtherMethodError:
            continue
        except ValueError:
            why = Why.BROKEN
    raise SetAsideError(why)


def _parts(message: Message) -> Iterator[Message]:
    """The leaves, in order; a message attached to this one is somebody else's, and stays closed."""
    waiting = [message]
    while waiting:
        part = waiting.pop()
        is_closed = part.get_content_maintype() != "multipart" or not part.is_multipart()
        inside = None if is_closed else part.get_payload()
        if isinstance(inside, list):
            waiting += [one for one in reversed(inside) if isinstance(one, Message)]
        else:
            yield part


def _is_file_of_calendar(part: Message) -> bool:
    return part.get_content_type() in _CALENDAR_TYPES or _name(part).endswith(".ics")


def _is_tnef(part: Message) -> bool:
    """Whether Outlook has packed the answer away, as it does for people outside ([MS-OXTNEF])."""
    return part.get_content_type() == "application/ms-tnef" or _name(part) == "winmail.dat"


def _name(part: Message) -> str:
    return str(part.get_filename() or "").strip().lower()


def _method(part: Message) -> str:
    method = part.get_param("method")
    return method if isinstance(method, str) else ""


def _text(part: Message) -> str:
    """The part's text, unfolded first: a fold may stand inside a character (RFC 5545, section 3.1).

    What can be read as UTF-8 is UTF-8, whatever is declared: iCalendar's default, which mail programs declare
    as us-ascii or iso-8859-1 all the same.
    """
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes) or len(content) > LARGEST_CALENDAR:
        raise ValueError("the calendar part is no text of a size that answers have")
    declared = str(part.get_content_charset() or "latin-1")
    is_wide = declared.startswith(_WIDE)
    for charset in (declared,) if is_wide else ("utf-8-sig", declared):
        try:
            text = (content if is_wide else _unfolded(content)).decode(charset)
        except (UnicodeError, LookupError):
            continue
        return re.sub(r"\r?\n[ \t]", "", text) if is_wide else text
    return _unfolded(content).decode("latin-1")


def _unfolded(content: bytes) -> bytes:
    return re.sub(rb"\r?\n[ \t]", b"", content)


def _results(message: Message) -> tuple[str, ...]:
    lines = message.get_all("Authentication-Results", [])[:_MOST_RESULTS]
    return tuple(str(line)[:_LONGEST_HEADER] for line in lines)


def _date(message: Message) -> datetime | None:
    try:
        date = parsedate_to_datetime(str(message.get("Date", ""))[:_LONGEST_HEADER])
        date = (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if is_of_our_age(date) else None
