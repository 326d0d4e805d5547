"""Graph and Entra on 127.0.0.1: events, getSchedule and tokens over HTTP, with their ways to fail."""

import json
import socket
import ssl
import struct
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from enum import Enum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.integrations.calendars.graph_entra import Entra, TokenRefused
from tests.integrations.calendars.graph_facts import Refused, check, check_query, expanded, filtered
from tests.integrations.calendars.graph_schedule import schedules
from tests.integrations.calendars.graph_store import SEQUENCE, Account, GraphStore, Stored, etag_of

_ROUTES = {
    ("POST", "/calendar/getSchedule"): "getSchedule",
    ("POST", "/events"): "event",
    ("GET", "/events"): "",
    ("GET", "/events/{id}"): "",
    ("PATCH", "/events/{id}"): "event",
    ("POST", "/events/{id}/cancel"): "cancel",
    ("DELETE", "/events/{id}"): "",
}
_STATUS = {"POST /events": 201, "POST /events/{id}/cancel": 202, "DELETE /events/{id}": 204}
# "Microsoft Graph service-specific throttling limits": four requests at once for an app and a mailbox.
_AT_ONCE = 4


class Loss(Enum):
    """How a call is lost on the way."""

    DROPPED_BEFORE = "closed before anything was done"
    DROPPED_AFTER = "closed after it was done"
    RESET_AFTER = "reset after it was done"
    BROKEN_AFTER = "502 after it was done"
    HANGS = "never answered"


@dataclass(frozen=True)
class Answer:
    """A refusal in Graph's form, or any other text in its place."""

    status: int
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def body(self) -> str:
        """What is sent."""
        error = {"code": self.code, "message": f"zoe@corp.example: {self.code}"}
        return self.text or json.dumps({"error": error})


Fault = Loss | Answer | None


@dataclass(frozen=True)
class Call:
    """A request that Graph understands."""

    method: str
    mailbox: str
    event_id: str
    query: Mapping[str, str]
    body: Any
    prefer: Mapping[str, str]
    if_match: str | None


class GraphServer:
    """A tenant: what it has stored, what it was asked, and what goes wrong next.

    `faults` befall the next calls of Graph, `token_faults` those of Entra; None lets one through. `fault`
    decides where there is no such plan; `delay` is how long a call takes (seconds); `most_at_once` is how
    many calls one mailbox has had at the same time.
    """

    def __init__(self) -> None:
        self.store = GraphStore()
        self.entra = Entra()
        self.calls: list[Call] = []
        self.token_calls: list[str] = []
        self.faults: deque[Fault] = deque()
        self.token_faults: deque[Fault] = deque()
        self.fault: Callable[[Call], Fault] = lambda _: None
        self.delay: Callable[[Call], float] = lambda _: 0
        self.closing = threading.Event()
        self.url = ""
        self.lock = threading.RLock()
        self.most_at_once = 0
        self._at_once: Counter[str] = Counter()

    @property
    def graph_url(self) -> str:
        """Where Graph is."""
        return f"{self.url}/v1.0"

    def join(self, *addresses: str, **account: Any) -> None:
        """Gives people a mailbox."""
        with self.lock:
            self.store.accounts.update({address: Account(**account) for address in addresses})

    def methods(self) -> list[str]:
        """What was called."""
        return [call.method for call in self.calls]

    def read(self, verb: str, target: str, headers: Message, body: bytes) -> Call:
        """The call a request makes; Refused where it may not."""
        if not self.entra.accepts(headers.get("Authorization")):
            raise Refused(401, "InvalidAuthenticationToken")
        url = urlsplit(target)
        version, users, mailbox, *rest = [unquote(part) for part in url.path.strip("/").split("/")]
        event_id = rest[1] if rest[:1] == ["events"] and len(rest) > 1 else ""
        path = "/" + "/".join("{id}" if part == event_id else part for part in rest)
        if (version, users) != ("v1.0", "users") or (verb, path) not in _ROUTES:
            raise Refused(400, "BadRequest")
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        check_query(query)
        told = _told(_ROUTES[verb, path], headers, body)
        prefer = dict(part.strip().split("=", 1) for part in headers.get("Prefer", "").split(",") if part)
        return Call(f"{verb} {path}", mailbox.lower(), event_id, query, told, prefer, headers.get("If-Match"))

    @contextmanager
    def at_once(self, call: Call) -> Iterator[None]:
        """Counts the calls in a mailbox, and refuses one too many."""
        with self.lock:
            self._at_once[call.mailbox] += 1
            self.most_at_once = max(self.most_at_once, self._at_once[call.mailbox])
            is_too_many = self._at_once[call.mailbox] > _AT_ONCE
        try:
            if is_too_many:
                raise Refused(429, "ApplicationThrottled", {"Retry-After": "1"})
            yield
        finally:
            with self.lock:
                self._at_once[call.mailbox] -= 1

    def act(self, call: Call) -> tuple[int, Any]:
        """Does what the call says: the status and the body."""
        with self.lock:
            account = self.store.accounts.get(call.mailbox)
            if account is None:
                raise Refused(404, "ErrorInvalidUser")
            if account.refusal:
                raise Refused(*account.refusal)
            return self._act(call)

    def next_fault(self, call: Call) -> Fault:
        """Notes the call and says what befalls it."""
        with self.lock:
            self.calls.append(call)
            return self.faults.popleft() if self.faults else self.fault(call)

    def _act(self, call: Call) -> tuple[int, Any]:
        store, box, event_id = self.store, call.mailbox, self._stored_id(call)
        told: Any = None
        match call.method:
            case "POST /calendar/getSchedule":
                told = schedules(store, call.body)
                check("[scheduleInformation]", told["value"])
            case "POST /events":
                told = _shown(store.create(box, call.body), call)
            case "GET /events":
                found = store.find(box, *filtered(call.query["$filter"]))
                told = {"value": [_shown(one, call) for one in found]}
            case "GET /events/{id}":
                told = _shown(store.read(box, event_id), call)
            case "PATCH /events/{id}":
                told = _shown(store.change(box, event_id, call.body, call.if_match), call)
            case "POST /events/{id}/cancel":
                store.cancel(box, event_id, call.body.get("Comment") or "")
            case "DELETE /events/{id}":
                store.delete(box, event_id)
        return _STATUS.get(call.method, 200), told

    def _stored_id(self, call: Call) -> str:
        """The id we keep; one of the kind that was not asked for is not known."""
        if is_immutable(call):
            return call.event_id
        known = {_mutable_id(one): str(one.resource["id"]) for one in self.store.events}
        return known.get(call.event_id, "")


