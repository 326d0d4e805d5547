"""A person's mailbox as they see it: letters as they arrive in a Maildir, with the links in them."""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

_LINK = re.compile(r"https?://[^\s<>\"]+/a/[A-Za-z0-9_=-]+")


@dataclass(frozen=True)
class Mail:
    """One letter in a mailbox; `letter` is the kind its headers name, `link` the page it asks to open."""

    file: Path
    address: str
    letter: str
    subject: str
    link: str
    message_id: str


class Mailboxes:
    """All mailboxes below one folder, `<address>/new/<file>`; a letter is handed out once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[Path] = set()
        self._changed: dict[Path, int] = {}

    def new(self) -> Iterator[Mail]:
        """The letters that arrived since the last call, oldest first in every mailbox."""
        for box in self._folder.glob("*/new"):
            changed = box.stat().st_mtime_ns
            if self._changed.get(box) == changed:
                continue
            self._changed[box] = changed
            for file in sorted(box.iterdir()):
                if file not in self._seen:
                    self._seen.add(file)
                    yield read(file)


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


def message_of(file: Path) -> EmailMessage:
    """The message in a file of a Maildir."""
    return email.message_from_bytes(file.read_bytes(), policy=email.policy.default)


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    """The plain (or html) part as its reader sees it."""
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
