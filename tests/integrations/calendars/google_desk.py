"""The Google adapter before a Google of its own, and people's hands in its calendars."""

import itertools
from dataclasses import replace
from datetime import UTC, date
from typing import Any

from integrations.calendars.calendar import EventRef, Rsvp, Window
from integrations.calendars.google import Google
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.google_server import GoogleServer
from tests.integrations.calendars.google_store import Stored
from tests.integrations.calendars.google_token import service_account_info

_RSVPS = {
    Rsvp.ACCEPTED: "accepted",
    Rsvp.DECLINED: "declined",
    Rsvp.TENTATIVE: "tentative",
    Rsvp.NEEDS_ACTION: "needsAction",
}


class GoogleHand:
    """A person in Google Calendar's web page."""

    def __init__(self, google: GoogleServer) -> None:
        self._google = google
        self._numbers = itertools.count(1)

    def answer(self, address: str, ref: EventRef, rsvp: Rsvp) -> None:
        with self._google.lock:
            stored = self._stored(ref)
            for guest in stored.resource["attendees"]:
                if guest["email"].lower() == address:
                    guest["responseStatus"] = _RSVPS[rsvp]
            self._google.store.touch(stored)

    def move(self, address: str, ref: EventRef, to: Window) -> None:
        """Moves the one event there is; a guest may only where guests can modify."""
        with self._google.lock:
            stored = self._stored(ref)
            if address != stored.organizer and not stored.resource.get("guestsCanModify"):
                raise PermissionError("forbiddenForNonOrganizer")
            stored.resource["start"] = {"dateTime": to.start.isoformat()}
            stored.resource["end"] = {"dateTime": to.end.isoformat()}
            stored.resource["sequence"] += 1
            self._google.store.touch(stored)

    def make_whole_day(self, ref: EventRef, day: date, end: date) -> None:
        """Turns the event into whole days, in the organizer's calendar."""
        with self._google.lock:
            stored = self._stored(ref)
            stored.resource["start"] = {"date": day.isoformat()}
            stored.resource["end"] = {"date": end.isoformat()}
            self._google.store.touch(stored)

    def delete(self, address: str, ref: EventRef) -> None:
        """A guest who deletes an event declines it; the organizer cancels it."""
        with self._google.lock:
            stored = self._stored(ref)
            if address == stored.organizer:
                stored.resource["status"] = "cancelled"
                self._google.store.touch(stored)
            else:
                stored.hidden.add(address)
                self.answer(address, ref, Rsvp.DECLINED)

    def call_off(self, address: str, ref: EventRef) -> None:
        self.delete(address, ref)

    def take_off(self, address: str, ref: EventRef) -> None:
        """Takes a guest off the list, in the organizer's calendar."""
        with self._google.lock:
            stored = self._stored(ref)
            guests = stored.resource["attendees"]
            stored.resource["attendees"] = [one for one in guests if one["email"].lower() != address]
            self._google.store.touch(stored)

    def let_guests_modify(self, ref: EventRef) -> None:
        """Ticks "Modify event" for guests, in the organizer's calendar."""
        with self._google.lock:
            stored = self._stored(ref)
            stored.resource["guestsCanModify"] = True
            self._google.store.touch(stored)

    def add(self, ref: EventRef, guest: dict[str, Any]) -> None:
        """Adds a guest or a room, in the organizer's calendar."""
        with self._google.lock:
            stored = self._stored(ref)
            stored.resource["attendees"].append(guest)
            self._google.store.touch(stored)

    def has(self, address: str, ref: EventRef) -> bool:
        with self._google.lock:
            return self._google.store.shows(self._stored(ref), address)

    def count(self, address: str) -> int:
        with self._google.lock:
            return len(self._google.store.live(address))

    def title(self, address: str, ref: EventRef) -> str:
        with self._google.lock:
            found = [one for one in self._google.store.live(address) if one.resource["id"] == ref.id]
            return str(found[0].resource["summary"])

    def occupy(self, address: str, window: Window) -> None:
        start, end = (one.astimezone(UTC).isoformat() for one in (window.start, window.end))
        self.put(address, start={"dateTime": start}, end={"dateTime": end})

    def put(self, address: str, **resource: Any) -> None:
        """Puts an appointment of this person's own into their calendar."""
        with self._google.lock:
            own = {"id": f"own{next(self._numbers):05}", "status": "confirmed", "sequence": 0, **resource}
            stored = self._google.store.events[address, own["id"]] = Stored(address, own)
            self._google.store.touch(stored)

    def resource(self, ref: EventRef) -> dict[str, Any]:
        """The event as Google has it."""
        with self._google.lock:
            return dict(self._stored(ref).resource)

    def _stored(self, ref: EventRef) -> Stored:
        return self._google.store.events[ref.organizer, ref.id]


def adapter(google: GoogleServer, organizer: str, **changes: Any) -> Google:
    """The adapter as it is in production, but for two addresses."""
    told: dict[str, Any] = {
        "service_account_info": service_account_info(google.token_uri),
        "organizer": organizer,
        "api_endpoint": google.api_endpoint,
        "timeout_s": 60,
        **changes,
    }
    return Google(**told)


def desk_at(google: GoogleServer, calendar: Google, number: int, organizer: str = "") -> Desk:
    """A desk with people of its own; an adapter may serve many, and reading its key takes it 0.1 s."""
    people = [f"{who}{number}@corp.example" for who in ("office", "mentor", "mentee", "stranger")]
    people[0] = organizer or people[0]
    google.join(*people[:3])
    return Desk(calendar, GoogleHand(google), *people)


def through(desk: Desk, google: GoogleServer, **changes: Any) -> Desk:
    """The same people, served by an adapter that is set up otherwise."""
    return replace(desk, calendar=adapter(google, desk.organizer, **changes))
