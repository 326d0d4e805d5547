"""How long common hours take to find, beside what one would write with intervaltree or aware datetimes.

`python -m bench.slots` prints two tables. Every way gets the same two people, each with 200 busy stretches in
eight weeks, in the same run, and must find the same starts; a way that does not stops the run. It exits with
1 where a pairing takes longer than 0.5 ms, or a series than 10 ms.
"""

import random
import sys
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from time import perf_counter
from zoneinfo import ZoneInfo

from intervaltree import IntervalTree  # type: ignore[import-untyped]
from rich.console import Console
from rich.table import Table

from activities.rules.series import Course, plan_series
from activities.rules.slots import Diary, Wish, find_slots
from activities.rules.stretches import DAY, Stretch, Stretches, common, instant_of, minutes_of, without
from activities.rules.working_hours import parse_weekly_hours, week_part_stretches, working_stretches

ZONES = ("Europe/Paris", "America/New_York")
HOURS = parse_weekly_hours("Mo-Fr 08:00-12:30,13:30-18:30")
MONDAY = minutes_of(datetime(2026, 10, 5, tzinfo=UTC))
WEEKS, BUSY, MINUTES, STEP = 8, 200, 60, 15
WINDOW = (MONDAY, MONDAY + WEEKS * 7 * DAY)
_A_PAIRING, _A_SERIES = 0.5, 10.0
"""How long common hours and a series may take, in milliseconds."""
HALF_YEAR = (MONDAY, MONDAY + 26 * 7 * DAY)


@dataclass(frozen=True)
class Measured:
    """The best time of several runs, in milliseconds, and the most memory one run held at once, in KiB.

    A limit of 0 is none.
    """

    way: str
    milliseconds: float
    kibibytes: float
    limit: float = 0

    @property
    def within(self) -> str:
        """The limit, and whether the time keeps it."""
        return f"{self.limit:g} ms {'ok' if self.is_kept else 'NO'}" if self.limit else ""

    @property
    def is_kept(self) -> bool:
        """Whether there is no limit, or the time keeps it."""
        return not self.limit or self.milliseconds <= self.limit


def main() -> int:
    """Prints the tables; 1 where something takes longer than it may."""
    console = Console()
    hours, others = _common_hours(), _hours_and_series()
    title = f"2 people, {WEEKS} weeks, {BUSY} busy each"
    console.print(_table(title, hours, compared=True))
    console.print(_table("working hours and series", others))
    return int(not all(row.is_kept for row in (*hours, *others)))


def _common_hours() -> list[Measured]:
    people = [_diary(zone, WINDOW, BUSY, seed) for seed, zone in enumerate(ZONES)]
    ways: dict[str, Callable[[Sequence[Diary]], list[int]]] = {
        "find_slots, all starts": _ours,
        "sorted merge of minutes": _sorted_merge,
        "intervaltree": _interval_trees,
        "aware datetimes": _aware_datetimes,
    }
    found = {way: run(people) for way, run in ways.items()}
    if any(starts != found["aware datetimes"] for starts in found.values()):
        raise RuntimeError(f"the ways disagree: { ({way: len(starts) for way, starts in found.items()}) }")
    best = partial(find_slots, people, Wish(MINUTES, WINDOW))
    rows = [_measured("find_slots, best 3 with reasons", best, limit=_A_PAIRING)]
    return rows + [_measured(way, partial(run, people)) for way, run in ways.items()]


