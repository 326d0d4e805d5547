"""When people can meet: their working hours, days off, calendars and our own bookings, put to the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from activities.diaries import Diaries, held, kind_of
from activities.no_hour import NoHour
from activities.rhythm import in_rhythm, with_the_second
from activities.rules.providers import Providers
from activities.rules.slots import Diary, Reason, Slot, Wish, find_slots
from activities.rules.stretches import DAY, Stretch, common, instant_of, minutes_of, outward, without
from activities.rules.training_days import HalfDay, Missed, best_days, redistribute
from activities.scheduling import MeetingKind, RedistributeMissed
from activities.seeking import Sought
from integrations.calendars.calendar import BusyKind, Calendar, Unknown, Window
from integrations.clock import ProgrammeClock
from integrations.database.bookings import Booking
from integrations.database.books import Books
from integrations.programme import Programme

_NOTICE = timedelta(hours=4)
AT_ONCE = 40 * DAY
"""How far one call to any provider tells free and busy times, in minutes: Graph tells the least, 42 days, of
which whole days of other zones take two."""
_MOST = 3


@dataclass(frozen=True)
class FoundSlot:
    """A time that suits, and the refs of those who are free then."""

    start: datetime
    end: datetime
    present: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """The times that suit, best first, or what stood in the way: how many starts each reason took.

    `would_help` counts the starts to be won if that reason alone were lifted for those required.
    """

    slots: tuple[FoundSlot, ...]
    removed: Mapping[str, int]
    would_help: Mapping[str, int] = field(default_factory=dict)


class Hours:
    """Looks for common hours. Errors are those of the calendars; one person's unreadable calendar is busy."""

    def __init__(
        self,
        books: Books,
        calendars: Mapping[str, Calendar],
        providers: Providers,
        clock: ProgrammeClock,
    ) -> None:
        self._books = books
        self._diaries = Diaries(books, calendars, providers)
        self._clock = clock
        self._no_hour = NoHour(books.pairings)

    def find(self, sought: Sought) -> Found:
        """The best times for all that are required and a quorum of the wanted."""
        now = self._clock.now()
        window = _quarters(max(sought.earliest, now + _NOTICE), sought.latest)
        if window is None:
            return Found((), {Reason.NOTICE: 1})
        programme = self._books.programmes.load(sought.programme_id)
        ahead = _ahead(window, programme) if sought.is_first_session else 0
        diaries = self._diaries.of(sought, (window[0], window[1] + ahead), programme, now)
        wish = Wish(
            minutes=sought.minutes,
            window=window,
            near=minutes_of(sought.near) if sought.near else None,
            not_at=_overlapping(sought),
            apart=DAY if sought.spread else 0,
            buffer=programme.meetings.buffer_minutes,
        )
        required, wanted = ([diaries[ref] for ref in refs] for refs in (sought.required, sought.wanted))
        search = find_slots(required, wish, wanted=wanted, quorum=sought.quorum, most=_MOST)
        slots = list(search.slots)
        if sought.kind is MeetingKind.TRAINING:
            zone = self._zone(sought.required[0])
            slots = [*best_days(required, wanted, wish, quorum=sought.quorum, zone=zone)[:_MOST]]
        elif slots and (placed := self._in_rhythm(sought, required, wish, programme)):
            # An hour that somebody holds tentatively is worse than a firm one farther off the rhythm.
            slots.insert(int(placed.tentative and not slots[0].tentative), placed)
        chosen = dict.fromkeys((*self._first_choice(sought, diaries), *map(_found, slots)))
        would_help = {} if chosen else _plain(search.would_help)
        self._no_hour.keep(sought.life, sought.programme_id, would_help)
        return Found(tuple(chosen), _plain(search.removed), would_help)

    def are_free(self, own: Booking, refs: Sequence[str], start: datetime, end: datetime) -> bool:
        """Whether these people have nothing else at that time; working hours are theirs to give away."""
        people = self._diaries.people(refs)
        busy = self._diaries.busy(people, Window(start=start, end=end))
        ours = held(self._books.bookings.meanwhile(tuple(refs), start, end), own)
        wanted = (minutes_of(start), minutes_of(end))
        for person in people:
            found = busy[person.ref]
            if isinstance(found, Unknown):
                return False
            taken = without((*kind_of(found, *BusyKind), *ours), (outward(own.start, own.end),))
            if common(taken, (wanted,)):
                return False
        return True

    def redistribute(
        self, request: RedistributeMissed, refs: Sequence[str], dates: Sequence[HalfDay]
    ) -> Mapping[str, str]:
        """The date (by key) at which each mentor (by ref) can make up for what they missed."""
        if not refs or not dates:
            return {}
        window = (min(one.when[0] for one in dates), max(one.when[1] for one in dates))
        sought = Sought(
            programme_id=request.programme_id,
            life="",
            required=tuple(refs),
            minutes=0,
            earliest=request.earliest,
            latest=instant_of(window[1]),
            kind=MeetingKind.TRAINING,
        )
        programme = self._books.programmes.load(request.programme_id)
        diaries = self._diaries.of(sought, window, programme, self._clock.now())
        earliest = minutes_of(request.earliest, up=True)
        missed = [Missed(diaries[ref], request.part, earliest) for ref in refs]
        return redistribute(missed, dates, buffer=programme.meetings.buffer_minutes)

    def _in_rhythm(
        self, sought: Sought, required: Sequence[Diary], wish: Wish, programme: Programme
    ) -> Slot | None:
        """The hour of a session that suits the others of its pairing; None for all other meetings."""
        if sought.prefer is None:
            return None
        zone = self._zone(sought.prefer)
        if sought.is_first_session:
            return with_the_second(required, wish, programme.timings, zone)
        return in_rhythm(required, wish, programme.timings, zone) if sought.follows else None

    def _zone(self, ref: str) -> str:
        return self._books.directory.person(ref).zone

    def _first_choice(self, sought: Sought, diaries: Mapping[str, Diary]) -> list[FoundSlot]:
        """The hours chosen from an offer, where they are still free."""
        found: list[FoundSlot] = []
        for start in sought.first_choice:
            window = (minutes_of(start), minutes_of(start) + sought.minutes)
            wish = Wish(minutes=sought.minutes, window=window)
            search = find_slots([diaries[ref] for ref in sought.required], wish, most=1)
            found += map(_found, search.slots)
        return found


def _ahead(window: Stretch, programme: Programme) -> int:
    """How far behind a first session's window to look for the second, in minutes: as one call tells it.

    The second lies about `session_every_d` after a first that is early in its window as a rule, so that more
    would seldom find a better first one.
    """
    low, high = window
    return max(0, min(programme.timings.session_max_gap_d * DAY, low + AT_ONCE - high))


def _overlapping(sought: Sought) -> frozenset[int]:
    """The starts at which a meeting that is moved would overlap its present hour."""
    if sought.own is None:
        return frozenset()
    return frozenset(range(minutes_of(sought.own.start) - sought.minutes + 1, minutes_of(sought.own.end)))


def _plain(counts: Mapping[str, int]) -> dict[str, int]:
    return {str(reason): count for reason, count in counts.items()}


def _found(slot: Slot) -> FoundSlot:
    return FoundSlot(instant_of(slot.start), instant_of(slot.end), slot.present)


def _quarters(earliest: datetime, latest: datetime) -> Stretch | None:
    """The window in whole quarters of an hour, so that meetings start on them in every zone of the world."""
    start, end = minutes_of(earliest, up=True), minutes_of(latest)
    start += -start % 15
    return (start, end) if start < end else None