def is_immutable(call: Call) -> bool:
    """Whether ids are those that outlive a change."""
    return call.prefer.get("IdType") == '"ImmutableId"'


def _mutable_id(stored: Stored) -> str:
    """The id an app gets that does not ask for better: it changes with the event."""
    return f"AAMkAG{stored.resource['id'][7:13]}v{stored.version}="


def _shown(stored: Stored, call: Call) -> dict[str, Any]:
    """The event as it is sent: what was selected, in the zone that was asked for, with its properties."""
    names = call.query["$select"].split(",") if "$select" in call.query else stored.resource.keys()
    told = {name: stored.resource[name] for name in names if name in stored.resource}
    told["id"] = stored.resource["id"] if is_immutable(call) else _mutable_id(stored)
    for name in told.keys() & {"start", "end"}:
        moment = told[name]["dateTime"].partition(".")[0]
        told[name] = {"dateTime": f"{moment}.0000000", "timeZone": "UTC"}
    if "$expand" in call.query:
        properties = {**stored.properties, SEQUENCE: str(stored.sequence)}
        asked = expanded(call.query["$expand"])
        told["singleValueExtendedProperties"] = [
            {"id": name, "value": properties[name.lower()]} for name in asked if name.lower() in properties
        ]
    check("event", told)
    return {"@odata.etag": etag_of(stored), **json.loads(json.dumps(told))}


def _told(kind: str, headers: Message, body: bytes) -> Any:
    if not kind:
        return None
    if headers.get_content_type() != "application/json":
        raise Refused(415, "UnsupportedMediaType")
    try:
        told = json.loads(body)
    except ValueError:
        raise Refused(400, "BadRequest") from None
    check(f"{kind}!", told)
    return told


@contextmanager
def graph_server(tls: ssl.SSLContext | None = None) -> Iterator[GraphServer]:
    """Runs a tenant until the end of the block."""
    graph = GraphServer()

    class Handler(_Handler):
        server_state = graph
        context = tls

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 64

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that goes away is what clients do."""

    with Server(("127.0.0.1", 0), Handler) as server:
        graph.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
        graph.entra.resource = "https://graph.microsoft.com" if tls else graph.url
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield graph
        graph.closing.set()
        server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    server_state: GraphServer
    context: ssl.SSLContext | None = None
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def setup(self) -> None:
        if self.context:
            self.request = self.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def do_POST(self) -> None:
        graph = self.server_state
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/v1.0/"):
            self._graph(graph, body)
        else:
            self._entra(graph, body)

    do_GET = do_PATCH = do_DELETE = do_PUT = do_POST  # noqa: N815 - the names http.server calls

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name http.server calls
        """Says nothing."""

    def _entra(self, graph: GraphServer, body: bytes) -> None:
        graph.token_calls.append(f"{self.command} {self.path}")
        if self._befallen(graph.token_faults.popleft() if graph.token_faults else None, lambda: None):
            return
        try:
            with graph.lock:
                tenant = self.path.strip("/").partition("/")[0]
                told = graph.entra.configuration(tenant)
                if self.command == "POST":
                    told = graph.entra.grant(dict(parse_qsl(body.decode())))
        except TokenRefused as refused:
            self._send(refused.status, refused.body)
        else:
            self._send(200, json.dumps(told))

    def _graph(self, graph: GraphServer, body: bytes) -> None:
        try:
            call = graph.read(self.command, self.path, self.headers, body)
            fault = graph.next_fault(call)
            with graph.at_once(call):
                time.sleep(graph.delay(call))
                if not self._befallen(fault, lambda: graph.act(call)):
                    status, told = graph.act(call)
                    self._send(status, "" if told is None else json.dumps(told))
        except Refused as refused:
            self._answer(Answer(refused.status, refused.code, refused.headers))

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
            self._answer(Answer(502, "BadGateway"))
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
