"""An SMTP server that refuses nobody and keeps every letter in its recipient's Maildir.

Run as a process: `python -m integrations.rehearsal.maildir --host HOST --port PORT --folder FOLDER`.
"""

import argparse
import asyncio
import itertools
import os
import signal
import time
from pathlib import Path
from urllib.parse import quote

from aiosmtpd.smtp import SMTP, Envelope, Session

BIGGEST_LETTER = 32 * 1024 * 1024
"""Octets; above SendGrid's 30 MB, so that the rehearsal refuses nothing that production takes."""


def mailbox(folder: Path, address: str) -> Path:
    """The Maildir of an address; case does not matter, and no address leads out of the folder."""
    name = quote(address.lower(), safe="@+=!$&'*^`{|}~")
    return folder / (f"%2E{name[1:]}" if name.startswith(".") else name)


class Postman:
    """Puts letters into Maildirs: complete in `tmp`, then renamed into `new`, in order of arrival by name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    async def handle_DATA(  # noqa: N802 -- aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keeps one copy a recipient, then confirms; so a confirmed letter is there to be read."""
        del server, session
        content = envelope.content
        letter = content if isinstance(content, bytes) else (content or "").encode()
        for address in envelope.rcpt_tos:
            self.keep(address, letter)
        return "250 2.0.0 kept"

    def keep(self, address: str, letter: bytes) -> Path:
        """Writes one letter and returns where it is."""
        box = mailbox(self._folder, address)
        for part in ("tmp", "new", "cur"):
            (box / part).mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns()}.P{os.getpid()}Q{next(self._numbers):08}.rehearsal"
        (box / "tmp" / name).write_bytes(letter)
        return (box / "tmp" / name).rename(box / "new" / name)


async def serve(host: str, port: int, folder: Path) -> None:
    """Listens until SIGTERM or SIGINT."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    postman = Postman(folder)

    def session() -> SMTP:
        # Without a name the server would ask the DNS for its own, once a connection.
        return SMTP(postman, hostname="rehearsal.localdomain", data_size_limit=BIGGEST_LETTER, loop=loop)

    async with await loop.create_server(session, host, port):
        await ended.wait()


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(arguments.host, arguments.port, arguments.folder))


if __name__ == "__main__":
    main()
