"""Access to a CalDAV server: the requests we make, over one HTTP session a thread (RFC 4791)."""

import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import quote, urlsplit
from xml.sax.saxutils import escape

import niquests

from integrations import deadline
from integrations.calendars import patience
from integrations.calendars.caldav_errors import anonymous, translated
from integrations.calendars.calendar import Window
from integrations.calendars.ics import mail_address
from integrations.errors import MisconfiguredError

ABSENT = frozenset({404, 410})
# The server compares whole days and floating times as UTC; they may be meant from UTC-12 to UTC+14.
_ZONES_APART = timedelta(hours=14)
_SUCCESS = range(200, 300)


@dataclass(frozen=True)
class Answer:
    """What the server said; `text` is the body, `etag` the version of the event, or empty."""

    status: int
    etag: str
    text: str


class Dav:
    """The requests we make, each one HTTP call; what the server refuses comes out as our own errors."""

    def __init__(self, url_template: str, user: str, password: str, timeout_s: float) -> None:
        if "{address}" not in url_template or urlsplit(url_template).scheme not in {"http", "https"}:
            raise MisconfiguredError("the CalDAV URL must be http(s) and hold {address}")
        self._template = url_template.rstrip("/") + "/"
        self._auth = (user, password) if user else None
        self._timeout_s = timeout_s
        self._of_thread = threading.local()

    def get(self, address: str, name: str) -> Answer:
        """The event of that name; 404 or 410 where it, or the calendar, is missing."""
        return self._send("GET", self._event(address, name), allow=ABSENT)

    def put(self, address: str, name: str, text: str, guard: Mapping[str, str] | None = None) -> Answer:
        """Writes the event if the `guard` (If-Match, If-None-Match) holds, else ConflictError."""
        headers = {"Content-Type": "text/calendar; charset=utf-8", **(guard or {})}
        return self._send("PUT", self._event(address, name), text, headers)

    def delete(self, address: str, name: str) -> Answer:
        """Removes the event; one that is not there counts as removed."""
        return self._send("DELETE", self._event(address, name), allow=ABSENT)

    def events(self, address: str, window: Window) -> Answer:
        """The events that touch the window.

        Not free-busy-query: Radicale 3.9 takes 35 ms for it and 7 ms for this (60 events), and only an event
        tells a whole day from 24 hours in UTC.
        """
        body = (
            '<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
            "<D:prop><C:calendar-data/></D:prop>"
            '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
            f"{_range(window.start - _ZONES_APART, window.end + _ZONES_APART)}"
            "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        )
        return self._ask("REPORT", address, body, depth="1")

    def free_busy(self, address: str, window: Window) -> Answer:
        """When the person is busy in the window, and nothing about why."""
        body = (
            '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f"{_range(window.start, window.end)}</C:free-busy-query>"
        )
        return self._ask("REPORT", address, body, depth="1")

    def timezone(self, address: str) -> Answer:
        """The zone set for the calendar (RFC 4791, section 5.2.2)."""
        body = (
            '<D:propfind xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
            "<D:prop><C:calendar-timezone/></D:prop></D:propfind>"
        )
        return self._ask("PROPFIND", address, body, depth="0")

    def make_calendar(self, address: str, timezone: str) -> None:
        """Makes the collection and, where it is missing, the one above it; 405 says that one is there."""
        if self.timezone(address).status == HTTPStatus.MULTI_STATUS:
            return
        url = self._collection(address)
        prop = f"<C:calendar-timezone>{escape(timezone)}</C:calendar-timezone>" if timezone else ""
        body = (
            '<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f"<D:set><D:prop>{prop}</D:prop></D:set></C:mkcalendar>"
        )
        headers = {"Content-Type": "application/xml; charset=utf-8"}
        parent = url.rstrip("/").rpartition("/")[0] + "/"
        if (
            self._send("MKCALENDAR", url, body, headers, allow=frozenset({405, 409})).status
            == HTTPStatus.CONFLICT
        ):
            self._send("MKCOL", parent, allow=frozenset({405, 409}))
            self._send("MKCALENDAR", url, body, headers)

    def _ask(self, method: str, address: str, body: str, *, depth: str) -> Answer:
        """Asks a collection; whatever concerns this one person only is an answer, not an error."""
        headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": depth}
        personal = frozenset({400, 403, 404, 405, 409, 410, 415, 422, 500, 501})
        return self._send(method, self._collection(address), body, headers, allow=personal)

    def _collection(self, address: str) -> str:
        return self._template.replace("{address}", quote(mail_address(address), safe="@"))

    def _event(self, address: str, name: str) -> str:
        return f"{self._collection(address)}{name}.ics"

    def _send(
        self,
        method: str,
        url: str,
        body: str = "",
        headers: Mapping[str, str] | None = None,
        *,
        allow: frozenset[int] = frozenset(),
    ) -> Answer:
        try:
            response = self._session().request(
                method,
                url,
                data=body.encode() or None,
                headers=dict(headers or {}),
                auth=self._auth,
                timeout=patience.shared(url, deadline.left(self._timeout_s)),
                allow_redirects=False,
            )
            content = response.content or b""
        except niquests.RequestException as error:
            raise translated(method, error) from anonymous(error)
        status = response.status_code or 0
        if status not in _SUCCESS and status not in allow:
            refusal = niquests.HTTPError(f"{method} answered {status}", response=response)
            raise translated(method, refusal) from anonymous(refusal)
        return Answer(status, str(response.headers.get("ETag", "")), content.decode(errors="replace"))

    def _session(self) -> niquests.Session:
        """This thread's session. A proxy named in the environment is not asked for what is on this host."""
        session: niquests.Session | None = getattr(self._of_thread, "session", None)
        if session is None:
            session = niquests.Session(retries=0, disable_http3=True)
            session.trust_env = urlsplit(self._template).hostname not in {"127.0.0.1", "::1", "localhost"}
            self._of_thread.session = session
        return session


def _range(start: datetime, end: datetime) -> str:
    first, last = (one.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ") for one in (start, end))
    return f'<C:time-range start="{first}" end="{last}"/>'


def texts_of(multistatus: str, tag: str) -> Iterator[str]:
    """The texts under a CalDAV tag of a multistatus, in order; ParseError where it is no XML."""
    # expat, as Python 3.11 brings it, limits the growth of entities and loads nothing from outside.
    root = ET.fromstring(multistatus)  # noqa: S314
    return (node.text or "" for node in root.iter(f"{{urn:ietf:params:xml:ns:caldav}}{tag}"))
