"""What it is worth to look farther ahead when the sessions of a pairing are booked one at a time.

`python -m bench.rhythm` prints a table. Every way books the same pairings, whose calendars fill up as time
goes by: recurring meetings are known from the start, others some weeks before, holidays a few months. A
session is booked a week before the one it follows, and the first two together, as a pairing does it.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from statistics import mean, quantiles
from time import perf_counter

from rich.console import Console
from rich.table import Table

from activities import hours, rhythm
from activities.rules.series import Course, plan_series
from activities.rules.slots import Diary, Slot, Wish, find_slots
from activities.rules.stretches import DAY, Stretch, minutes_of
from activities.rules.working_hours import parse_weekly_hours, week_part_stretches, working_stretches
from integrations.programme import Timings

ZONE, HOURS = "Europe/Paris", parse_weekly_hours("Mo-Fr 09:00-12:30,13:30-17:30")
MONDAY = minutes_of(datetime(2026, 9, 7, tzinfo=UTC))
HALVES = tuple(f"{day}-{half}" for day in ("mon", "tue", "wed", "thu") for half in ("am", "pm"))
WEEK, WEEKS, SESSIONS, MINUTES, COURSES = 7 * DAY, 40, 6, 60, 150
EVERY, SHORTEST, LONGEST, FIRST_WITHIN = 28 * DAY, 14 * DAY, 42 * DAY, 21 * DAY


@dataclass(frozen=True)
class Pair:
    """Two calendars, as (start, end, known from), and the parts of the week that the second likes."""

    calendars: tuple[Sequence[tuple[int, int, int]], ...]
    likes: tuple[str, ...]

    def diaries(self, now: int, window: Stretch) -> list[Diary]:
        """Both diaries as they look now."""
        working = working_stretches(HOURS, ZONE, frozenset(), window)
        liked = week_part_stretches(self.likes, ZONE, window) if self.likes else ()
        busy = [
            tuple((start, end) for start, end, known in calendar if known <= now)
            for calendar in self.calendars
        ]
        return [Diary("mentor", working, busy[0]), Diary("mentee", working, busy[1], preferred=liked)]


@dataclass(frozen=True)
class Search:
    """One search for an hour: what is known by `now` of the window, and when the session before starts."""

    pair: Pair
    now: int
    window: Stretch
    before: int = 0
    left: int = 0

    def far(self, sessions: int) -> Stretch:
        """The window with so many further sessions behind it."""
        return (self.window[0], self.window[1] + sessions * LONGEST)


Way = Callable[[Search], Slot | None]


def earliest(search: Search) -> Slot | None:
    """The best hour, then the earliest."""
    return next(iter(find_slots(search.pair.diaries(search.now, search.window), _wish(search)).slots), None)


def anywhere(search: Search) -> Slot | None:
    """The best hour between the shortest and the longest gap, then the nearest to the rhythm."""
    people = search.pair.diaries(search.now, search.window)
    wish = Wish(MINUTES, search.window, near=search.before + EVERY)
    return next(iter(find_slots(people, wish).slots), None)


def one_at_a_time(search: Search) -> Slot | None:
    """What the acts do: within a week of the rhythm, else anywhere."""
    people = search.pair.diaries(search.now, search.window)
    wish = Wish(MINUTES, search.window, near=search.before + EVERY)
    return rhythm.in_rhythm(people, wish, Timings(), ZONE) or anywhere(search)


def all_in_view(search: Search) -> Slot | None:
    """The same hour chosen in view of all the sessions that are still to come."""
    window = search.far(search.left)
    course = Course(2 + search.left, ZONE, pinned={1: search.before}, choosy=True)
    slot = plan_series(search.pair.diaries(search.now, window), Wish(MINUTES, window), course)[1].slot
    return slot if slot and slot.end <= search.window[1] else anywhere(search)


def with_the_second(search: Search) -> Slot | None:
    """What the acts do: of equally good hours within a week the one that suits the second session best.

    The second is looked for in what one call tells.
    """
    low, high = search.far(1)
    people = search.pair.diaries(search.now, (low, min(high, low + hours.AT_ONCE)))
    return rhythm.with_the_second(people, _wish(search), Timings(), ZONE)


def main() -> None:
    """Prints the table."""
    sheet = Table(title=f"{COURSES} pairings of {SESSIONS} sessions each, every four weeks")
    for heading in (
        "calendars",
        "first session",
        "those after",
        "held",
        "not liked",
        "days off",
        "1 in 10",
        "ms",
    ):
        left = heading in {"calendars", "first session", "those after"}
        sheet.add_column(heading, justify="left" if left else "right")
    for load, words in ((0.8, "half full"), (1.8, "full")):
        for first, after in (
            (earliest, anywhere),
            (earliest, one_at_a_time),
            (earliest, all_in_view),
            (with_the_second, one_at_a_time),
        ):
            names = (way.__name__.replace("_", " ") for way in (first, after))
            sheet.add_row(words, *names, *_figures(load, first, after))
    Console(width=120).print(sheet)


def _figures(load: float, first: Way, after: Way) -> Iterator[str]:
    """Sessions held, the share at hours not liked, and days off the rhythm: on average, and for 1 in 10."""
    began = perf_counter()
    courses = [(pair, _course(pair, first, after)) for pair in (_pair(seed, load) for seed in range(COURSES))]
    took = (perf_counter() - began) * 1000
    held = [slot for _, slots in courses for slot in slots]
    liked = [slot.preferred for pair, slots in courses if pair.likes for slot in slots]
    gaps = [later.start - slot.start for _, slots in courses for slot, later in pairwise(slots)]
    off = [abs(gap - EVERY) / DAY for gap in gaps]
    yield from (
        str(len(held)),
        f"{1 - mean(liked):.1%}",
        f"{mean(off):.2f}",
        f"{quantiles(off, n=10)[-1]:.1f}",
    )
    yield f"{took / len(held):.2f}"


def _course(pair: Pair, first: Way, after: Way) -> list[Slot]:
    """The sessions of a pairing that begins on the first Monday."""
    slots: list[Slot] = []
    window = (MONDAY + DAY, MONDAY + FIRST_WITHIN)
    slot = first(Search(pair, MONDAY, window))
    while slot is not None:
        slots.append(slot)
        if len(slots) == SESSIONS:
            break
        now = MONDAY if len(slots) == 1 else slot.start - WEEK
        window = (max(slot.start + SHORTEST, now + DAY), slot.start + LONGEST)
        slot = after(Search(pair, now, window, slot.start, SESSIONS - len(slots) - 1))
    return slots


def _pair(seed: int, load: float) -> Pair:
    chance = random.Random(seed)
    likes = tuple(chance.sample(HALVES, chance.choice((0, 2, 3, 4))))
    return Pair((tuple(_calendar(chance, load)), tuple(_calendar(chance, load * 1.2))), likes)


def _calendar(chance: random.Random, load: float) -> Iterator[tuple[int, int, int]]:
    for _ in range(int(load * 10)):
        start, length = _moment(chance), chance.choice((30, 60, 90))
        for week in range(chance.randrange(2), WEEKS, chance.choice((1, 1, 2, 4))):
            yield (start + week * WEEK, start + week * WEEK + length, 0)
    for week in range(WEEKS):
        for _ in range(int(load * 14)):
            start = _moment(chance) + week * WEEK
            yield (start, start + chance.choice((30, 60, 60, 120)), start - chance.randrange(1, 63) * DAY)
    for _ in range(3):
        start = MONDAY + chance.randrange(WEEKS) * WEEK
        yield (start, start + chance.choice((5, 5, 10, 12)) * DAY, start - chance.randrange(2, 20) * WEEK)


def _moment(chance: random.Random) -> int:
    return MONDAY + chance.randrange(5) * DAY + chance.randrange(7 * 60, 16 * 60, 30)


def _wish(search: Search) -> Wish:
    return Wish(MINUTES, search.window)


if __name__ == "__main__":
    main()
