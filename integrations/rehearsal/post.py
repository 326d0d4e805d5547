"""The post of a rehearsal: every letter of the ledger beside the file in its reader's mailbox."""

import email
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from integrations.clock import ProgrammeClock
from integrations.database.books import Books
from integrations.database.ledger import SentLetter
from integrations.database.people import Person
from integrations.mail.headers import message_id
from integrations.rehearsal.chronicle import LetterTold
from integrations.rehearsal.mailbox import POLICY


@dataclass(frozen=True)
class Posted:
    """A letter and, where a mailbox holds it, its message."""

    told: LetterTold
    message: EmailMessage | None


@dataclass(frozen=True)
class _Found:
    """A message and the mailbox it lies in."""

    address: str
    message: EmailMessage


def post(
    books: Books, programme_id: str, maildir: Path, *, sender: str, clock: ProgrammeClock
) -> tuple[Posted, ...]:
    """All letters of a programme, oldest first, numbered from 1.

    A letter is known again by its Message-ID, which is made from the ledger's key. What lies in a mailbox
    beyond the ledger's letters comes too; its instant is read off its Date by the clock.
    """
    people = {person.ref: person for person in books.directory.everybody()}
    found = _found(maildir)
    drafts: list[Posted] = []
    for sent in books.ledger.sent(programme_id):
        copies = found.pop(message_id(sent.key, sender), [])
        drafts.append(_entered(sent, people.get(sent.person_ref), copies))
        drafts += [_beyond(one, clock, copy_of=sent.key) for one in copies[1:]]
    drafts += [_beyond(one, clock) for strays in found.values() for one in strays]
    ordered = sorted(drafts, key=lambda one: (one.told.sent_at, one.told.key, one.told.address))
    return tuple(
        Posted(one.told.model_copy(update={"number": number}), one.message)
        for number, one in enumerate(ordered, start=1)
    )


def attachments(message: EmailMessage) -> Iterator[tuple[str, bytes]]:
    """The files that came with a letter, by name."""
    for part in message.iter_attachments():
        content = part.get_content()
        name = part.get_filename() or "attachment"
        yield name, content.encode() if isinstance(content, str) else bytes(content)


def _found(maildir: Path) -> dict[str, list[_Found]]:
    """Every message in every mailbox by its Message-ID, in order of arrival."""
    found: defaultdict[str, list[_Found]] = defaultdict(list)
    for file in sorted(maildir.glob("*/new/*")):
        message = email.message_from_bytes(file.read_bytes(), policy=POLICY)
        found[str(message["Message-ID"] or file.name)].append(_Found(file.parent.parent.name, message))
    return found


def _entered(sent: SentLetter, person: Person | None, copies: list[_Found]) -> Posted:
    """A letter of the ledger; it takes the first copy that was found."""
    one = copies[0] if copies else None
    told = LetterTold(
        number=0,
        key=sent.key,
        letter=sent.letter,
        person_ref=sent.person_ref,
        person=person.name if person else sent.person_ref,
        address=one.address if one else (person.address if person else ""),
        subject=str(one.message["Subject"]) if one else "",
        language=person.language if person else "en",
        sent_at=sent.sent_at.astimezone(UTC),
        in_mailbox=one is not None,
        attachments=_names(one.message) if one else (),
    )
    return Posted(told, one.message if one else None)


def _beyond(one: _Found, clock: ProgrammeClock, *, copy_of: str = "") -> Posted:
    """A letter in a mailbox that the ledger does not know, or knows already."""
    told = LetterTold(
        number=0,
        key="",
        copy_of=copy_of,
        letter=str(one.message["X-Mentoring-Letter"] or ""),
        person_ref="",
        person=one.address,
        address=one.address,
        subject=str(one.message["Subject"] or ""),
        language="en",
        sent_at=_sent_at(one.message, clock),
        in_mailbox=True,
        attachments=_names(one.message),
    )
    return Posted(told, one.message)


def _sent_at(message: EmailMessage, clock: ProgrammeClock) -> datetime:
    """The programme instant of a message's Date; the programme's first where there is none to be read."""
    try:
        dated = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return clock.programme_anchor
    return clock.programme(dated if dated.tzinfo else dated.replace(tzinfo=UTC))


def _names(message: EmailMessage) -> tuple[str, ...]:
    return tuple(part.get_filename() or "attachment" for part in message.iter_attachments())
