"""Graph and Entra on 127.0.0.1: events, getSchedule and tokens over HTTP, with their ways to fail."""

import json
import re
import ssl
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from typing import Any, ClassVar
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from tests.integrations.calendars.graph_entra import Entra, TokenRefused
from tests.integrations.calendars.graph_facts import check, check_query, expanded, filtered
from tests.integrations.calendars.graph_people import GraphPeople
from tests.integrations.calendars.graph_schedule import schedules
from tests.integrations.calendars.graph_store import SEQUENCE, Account, GraphStore, Stored, etag_of
from tests.integrations.calendars.graph_subscriptions import GraphSubscriptions
from tests.integrations.calendars.pusher import Pusher
from tests.integrations.calendars.wire import Answer, Fault, Refused, Wire, served

_ROUTES = {
    ("POST", "/calendar/getSchedule"): "getSchedule",
    ("POST", "/events"): "event",
    ("GET", "/events"): "",
    ("GET", "/events/{id}"): "",
    ("PATCH", "/events/{id}"): "event",
    ("POST", "/events/{id}/cancel"): "cancel",
    ("DELETE", "/events/{id}"): "",
    ("GET", "/calendarView"): "",
    ("GET", "/calendarView/delta"): "",
    ("POST", "/events/{id}/accept"): "accept",
    ("POST", "/events/{id}/decline"): "decline",
    ("POST", "/events/{id}/tentativelyAccept"): "tentativelyAccept",
}
_STATUS = {"POST /events": 201, "POST /events/{id}/cancel": 202, "DELETE /events/{id}": 204}
_OF_SUBSCRIPTIONS = {
    ("POST", "/subscriptions"): "subscription",
    ("GET", "/subscriptions"): "",
    ("PATCH", "/subscriptions/{id}"): "subscription",
    ("DELETE", "/subscriptions/{id}"): "",
}
# "Microsoft Graph service-specific throttling limits": four requests at once for an app and a mailbox.
_AT_ONCE = 4


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
        self.people = GraphPeople(self.store, _shown)
        self.entra = Entra()
        self.calls: list[Call] = []
        self.token_calls: list[str] = []
        self.faults: deque[Fault] = deque()
        self.token_faults: deque[Fault] = deque()
        self.fault: Callable[[Call], Fault] = lambda _: None
        self.delay: Callable[[Call], float] = lambda _: 0
        self.closing = threading.Event()
        self.subscriptions = GraphSubscriptions(
            self.store, Pusher(self.closing), _shown, lambda: self.graph_url, _id_for
        )
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
        if url.path.startswith("/v1.0/subscriptions"):
            return _of_subscriptions(verb, url, headers, body)
        version, users, mailbox, *rest = [unquote(part) for part in url.path.strip("/").split("/")]
        event_id = rest[1] if rest[:1] == ["events"] and len(rest) > 1 else ""
        path = "/" + "/".join("{id}" if part == event_id else part for part in rest)
        if (version, users) != ("v1.0", "users") or (verb, path) not in _ROUTES:
            raise Refused(400, "BadRequest")
        if self.entra.person(headers.get("Authorization")) not in {None, mailbox.lower()}:
            raise Refused(403, "ErrorAccessDenied")
        query = dict(parse_qsl(url.query, keep_blank_values=True))
        if path != "/calendarView/delta":
            check_query(query)
        told = _told(_ROUTES[verb, path], headers, body)
        return Call(
            f"{verb} {path}",
            mailbox.lower(),
            event_id,
            query,
            told,
            _preferred(headers),
            headers.get("If-Match"),
        )

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
        if "/subscriptions" in call.method:
            # Not under the lock: Graph calls the receiver before it answers.
            return self.subscriptions.act(call)
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
        if call.method == "GET /calendarView/delta":
            return self.subscriptions.delta(call)
        if self.people.takes(call):
            return self.people.act(call)
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


