"""Google's freeBusy: asked in portions it accepts, its answers put together per person."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.calendars.calendar import Availability, Busy, Unknown, Window
from integrations.calendars.ics import mail_address
from integrations.errors import InvalidError

# FreeBusyRequest.calendarExpansionMax is 50 at most; a longer window is refused (timeRangeTooLong).
_CALENDARS = 50
_LONGEST = timedelta(days=90)


@dataclass(frozen=True)
class Question:
    """One call: up to 50 calendars over up to 90 days."""

    calendars: tuple[str, ...]
    window: Window

    def body(self) -> dict[str, Any]:
        """The request's body."""
        return {
            "timeMin": self.window.start.astimezone(UTC).isoformat(),
            "timeMax": self.window.end.astimezone(UTC).isoformat(),
            "calendarExpansionMax": _CALENDARS,
            "items": [{"id": calendar} for calendar in self.calendars],
        }


class _Period(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    start: AwareDatetime
    end: AwareDatetime


class _Error(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    reason: str = "unknown"


class _Calendar(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")
    busy: tuple[_Period, ...] = ()
    errors: tuple[_Error, ...] = ()


class BusyAnswer(BaseModel):
    """The answer to a question, by calendar id."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    calendars: Mapping[str, _Calendar]


def questions(people: Sequence[str], window: Window) -> Iterator[Question]:
    """The calls it takes to know when these people are taken; an address that is none is not asked about."""
    addresses = sorted({address for address in map(_address, people) if address})
    for first in range(0, len(addresses), _CALENDARS):
        start = window.start
        while start < window.end:
            end = min(start + _LONGEST, window.end)
            yield Question(tuple(addresses[first : first + _CALENDARS]), Window(start=start, end=end))
            start = end


def available(person: str, window: Window, answers: Iterable[tuple[Question, BusyAnswer]]) -> Availability:
    """What the answers say of this person: an error or a missing entry in any is unknown, not free."""
    address = _address(person)
    if not address:
        return Unknown(why="the work address is none a calendar can have")
    periods: list[_Period] = []
    for question, answer in answers:
        if address not in question.calendars:
            continue
        told = {calendar.lower(): entry for calendar, entry in answer.calendars.items()}.get(address)
        if told is None or told.errors:
            reason = told.errors[0].reason if told else "missing"
            return Unknown(why=f"Google cannot tell: {reason if reason.isidentifier() else 'unknown'}")
        periods.extend(told.busy)
    return tuple(_joined(periods, window))


def _joined(periods: Sequence[_Period], window: Window) -> Iterator[Busy]:
    """The periods within the window, those that touch made one: calls end where the next begins."""
    start = end = None
    for period in sorted(periods, key=lambda one: one.start):
        first, last = max(period.start, window.start), min(period.end, window.end)
        if first >= last:
            continue
        if start and end and first <= end:
            end = max(end, last)
            continue
        if start and end:
            yield Busy(start=start, end=end)
        start, end = first.astimezone(UTC), last.astimezone(UTC)
    if start and end:
        yield Busy(start=start, end=end)


def _address(person: str) -> str:
    try:
        return mail_address(person).lower()
    except InvalidError:
        return ""
