"""Every letter as a page of its own: what the recipient saw, below a few lines of where it came from."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from integrations.programme import Programme
from integrations.rehearsal.chronicle import LetterTold
from integrations.rehearsal.mailbox import text_of
from integrations.rehearsal.post import Posted, attachments
from integrations.rehearsal.typesetting import ENVIRONMENT, Words

# Browsers guess the encoding of a file that names none; with a byte order mark they need not.
_ENCODING: Final = "utf-8-sig"
_BODY: Final = re.compile(r"<body\b[^>]*>", re.IGNORECASE)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


def page_name(number: int) -> str:
    """The file name of a letter's page."""
    return f"{number:04}.html"


def attachment_name(number: int, position: int, filename: str) -> str:
    """The name an attachment is kept under: its own, made safe, behind the letter's number and its place."""
    return f"{number:04}-{position}-{_UNSAFE.sub('-', filename)[-80:]}"


def write_letters(folder: Path, posted: Sequence[Posted], programme: Programme) -> None:
    """Writes each letter's page, plain text and attachments; those of an earlier report go first."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("[0-9][0-9][0-9][0-9]*"):
        old.unlink()
    words = Words(programme.zone)
    for one in posted:
        if one.message is None:
            continue
        text = text_of(one.message)
        html = text_of(one.message, "html")
        head = _head(one, words)
        page = folder / page_name(one.told.number)
        page.write_text(_page(one.told, head, text, html), encoding=_ENCODING)
        page.with_suffix(".txt").write_text(text, encoding=_ENCODING)
        for position, (name, content) in enumerate(attachments(one.message), start=1):
            (folder / attachment_name(one.told.number, position, name)).write_bytes(content)


def _head(one: Posted, words: Words) -> str:
    message = one.message
    return ENVIRONMENT.get_template("letter_head.html.j2").render(
        told=one.told,
        sender=str(message["From"]) if message else "",
        recipient=str(message["To"]) if message else "",
        words=words,
        text=Path(page_name(one.told.number)).with_suffix(".txt").name,
        attached=[
            (name, attachment_name(one.told.number, position, name))
            for position, name in enumerate(one.told.attachments, start=1)
        ],
    )


def _page(told: LetterTold, head: str, text: str, html: str) -> str:
    """The letter's own page with the head put in; one without HTML is shown as its text."""
    if found := _BODY.search(html):
        return f"{html[: found.end()]}\n{head}\n{html[found.end() :]}"
    return ENVIRONMENT.get_template("letter_text.html.j2").render(told=told, head=head, text=text)
