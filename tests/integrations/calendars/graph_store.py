"""Exchange mailboxes in memory, as unpleasant as the real ones: transaction ids, answers, PATCH, Teams."""

import copy
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.integrations.calendars.wire import Refused

SEQUENCE = "integer {00062002-0000-0000-c000-000000000046} id 0x8201"
_READ_ONLY = {"transactionId", "id", "changeKey", "createdDateTime", "lastModifiedDateTime", "iCalUId"}
_NEVER = "0001-01-01T00:00:00Z"


@dataclass
class Account:
    """A person's mailbox: its zone by both names, and why Graph may not show it."""

    zone: str = "Europe/Paris"
    windows: str = "Romance Standard Time"
    error: str = ""
    refusal: tuple[int, str] | None = None
    shows_items: bool = True


@dataclass
class Stored:
    """An event in its organizer's mailbox, and who removed it from their own."""

    owner: str
    resource: dict[str, Any]
    content: Mapping[str, Any] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)
    sequence: int = 0
    version: int = 0
    is_deleted: bool = False
    hidden: set[str] = field(default_factory=set)
    reads_until_teams: int | None = None
    has_join_block: bool = True

    def guest(self, address: str) -> dict[str, Any]:
        """An attendee."""
        return next(one for one in self.resource["attendees"] if _address(one) == address)


