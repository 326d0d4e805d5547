"""Exchange's people: what they see and do in their own mailboxes, and what other calendars send them."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from integrations.calendars.calendar import Rsvp
from integrations.rehearsal.invitations import Guest, Invitation, Method
from tests.integrations.calendars.graph_store import SEQUENCE, GraphStore, Stored, etag_of, instants
from tests.integrations.calendars.wire import Refused

_ANSWERS = {
    "accepted": Rsvp.ACCEPTED,
    "declined": Rsvp.DECLINED,
    "tentativelyAccepted": Rsvp.TENTATIVE,
    "none": Rsvp.NEEDS_ACTION,
}
_WORDS = {rsvp: word for word, rsvp in _ANSWERS.items()}
_SHOWS = {"accepted": "busy", "declined": "free", "tentativelyAccepted": "tentative", "none": "tentative"}
_RESPONSES = {
    "POST /events/{id}/accept": "accepted",
    "POST /events/{id}/decline": "declined",
    "POST /events/{id}/tentativelyAccept": "tentativelyAccepted",
}
_METHODS = {"invitation": Method.REQUEST, "change": Method.REQUEST, "cancellation": Method.CANCEL}
_VIEW = "GET /calendarView"
_NEVER = "0001-01-01T00:00:00Z"
_ORGANIZER = {"response": "organizer", "time": _NEVER}
_PAGE = 10
Send = Callable[[Invitation, str, str], None]


class Call(Protocol):
    """What is read of a request."""

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
    def if_match(self) -> str | None: ...


class GraphPeople:
    """The people of a tenant; `send` brings an invitation from somebody to somebody who is not there."""

    def __init__(self, store: GraphStore, shown: Callable[[Stored, Any], dict[str, Any]]) -> None:
        self._store = store
        self._shown = shown
        self.send: Send = lambda *_: None
        self.url = ""
        store.outbox = self._tell

    def takes(self, call: Call) -> bool:
        """Whether a call is about a mailbox as its person sees it, not about a meeting of their own."""
        return call.method == _VIEW or call.method in _RESPONSES or self._copy(call) is not None

    def act(self, call: Call) -> tuple[int, Any]:
        """Does what the call says: the status and the body; Refused where an attendee may not."""
        if call.method == _VIEW:
            return 200, self._viewed(call)
        stored = self._copy(call)
        if stored is None:
            raise Refused(400, "ErrorInvalidRequest")
        if call.if_match not in {None, etag_of(stored)}:
            raise Refused(412, "ErrorIrresolvableConflict")
        match call.method:
            case "GET /events/{id}":
                return 200, self._seen(call, stored)
            case "DELETE /events/{id}":
                self._remove(call.mailbox, stored)
                return 204, None
            case method if method in _RESPONSES:
                self._respond(call, stored, _RESPONSES[method])
                return 202, None
        raise Refused(403, "ErrorAccessDenied")

    def receive(self, to: str, invitation: Invitation) -> None:
        """Heeds what another calendar sends to somebody here, unless it is out of date or unheard of."""
        if invitation.method in (Method.REPLY, Method.COUNTER):
            self._hear(to, invitation)
            return
        known = [one for one in self._store.events if one.owner == to and _uid(one) == invitation.uid]
        if any(one.sequence > invitation.sequence for one in known):
            return
        for one in known:
            one.is_deleted = True
            self._store.touch(one)
        if invitation.method is Method.REQUEST:
            self._file(to, invitation)

    def _viewed(self, call: Call) -> dict[str, Any]:
        """The events of a stretch of time, earliest first, ten a page unless more are asked for."""
        start, end = (
            datetime.fromisoformat(call.query[name]).astimezone(UTC)
            for name in ("startDateTime", "endDateTime")
        )
        shown = sorted(self._between(call.mailbox, start, end), key=lambda one: one[0])
        first, most = int(call.query.get("$skip", 0)), int(call.query.get("$top", _PAGE))
        value = [self._seen(call, stored) for _, stored in shown[first : first + most]]
        if len(shown) <= first + most:
            return {"value": value}
        query = urlencode({**call.query, "$skip": first + most}, quote_via=quote, safe="$")
        link = f"{self.url}/v1.0/users/{call.mailbox}/calendarView?{query}"
        return {"value": value, "@odata.nextLink": link}

    def _between(self, me: str, start: datetime, end: datetime) -> Iterator[tuple[datetime, Stored]]:
        zone = ZoneInfo(self._store.accounts[me].zone)
        for stored in self._store.live(me):
            first, last = instants(stored.resource, zone)
            if first < end and last > start:
                yield first, stored

    def _copy(self, call: Call) -> Stored | None:
        """Somebody else's meeting in this mailbox, under the id that it has there."""
        for stored in self._store.live(call.mailbox) if call.event_id else ():
            is_own = _organizer(stored) == call.mailbox
            if not is_own and _id_for(call.mailbox, stored) == call.event_id:
                return stored
        return None

    def _seen(self, call: Call, stored: Stored) -> dict[str, Any]:
        """The event as this mailbox has it; our properties stay with the organizer's."""
        told, me, organizer = self._shown(stored, call), call.mailbox, _organizer(stored)
        is_mine = organizer == me
        is_asked = not is_mine and any(_address(one) == me for one in stored.resource["attendees"])
        told["iCalUId"] = _uid(stored)
        told["organizer"] = {"emailAddress": {"address": organizer, "name": organizer}}
        told["isOrganizer"] = is_mine
        told["responseStatus"] = stored.guest(me)["status"] if is_asked else _ORGANIZER
        if not is_mine:
            told["id"] = _id_for(me, stored)
            ours = told.get("singleValueExtendedProperties", ())
            told["singleValueExtendedProperties"] = [one for one in ours if one["id"].lower() == SEQUENCE]
        return told

    def _respond(self, call: Call, stored: Stored, word: str) -> None:
        """An attendee's answer, perhaps with another time; what is declined leaves their calendar."""
        wish = call.body.get("ProposedNewTime")
        if not call.body.get("SendResponse", True):
            # The organizer would have to see another answer than the attendee does.
            raise Refused(501, "NotImplemented")
        self._store.touch(stored)
        status = {"response": word, "time": stored.resource["lastModifiedDateTime"]}
        stored.guest(call.mailbox).update(status=status, proposedNewTime=wish)
        if stored.owner == call.mailbox:
            stored.resource["showAs"] = _SHOWS[word]
        if word == "declined":
            self._remove(call.mailbox, stored)
        organizer = _organizer(stored)
        if organizer not in self._store.accounts or stored.owner == call.mailbox:
            self.send(self._said(stored, call.mailbox, wish), call.mailbox, organizer)

    def _said(self, stored: Stored, me: str, wish: Mapping[str, Any] | None) -> Invitation:
        """What an answer says to a calendar elsewhere; a wish makes a COUNTER of it."""
        word = stored.guest(me)["status"]["response"]
        answer = self._told(stored, Method.REPLY).answered(me, _ANSWERS[word])
        if wish is None:
            return answer
        start, end = (_instant(wish[name]) for name in ("start", "end"))
        return replace(answer, method=Method.COUNTER, start=start, end=end)

    @staticmethod
    def _remove(me: str, stored: Stored) -> None:
        if stored.owner == me:
            stored.is_deleted = True
        else:
            stored.hidden.add(me)

    def _file(self, to: str, invitation: Invitation) -> None:
        """Puts an invitation into a mailbox, tentatively, as Exchange's calendar attendant does."""
        address = {"address": invitation.organizer, "name": invitation.organizer}
        resource = {
            "subject": invitation.summary,
            "location": {"displayName": invitation.location},
            **_times(invitation),
            "organizer": {"emailAddress": address},
            "iCalUId": invitation.uid,
            "showAs": "tentative",
        }
        stored = self._store.create(to, resource)
        stored.sequence = invitation.sequence
        stored.resource["attendees"] = [
            {
                "emailAddress": {"address": guest.address, "name": guest.address},
                "type": "required",
                "status": {"response": _WORDS[guest.rsvp], "time": _NEVER},
                "proposedNewTime": None,
            }
            for guest in invitation.guests
        ]

    def _hear(self, organizer: str, said: Invitation) -> None:
        """Takes an attendee's answer down, and the time they propose."""
        for stored in self._store.events:
            is_meant = stored.owner == organizer and _uid(stored) == said.uid and not stored.is_deleted
            if not is_meant or said.sequence < stored.sequence:
                continue
            self._store.touch(stored)
            for answer in said.guests:
                if any(_address(one) == answer.address for one in stored.resource["attendees"]):
                    answered = stored.resource["lastModifiedDateTime"]
                    stored.guest(answer.address).update(
                        status={"response": _WORDS[answer.rsvp], "time": answered},
                        proposedNewTime=_times(said) if said.method is Method.COUNTER else None,
                    )

    def _tell(self, stored: Stored, guest: str, what: str) -> None:
        if guest not in self._store.accounts:
            self.send(self._told(stored, _METHODS[what]), stored.owner, guest)

    def _told(self, stored: Stored, method: Method) -> Invitation:
        start, end = instants(stored.resource, ZoneInfo(self._store.accounts[stored.owner].zone))
        return Invitation(
            method=method,
            uid=_uid(stored),
            sequence=stored.sequence + (method is Method.CANCEL),
            organizer=_organizer(stored),
            start=start,
            end=end,
            summary=stored.resource.get("subject", ""),
            location=stored.resource.get("location", {}).get("displayName", ""),
            guests=tuple(Guest(_address(one)) for one in stored.resource["attendees"]),
        )


