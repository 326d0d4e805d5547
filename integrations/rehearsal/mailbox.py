"""A person's mailbox as they see it: letters as they arrive in a Maildir, with the links in them."""

import email
import email.policy
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from functools import lru_cache
from pathlib import Path
from typing import Final

# The standard library parses Content-Type anew at each look, 25 times a letter: two thirds of all the time.
POLICY: Final = email.policy.default.clone(header_factory=lru_cache(maxsize=4096)(HeaderRegistry()))
_LINK = re.compile(r"https?://[^\s<>\"]+/a/[A-Za-z0-9_=-]+")
_SETTLED_NS = 50_000_000
"""More than a tick of any kernel's clock."""


@dataclass(frozen=True)
class Mail:
    """One letter in a mailbox; `letter` is the kind its headers name, `link` the page it asks to open."""

    file: Path
    address: str
    letter: str
    subject: str
    link: str
    message_id: str


class Arrivals:
    """What arrives in the folders of mailboxes, each file handed out once."""

    def __init__(self) -> None:
        self._seen: set[Path] = set()
        self._changed: dict[Path, int] = {}

    def of(self, box: Path) -> Iterator[Path]:
        """The files that arrived in this folder since the last call, oldest first; none where it is not.

        Two that arrive in one tick of the kernel's clock change the folder's time once, so a time counts as
        looked at only when it has settled.
        """
        changed = box.stat().st_mtime_ns if box.exists() else None
        if changed is None or self._changed.get(box) == changed:
            return
        if time.time_ns() - changed > _SETTLED_NS:
            self._changed[box] = changed
        for file in sorted(set(box.iterdir()) - self._seen):
            self._seen.add(file)
            yield file


class Mailboxes:
    """All mailboxes below one folder, `<address>/new/<file>`; a letter is handed out once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._arrivals = Arrivals()

    def new(self) -> Iterator[Mail]:
        """The letters that arrived since the last call, oldest first in every mailbox."""
        for box in self._folder.glob("*/new"):
            yield from map(read, self._arrivals.of(box))


def read(file: Path) -> Mail:
    """One letter of a Maildir."""
    message = message_of(file)
    found = _LINK.search(text_of(message))
    return Mail(
        file=file,
        address=file.parent.parent.name,
        letter=str(message["X-Mentoring-Letter"] or ""),
        subject=str(message["Subject"]),
        link=found[0] if found else "",
        message_id=str(message["Message-ID"]),
    )


@dataclass(frozen=True)
class Heading:
    """What the headers of a letter say: its kind and its Message-ID."""

    letter: str
    message_id: str


def heading(file: Path) -> Heading:
    """The heading of one letter of a Maildir; the letter itself stays unread."""
    with file.open("rb") as content:
        headers = BytesHeaderParser().parse(content)
    return Heading(str(headers["X-Mentoring-Letter"] or ""), str(headers["Message-ID"]))


def message_of(file: Path) -> EmailMessage:
    """The message in a file of a Maildir."""
    return email.message_from_bytes(file.read_bytes(), policy=POLICY)


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    """The plain (or html) part as its reader sees it."""
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
