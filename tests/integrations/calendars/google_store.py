"""Google's calendars in memory, as unpleasant as the real ones: tombstones, ETags, PATCH, Meet, free/busy."""

import copy
import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.integrations.calendars.google_discovery import Call
from tests.integrations.calendars.wire import Refused

_MOVED = ("start", "end")
_FREE_TYPES = {"workingLocation", "birthday"}


@dataclass
class Account:
    """A person's account: the zone of their calendar, and why it may not be read."""

    zone: str = "Europe/Paris"
    error: str = ""


@dataclass
class Stored:
    """An event in its organizer's calendar, and who removed it from their own."""

    organizer: str
    resource: dict[str, Any]
    hidden: set[str] = field(default_factory=set)


class GoogleStore:
    """The accounts of a company and the events in them.

    `meet_after` reads is how long a Meet link takes (0: at once, -1: it fails); `mails` is who was told
    what, and `outbox` is told of every such mail; `misses_collisions` says whether an insert notices that
    its id is taken.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.events: dict[tuple[str, str], Stored] = {}
        self.mails: list[tuple[str, str]] = []
        self.outbox: Callable[[Stored, str, str], None] = lambda *_: None
        self.changed: Callable[[Stored], None] = lambda _: None
        self.meet_after = 1
        self.misses_collisions = False
        self._etags = itertools.count(3_400_000_000_000_000)
        self._links = itertools.count(1)
        self._reads_until_meet: dict[str, int] = {}

    def insert(self, who: str, call: Call) -> dict[str, Any]:
        """Creates an event; an id that was ever used in this calendar is taken for good."""
        body = copy.deepcopy(call.body)
        if not re.fullmatch("[0-9a-v]{5,1024}", body["id"]):
            raise Refused(400, "invalid")
        known = self.events.get((who, body["id"]))
        if known and not self.misses_collisions:
            raise Refused(409, "duplicate")
        if known:
            told = {**body, "status": "confirmed", "etag": known.resource["etag"]}
            told["conferenceData"]["createRequest"]["status"] = {"statusCode": "pending"}
            return told
        _check_times(body)
        body.update(
            kind="calendar#event", status="confirmed", sequence=0, organizer={"email": who, "self": True}
        )
        for guest in body.get("attendees", ()):
            guest.setdefault("responseStatus", "needsAction")
        stored = self.events[who, body["id"]] = Stored(who, body)
        self._make_meet(stored, call)
        self._tell(stored, call, "invitation")
        return self._changed(stored)

    def get(self, who: str, event_id: str) -> dict[str, Any]:
        """The event; of a cancelled one, a tombstone."""
        stored = self._stored(who, event_id)
        waited = self._reads_until_meet.get(event_id)
        told = self._told(stored.resource, who)
        if waited is not None:
            self._reads_until_meet[event_id] = waited - 1
            if waited <= 1:
                self._finish_meet(stored)
                told = self._told(stored.resource, who)
        return told

    def patch(self, who: str, call: Call, if_match: str | None) -> dict[str, Any]:
        """Merges objects, replaces lists; an attendee without responseStatus has answered nothing."""
        stored = self._stored(who, call.path["eventId"])
        if if_match not in (None, stored.resource["etag"]):
            raise Refused(412, "conditionNotMet")
        if stored.resource["status"] == "cancelled":
            raise Refused(403, "forbidden")
        before = copy.deepcopy(stored.resource)
        merged = _merged(stored.resource, {k: v for k, v in call.body.items() if k != "conferenceData"})
        _check_times(merged)
        for guest in merged.get("attendees", ()):
            guest.setdefault("responseStatus", "needsAction")
            if guest["responseStatus"] == "needsAction":
                stored.hidden.discard(guest["email"].lower())
        stored.resource = merged
        if any(_instants(before, name) != _instants(merged, name) for name in _MOVED):
            merged["sequence"] += 1
        self._make_meet(stored, call)
        self._tell(stored, call, "change")
        return self._changed(stored)

    def delete(self, who: str, call: Call) -> None:
        """Leaves a tombstone behind; a second time it is 410."""
        stored = self._stored(who, call.path["eventId"])
        if stored.resource["status"] == "cancelled":
            raise Refused(410, "deleted")
        self._tell(stored, call, "cancellation")
        stored.resource["status"] = "cancelled"
        self._changed(stored)

    def free_busy(self, call: Call) -> dict[str, Any]:
        """Busy times by calendar; one that cannot be read has an error inside the 200."""
        start, end = (datetime.fromisoformat(call.body[name]) for name in ("timeMin", "timeMax"))
        items = [item["id"] for item in call.body["items"]]
        if len(items) > min(call.body.get("calendarExpansionMax", 50), 50):
            raise Refused(400, "tooManyCalendarsRequested")
        if end - start > timedelta(days=92):
            raise Refused(400, "timeRangeTooLong")
        return {
            "kind": "calendar#freeBusy",
            "timeMin": call.body["timeMin"],
            "timeMax": call.body["timeMax"],
            "calendars": {item: self._calendar(item, start, end) for item in items},
        }

    def live(self, address: str) -> list[Stored]:
        """The events a person's calendar shows, their own and those they are invited to."""
        return [one for one in self.events.values() if self.shows(one, address)]

    @staticmethod
    def shows(stored: Stored, address: str) -> bool:
        """Whether a person's calendar shows an event."""
        guests = {guest["email"].lower() for guest in stored.resource.get("attendees", ())}
        belongs = address == stored.organizer or (address in guests and address not in stored.hidden)
        return belongs and bool(stored.resource["status"] != "cancelled")

    def told(self, stored: Stored, who: str) -> dict[str, Any]:
        """The event as it is sent to somebody, its times in the zone of their calendar."""
        return self._told(stored.resource, who)

    def span(self, stored: Stored, who: str) -> tuple[datetime, datetime]:
        """When an event is in somebody's calendar."""
        return _span(stored.resource, ZoneInfo(self.accounts[who].zone))

    def touch(self, stored: Stored) -> None:
        """Gives a changed event another ETag."""
        self._changed(stored)

    def _stored(self, who: str, event_id: str) -> Stored:
        stored = self.events.get((who, event_id))
        if stored is None:
            raise Refused(404, "notFound")
        return stored

    def _changed(self, stored: Stored) -> dict[str, Any]:
        stored.resource["etag"] = f'"{next(self._etags)}"'
        self.changed(stored)
        return self._told(stored.resource, stored.organizer)

    def _told(self, resource: Mapping[str, Any], who: str) -> dict[str, Any]:
        """The resource as it is sent: times in the calendar's zone, of a tombstone the least guaranteed."""
        if resource["status"] == "cancelled":
            return {key: resource[key] for key in ("id", "status", "etag")}
        told = copy.deepcopy(dict(resource))
        zone = ZoneInfo(self.accounts[who].zone)
        for name in _MOVED:
            if told[name].get("dateTime"):
                moment = datetime.fromisoformat(told[name]["dateTime"]).astimezone(zone)
                told[name] = {"dateTime": moment.isoformat(), "timeZone": zone.key}
        return told

    def _make_meet(self, stored: Stored, call: Call) -> None:
        """Without conferenceDataVersion=1 the conference is ignored; a request id is good for once."""
        asked = (call.body.get("conferenceData") or {}).get("createRequest")
        if call.query.get("conferenceDataVersion") != "1":
            stored.resource.pop("conferenceData", None)
            stored.resource.pop("hangoutLink", None)
            return
        known = (stored.resource.get("conferenceData") or {}).get("createRequest", {})
        if not asked or (known.get("status", {}) and asked["requestId"] == known["requestId"]):
            return
        status = "failure" if self.meet_after < 0 else "pending"
        stored.resource["conferenceData"] = {"createRequest": {**asked, "status": {"statusCode": status}}}
        if self.meet_after == 0:
            self._finish_meet(stored)
        elif self.meet_after > 0:
            self._reads_until_meet[stored.resource["id"]] = self.meet_after

    def _finish_meet(self, stored: Stored) -> None:
        came_later = self._reads_until_meet.pop(stored.resource["id"], None) is not None
        link = f"https://meet.google.com/abc-defg-{next(self._links):03}"
        conference = stored.resource["conferenceData"]
        conference["createRequest"]["status"] = {"statusCode": "success"}
        conference["entryPoints"] = [{"entryPointType": "video", "uri": link}]
        stored.resource["hangoutLink"] = link
        if came_later:
            self._changed(stored)

    def _tell(self, stored: Stored, call: Call, what: str) -> None:
        if call.query.get("sendUpdates") == "all":
            guests = stored.resource.get("attendees", ())
            for guest in guests:
                self.mails.append((guest["email"].lower(), what))
                self.outbox(stored, guest["email"].lower(), what)

    def _calendar(self, address: str, start: datetime, end: datetime) -> dict[str, Any]:
        account = self.accounts.get(address)
        if account is None or account.error:
            reason = account.error if account else "notFound"
            return {"errors": [{"domain": "global", "reason": reason}], "busy": []}
        zone = ZoneInfo(account.zone)
        times = sorted(
            (max(first, start), min(last, end))
            for stored in self.live(address)
            if _is_busy(stored, address)
            for first, last in [_span(stored.resource, zone)]
            if first < end and last > start
        )
        return {"busy": [{"start": _utc(first), "end": _utc(last)} for first, last in times]}


