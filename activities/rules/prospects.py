"""All starts a meeting may have, over everybody's diary: what speaks against each, and how good it is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from activities.rules.diaries import Diary, Reason
from activities.rules.starts import Starts
from activities.rules.stretches import Stretch


@dataclass(frozen=True)
class Wish:
    """The meeting to be placed, in UTC minutes: it lies within the window, as close to `near` as can be.

    Without `near` the earliest hour is the closest. `buffer` minutes are kept between it and what is taken.
    Starts before `notice_until` and those in `not_at` are out. With `apart`, slots after the first start at
    least so far from better ones, or merely do not overlap them where that leaves too few.
    """

    minutes: int
    window: Stretch
    near: int | None = None
    step: int = 15
    buffer: int = 0
    notice_until: int | None = None
    not_at: AbstractSet[int] = frozenset()
    allow_tentative: bool = True
    apart: int = 0

    def __post_init__(self) -> None:
        if self.minutes < 1 or self.step < 1 or self.buffer < 0 or self.apart < 0:
            raise ValueError(
                "minutes and step are 1 or more, buffer and apart 0 or more, unlike "
                f"minutes={self.minutes} step={self.step} buffer={self.buffer} apart={self.apart}"
            )


@dataclass(frozen=True)
class Slot:
    """A time that suits, in UTC minutes, and who is free then.

    It is `tentative` where it needs an hour that somebody has taken tentatively, and `preferred` where it
    lies within the preferred hours of everybody required who has any.
    """

    start: int
    end: int
    present: tuple[str, ...]
    tentative: bool = False
    preferred: bool = False


class Tier(NamedTuple):
    """Starts that are equally good but for their distance; `attendance` counts the wanted people."""

    starts: int
    tentative: bool
    attendance: int
    preferred: bool


@dataclass(frozen=True)
class Prospects:
    """The starts of a wish as sets: `against` each reason, and `tiers` of those that suit, best first."""

    wish: Wish
    starts: Starts
    against: Mapping[str, int]
    tiers: tuple[Tier, ...]
    required: tuple[str, ...]
    firm: Mapping[str, int]
    loose: Mapping[str, int]

    def best(self, most: int) -> Iterator[Slot]:
        """The best slots, at most so many, as far apart as the wish says."""
        near = self.wish.window[0] if self.wish.near is None else self.wish.near
        chosen: list[int] = []
        for apart in dict.fromkeys((self.wish.apart, min(self.wish.apart, self.wish.minutes))):
            taken = _union(self._around(bit, apart) for bit in chosen)
            for tier in self.tiers:
                while len(chosen) < most and (left := tier.starts & ~taken):
                    bit = self.starts.nearest(left, near)
                    taken |= self._around(bit, apart)
                    chosen.append(bit)
                    yield self.slot(bit, tier)

    def removed(self, among: int) -> dict[str, int]:
        """How many of some starts each reason takes from those left by the reasons before it."""
        removed: dict[str, int] = {}
        for reason, starts in self.against.items():
            if taken := (among & starts).bit_count():
                removed[reason] = taken
            among &= ~starts
        return removed

    def slot(self, bit: int, tier: Tier) -> Slot:
        """The slot of one start of a tier."""
        start = self.starts.at(bit)
        free = self.loose if tier.tentative else self.firm
        present = (*self.required, *(ref for ref, starts in free.items() if starts >> bit & 1))
        return Slot(start, start + self.wish.minutes, present, tier.tentative, tier.preferred)

    def _around(self, bit: int, apart: int) -> int:
        start = self.starts.at(bit)
        return self.starts.between(start - max(apart, 1) + 1, start + max(apart, 1))


def survey(required: Sequence[Diary], wish: Wish, wanted: Sequence[Diary], quorum: int) -> Prospects:
    """Lays everybody's diary over the grid of starts."""
    starts = Starts.within(wish.window, wish.minutes, wish.step)
    tentative = _tentative(starts, required, wish)
    against = _against_wish(starts, wish) | _against_people(starts, required, wish)
    firm, loose = {}, {}
    for diary in wanted:
        free = starts.every & ~_union(_against_people(starts, (diary,), wish).values())
        firm[diary.ref] = free & ~_tentative(starts, (diary,), wish)
        loose[diary.ref] = free if wish.allow_tentative else firm[diary.ref]
    firmly, loosely = _attended(starts, firm.values()), _attended(starts, loose.values())
    if not wish.allow_tentative:
        against[Reason.TENTATIVE] = tentative
    against[Reason.QUORUM] = starts.every & ~_at_least(loosely, quorum)
    suitable = starts.every & ~_union(against.values())
    clear = suitable & ~tentative & _at_least(firmly, quorum)
    preferred = _preferred(starts, required)
    tiers = (
        *_tiers(clear, firmly, preferred, tentative=False),
        *_tiers(suitable & ~clear, loosely, preferred, tentative=True),
    )
    return Prospects(wish, starts, against, tiers, tuple(diary.ref for diary in required), firm, loose)


def _against_wish(starts: Starts, wish: Wish) -> dict[str, int]:
    against: dict[str, int] = {}
    if wish.notice_until is not None:
        against[Reason.NOTICE] = starts.between(wish.window[0], wish.notice_until)
    if wish.not_at:
        against[Reason.EXCLUDED] = _union(starts.between(start, start + 1) for start in wish.not_at)
    return against


def _against_people(starts: Starts, diaries: Sequence[Diary], wish: Wish) -> dict[str, int]:
    usable = starts.every
    for diary in diaries:
        usable &= starts.inside(diary.working)
    against: dict[str, int] = {Reason.NOT_WORKING: starts.every & ~usable}
    for reason in sorted({reason for diary in diaries for reason in diary.avoid}):
        avoided = (diary.avoid.get(reason, ()) for diary in diaries)
        against[reason] = starts.overlapping(chain.from_iterable(avoided))
    against[Reason.UNKNOWN] = 0 if all(diary.known for diary in diaries) else starts.every
    for reason, taken in (
        (Reason.OUT_OF_OFFICE, (diary.out_of_office for diary in diaries)),
        (Reason.BUSY, (diary.busy for diary in diaries)),
    ):
        against[reason] = starts.overlapping(chain.from_iterable(taken), wish.buffer)
    return against


def _tentative(starts: Starts, diaries: Sequence[Diary], wish: Wish) -> int:
    return starts.overlapping(chain.from_iterable(diary.tentative for diary in diaries), wish.buffer)


def _preferred(starts: Starts, required: Sequence[Diary]) -> int:
    stated = [starts.inside(diary.preferred) for diary in required if diary.preferred]
    if not stated:
        return 0
    preferred = starts.every
    for inside in stated:
        preferred &= inside
    return preferred


def _attended(starts: Starts, free: Iterable[int]) -> list[int]:
    """The starts at which at least n of the people are free, for n from 0 to all of them."""
    attended = [starts.every]
    for one in free:
        attended.append(0)
        for n in range(len(attended) - 1, 0, -1):
            attended[n] |= attended[n - 1] & one
    return attended


def _at_least(attended: Sequence[int], quorum: int) -> int:
    return attended[quorum] if quorum < len(attended) else 0


def _tiers(suitable: int, attended: Sequence[int], preferred: int, *, tentative: bool) -> Iterator[Tier]:
    more = 0
    for attendance in range(len(attended) - 1, -1, -1):
        exactly = suitable & attended[attendance] & ~more
        more = attended[attendance]
        for liked, starts in ((True, exactly & preferred), (False, exactly & ~preferred)):
            if starts:
                yield Tier(starts, tentative, attendance, liked)


def _union(sets: Iterable[int]) -> int:
    union = 0
    for starts in sets:
        union |= starts
    return union
