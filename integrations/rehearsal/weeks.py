"""The booked events as weeks: a column for each day, meetings that overlap side by side."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from integrations.database.bookings import BookingStatus
from integrations.rehearsal.chronicle import EventTold

_OPENS: Final = 7
_CLOSES: Final = 21
_WORKING_DAYS: Final = 5
_WEEK: Final = 7


@dataclass(frozen=True)
class Block:
    """An event in its day: `top` and `height` in per cent of the grid, beside `lanes` - 1 others."""

    event: EventTold
    start: datetime
    end: datetime
    top: float
    height: float
    lane: int
    lanes: int

    @property
    def hours(self) -> str:
        """From when to when: `10:00-11:00`."""
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


@dataclass(frozen=True)
class Day:
    """One day with its blocks in order of their start."""

    date: date
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Week:
    """One week of the programme, counted from 1; the grid runs from `opens` to `closes` o'clock."""

    number: int
    monday: date
    opens: int
    closes: int
    days: tuple[Day, ...]
    count: int

    @property
    def hours(self) -> tuple[tuple[int, float], ...]:
        """Every second full hour and where it lies, in per cent from the top."""
        span = self.closes - self.opens
        return tuple(
            (hour, round(100 * (hour - self.opens) / span, 3)) for hour in range(self.opens, self.closes, 2)
        )


def weeks(events: Sequence[EventTold], starts_on: date, zone: str) -> tuple[Week, ...]:
    """The weeks that have booked events, in the programme's zone.

    Monday to Friday, 7 to 21 o'clock; wider where a colleague elsewhere meets earlier, later or at a weekend.
    """
    local = ZoneInfo(zone)
    by_monday: defaultdict[date, list[EventTold]] = defaultdict(list)
    for event in events:
        if event.status != BookingStatus.CANCELLED:
            by_monday[_monday(event.start.astimezone(local).date())].append(event)
    first = _monday(starts_on)
    return tuple(
        _week(monday, (monday - first).days // _WEEK + 1, held, local)
        for monday, held in sorted(by_monday.items())
    )


def _week(monday: date, number: int, events: Sequence[EventTold], zone: ZoneInfo) -> Week:
    by_day: defaultdict[date, list[tuple[datetime, datetime, EventTold]]] = defaultdict(list)
    for event in events:
        start, end = event.start.astimezone(zone), event.end.astimezone(zone)
        by_day[start.date()].append((start, end, event))
    spans = [(start, end) for day in by_day.values() for start, end, _ in day]
    opens = min(_OPENS, *(start.hour for start, _ in spans))
    closes = max(_CLOSES, *(_closing_hour(start, end) for start, end in spans))
    last = max(_WORKING_DAYS, *((day - monday).days + 1 for day in by_day))
    days = (monday + timedelta(days=number) for number in range(last))
    return Week(
        number=number,
        monday=monday,
        opens=opens,
        closes=closes,
        days=tuple(Day(day, _blocks(by_day.get(day, []), opens, closes)) for day in days),
        count=len(events),
    )


def _closing_hour(start: datetime, end: datetime) -> int:
    """The full hour by which a meeting is over; midnight for one that goes on into the next day."""
    return 24 if end.date() > start.date() else end.hour + bool(end.minute)


def _blocks(
    meetings: Sequence[tuple[datetime, datetime, EventTold]], opens: int, closes: int
) -> tuple[Block, ...]:
    """Blocks in the first free lane of each cluster of meetings that overlap."""
    blocks: list[Block] = []
    cluster: list[tuple[datetime, datetime, EventTold, int]] = []
    for start, end, event in sorted(meetings, key=lambda one: (one[0], one[1], one[2].key)):
        if cluster and start >= max(one[1] for one in cluster):
            blocks += _laid(cluster, opens, closes)
            cluster = []
        taken = {lane for _, until, _, lane in cluster if until > start}
        lane = next(lane for lane in range(len(cluster) + 1) if lane not in taken)
        cluster.append((start, end, event, lane))
    return (*blocks, *_laid(cluster, opens, closes))


def _laid(
    cluster: Sequence[tuple[datetime, datetime, EventTold, int]], opens: int, closes: int
) -> tuple[Block, ...]:
    lanes = 1 + max((lane for *_, lane in cluster), default=0)
    scale = 100 / (60 * (closes - opens))
    return tuple(
        Block(
            event=event,
            start=start,
            end=end,
            top=round(scale * (60 * (start.hour - opens) + start.minute), 3),
            height=round(scale * ((end - start).total_seconds() / 60), 3),
            lane=lane,
            lanes=lanes,
        )
        for start, end, event, lane in cluster
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
