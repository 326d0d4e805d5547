"""iCalendar text read as busy time (RFC 5545), and what was read remembered."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar as Document
from icalendar import Event, vRecur

from integrations.calendars.calendar import Busy, BusyKind, Rsvp, Window
from integrations.calendars.ics import plain_address
from integrations.calendars.ics_reading import instant, listed, parsed, rsvp_of, span, word

_REMEMBERED = 20_000
# An event that repeats by the minute is a mistake or an attack: six weeks of it are 60 000 stretches.
_MOST_A_DAY = 24
# The library unrolls a series from its start: 0.03 s a year by the hour, a minute from the year 1 on.
_FIRST_YEAR = 1970
_LASTS = "X-MENTORING-LASTS"
_Times = tuple[date, date, timedelta, BusyKind]


class BusyReader:
    """Reads events as busy time and remembers, by digest, when they are; never what they say.

    Reading 60 events takes 20 ms, remembering them less than one.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[_Times, ...] | None] = {}

    def busy(
        self, text: str, owner: str, window: Window, zone: Callable[[], tzinfo] = lambda: UTC
    ) -> tuple[Busy, ...]:
        """What the event takes of its owner's time within the window; ValueError where it cannot be read.

        Transparent, cancelled and declined is free; whole days and floating times are the `zone`'s, which
        is asked for only where there are some.
        """
        digest = hashlib.sha256(f"{owner}\n{text}".encode(errors="surrogatepass")).digest()
        times = self._remember((digest,), lambda: _single_times(parsed(text), owner))
        if times is None:
            days = (window.start.astimezone(UTC).date(), window.end.astimezone(UTC).date())
            times = self._remember((digest, *days), lambda: _repeated_times(parsed(text), days, owner))
        return tuple(_within(times or (), window, zone))

    def _remember(
        self, key: tuple[object, ...], read: Callable[[], tuple[_Times, ...] | None]
    ) -> tuple[_Times, ...] | None:
        if key in self._known:
            return self._known[key]
        if len(self._known) >= _REMEMBERED:
            self._known = {}
        times = self._known[key] = read()
        return times


def read_free_busy(text: str, window: Window) -> tuple[Busy, ...]:
    """What a VFREEBUSY answer says is taken within the window (RFC 5545, section 3.6.4)."""
    kinds = {"BUSY-TENTATIVE": BusyKind.TENTATIVE, "BUSY-UNAVAILABLE": BusyKind.OUT_OF_OFFICE}
    times: list[_Times] = []
    for part in parsed(text).walk("VFREEBUSY"):
        for line in listed(part, "FREEBUSY"):
            kind = str(line.params.get("FBTYPE", "BUSY")).upper()
            if kind != "FREE":
                times.append((line.start, line.end, timedelta(), kinds.get(kind, BusyKind.BUSY)))
    return tuple(_within(tuple(times), window, lambda: UTC))


def _single_times(document: Document, owner: str) -> tuple[_Times, ...] | None:
    """When the document's events are, None if they repeat; ValueError if they repeat more than hourly."""
    events = document.events
    often = [(event, sum(map(_times_a_day, listed(event, "RRULE")))) for event in events]
    if sum(times for _, times in often) > _MOST_A_DAY:
        raise ValueError("an event repeats more than hourly")
    if any(times > 1 and event.start.year < _FIRST_YEAR for event, times in often):
        raise ValueError("an event repeats several times a day, and has done so for ages")
    if any(name in event for event in events for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
        return None
    return tuple(_times(events, owner))


def _times_a_day(rule: vRecur) -> int:
    """How often a rule has its event be on one day, at most (RFC 5545, section 3.3.10)."""
    every = str(next(iter(rule.get("FREQ", ())), "")).upper()
    if every in {"SECONDLY", "MINUTELY"}:
        return _MOST_A_DAY + 1
    hours, minutes, seconds = (len(rule.get(by, ())) for by in ("BYHOUR", "BYMINUTE", "BYSECOND"))
    return (hours or (24 if every == "HOURLY" else 1)) * (minutes or 1) * (seconds or 1)


def _repeated_times(document: Document, days: tuple[date, date], owner: str) -> tuple[_Times, ...]:
    """When repeating events are, from a day before to a day after: whole days have no zone yet."""
    first, last = (datetime.combine(one, time(), UTC) for one in days)
    found = _unrolled(document, first - timedelta(days=1), last + timedelta(days=2))
    return tuple(_times(list(found), owner))


def _unrolled(document: Document, first: datetime, last: datetime) -> Iterator[Event]:
    """Each event as often as it is; the library drops a DURATION and counts the end by the clock."""
    for event in document.events:
        event.pop(_LASTS, None)
        if "DURATION" in event:
            event[_LASTS] = event["DURATION"]
    for one in recurring_ical_events.of(document).between(first, last):
        if isinstance(one, Event):
            lasts = one.pop(_LASTS, None)
            if lasts and one.end - one.start == lasts.dt:
                del one["DTEND"]
                one["DURATION"] = lasts
            yield one


def _times(events: Sequence[Event], owner: str) -> Iterator[_Times]:
    for event in events:
        kind = _kind(event, owner)
        if kind:
            yield (*span(event), kind)


def _kind(event: Event, owner: str) -> BusyKind | None:
    """How busy an event makes its owner; None for not at all.

    X-MICROSOFT-CDO-BUSYSTATUS is what Outlook and Exchange write ([MS-OXCICAL], 2.1.3.1.1.20.31).
    """
    status, exchange = word(event, "STATUS"), word(event, "X-MICROSOFT-CDO-BUSYSTATUS")
    rsvp = next(
        (
            rsvp_of(one)
            for one in listed(event, "ATTENDEE")
            if plain_address(str(one)) == plain_address(owner)
        ),
        None,
    )
    free = word(event, "TRANSP") == "TRANSPARENT" or exchange in {"FREE", "WORKINGELSEWHERE"}
    if free or status == "CANCELLED" or rsvp is Rsvp.DECLINED:
        return None
    if exchange == "OOF":
        return BusyKind.OUT_OF_OFFICE
    tentative = "TENTATIVE" in {status, exchange} or rsvp is Rsvp.TENTATIVE
    return BusyKind.TENTATIVE if tentative else BusyKind.BUSY


def _within(times: tuple[_Times, ...], window: Window, zone: Callable[[], tzinfo]) -> Iterator[Busy]:
    for first, last, longer, kind in times:
        start, end = max(instant(first, zone), window.start), min(instant(last, zone) + longer, window.end)
        if start < end:
            yield Busy(start=start, end=end, kind=kind)