def _id_for(me: str, stored: Stored) -> str:
    """The id in a mailbox: each has its own of the same meeting."""
    kept = str(stored.resource["id"])
    return kept if stored.owner == me else f"{kept.rstrip('A=')}{zlib.crc32(me.encode()):08x}="


def _organizer(stored: Stored) -> str:
    organizer = stored.resource.get("organizer", {}).get("emailAddress", {})
    return str(organizer.get("address", stored.owner)).lower()


def _uid(stored: Stored) -> str:
    return str(
        stored.resource.get("iCalUId", f"040000008200E00074C5B7101A82E008{stored.resource['id'][7:13]}")
    )


def _address(one: Mapping[str, Any]) -> str:
    return str(one["emailAddress"]["address"]).lower()


def _instant(moment: Mapping[str, str]) -> datetime:
    zone = ZoneInfo(moment.get("timeZone") or "UTC")
    return datetime.fromisoformat(moment["dateTime"]).replace(tzinfo=zone).astimezone(UTC)


def _times(invitation: Invitation) -> dict[str, Any]:
    times = {"start": invitation.start, "end": invitation.end}
    return {
        name: {"dateTime": moment.astimezone(UTC).replace(tzinfo=None).isoformat(), "timeZone": "UTC"}
        for name, moment in times.items()
    }