def _hours_and_series() -> list[Measured]:
    pair = [_diary("Europe/Paris", HALF_YEAR, 750, seed) for seed in (8, 9)]
    pair[0] = replace(pair[0], preferred=week_part_stretches(("tue-am", "thu-pm"), "Europe/Paris", HALF_YEAR))
    wish = Wish(MINUTES, HALF_YEAR, near=MONDAY + DAY + 8 * 60)
    monthly = Course(6, "Europe/Paris")
    weekly = Course(12, "Europe/Paris", every=14, shortest=7, longest=21)
    booked = replace(monthly, pinned={1: MONDAY + DAY + 8 * 60, 2: MONDAY + 30 * DAY + 8 * 60})
    other = count(1)
    series = {
        "6 sessions in 26 weeks, 750 busy each": monthly,
        "the same, 2 of them booked": booked,
        "12 sessions, every fortnight": weekly,
    }
    return [
        _measured("working hours of 8 weeks, known", lambda: _hours(0)),
        _measured("working hours of 8 weeks, new", lambda: _hours(next(other))),
        *(
            _measured(way, partial(plan_series, pair, wish, course), limit=_A_SERIES)
            for way, course in series.items()
        ),
    ]


def _diary(zone: str, window: Stretch, busy: int, seed: int) -> Diary:
    chance = random.Random(seed)
    starts = [chance.randrange(*window, STEP) for _ in range(busy)]
    taken = tuple((start, start + chance.choice((30, 60, 90))) for start in starts)
    return Diary(zone, working_stretches(HOURS, zone, frozenset(), window), busy=taken)


def _hours(ahead: int) -> Stretches:
    moved = ahead * 100 * DAY  # months nobody has asked for yet
    return working_stretches(HOURS, ZONES[0], frozenset(), (WINDOW[0] + moved, WINDOW[1] + moved))


def _ours(people: Sequence[Diary]) -> list[int]:
    return sorted(slot.start for slot in find_slots(people, Wish(MINUTES, WINDOW), most=10_000).slots)


def _sorted_merge(people: Sequence[Diary]) -> list[int]:
    free: Stretches = (WINDOW,)
    for diary in people:
        free = without(common(free, diary.working), diary.busy)
    return _starts(free)


def _interval_trees(people: Sequence[Diary]) -> list[int]:
    free = IntervalTree.from_tuples([WINDOW])
    for diary in people:
        for start, end in (*without((WINDOW,), diary.working), *diary.busy):
            free.chop(start, end)
    return _starts(tuple((one.begin, one.end) for one in sorted(free)))


def _starts(free: Stretches) -> list[int]:
    return [at for low, high in free for at in range(low + -low % STEP, high - MINUTES + 1, STEP)]


def _aware_datetimes(people: Sequence[Diary]) -> list[int]:
    busy = [[(instant_of(start), instant_of(end)) for start, end in one.busy] for one in people]
    zones = [ZoneInfo(one.ref) for one in people]
    at, end, found = instant_of(WINDOW[0]), instant_of(WINDOW[1]), []
    length, step = timedelta(minutes=MINUTES), timedelta(minutes=STEP)
    while at + length <= end:
        if all(_works(at, zone) for zone in zones) and not any(
            start < at + length and at < stop for taken in busy for start, stop in taken
        ):
            found.append(minutes_of(at))
        at += step
    return found


def _works(at: datetime, zone: ZoneInfo) -> bool:
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return any(start <= minute and minute + MINUTES <= end for start, end in HOURS.days[local.weekday()])


def _measured(way: str, run: Callable[[], object], limit: float = 0) -> Measured:
    best, spent = float("inf"), 0.0
    while spent < 1.0:
        began = perf_counter()
        run()
        took = perf_counter() - began
        best, spent = min(best, took), spent + took
    tracemalloc.start()
    run()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Measured(way, best * 1000, peak / 1024, limit)


def _table(title: str, rows: Sequence[Measured], *, compared: bool = False) -> Table:
    table = Table("way", title=title)
    for heading in ("ms", "peak KiB", "within", *(["times the first"] if compared else [])):
        table.add_column(heading, justify="right")
    for row in rows:
        times = [f"{row.milliseconds / rows[0].milliseconds:.1f}"] if compared else []
        table.add_row(row.way, f"{row.milliseconds:.3f}", f"{row.kibibytes:.0f}", row.within, *times)
    return table


if __name__ == "__main__":
    sys.exit(main())