class GraphStore:
    """The mailboxes of a tenant and the events in them.

    `teams_after` reads is how long an online meeting takes (0: at once, -1: it never comes), `has_teams`
    whether the organizer has a licence for it; `mails` is who was told what, and `outbox` is told of every
    such mail; `keeps_answers` says whether a change of time leaves the old answers, `keeps_deleted` whether
    an event can be read in Deleted Items, `unanswered_is` what an invitation does to a calendar,
    `finds_after` how many searches miss what is new.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.events: list[Stored] = []
        self.mails: list[tuple[str, str]] = []
        self.outbox: Callable[[Stored, str, str], None] = lambda *_: None
        self.comments: list[str] = []
        self.teams_after = 1
        self.has_teams = True
        self.keeps_answers = True
        self.keeps_deleted = False
        self.unanswered_is = "busy"
        self.finds_after = 0
        self.changed: Callable[[Stored], None] = lambda _: None
        self._seconds = itertools.count()
        self._numbers = itertools.count(1)
        self._transactions: dict[tuple[str, str], Stored] = {}

    def now(self) -> str:
        """Exchange's clock; it never shows the same time twice."""
        return _instant_text(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=next(self._seconds)))

    def create(self, owner: str, body: Mapping[str, Any]) -> Stored:
        """Makes an event; a transactionId that was ever used answers with the event it made, gone or not."""
        known = self._transactions.get((owner, str(body.get("transactionId"))))
        if known is not None and known.content != body:
            raise Refused(409, "ErrorDuplicateTransactionId")
        if known is not None:
            return known
        if not body.keys() >= {"start", "end"}:
            raise Refused(400, "ErrorPropertyValidationFailure")
        stored = Stored(owner, copy.deepcopy(dict(body)), content=copy.deepcopy(dict(body)))
        stored.resource.update(
            id=f"AAkALg/{next(self._numbers):06}+AAA=",
            createdDateTime=self.now(),
            isCancelled=False,
            isAllDay=body.get("isAllDay", False),
            onlineMeeting=None,
            originalStartTimeZone=body["start"]["timeZone"],
            originalEndTimeZone=body["end"]["timeZone"],
        )
        stored.resource = {"attendees": [], "isOnlineMeeting": False, **stored.resource}
        for guest in stored.resource["attendees"]:
            guest.update(status={"response": "none", "time": _NEVER}, proposedNewTime=None)
        self._set_properties(stored)
        _check_times(stored.resource)
        self._set_up_teams(stored)
        self.events.append(stored)
        if "transactionId" in body:
            self._transactions[owner, body["transactionId"]] = stored
        self._tell(stored, "invitation", [_address(one) for one in stored.resource["attendees"]])
        return self.touch(stored)

    def read(self, owner: str, event_id: str) -> Stored:
        """The event by its id, where it can still be read."""
        stored = self._stored(owner, event_id)
        if stored.is_deleted and not self.keeps_deleted:
            raise Refused(404, "ErrorItemNotFound")
        if stored.reads_until_teams is not None:
            stored.reads_until_teams -= 1
            if stored.reads_until_teams <= 0:
                self._finish_teams(stored)
        return stored

    def find(self, owner: str, name: str, value: str) -> list[Stored]:
        """The events in the calendar with an extended property of this value."""
        if self.finds_after > 0:
            self.finds_after -= 1
            return []
        return [
            one
            for one in self.events
            if one.owner == owner and not one.is_deleted and one.properties.get(name) == value
        ]

    def change(self, owner: str, event_id: str, body: Mapping[str, Any], if_match: str | None) -> Stored:
        """Merges a body; the list of attendees is replaced, and who is left out gets a cancellation."""
        stored = self._live(owner, event_id)
        if if_match not in {None, etag_of(stored)}:
            raise Refused(412, "ErrorIrresolvableConflict")
        if _READ_ONLY & body.keys():
            raise Refused(400, "ErrorInvalidPropertySet")
        before = copy.deepcopy(stored.resource)
        merged = {**copy.deepcopy(stored.resource), **copy.deepcopy(dict(body))}
        _check_times(merged)
        stored.resource = merged
        self._set_properties(stored)
        if "body" in body and before["isOnlineMeeting"]:
            stored.has_join_block = False
            merged["onlineMeeting"] = None
        if merged["isOnlineMeeting"] and not before["isOnlineMeeting"]:
            self._set_up_teams(stored)
        self._replace_attendees(stored, before, "attendees" in body)
        if _times(before) != _times(merged):
            self._ask_anew(stored)
        return self.touch(stored)

    def cancel(self, owner: str, event_id: str, comment: str) -> None:
        """Sends the notices and moves the event to Deleted Items."""
        stored = self._live(owner, event_id)
        if not stored.resource["attendees"]:
            raise Refused(400, "ErrorInvalidRequest")
        self.comments.append(comment)
        stored.resource["isCancelled"] = True
        self.delete(owner, event_id)

    def delete(self, owner: str, event_id: str) -> None:
        """Deletes the event; of a meeting, that cancels it."""
        stored = self._live(owner, event_id)
        self._tell(stored, "cancellation", [_address(one) for one in stored.resource["attendees"]])
        stored.is_deleted = True
        self.touch(stored)

    def live(self, address: str) -> list[Stored]:
        """The events a person's calendar shows, their own and those they are invited to."""
        return [one for one in self.events if self.shows(one, address)]

    @staticmethod
    def shows(stored: Stored, address: str) -> bool:
        """Whether a person's calendar shows an event."""
        guests = {_address(one) for one in stored.resource["attendees"]}
        belongs = address == stored.owner or (address in guests and address not in stored.hidden)
        return belongs and not stored.is_deleted

    def touch(self, stored: Stored) -> Stored:
        """Gives a changed event another ETag."""
        stored.version += 1
        stored.resource["lastModifiedDateTime"] = self.now()
        self.changed(stored)
        return stored

    def _stored(self, owner: str, event_id: str) -> Stored:
        for one in self.events:
            if one.owner == owner and one.resource["id"] == event_id:
                return one
        raise Refused(404, "ErrorItemNotFound")

    def _live(self, owner: str, event_id: str) -> Stored:
        stored = self._stored(owner, event_id)
        if stored.is_deleted:
            code = "ErrorCalendarCannotUpdateDeletedItem" if self.keeps_deleted else "ErrorItemNotFound"
            raise Refused(400 if self.keeps_deleted else 404, code)
        return stored

    @staticmethod
    def _set_properties(stored: Stored) -> None:
        given = stored.resource.pop("singleValueExtendedProperties", ())
        stored.properties.update({one["id"].lower(): one["value"] for one in given})

    def _set_up_teams(self, stored: Stored) -> None:
        if not stored.resource["isOnlineMeeting"]:
            return
        if not self.has_teams or stored.resource.get("onlineMeetingProvider") != "teamsForBusiness":
            stored.resource["isOnlineMeeting"] = False
        elif self.teams_after == 0:
            self._finish_teams(stored)
        elif self.teams_after > 0:
            stored.reads_until_teams = self.teams_after

    def _finish_teams(self, stored: Stored) -> None:
        came_later = stored.reads_until_teams is not None
        stored.reads_until_teams = None
        if stored.has_join_block:
            number = next(self._numbers)
            stored.resource["onlineMeeting"] = {"joinUrl": f"https://teams.microsoft.com/l/meetup/{number}"}
        if came_later:
            self.touch(stored)

    def _replace_attendees(self, stored: Stored, before: Mapping[str, Any], is_given: bool) -> None:
        if not is_given:
            return
        known = {_address(one): one for one in before["attendees"]}
        for guest in stored.resource["attendees"]:
            old = known.get(_address(guest), {})
            guest["status"] = old.get("status", {"response": "none", "time": _NEVER})
            guest["proposedNewTime"] = old.get("proposedNewTime")
            stored.hidden.discard(_address(guest))
        listed = {_address(one) for one in stored.resource["attendees"]}
        self._tell(stored, "cancellation", sorted(known.keys() - listed))
        self._tell(stored, "invitation", sorted(listed - known.keys()))

    def _ask_anew(self, stored: Stored) -> None:
        stored.sequence += 1
        stored.hidden.clear()
        for guest in stored.resource["attendees"] if not self.keeps_answers else ():
            guest.update(status={"response": "none", "time": _NEVER}, proposedNewTime=None)
        self._tell(stored, "change", [_address(one) for one in stored.resource["attendees"]])

    def _tell(self, stored: Stored, what: str, people: Sequence[str]) -> None:
        for one in people:
            if one != stored.owner:
                self.mails.append((one, what))
                self.outbox(stored, one, what)