def _is_busy(stored: Stored, address: str) -> bool:
    if stored.resource.get("transparency") == "transparent":
        return False
    if stored.resource.get("eventType", "default") in _FREE_TYPES:
        return False
    declined = {
        guest["email"].lower()
        for guest in stored.resource.get("attendees", ())
        if guest["responseStatus"] == "declined"
    }
    return address not in declined


def _merged(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    merged = copy.deepcopy(dict(old))
    for name, value in new.items():
        if value is None:
            merged.pop(name, None)
        elif isinstance(value, dict) and isinstance(merged.get(name), dict):
            merged[name] = _merged(merged[name], value)
        else:
            merged[name] = _merged({}, value) if isinstance(value, dict) else copy.deepcopy(value)
    return merged


def _check_times(resource: Mapping[str, Any]) -> None:
    for name in _MOVED:
        if ("date" in resource[name]) == ("dateTime" in resource[name]):
            raise Refused(400, "invalid")
    if _instants(resource, "end") <= _instants(resource, "start"):
        raise Refused(400, "timeRangeEmpty")


def _instants(resource: Mapping[str, Any], name: str, zone: ZoneInfo | None = None) -> datetime:
    moment = resource[name]
    if "dateTime" in moment:
        return datetime.fromisoformat(moment["dateTime"]).astimezone(UTC)
    day = date.fromisoformat(moment["date"])
    return datetime.combine(day, time(), zone or UTC).astimezone(UTC)


def _span(resource: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime, datetime]:
    return _instants(resource, "start", zone), _instants(resource, "end", zone)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
