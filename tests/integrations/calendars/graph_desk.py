"""The Microsoft adapter before a tenant of its own, and people's hands in its mailboxes."""

from dataclasses import replace
from datetime import UTC, date
from typing import Any

from integrations.calendars.calendar import EventRef, Rsvp, Window
from integrations.calendars.microsoft import Microsoft
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.graph_entra import CLIENT, SECRET, TENANT, session_to
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.graph_store import Stored, whole_day

_RSVPS = {
    Rsvp.ACCEPTED: "accepted",
    Rsvp.DECLINED: "declined",
    Rsvp.TENTATIVE: "tentativelyAccepted",
    Rsvp.NEEDS_ACTION: "none",
}


class OutlookHand:
    """A person in Outlook."""

    def __init__(self, graph: GraphServer) -> None:
        self._graph = graph

    def answer(self, address: str, ref: EventRef, rsvp: Rsvp) -> None:
        with self._graph.lock:
            stored = self._stored(ref)
            self._graph.store.touch(stored)
            answered = stored.resource["lastModifiedDateTime"]
            stored.guest(address)["status"] = {"response": _RSVPS[rsvp], "time": answered}

    def propose(self, address: str, ref: EventRef, to: Window, rsvp: Rsvp = Rsvp.TENTATIVE) -> None:
        """Answers with "Propose new time"."""
        with self._graph.lock:
            self._stored(ref).guest(address)["proposedNewTime"] = _times(to)
            self.answer(address, ref, rsvp)

    def move(self, address: str, ref: EventRef, to: Window) -> None:
        """Moves the event; an attendee can only propose another time."""
        if address != ref.organizer:
            self.propose(address, ref, to)
            return
        with self._graph.lock:
            stored = self._stored(ref)
            stored.resource.update(_times(to))
            stored.sequence += 1
            self._graph.store.touch(stored)

    def make_whole_day(self, ref: EventRef, day: date, end: date, windows: str) -> None:
        """Turns the event into whole days, in the organizer's calendar."""
        with self._graph.lock:
            stored = self._stored(ref)
            stored.resource.update(whole_day(day, end, windows))
            self._graph.store.touch(stored)

    def delete(self, address: str, ref: EventRef) -> None:
        """An attendee who deletes an event may decline it too; the organizer cancels it."""
        with self._graph.lock:
            stored = self._stored(ref)
            if address == stored.owner:
                self._graph.store.delete(address, stored.resource["id"])
            else:
                stored.hidden.add(address)
                self.answer(address, ref, Rsvp.DECLINED)

    def call_off(self, address: str, ref: EventRef) -> None:
        self.delete(address, ref)

    def take_off(self, address: str, ref: EventRef) -> None:
        """Takes an attendee off the list, in the organizer's calendar."""
        with self._graph.lock:
            stored = self._stored(ref)
            guests = stored.resource["attendees"]
            stored.resource["attendees"] = [one for one in guests if one is not stored.guest(address)]
            self._graph.store.touch(stored)

    def add(self, ref: EventRef, address: str, kind: str = "required") -> None:
        """Adds an attendee or a room, in the organizer's calendar."""
        with self._graph.lock:
            stored = self._stored(ref)
            stored.resource["attendees"].append(
                {
                    "emailAddress": {"address": address, "name": address},
                    "type": kind,
                    "status": {"response": "accepted", "time": self._graph.store.now()},
                    "proposedNewTime": None,
                }
            )
            self._graph.store.touch(stored)

    def has(self, address: str, ref: EventRef) -> bool:
        with self._graph.lock:
            return self._graph.store.shows(self._stored(ref), address)

    def count(self, address: str) -> int:
        with self._graph.lock:
            return len(self._graph.store.live(address))

    def title(self, address: str, ref: EventRef) -> str:
        with self._graph.lock:
            found = [one for one in self._graph.store.live(address) if one.resource["id"] == ref.id]
            return str(found[0].resource["subject"])

    def occupy(self, address: str, window: Window) -> None:
        self.put(address, **_times(window))

    def put(self, address: str, **resource: Any) -> Stored:
        """Puts an appointment of this person's own into their calendar."""
        with self._graph.lock:
            return self._graph.store.create(address, {"subject": "Own", **resource})

    def put_whole_day(self, address: str, day: date, end: date) -> None:
        """Puts whole days of this person's own zone into their calendar."""
        with self._graph.lock:
            days = whole_day(day, end, self._graph.store.accounts[address].windows)
            self._graph.store.create(address, {name: days[name] for name in ("isAllDay", "start", "end")})

    def resource(self, ref: EventRef) -> dict[str, Any]:
        """The event as Exchange has it."""
        with self._graph.lock:
            return dict(self._stored(ref).resource)

    def _stored(self, ref: EventRef) -> Stored:
        return next(one for one in self._graph.store.events if one.resource["id"] == ref.id)


def adapter(graph: GraphServer, organizer: str, **changes: Any) -> Microsoft:
    """The adapter as it is in production, but for Graph's address and the way to Entra."""
    told: dict[str, Any] = {
        "tenant": TENANT,
        "client_id": CLIENT,
        "secret": SECRET,
        "organizer": organizer,
        "graph_url": graph.graph_url,
        "http_client": session_to(graph.url),
        "timeout_s": 60,
        **changes,
    }
    return Microsoft(**told)


def desk_at(graph: GraphServer, calendar: Microsoft, number: int, organizer: str = "") -> Desk:
    """A desk with people of its own; an adapter may serve many."""
    people = [f"{who}{number}@corp.example" for who in ("office", "mentor", "mentee", "stranger")]
    people[0] = organizer or people[0]
    graph.join(*people[:3])
    return Desk(calendar, OutlookHand(graph), *people)


def through(desk: Desk, graph: GraphServer, **changes: Any) -> Desk:
    """The same people, served by an adapter that is set up otherwise."""
    return replace(desk, calendar=adapter(graph, desk.organizer, **changes))


def _times(window: Window) -> dict[str, Any]:
    return {
        name: {"dateTime": one.astimezone(UTC).replace(tzinfo=None).isoformat(), "timeZone": "UTC"}
        for name, one in (("start", window.start), ("end", window.end))
    }
