"""Graph's subscriptions and delta tokens: what is pushed to whom, and what changed since when."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote
from zoneinfo import ZoneInfo

import httpx

from tests.integrations.calendars.graph_entra import TENANT
from tests.integrations.calendars.graph_facts import check
from tests.integrations.calendars.graph_store import GraphStore, Stored, instants
from tests.integrations.calendars.pusher import Push, Pusher, is_reachable
from tests.integrations.calendars.wire import Refused

_KINDS = {"created", "updated", "deleted"}
_SHORTEST = timedelta(minutes=45)
LIFECYCLE = ("missed", "subscriptionRemoved", "reauthorizationRequired")


class Asked(Protocol):
    """What is used of a call."""

    @property
    def method(self) -> str: ...
    @property
    def mailbox(self) -> str: ...
    @property
    def event_id(self) -> str: ...
    @property
    def query(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> Any: ...
    @property
    def prefer(self) -> Mapping[str, str]: ...


@dataclass
class Subscribed:
    """A subscription; one that waits for its reauthorization sends nothing."""

    id: str
    owner: str
    told: Mapping[str, Any]
    ends: datetime
    is_immutable: bool
    is_paused: bool = False

    @property
    def kinds(self) -> set[str]:
        """What it is told of."""
        return set(self.told["changeType"].split(","))

    def shown(self) -> dict[str, Any]:
        """The resource as it is read back: the clientState is never shown again."""
        ends = self.ends.replace(tzinfo=None).isoformat()
        told = {**self.told, "id": self.id, "clientState": None, "expirationDateTime": f"{ends}Z"}
        check("subscription", told)
        return told


@dataclass
class GraphSubscriptions:
    """The subscriptions of an app, and a log of changes that delta tokens point into.

    `longest` is how long a subscription may live, `page` how many entries a page has at most, `handshakes`
    what receivers answered to one, `patience_s` how long they may take.
    """

    store: GraphStore
    pusher: Pusher
    show: Callable[[Stored, Any], dict[str, Any]]
    url: Callable[[], str]
    id_of: Callable[[Stored, Any], str]
    longest: timedelta = timedelta(minutes=4230)
    page: int = 100
    patience_s: float = 10
    handshakes: list[int] = field(default_factory=list)
    alive: dict[str, Subscribed] = field(default_factory=dict)
    log: list[tuple[str, Stored]] = field(default_factory=list)
    known_from: int = 0

    def __post_init__(self) -> None:
        self.store.changed = self._changed

    def forget(self) -> None:
        """Makes every delta token given so far too old."""
        self.known_from = len(self.log) + 1
        self.log.extend(self.log[-1:] or [("", Stored("", {"id": "", "attendees": []}))])

    def live(self) -> list[Subscribed]:
        """The subscriptions that have not ended."""
        return [one for one in self.alive.values() if one.ends > datetime.now(UTC)]

    def send_lifecycle(self, event: str) -> None:
        """Sends a lifecycle notification to every subscription, and does what it says."""
        for one in self.live():
            self._push(one, {"lifecycleEvent": event}, to="lifecycleNotificationUrl")
            one.is_paused = one.is_paused or event == "reauthorizationRequired"
            if event == "subscriptionRemoved":
                del self.alive[one.id]

    def act(self, call: Asked) -> tuple[int, Any]:
        """Does what the call says: the status and the body."""
        match call.method:
            case "POST /subscriptions":
                return 201, self._subscribe(call)
            case "GET /subscriptions":
                return 200, self._listed(call.query)
            case "PATCH /subscriptions/{id}":
                one = self._found(call.event_id)
                one.ends, one.is_paused = self._end(call.body), False
                return 200, one.shown()
        del self.alive[self._found(call.event_id).id]
        return 204, None

    def _subscribe(self, call: Asked) -> dict[str, Any]:
        body = call.body
        users, _, owner = body["resource"].strip("/").rpartition("/")[0].partition("/")
        if (
            users != "users"
            or owner.lower() not in self.store.accounts
            or not body["resource"].endswith("events")
        ):
            raise Refused(404, "ResourceNotFound")
        if not set(body["changeType"].split(",")) <= _KINDS or len(body.get("clientState") or "") > 128:
            raise Refused(400, "InvalidRequest")
        ends = self._end(body)
        for name in ("notificationUrl", "lifecycleNotificationUrl"):
            if body.get(name):
                self._shake_hands(body[name])
        immutable = call.prefer.get("IdType") == '"ImmutableId"'
        one = Subscribed(str(uuid.uuid4()), owner.lower(), dict(body), ends, immutable)
        self.alive[one.id] = one
        return one.shown()

    def _shake_hands(self, url: str) -> None:
        """Calls a receiver, which must answer with the token as it is, in plain text and in time."""
        token = (
            f"Validation: Testing client application reachability for subscription Request-Id: {uuid.uuid4()}"
        )
        if not is_reachable(url):
            raise Refused(400, "InvalidRequest")
        try:
            answer = httpx.post(
                f"{url}?validationToken={quote(token)}",
                headers={"Content-Type": "text/plain; charset=utf-8"},
                timeout=self.patience_s,
                trust_env=False,
            )
        except httpx.HTTPError:
            raise Refused(400, "ValidationError") from None
        self.handshakes.append(answer.status_code)
        kind = answer.headers.get("Content-Type", "").partition(";")[0]
        if (answer.status_code, kind, answer.text) != (200, "text/plain", token):
            raise Refused(400, "ValidationError")

    def _end(self, body: Mapping[str, Any]) -> datetime:
        now, asked = datetime.now(UTC), datetime.fromisoformat(body["expirationDateTime"])
        if asked.tzinfo is None or not now < asked <= now + self.longest:
            raise Refused(400, "InvalidRequest")
        return max(asked, now + _SHORTEST)

    def _found(self, subscription_id: str) -> Subscribed:
        found = self.alive.get(subscription_id)
        if found is None or found.ends <= datetime.now(UTC):
            raise Refused(404, "ResourceNotFound")
        return found

    def _listed(self, query: Mapping[str, str]) -> dict[str, Any]:
        if query.keys() - {"$skiptoken"}:
            raise Refused(400, "BadRequest")
        first = int(query.get("$skiptoken", 0))
        told = {"value": [one.shown() for one in self.live()[first : first + self.page]]}
        more = f"{self.url()}/subscriptions?$skiptoken={first + self.page}"
        return {**told, **({"@odata.nextLink": more} if len(self.live()) > first + self.page else {})}

    # What changed

    def delta(self, call: Asked) -> tuple[int, Any]:
        """A page of a round: events as they are, and `@removed` for those gone or outside of the view."""
        state = _state(call.query)
        if not state:
            raise Refused(400, "ErrorInvalidUrlQuery")
        if "$deltatoken" in call.query and int(state["from"]) < self.known_from:
            raise Refused(410, "SyncStateNotFound")
        state.setdefault("to", str(len(self.log)))
        found = self._changes(call.mailbox, state) if "from" in state else self._view(call.mailbox, state)
        first = int(state.get("first", 0))
        asked = int(call.prefer.get("odata.maxpagesize", self.page))
        last = first + min(asked, self.page)
        told = {"value": [self._entry(one, state, call) for one in found[first:last]]}
        link = f"{self.url()}/users/{call.mailbox}/calendarView/delta"
        if last < len(found):
            return 200, {
                **told,
                "@odata.nextLink": f"{link}?$skiptoken={_packed({**state, 'first': str(last)})}",
            }
        ended = {"start": state["start"], "end": state["end"], "from": state["to"]}
        return 200, {**told, "@odata.deltaLink": f"{link}?$deltatoken={_packed(ended)}"}

    def _changes(self, mailbox: str, state: Mapping[str, str]) -> list[Stored]:
        logged = self.log[int(state["from"]) : int(state["to"])]
        return list({id(one): one for owner, one in logged if owner == mailbox}.values())

    def _view(self, mailbox: str, state: Mapping[str, str]) -> list[Stored]:
        return [one for one in self.store.live(mailbox) if self._is_within(one, state)]

    def _entry(self, stored: Stored, state: Mapping[str, str], call: Asked) -> dict[str, Any]:
        if stored.is_deleted or not self._is_within(stored, state):
            return {"id": self.id_of(stored, call), "@removed": {"reason": "deleted"}}
        return self.show(stored, call)

    def _is_within(self, stored: Stored, state: Mapping[str, str]) -> bool:
        first, last = instants(stored.resource, ZoneInfo("UTC"))
        start, end = (datetime.fromisoformat(state[name]) for name in ("start", "end"))
        return first < end and last > start

    # What is pushed

    def _changed(self, stored: Stored) -> None:
        guests = {one["emailAddress"]["address"].lower() for one in stored.resource["attendees"]}
        self.log.extend((who, stored) for who in sorted({stored.owner, *guests}))
        kind = "deleted" if stored.is_deleted else "created" if stored.version == 1 else "updated"
        for one in self.live():
            if one.owner == stored.owner and kind in one.kinds and not one.is_paused:
                event_id = str(stored.resource["id"]) if one.is_immutable else f"AAMkAG{stored.version}="
                path = f"Users/{one.owner}/Events/{event_id}"
                data = {"@odata.type": "#Microsoft.Graph.Event", "@odata.id": path, "id": event_id}
                self._push(one, {"changeType": kind, "resource": path, "resourceData": data})

    def _push(self, one: Subscribed, told: Mapping[str, Any], to: str = "notificationUrl") -> None:
        notice = {
            "subscriptionId": one.id,
            "subscriptionExpirationDateTime": one.shown()["expirationDateTime"],
            "tenantId": TENANT,
            "clientState": one.told.get("clientState"),
            **told,
        }
        self.pusher.push(Push(one.told[to], told={"value": [notice]}))


def _state(query: Mapping[str, str]) -> dict[str, str]:
    """What a query is about: a new view, or where a token points; empty where Graph refuses it."""
    match dict(query):
        case {"startDateTime": start, "endDateTime": end, **rest} if not rest:
            return {"start": start, "end": end}
        case {"$deltatoken": token, **rest} | {"$skiptoken": token, **rest} if not rest:
            return dict(pair.split("~") for pair in token.split("_"))
    return {}


def _packed(state: Mapping[str, str]) -> str:
    return quote("_".join(f"{name}~{value}" for name, value in state.items()))
