"""Graph's getSchedule: asked in portions it accepts, its answers put together per person."""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from pydantic import ValidationError

from integrations.calendars.calendar import Availability, Busy, BusyKind, Unknown, Window
from integrations.calendars.ics import mail_address
from integrations.calendars.microsoft_bodies import utc
from integrations.calendars.microsoft_event import Moment, Resource, zone_of
from integrations.errors import InvalidError

_MAILBOXES = 20
_LONGEST = timedelta(days=42)
_VIEW = timedelta(minutes=15)
# A whole day is told as midnight to midnight "UTC", but meant in a zone between UTC-12 and UTC+14.
_EAST, _WEST = timedelta(hours=14), timedelta(hours=12)
# Working elsewhere is working: as a working location in Google, it takes nothing of the time.
_KINDS = {
    "free": None,
    "workingElsewhere": None,
    "tentative": BusyKind.TENTATIVE,
    "oof": BusyKind.OUT_OF_OFFICE,
}
_DIGITS = {"0": None, "4": None, "1": BusyKind.TENTATIVE, "3": BusyKind.OUT_OF_OFFICE}


@dataclass(frozen=True)
class Question:
    """One call: up to 20 mailboxes over up to 42 days."""

    mailboxes: tuple[str, ...]
    window: Window

    def body(self) -> dict[str, Any]:
        """The request's body; its parameters are spelt as in the CSDL."""
        return {
            "Schedules": list(self.mailboxes),
            "StartTime": utc(self.window.start),
            "EndTime": utc(self.window.end),
            "AvailabilityViewInterval": _VIEW // timedelta(minutes=1),
        }


class _Zone(Resource):
    name: str | None = None


class _Hours(Resource):
    time_zone: _Zone | None = None


class _Error(Resource):
    response_code: str | None = None


class _Item(Resource):
    start: Moment
    end: Moment
    status: str | None = None

    def hours(self, zone: str | None) -> tuple[datetime, datetime]:
        """When it is; whole days are those of the mailbox's zone, or of every zone where that is unknown."""
        if self.start.date_time.time() != time() or self.end.date_time.time() != time():
            return self.start.instant, self.end.instant
        known = zone_of(zone)
        if known is None:
            return self.start.instant - _EAST, self.end.instant + _WEST
        return self.start.read_in(known), self.end.read_in(known)


class _Schedule(Resource):
    schedule_id: str = ""
    error: _Error | None = None
    schedule_items: tuple[_Item, ...] | None = ()
    availability_view: str | None = ""
    working_hours: _Hours | None = None

    def taken(self, start: datetime) -> Iterator[tuple[BusyKind, datetime, datetime]]:
        """What is taken; a mailbox that shows no items still has a view: a digit each quarter of an hour."""
        hours = self.working_hours
        zone = hours.time_zone.name if hours and hours.time_zone else None
        for item in self.schedule_items or ():
            kind = _KINDS.get(item.status or "", BusyKind.BUSY)
            if kind:
                yield kind, *item.hours(zone)
        if not self.schedule_items:
            for number, digit in enumerate(self.availability_view or ""):
                if kind := _DIGITS.get(digit, BusyKind.BUSY):
                    yield kind, start + number * _VIEW, start + (number + 1) * _VIEW


class BusyAnswer(Resource):
    """The answer to a question; each mailbox's is read by itself, so that an odd one spoils no other."""

    value: tuple[Mapping[str, Any], ...]


def questions(people: Sequence[str], window: Window) -> Iterator[Question]:
    """The calls it takes to know when these people are taken; an address that is none is not asked about.

    They reach further than the window, for whole days of other zones, and are equally long: the view's
    interval must fit into each.
    """
    addresses = sorted({address for address in map(_address, people) if address})
    first, last = window.start - _EAST, window.end + _EAST
    count = math.ceil((last - first) / _LONGEST)
    ends = [first + (last - first) * number / count for number in range(count + 1)]
    for portion in range(0, len(addresses), _MAILBOXES):
        for start, end in itertools.pairwise(ends):
            mailboxes = tuple(addresses[portion : portion + _MAILBOXES])
            yield Question(mailboxes, Window(start=start, end=end))


def available(person: str, window: Window, answers: Iterable[tuple[Question, BusyAnswer]]) -> Availability:
    """What the answers say of this person: an error or a missing entry in any is unknown, not free."""
    address = _address(person)
    if not address:
        return Unknown(why="the work address is none a mailbox can have")
    taken: list[tuple[BusyKind, datetime, datetime]] = []
    for question, answer in answers:
        if address not in question.mailboxes:
            continue
        told = _told(answer, address)
        if isinstance(told, Unknown):
            return told
        taken.extend(told.taken(question.window.start))
    return tuple(sorted(_joined(taken, window), key=lambda one: (one.start, one.end, one.kind)))


def _told(answer: BusyAnswer, address: str) -> _Schedule | Unknown:
    """What is said of one mailbox."""
    entry = next((one for one in answer.value if str(one.get("scheduleId", "")).lower() == address), None)
    if entry is None:
        return Unknown(why="Microsoft cannot tell: missing")
    try:
        told = _Schedule.model_validate(entry)
    except ValidationError:
        return Unknown(why="Microsoft cannot tell: the answer cannot be read")
    if told.error:
        code = told.error.response_code or ""
        return Unknown(why=f"Microsoft cannot tell: {code if code.isidentifier() else 'unknown'}")
    return told


def _joined(taken: Iterable[tuple[BusyKind, datetime, datetime]], window: Window) -> Iterator[Busy]:
    """What is within the window; stretches of a kind that touch are one: calls end where the next begins."""
    for kind, stretches in itertools.groupby(sorted(taken), key=lambda one: one[0]):
        start = end = None
        for _, first, last in stretches:
            first, last = max(first, window.start), min(last, window.end)  # noqa: PLW2901
            if first >= last:
                continue
            if start and end and first <= end:
                end = max(end, last)
                continue
            if start and end:
                yield Busy(start=start, end=end, kind=kind)
            start, end = first, last
        if start and end:
            yield Busy(start=start, end=end, kind=kind)


def _address(person: str) -> str:
    try:
        return mail_address(person).lower()
    except InvalidError:
        return ""
