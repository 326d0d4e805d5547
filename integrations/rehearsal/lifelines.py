"""The picture of a pairing's life: bands, marks, ticks and flags on an axis of months, in per cent."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from integrations.rehearsal.chronicle import Became, Entry, EntryKind, PairingTold, Stretch

FAMILIES: Final = (
    ("agreeing", "Agreeing", ("proposal-to-", "pairing-confirmed", "agreement")),
    ("meeting", "Meetings", ("session-", "event-", "slot-")),
    ("learning", "Needs and goals", ("needs", "goals", "mid-review")),
    ("looking-back", "Looking back", ("pulse", "closing-", "follow-up")),
    ("ideas", "Ideas", ("idea",)),
    ("thanks", "Thanks and farewells", ("certificate", "thanks-", "pairing-ended", "proposal-closed")),
)
"""The families of letters a pairing gets: name, words, and how their kinds begin."""

OTHERS: Final = ("matters", "For a human")
_ROOMY = 9.0
_LANES: Final = {"mentor": 0, "mentee": 1}
_MONTHS: Final = 12


@dataclass(frozen=True)
class Band:
    """A stage on the axis; a roomy one has space for its name."""

    stage: str
    x: float
    width: float
    roomy: bool


@dataclass(frozen=True)
class Mark:
    """A session or another meeting of the pair, with what became of it."""

    x: float
    name: str
    number: int
    became: str
    at: datetime


@dataclass(frozen=True)
class Tick:
    """A letter; its lane is its reader: 0 the mentor, 1 the mentee, 2 anybody else."""

    x: float
    lane: int
    family: str
    entry: Entry


@dataclass(frozen=True)
class Month:
    """The first of a month on the axis; every third is a quarter's."""

    x: float
    first: date
    quarterly: bool


@dataclass(frozen=True)
class Lifeline:
    """Everything to be drawn of one pairing."""

    bands: tuple[Band, ...]
    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    flags: tuple[Tick, ...]


class Axis:
    """Whole months in the programme's zone, the same for every pairing, as per cent from the left."""

    def __init__(self, first: datetime, last: datetime, zone: str) -> None:
        self._zone = ZoneInfo(zone)
        self._first = first.astimezone(self._zone).date().replace(day=1)
        self._beyond = _next(last.astimezone(self._zone).date().replace(day=1))
        self._start = self._midnight(self._first)
        self._length = self._midnight(self._beyond) - self._start

    @classmethod
    def over(cls, pairings: Sequence[PairingTold], zone: str) -> "Axis | None":
        """The axis that holds every pairing; None where there is none."""
        instants = [one.at for told in pairings for one in told.timeline]
        return cls(min(instants), max(instants), zone) if instants else None

    def x(self, instant: datetime) -> float:
        """Where an instant lies."""
        return round(100 * ((instant - self._start) / self._length), 2)

    @property
    def months(self) -> tuple[Month, ...]:
        """The months of the axis."""
        return tuple(self._months())

    def lifeline(self, told: PairingTold) -> Lifeline:
        """One pairing on this axis."""
        letters = [one for one in told.timeline if one.kind is EntryKind.LETTER]
        tasks = [one for one in told.timeline if one.kind is EntryKind.TASK]
        return Lifeline(
            bands=tuple(map(self._band, told.stages)),
            marks=tuple(self._marks(told)),
            ticks=tuple(map(self._tick, letters)),
            flags=tuple(map(self._tick, tasks)),
        )

    def _band(self, stretch: Stretch) -> Band:
        x = self.x(stretch.start)
        width = round(self.x(stretch.end) - x, 2)
        return Band(stretch.stage, x, width, width >= _ROOMY)

    def _marks(self, told: PairingTold) -> Iterator[Mark]:
        for entry in told.timeline:
            if entry.kind is EntryKind.MEETING and not entry.what.startswith("session "):
                became = Became.HELD.value if entry.said == Became.BOOKED else entry.said
                yield Mark(self.x(entry.at), entry.what, 0, became, entry.at)
        for one in told.sessions:
            yield Mark(self.x(one.start), f"session {one.number}", one.number, one.became.value, one.start)

    def _tick(self, entry: Entry) -> Tick:
        return Tick(self.x(entry.at), _LANES.get(entry.role, 2), family_of(entry.what), entry)

    def _months(self) -> Iterator[Month]:
        first = self._first
        while first < self._beyond:
            yield Month(self.x(self._midnight(first)), first, first.month % 3 == 1)
            first = _next(first)

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self._zone)


def family_of(letter: str) -> str:
    """The family of a kind of letter."""
    return next((name for name, _, starts in FAMILIES if letter.startswith(starts)), OTHERS[0])


def _next(month: date) -> date:
    """The first of the month after this first."""
    return date(month.year + month.month // _MONTHS, month.month % _MONTHS + 1, 1)
