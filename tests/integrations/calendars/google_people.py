"""Google's people: what they see and do in their own calendars, and what other calendars send them."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from integrations.calendars.calendar import Rsvp
from integrations.rehearsal.invitations import Guest, Invitation, Method
from tests.integrations.calendars.google_discovery import Call
from tests.integrations.calendars.google_store import GoogleStore, Stored
from tests.integrations.calendars.wire import Refused

_ANSWERS = {
    "accepted": Rsvp.ACCEPTED,
    "declined": Rsvp.DECLINED,
    "tentative": Rsvp.TENTATIVE,
    "needsAction": Rsvp.NEEDS_ACTION,
}
_WORDS = {rsvp: word for word, rsvp in _ANSWERS.items()}
_METHODS = {"invitation": Method.REQUEST, "change": Method.REQUEST, "cancellation": Method.CANCEL}
_PAGE = 250
Send = Callable[[Invitation, str, str], None]


class GooglePeople:
    """The people of a Google; `send` brings an invitation from somebody to somebody who is not there."""

    def __init__(self, store: GoogleStore) -> None:
        self._store = store
        self.send: Send = lambda *_: None
        store.outbox = self._tell

    def takes(self, who: str, call: Call) -> bool:
        """Whether a call is about a calendar as its person sees it, not about an event of their own."""
        if call.method == "calendar.events.list":
            return "syncToken" not in call.query
        return "eventId" in call.path and self._copy(who, call.path["eventId"]) is not None

    def act(self, who: str, call: Call, if_match: str | None) -> Any:
        """Does what the call says; Refused where a guest may not."""
        if call.method == "calendar.events.list":
            return self._listed(who, call.query)
        stored = self._copy(who, call.path["eventId"])
        if stored is None:
            raise Refused(404, "notFound")
        if if_match not in (None, stored.resource["etag"]):
            raise Refused(412, "conditionNotMet")
        match call.method:
            case "calendar.events.patch":
                self._patch(who, stored, call)
            case "calendar.events.delete":
                self._answer(who, stored, "declined")
                self._remove(who, stored)
                return None
        return self._seen(who, stored)

    def receive(self, to: str, invitation: Invitation) -> None:
        """Heeds what another calendar sends to somebody here, unless it is out of date or unheard of."""
        if invitation.method in (Method.REPLY, Method.COUNTER):
            self._hear(to, invitation)
            return
        event_id = hashlib.sha256(invitation.uid.encode()).hexdigest()
        known = self._store.events.get((to, event_id))
        if known and known.resource["sequence"] > invitation.sequence:
            return
        if invitation.method is Method.CANCEL:
            if known:
                known.resource["status"] = "cancelled"
                self._store.touch(known)
            return
        stored = Stored(to, _copied(event_id, invitation))
        self._store.events[to, event_id] = stored
        self._store.touch(stored)

    def _listed(self, who: str, query: Mapping[str, str]) -> dict[str, Any]:
        """The events that lie between `timeMin` and `timeMax`, earliest first, a page at a time."""
        start, end = (
            datetime.fromisoformat(query.get(name, f"{year}-01-01T00:00:00Z"))
            for name, year in (("timeMin", 1970), ("timeMax", 2100))
        )
        shown = sorted(self._between(who, start, end), key=lambda one: (one[0], one[1].resource["id"]))
        first, most = int(query.get("pageToken", 0)), int(query.get("maxResults", _PAGE))
        more = {"nextPageToken": str(first + most)} if len(shown) > first + most else {}
        items = [self._seen(who, stored) for _, stored in shown[first : first + most]]
        return {"kind": "calendar#events", "items": items, **more}

    def _between(self, who: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, Stored]]:
        for stored in self._store.live(who):
            first, last = self._store.span(stored, who)
            if first < end and last > start:
                yield first, stored

    def _copy(self, who: str, event_id: str) -> Stored | None:
        """An event of somebody else's that stands in this person's calendar."""
        own = self._store.events.get((who, event_id))
        if own is not None:
            return own if _organizer(own) != own.organizer.lower() else None
        found = (one for one in self._store.events.values() if one.resource["id"] == event_id)
        return next((one for one in found if self._store.shows(one, who)), None)

    def _seen(self, who: str, stored: Stored) -> dict[str, Any]:
        """The event as this person's calendar has it: what is private of the organizer's is left out."""
        told = self._store.told(stored, who)
        organizer = _organizer(stored)
        told["organizer"] = {"email": organizer, **({"self": True} if organizer == who else {})}
        told.setdefault("iCalUID", _uid(stored))
        for guest in told.get("attendees", ()):
            guest.update({"self": True} if guest["email"].lower() == who else {})
        if organizer != who:
            told.pop("extendedProperties", None)
        return told

    def _patch(self, who: str, stored: Stored, call: Call) -> None:
        """A guest's own answer, and the rest only where guests can modify the event."""
        body = {name: value for name, value in call.body.items() if name != "attendeesOmitted"}
        answers = [one for one in body.pop("attendees", ()) if one["email"].lower() == who]
        if body and not (stored.organizer == _organizer(stored) and stored.resource.get("guestsCanModify")):
            raise Refused(403, "forbiddenForNonOrganizer")
        if body:
            self._store.patch(stored.organizer, replace(call, body=body), None)
        for answer in answers:
            self._answer(who, stored, answer["responseStatus"])

    def _answer(self, who: str, stored: Stored, word: str) -> None:
        for guest in stored.resource["attendees"]:
            if guest["email"].lower() == who:
                guest["responseStatus"] = word
        self._store.touch(stored)
        organizer = _organizer(stored)
        if organizer not in self._store.accounts or stored.organizer != organizer:
            said = self._told(stored, Method.REPLY).answered(who, _ANSWERS[word])
            self.send(said, who, organizer)

    @staticmethod
    def _remove(who: str, stored: Stored) -> None:
        """Takes an event out of a guest's calendar: their own copy, or their part in the one there is."""
        if stored.organizer == who:
            stored.resource["status"] = "cancelled"
        else:
            stored.hidden.add(who)

    def _hear(self, organizer: str, said: Invitation) -> None:
        """Takes a guest's answer down; the API does not tell of another time that they propose."""
        for stored in self._store.events.values():
            if stored.organizer == organizer and _uid(stored) == said.uid:
                if said.sequence < stored.resource["sequence"] or stored.resource["status"] == "cancelled":
                    continue
                words = {guest.address: _WORDS[guest.rsvp] for guest in said.guests}
                for guest in stored.resource.get("attendees", ()):
                    guest["responseStatus"] = words.get(guest["email"].lower(), guest["responseStatus"])
                self._store.touch(stored)

    def _tell(self, stored: Stored, guest: str, what: str) -> None:
        if guest not in self._store.accounts:
            self.send(self._told(stored, _METHODS[what]), stored.organizer, guest)

    def _told(self, stored: Stored, method: Method) -> Invitation:
        start, end = self._store.span(stored, stored.organizer)
        return Invitation(
            method=method,
            uid=_uid(stored),
            sequence=stored.resource["sequence"] + (method is Method.CANCEL),
            organizer=_organizer(stored),
            start=start,
            end=end,
            summary=stored.resource.get("summary", ""),
            location=stored.resource.get("location", ""),
            guests=tuple(
                Guest(guest["email"].lower(), _ANSWERS[guest["responseStatus"]])
                for guest in stored.resource.get("attendees", ())
            ),
        )


def _copied(event_id: str, invitation: Invitation) -> dict[str, Any]:
    """An invitation from elsewhere as an event in a guest's calendar."""
    times = {"start": invitation.start, "end": invitation.end}
    return {
        "kind": "calendar#event",
        "id": event_id,
        "iCalUID": invitation.uid,
        "status": "confirmed",
        "sequence": invitation.sequence,
        "summary": invitation.summary,
        "location": invitation.location,
        "organizer": {"email": invitation.organizer},
        "attendees": [
            {"email": guest.address, "responseStatus": _WORDS[guest.rsvp]} for guest in invitation.guests
        ],
        **{name: {"dateTime": moment.astimezone(UTC).isoformat()} for name, moment in times.items()},
    }


def _organizer(stored: Stored) -> str:
    return str(stored.resource.get("organizer", {}).get("email", stored.organizer)).lower()


def _uid(stored: Stored) -> str:
    return str(stored.resource.get("iCalUID", f"{stored.resource['id']}@google.com"))