def _of_subscriptions(verb: str, url: SplitResult, headers: Message, body: bytes) -> Call:
    """A call about the app's subscriptions, which are below no mailbox."""
    subscription_id = unquote(url.path.removeprefix("/v1.0/subscriptions").strip("/"))
    path = "/subscriptions/{id}" if subscription_id else "/subscriptions"
    if (verb, path) not in _OF_SUBSCRIPTIONS:
        raise Refused(400, "BadRequest")
    told = _told(_OF_SUBSCRIPTIONS[verb, path], headers, body)
    query = dict(parse_qsl(url.query, keep_blank_values=True))
    return Call(f"{verb} {path}", "", subscription_id, query, told, _preferred(headers), None)


def _preferred(headers: Message) -> Mapping[str, str]:
    return dict(part.strip().split("=", 1) for part in headers.get("Prefer", "").split(",") if part)


def is_immutable(call: Call) -> bool:
    """Whether ids are those that outlive a change."""
    return call.prefer.get("IdType") == '"ImmutableId"'


def _id_for(stored: Stored, call: Call) -> str:
    return str(stored.resource["id"]) if is_immutable(call) else _mutable_id(stored)


def _mutable_id(stored: Stored) -> str:
    """The id an app gets that does not ask for better: it changes with the event."""
    return f"AAMkAG{stored.resource['id'][7:13]}v{stored.version}="


def _shown(stored: Stored, call: Call) -> dict[str, Any]:
    """The event as it is sent: what was selected, in the zone that was asked for, with its properties."""
    names = call.query["$select"].split(",") if "$select" in call.query else stored.resource.keys()
    told = {name: stored.resource[name] for name in names if name in stored.resource}
    told["id"] = _id_for(stored, call)
    for name in told.keys() & {"start", "end"}:
        moment = told[name]["dateTime"].partition(".")[0]
        told[name] = {"dateTime": f"{moment}.0000000", "timeZone": "UTC"}
    if "$expand" in call.query:
        properties = {**stored.properties, SEQUENCE: str(stored.sequence)}
        asked = expanded(call.query["$expand"])
        told["singleValueExtendedProperties"] = [
            {"id": _shouted(name), "value": properties[name.lower()]}
            for name in asked
            if name.lower() in properties
        ]
    check("event", told)
    return {"@odata.etag": etag_of(stored), **json.loads(json.dumps(told))}


def _shouted(name: str) -> str:
    """A set's GUID is the same in capitals."""
    return re.sub(r"\{.*\}", lambda guid: guid[0].upper(), name)


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
def graph_server(tls: ssl.SSLContext | None = None, port: int = 0) -> Iterator[GraphServer]:
    """Runs a tenant until the end of the block, on a free port for 0."""
    graph = GraphServer()

    class Handler(_Handler):
        server_state = graph
        closing = graph.closing
        context = tls

    with served(Handler, port) as url:
        graph.url = graph.people.url = url
        graph.entra.resource = "https://graph.microsoft.com" if tls else url
        yield graph


class _Handler(Wire):
    server_state: ClassVar[GraphServer]
    broken = Answer(502, "BadGateway")

    def serve(self, body: bytes) -> None:
        graph = self.server_state
        if self.path.startswith("/v1.0/"):
            self._graph(graph, body)
        else:
            self._entra(graph, body)

    def _entra(self, graph: GraphServer, body: bytes) -> None:
        graph.token_calls.append(f"{self.command} {self.path}")
        if self.befallen(graph.token_faults.popleft() if graph.token_faults else None, lambda: None):
            return
        try:
            with graph.lock:
                tenant = self.path.strip("/").partition("/")[0]
                told = graph.entra.configuration(tenant)
                if self.command == "POST":
                    told = graph.entra.grant(dict(parse_qsl(body.decode())))
        except TokenRefused as refused:
            self.send(refused.status, refused.body)
        else:
            self.send(200, json.dumps(told))

    def _graph(self, graph: GraphServer, body: bytes) -> None:
        try:
            call = graph.read(self.command, self.path, self.headers, body)
            fault = graph.next_fault(call)
            with graph.at_once(call):
                time.sleep(graph.delay(call))
                if not self.befallen(fault, lambda: graph.act(call)):
                    status, told = graph.act(call)
                    self.send(status, "" if told is None else json.dumps(told))
        except Refused as refused:
            self.answer(Answer(refused.status, refused.code, refused.headers))
