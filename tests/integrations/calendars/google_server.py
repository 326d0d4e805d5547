"""Google on 127.0.0.1: the Calendar API and the token endpoint over HTTP, with their ways to fail."""

import json
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.integrations.calendars.google_discovery import Call, Discovery, Refused
from tests.integrations.calendars.google_store import Account, GoogleStore
from tests.integrations.calendars.google_token import TokenRefused, Tokens


class Loss(Enum):
    """How a call is lost on the way."""

    DROPPED_BEFORE = "closed before anything was done"
    DROPPED_AFTER = "closed after it was done"
    RESET_AFTER = "reset after it was done"
    BROKEN_AFTER = "500 after it was done"
    HANGS = "never answered"


@dataclass(frozen=True)
class Answer:
    """A refusal in Google's form, or any other text in its place."""

    status: int
    reason: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def body(self) -> str:
        """What is sent."""
        error = {"errors": [{"domain": "usageLimits", "reason": self.reason}], "code": self.status}
        return self.text or json.dumps({"error": {**error, "message": f"zoe@corp.example: {self.reason}"}})


Fault = Loss | Answer | None


class GoogleServer:
    """A company's Google: what it has stored, what it was asked, and what goes wrong next.

    `faults` befall the next calls of the API, `token_faults` those of the token endpoint; None lets one
    through. `fault` decides where there is no such plan; `delay` is how long a call takes (seconds).
    """

    def __init__(self) -> None:
        self.store = GoogleStore()
        self.tokens = Tokens()
        self.calls: list[Call] = []
        self.faults: deque[Fault] = deque()
        self.token_faults: deque[Fault] = deque()
        self.fault: Callable[[Call], Fault] = lambda _: None
        self.delay: Callable[[Call], float] = lambda _: 0
        self.closing = threading.Event()
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
def google_server(tls: ssl.SSLContext | None = None) -> Iterator[GoogleServer]:
    """Runs a Google until the end of the block."""
    google = GoogleServer()

    class Handler(_Handler):
        server_state = google
        context = tls

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 64

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away is what clients do."""

    with Server(("127.0.0.1", 0), Handler) as server:
        google.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        google.token_uri = f"{google.url}/token"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield google
        google.closing.set()
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server_state: GoogleServer
    context: ssl.SSLContext | None = None
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        if self.context:
            self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def do_POST(self) -> None:
        google = self.server_state
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if urlsplit(self.path).path == "/token":
            self._token(google, body)
        else:
            self._api(google, body)

    do_GET = do_PATCH = do_DELETE = do_PUT = do_POST  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name http.server calls
        """Says nothing."""

    def _token(self, google: GoogleServer, body: bytes) -> None:
        if self._befallen(google.token_faults.popleft() if google.token_faults else None, lambda: None):
            return
        try:
            with google.lock:
                told = google.tokens.grant(dict(parse_qsl(body.decode())), google.store.accounts)
        except TokenRefused as refused:
            error = {"error": refused.code, "error_description": "zoe.dupont@corp.example is not allowed"}
            self._send(refused.status, json.dumps(error))
        else:
            self._send(200, json.dumps(told))

    def _api(self, google: GoogleServer, body: bytes) -> None:
        try:
            call, who = google.read(self.command, self.path, self.headers, body)
            fault = google.next_fault(call)
            time.sleep(google.delay(call))

            def act() -> Any:
                return google.act(call, who, self.headers.get("If-Match"))

            if not self._befallen(fault, act):
                told = act()
                self._send(204 if told is None else 200, "" if told is None else json.dumps(told))
        except Refused as refused:
            self._answer(Answer(refused.status, refused.reason, refused.headers))

    def _befallen(self, fault: Fault, act: Callable[[], Any]) -> bool:
        match fault:
            case None:
                return False
            case Answer():
                self._answer(fault)
                return True
            case Loss.DROPPED_BEFORE:
                self._close()
                return True
            case Loss.HANGS:
                self.server_state.closing.wait(20)
                self._close()
                return True
        try:
            act()
        except Refused:
            self._close()
            return True
        if fault is Loss.BROKEN_AFTER:
            self._answer(Answer(500, "backendError"))
        else:
            self._close(reset=fault is Loss.RESET_AFTER)
        return True

    def _close(self, *, reset: bool = False) -> None:
        """Ends the connection without an answer."""
        self.close_connection = True
        if reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.rfile.close()
            self.connection.close()
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def _answer(self, answer: Answer) -> None:
        self._send(answer.status, answer.body, answer.headers)

    def _send(self, status: int, body: str, headers: Mapping[str, str] | None = None) -> None:
        content = body.encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=UTF-8")
        if status != 204:
            self.send_header("Content-Length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if status != 204:
            self.wfile.write(content)
