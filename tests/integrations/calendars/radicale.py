"""Radicale as a child process, and people's hands in its calendars."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from icalendar import Calendar as Document
from icalendar import Event, vText

from integrations.calendars.calendar import EventRef, Rsvp, Window

USER, PASSWORD = "mentoring", "s3cret"
_TRIES = 5
_CONFIG = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[rights]
type = from_file
file = {folder}/rights
[storage]
filesystem_folder = {folder}/store
[logging]
level = error
"""
_RIGHTS = """
[shut]
user: .+
collection: shut-.+
permissions:
[glance]
user: .+
collection: glance-.+/calendar
permissions: wf
[open]
user: .+
collection: .*
permissions: RrWw
"""


@contextmanager
def radicale(folder: Path) -> Iterator[str]:
    """Runs a server, and yields its URL.

    Its one account may read and write all calendars but
    `shut-…` (nothing) and `glance-…` (written, and read as free/busy).
    """
    (folder / "rights").write_text(_RIGHTS)
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    for _ in range(_TRIES):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        (folder / "config").write_text(_CONFIG.format(port=port, folder=folder))
        command = [sys.executable, "-m", "radicale", "--config", str(folder / "config")]
        with subprocess.Popen(command) as server:
            try:
                if _is_ready(port, server):
                    yield f"http://127.0.0.1:{port}"
                    return
            finally:
                server.terminate()
    raise RuntimeError("Radicale ends at once")


def _is_ready(port: int, server: "subprocess.Popen[bytes]") -> bool:
    """Waits until it listens; False where it has ended, as when somebody else took the port meanwhile."""
    deadline = time.monotonic() + 120
    while server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise RuntimeError("Radicale does not answer") from None
            time.sleep(0.02)
        else:
            return server.poll() is None
    return False


class RadicaleHand:
    """A person's client: plain HTTP, independent of the adapter."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._client = httpx.Client(auth=(USER, PASSWORD), timeout=60, trust_env=False)

    def answer(self, address: str, ref: EventRef, rsvp: Rsvp) -> None:
        def accept(event: Event) -> None:
            listed = event["ATTENDEE"]
            for attendee in listed if isinstance(listed, list) else [listed]:
                if str(attendee).lower() == f"mailto:{address}".lower():
                    attendee.params["PARTSTAT"] = rsvp.value.upper()

        self._change(address, ref, accept)

    def move(self, address: str, ref: EventRef, to: Window) -> None:
        def shift(event: Event) -> None:
            for name, value in (("DTSTART", to.start), ("DTEND", to.end)):
                del event[name]
                event.add(name, value)

        self._change(address, ref, shift)

    def call_off(self, address: str, ref: EventRef) -> None:
        self._change(address, ref, lambda event: event.update({"STATUS": vText("CANCELLED")}))

    def delete(self, address: str, ref: EventRef) -> None:
        self._client.delete(self._at(address, ref.id)).raise_for_status()

    def has(self, address: str, ref: EventRef) -> bool:
        answer = self._client.get(self._at(address, ref.id))
        return answer.status_code == 200 and "STATUS:CANCELLED" not in answer.text

    def count(self, address: str) -> int:
        whole = self._client.get(f"{self._url}/{address}/calendar/").raise_for_status()
        return sum(event.get("STATUS") != "CANCELLED" for event in Document.from_ical(whole.text).events)

    def title(self, address: str, ref: EventRef) -> str:
        return str(self._event(address, ref)[1]["SUMMARY"])

    def occupy(self, address: str, window: Window) -> None:
        times = f"DTSTART:{window.start:%Y%m%dT%H%M%SZ}\r\nDTEND:{window.end:%Y%m%dT%H%M%SZ}"
        self.put(address, f"own-{window.start:%Y%m%dT%H%M%S}", times)

    def put(self, address: str, name: str, lines: str) -> None:
        """Puts an event of these lines into a calendar."""
        self.put_text(address, name, document(name, lines))

    def put_text(self, address: str, name: str, text: str) -> None:
        """Puts a whole document into a calendar."""
        headers = {"Content-Type": "text/calendar; charset=utf-8"}
        self._client.put(self._at(address, name), content=text, headers=headers).raise_for_status()

    def text(self, address: str, ref: EventRef) -> str:
        """The event as the server has it."""
        return self._client.get(self._at(address, ref.id)).raise_for_status().text

    def make_calendar(self, address: str) -> None:
        """Makes a calendar without the adapter."""
        self._client.request("MKCOL", f"{self._url}/{address}/").raise_for_status()
        self._client.request("MKCALENDAR", f"{self._url}/{address}/calendar/").raise_for_status()

    def _change(self, address: str, ref: EventRef, change: Callable[[Event], None]) -> None:
        document, event = self._event(address, ref)
        change(event)
        self.put_text(address, ref.id, document.to_ical().decode())

    def _event(self, address: str, ref: EventRef) -> tuple[Document, Event]:
        document = Document.from_ical(self.text(address, ref))
        return document, document.events[0]

    def _at(self, address: str, name: str) -> str:
        return f"{self._url}/{address}/calendar/{name}.ics"


def document(uid: str, lines: str) -> str:
    """A document with one event of these lines."""
    return "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//A client//EN",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            "DTSTAMP:20260101T000000Z",
            *lines.strip().splitlines(),
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )
