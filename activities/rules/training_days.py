"""Half-days of training for groups of mentors: the best days, and where those who missed one go next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.optimize import linear_sum_assignment

from activities.rules.diaries import Diary
from activities.rules.prospects import Slot, Wish, survey
from activities.rules.stretches import DAY, Stretch
from activities.rules.wall_clock import wall_of


@dataclass(frozen=True)
class HalfDay:
    """A date for one part of the training, in UTC minutes, with the seats still free."""

    key: str
    part: int
    when: Stretch
    seats: int


@dataclass(frozen=True)
class Missed:
    """The part of the training that a mentor missed, to be made up for from `earliest` (UTC minutes) on."""

    diary: Diary
    part: int
    earliest: int


def best_days(
    required: Sequence[Diary], mentors: Sequence[Diary], wish: Wish, *, quorum: int, zone: str
) -> tuple[Slot, ...]:
    """The best slot of each local day that suits, best day first: everything firm, then the best attended."""
    prospects = survey(required, wish, mentors, quorum)
    days: dict[int, Slot] = {}
    for slot in prospects.best(prospects.starts.count):
        days.setdefault(wall_of(slot.start, zone) // DAY, slot)
    return tuple(days.values())


def redistribute(missed: Sequence[Missed], dates: Sequence[HalfDay], *, buffer: int = 0) -> Mapping[str, str]:
    """The date (by key) at which each mentor (by ref) makes up for the part they missed.

    Exact: as many mentors as possible find a date, and together they wait as short as possible. Whoever
    finds none, all of it being taken firmly or tentatively, is not in the result. The order of the input does
    not matter.
    """
    absent = sorted(missed, key=lambda one: (one.diary.ref, one.part))
    seats = [one for one in sorted(dates, key=_order) for _ in range(min(one.seats, len(absent)))]
    waits = [[_wait(one, seat, buffer) for seat in seats] for one in absent]
    longest = max((wait for row in waits for wait in row if wait is not None), default=0)
    nowhere = len(absent) * longest + 1  # one more mentor placed outweighs every wait there is
    costs = [[nowhere if wait is None else wait for wait in row] + [nowhere] * len(absent) for row in waits]
    chosen = zip(*linear_sum_assignment(costs), strict=True) if absent else ()
    return {absent[row].diary.ref: seats[seat].key for row, seat in chosen if costs[row][seat] < nowhere}


def _order(one: HalfDay) -> tuple[Stretch, str]:
    return one.when, one.key


def _wait(one: Missed, seat: HalfDay, buffer: int) -> int | None:
    """The minutes until the mentor can make up for the part at that date, or None where they cannot."""
    start, end = seat.when
    if seat.part != one.part or start < one.earliest or end <= start:
        return None
    wish = Wish(minutes=end - start, window=seat.when, step=1, buffer=buffer, allow_tentative=False)
    return start - one.earliest if survey([one.diary], wish, (), 0).tiers else None
