"""Diaries and wishes of every shape for the searches, and the walk over single minutes that judges them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

from activities.rules.slots import Diary, Slot, Wish
from activities.rules.stretches import Stretch

SPAN = 240
STEP = 15
BUSY = st.lists(st.tuples(st.integers(-60, SPAN + 60), st.integers(-60, SPAN + 60)), max_size=3).map(tuple)
SHORT_BUSY = st.lists(
    st.tuples(st.integers(-60, SPAN), st.integers(-5, 90)).map(lambda at: (at[0], at[0] + at[1])), max_size=4
).map(tuple)
TAKEN = st.one_of(SHORT_BUSY, BUSY)
WORKING = st.one_of(st.just(((0, SPAN),)), st.just(((-50, 90), (90, 150), (180, 300))), BUSY)


def diaries(ref: str) -> st.SearchStrategy[Diary]:
    """Anybody's diary."""
    return st.builds(
        Diary,
        ref=st.just(ref),
        working=WORKING,
        busy=TAKEN,
        tentative=TAKEN,
        out_of_office=st.one_of(st.just(()), TAKEN),
        known=st.sampled_from([True] * 9 + [False]),
        preferred=st.one_of(st.just(()), BUSY),
        avoid=st.dictionaries(st.sampled_from(["lunch", "holiday"]), SHORT_BUSY, max_size=2),
    )


WISHES = st.builds(
    Wish,
    minutes=st.integers(1, 90),
    window=st.tuples(st.integers(-20, 60), st.integers(0, SPAN)),
    near=st.one_of(st.none(), st.integers(-100, SPAN + 100)),
    step=st.sampled_from([1, 7, STEP, STEP, STEP]),
    buffer=st.sampled_from([0, 0, 5, 15, 22]),
    notice_until=st.one_of(st.none(), st.integers(-50, SPAN)),
    not_at=st.frozensets(st.integers(0, 20).map(lambda n: n * STEP), max_size=3),
    allow_tentative=st.booleans(),
)


_Free = Mapping[str, set[int]]


@dataclass(frozen=True)
class Case:
    """A search: who must come, who may, how many of those, and what is wished."""

    required: tuple[Diary, ...]
    wanted: tuple[Diary, ...]
    quorum: int
    wish: Wish


A, B, C, X, Y, Z = map(diaries, "abcxyz")
CASES = st.builds(
    Case,
    required=st.one_of(st.tuples(A, B), st.tuples(A, B, C)),
    wanted=st.one_of(st.just(()), st.tuples(X), st.tuples(X, Y, Z)),
    quorum=st.integers(0, 3),
    wish=WISHES,
)


def walked(case: Case) -> list[Slot]:
    """All slots, best first, found by asking of every start, for every person, about every minute."""
    wish = case.wish
    near = wish.window[0] if wish.near is None else wish.near
    notice = wish.window[0] if wish.notice_until is None else wish.notice_until
    firm = {diary.ref: _free(diary, wish, tentative=False) for diary in (*case.required, *case.wanted)}
    loose = {diary.ref: _free(diary, wish, tentative=True) for diary in (*case.required, *case.wanted)}
    found = [
        _slot(case, range(start, start + wish.minutes), firm, loose)
        for start in range(wish.window[0], wish.window[1] - wish.minutes + 1)
        if start % wish.step == 0 and start not in wish.not_at and start >= notice
    ]
    return sorted(
        (slot for slot in found if slot is not None),
        key=lambda slot: (
            slot.tentative,
            -len(slot.present),
            not slot.preferred,
            abs(slot.start - near),
            slot.start,
        ),
    )


def _slot(
    case: Case, minutes: range, firm: Mapping[str, set[int]], loose: Mapping[str, set[int]]
) -> Slot | None:
    liking = [diary for diary in case.required if diary.preferred]
    liked = bool(liking) and all(_minutes(diary.preferred).issuperset(minutes) for diary in liking)
    for free in (firm, loose) if case.wish.allow_tentative else (firm,):
        required = [diary.ref for diary in case.required if free[diary.ref].issuperset(minutes)]
        wanted = [diary.ref for diary in case.wanted if free[diary.ref].issuperset(minutes)]
        if len(required) == len(case.required) and len(wanted) >= case.quorum:
            return Slot(minutes.start, minutes.stop, (*required, *wanted), free is loose, liked)
    return None


def _free(diary: Diary, wish: Wish, *, tentative: bool) -> set[int]:
    taken = (*diary.busy, *diary.out_of_office, *(() if tentative else diary.tentative))
    free = _minutes(diary.working) if diary.known else set()
    for avoided in diary.avoid.values():
        free -= _minutes(avoided)
    return free - _minutes((start - wish.buffer, end + wish.buffer) for start, end in taken if start < end)


def _minutes(stretches: Iterable[Stretch]) -> set[int]:
    return {minute for start, end in stretches for minute in range(start, end)}
