"""The hours of a pairing's sessions: early for the first, then near to where the rhythm puts the next."""

import logging
from collections.abc import Sequence
from dataclasses import replace

from activities.rules.series import Course, Planned, plan_series
from activities.rules.slots import Diary, Slot, Wish, find_slots
from activities.rules.stretches import DAY
from integrations.programme import Timings

_LOG = logging.getLogger("acts")
_WEEK = 7 * DAY
_OFF = 2
_ALL = 1000
"""More starts than a window of three weeks has working quarter hours."""


def in_rhythm(required: Sequence[Diary], wish: Wish, timings: Timings, zone: str) -> Slot | None:
    """The best hour within a week of where the rhythm puts it, or None where there is none.

    `wish.near` is as many days after the session before as the programme says; the rhythm keeps that
    session's time on the walls of the zone, which is the mentee's. Within three days an hour must be firm and
    one of those the mentee prefers, or the window is widened to five and to seven.
    """
    if wish.near is None:
        return None
    following = _after(wish.near - timings.session_every_d * DAY, required, wish, timings, zone)
    _told(following)
    return following.slot


def with_the_second(required: Sequence[Diary], wish: Wish, timings: Timings, zone: str) -> Slot | None:
    """The first session's hour that leaves the second one the best, or None where there is none at all.

    It is among the hours that are as good as the earliest and at most a week later; a minute by which the
    second would miss the rhythm counts as much as two minutes later. The diaries should reach beyond the
    wish's window, to where the second session may lie: what they do not tell is no hour for it.
    """
    slots = find_slots(required, wish, most=_ALL).slots
    equal = [slot for slot in slots if _is_as_good(slot, slots[0])]
    low, high = wish.window
    later = replace(wish, window=(low, high + timings.session_max_gap_d * DAY))

    def worth(first: Slot) -> tuple[bool, bool, bool, int]:
        second = _after(first.start, required, later, timings, zone).slot
        if second is None:
            return (True, True, True, first.start)
        off = abs(second.start - first.start - timings.session_every_d * DAY)
        return (False, second.tentative, not second.preferred, first.start + _OFF * off)

    return min(equal, key=worth, default=None)


def _is_as_good(slot: Slot, best: Slot) -> bool:
    kinds = (slot.tentative, slot.preferred), (best.tentative, best.preferred)
    return kinds[0] == kinds[1] and slot.start <= best.start + _WEEK


def _after(before: int, required: Sequence[Diary], wish: Wish, timings: Timings, zone: str) -> Planned:
    """The session that follows one which starts at `before`."""
    course = Course(
        sessions=2,
        zone=zone,
        every=timings.session_every_d,
        shortest=min(timings.session_min_gap_d, timings.session_every_d),
        longest=max(timings.session_max_gap_d, timings.session_every_d),
        pinned={1: before},
        choosy=True,
    )
    return plan_series(required, wish, course)[1]


def _told(planned: Planned) -> None:
    if planned.cause is not None:
        width, cause = planned.width, str(planned.cause)
        _LOG.info("session.window-widened", extra={"days": width, "cause": cause, **_counts(planned)})


def _counts(planned: Planned) -> dict[str, int]:
    """How many hours each reason took from the first window."""
    return {f"removed-{reason}": count for reason, count in planned.removed.items()}