def etag_of(stored: Stored) -> str:
    """The event's version, weak as Exchange's are."""
    return f'W/"DwAAABYAAA{stored.resource["id"][7:13]}v{stored.version}=="'


def instants(resource: Mapping[str, Any], zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When an event really is: a whole day is its zone's."""
    first, last = _times(resource)
    if resource.get("isAllDay"):
        return first.replace(tzinfo=zone).astimezone(UTC), last.replace(tzinfo=zone).astimezone(UTC)
    return first, last


def whole_day(day: date, end: date, windows: str) -> dict[str, Any]:
    """A whole day as Graph has it: midnight to midnight "UTC", whatever its zone."""
    return {
        "isAllDay": True,
        "start": {"dateTime": datetime.combine(day, time()).isoformat(), "timeZone": "UTC"},
        "end": {"dateTime": datetime.combine(end, time()).isoformat(), "timeZone": "UTC"},
        "originalStartTimeZone": windows,
        "originalEndTimeZone": windows,
    }


def _address(guest: Mapping[str, Any]) -> str:
    return str(guest["emailAddress"]["address"]).lower()


def _times(resource: Mapping[str, Any]) -> tuple[datetime, datetime]:
    first, last = (datetime.fromisoformat(resource[name]["dateTime"]) for name in ("start", "end"))
    return first.replace(tzinfo=UTC), last.replace(tzinfo=UTC)


def _check_times(resource: Mapping[str, Any]) -> None:
    first, last = _times(resource)
    if last < first:
        raise Refused(400, "ErrorCalendarEndDateIsEarlierThanStartDate")
    if resource.get("isAllDay") and (first.time() != time() or last.time() != time() or last == first):
        raise Refused(400, "ErrorPropertyValidationFailure")


def _instant_text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.0000000Z")
