"""The report of a rehearsal as files: figures and chronicle as JSON, a page, and a page for every letter."""

import json
from pathlib import Path

from integrations.database.books import Books
from integrations.rehearsal.account import Account
from integrations.rehearsal.chronicle import Chronicle
from integrations.rehearsal.chronicling import Chronicler
from integrations.rehearsal.letter_pages import write_letters
from integrations.rehearsal.post import post
from integrations.rehearsal.report_page import report_page
from integrations.rehearsal.scene import Scene


def write_report(folder: Path, scene: Scene, books: Books, account: Account) -> Path:
    """Writes rehearsal.json, rehearsal.html and letters/; returns the page.

    The folder may hold an earlier report: its letters go, other files stay.
    """
    folder.mkdir(parents=True, exist_ok=True)
    programme, sender = scene.programme, scene.sender
    posted = post(books, programme.id, scene.mail.folder, sender=sender, clock=scene.clock)
    write_letters(folder / "letters", posted, programme)
    live = scene.live_events(sender)
    chronicle = Chronicler(books, programme, [one.told for one in posted], live).tell()
    (folder / "rehearsal.json").write_text(_as_json(account, chronicle), encoding="utf-8")
    page = folder / "rehearsal.html"
    page.write_text(report_page(account, chronicle, programme), encoding="utf-8")
    return page


def _as_json(account: Account, chronicle: Chronicle) -> str:
    """The account's own fields with the chronicle beside them, keys sorted, so that two reports compare."""
    content = {**account.model_dump(mode="json"), "chronicle": chronicle.model_dump(mode="json")}
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
