"""Google on 127.0.0.1: the Calendar API and the token endpoint over HTTP, with their ways to fail."""

import json
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

from tests.integrations.calendars import wire
from tests.integrations.calendars.google_channels import GoogleChannels
from tests.integrations.calendars.google_discovery import Call, Discovery
from tests.integrations.calendars.google_people import GooglePeople
from tests.integrations.calendars.google_store import Account, GoogleStore
from tests.integrations.calendars.google_token import TokenRefused, Tokens
from tests.integrations.calendars.pusher import Pusher
from tests.integrations.calendars.wire import Fault, Refused


class Answer(wire.Answer):
    """A refusal in Google's form, or any other text in its place."""

    def error(self) -> Mapping[str, Any]:
        """The error with its reason, beside the status."""
        error = {"errors": [{"domain": "usageLimits", "reason": self.code}], "code": self.status}
        return {**error, "message": f"zoe@corp.example: {self.code}"}


class GoogleServer:
    """A company's Google: what it has stored, what it was asked, and what goes wrong next.

    `faults` befall the next calls of the API, `token_faults` those of the token endpoint; None lets one
    through. `fault` decides where there is no such plan; `delay` is how long a call takes (seconds).
    """

    def __init__(self) -> None:
        self.store = GoogleStore()
        self.people = GooglePeople(self.store)
        self.tokens = Tokens()
        self.calls: list[Call] = []
        self.faults: deque[Fault] = deque()
        self.token_faults: deque[Fault] = deque()
        self.fault: Callable[[Call], Fault] = lambda _: None
        self.delay: Callable[[Call], float] = lambda _: 0
        self.closing = threading.Event()
        self.channels = GoogleChannels(self.store, Pusher(self.closing))
        self.url = ""
        self.token_uri = ""
        self.lock = threading.RLock()
        self._discovery = Discovery()

    @property
    def api_endpoint(self) -> str:
        """Where the Calendar API is."""
        return f"{self.url}/calendar/v3/"

    def join(self, *addresses: str, zone: str = "Europe/Paris") -> None:
        """Gives people an account."""
        with self.lock:
            self.store.accounts.update({address: Account(zone) for address in addresses})

    def methods(self) -> list[str]:
        """What was called, without the common prefix."""
        return [call.method.removeprefix("calendar.") for call in self.calls]

    def read(self, verb: str, target: str, headers: Message, body: bytes) -> tuple[Call, str]:
        """The call a request makes, and whom it acts for; Refused where it may not."""
        try:
            told = json.loads(body) if body else None
        except ValueError:
            raise Refused(400, "parseError") from None
        url = urlsplit(target)
        call = self._discovery.read(verb, url.path, dict(parse_qsl(url.query)), told)
        bearer = self.tokens.of(headers.get("Authorization"))
        if bearer is None:
            raise Refused(401, "authError")
        who, scopes = bearer
        if not scopes & call.scopes:
            raise Refused(403, "insufficientPermissions")
        if call.path.get("calendarId", "primary") not in ("primary", who):
            raise Refused(404, "notFound")
        return call, who

    def act(self, call: Call, who: str, if_match: str | None) -> Any:
        """Does what the call says."""
        with self.lock:
            if self.channels.takes(call):
                return self.channels.act(who, call)
            return self._act(call, who, if_match)

    def _act(self, call: Call, who: str, if_match: str | None) -> Any:
        if self.people.takes(who, call):
            return self.people.act(who, call, if_match)
        match call.method:
            case "calendar.events.insert":
                return self.store.insert(who, call)
            case "calendar.events.get":
                return self.store.get(who, call.path["eventId"])
            case "calendar.events.patch":
                return self.store.patch(who, call, if_match)
            case "calendar.events.delete":
                return self.store.delete(who, call)
            case "calendar.freebusy.query":
                return self.store.free_busy(call)
        raise Refused(501, "notImplemented")

    def next_fault(self, call: Call) -> Fault:
        """Notes the call and says what befalls it."""
        with self.lock:
            self.calls.append(call)
            return self.faults.popleft() if self.faults else self.fault(call)


@contextmanager
def google_server(tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[GoogleServer]:
    """Runs a Google until the end of the block, on a free port for 0."""
    google = GoogleServer()

    class Handler(_Handler):
        server_state = google
        closing = google.closing
        context = tls

    with wire.served(Handler, port) as url:
        google.url = url
        google.token_uri = f"{url}/token"
        yield google


class _Handler(wire.Wire):
    server_state: ClassVar[GoogleServer]
    broken = Answer(500, "backendError")

    def serve(self, body: bytes) -> None:
        google = self.server_state
        if urlsplit(self.path).path == "/token":
            self._token(google, body)
        else:
            self._api(google, body)

    def _token(self, google: GoogleServer, body: bytes) -> None:
        if self.befallen(google.token_faults.popleft() if google.token_faults else None, lambda: None):
            return
        try:
            with google.lock:
                told = google.tokens.grant(dict(parse_qsl(body.decode())), google.store.accounts)
        except TokenRefused as refused:
            error = {"error": refused.code, "error_description": "zoe.dupont@corp.example is not allowed"}
            self.send(refused.status, json.dumps(error))
        else:
            self.send(200, json.dumps(told))

    def _api(self, google: GoogleServer, body: bytes) -> None:
        try:
            call, who = google.read(self.command, self.path, self.headers, body)
            fault = google.next_fault(call)
            time.sleep(google.delay(call))

            def act() -> Any:
                return google.act(call, who, self.headers.get("If-Match"))

            if not self.befallen(fault, act):
                told = act()
                self.send(204 if told is None else 200, "" if told is None else json.dumps(told))
        except Refused as refused:
            self.answer(Answer(refused.status, refused.code, refused.headers))
