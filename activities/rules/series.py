"""A series of sessions planned at once: the hours that together keep the rhythm best."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import pairwise

from activities.rules.chains import Place, Spacing, best_chain
from activities.rules.diaries import Diary
from activities.rules.prospects import Prospects, Slot, Tier, Wish, survey
from activities.rules.stretches import DAY
from activities.rules.wall_clock import instant_at, wall_of

# A session leaves its place to mend the distance to both neighbours, but not for one of them. A worse kind of
# hour outweighs any minutes off the rhythm, and so on up: the order of single slots.
_OFF_PLACE = 3
_OFF_SPACING = 2
_UNPREFERRED = 1 << 24
_ABSENT = 1 << 32
_TENTATIVE = 1 << 48
_MOST_SESSIONS = 100


class Cause(StrEnum):
    """Why a session's window was widened, or why the session has no hour."""

    NO_COMMON_HOUR = "no-common-hour"
    SPACING = "spacing"
    NOT_PREFERRED = "not-preferred"


@dataclass(frozen=True)
class Course:
    """How many sessions to plan and in which rhythm, in days on the walls of one zone (the mentee's).

    A session lies within `widths[0]` days of where the rhythm puts it; the wider ones are for sessions that
    find no hour otherwise, or none that is firm and preferred where the course is `choosy`. Neighbours are
    never nearer than `shortest` nor farther apart than `longest`.
    `pinned` sessions (number, counted from 1, to start in UTC minutes) are booked already and stay untouched.
    """

    sessions: int
    zone: str
    every: int = 28
    shortest: int = 14
    longest: int = 42
    widths: tuple[int, ...] = (3, 5, 7)
    pinned: Mapping[int, int] = field(default_factory=dict)
    choosy: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.sessions <= _MOST_SESSIONS:
            raise ValueError(f"a course has 1 to {_MOST_SESSIONS} sessions, not {self.sessions}")
        if not 0 < self.shortest <= self.every <= self.longest:
            raise ValueError(
                "days between sessions go up from 1: shortest, every, longest, unlike "
                f"{self.shortest}, {self.every}, {self.longest}"
            )
        if not self.widths or any(narrow >= wide for narrow, wide in pairwise((-1, *self.widths))):
            raise ValueError(f"widths are days that go up from 0 or more, unlike {self.widths}")


@dataclass(frozen=True)
class Planned:
    """One session of a series: its slot or None, and the days its window had to reach.

    `cause` says why the window was widened or found nothing, `removed` how many starts each reason had taken
    from it before.
    """

    number: int
    slot: Slot | None
    width: int
    pinned: bool = False
    cause: Cause | None = None
    removed: Mapping[str, int] = field(default_factory=dict)


def plan_series(
    required: Sequence[Diary],
    wish: Wish,
    course: Course,
    *,
    wanted: Sequence[Diary] = (),
    quorum: int = 0,
) -> tuple[Planned, ...]:
    """Plans the sessions of a course within the wish's window.

    The rhythm goes on from the last session pinned, else starts at `near`. Within the windows the plan is the
    best there is: fewest sessions without an hour, then fewest tentative, then fewest absences, then fewest
    not preferred, then fewest minutes off the rhythm, a minute off a session's place counting three, one off
    the distance between neighbours two.
    """
    prospects = survey(required, wish, wanted, quorum)
    sessions = [_session(number, target, prospects, course) for number, target in _targets(wish, course)]
    while True:
        chain = best_chain([session.place for session in sessions], _spacing(course))
        stuck = _stuck(sessions, chain.options)
        if course.choosy:
            stuck = _unsatisfied(sessions, chain.options, prospects) | stuck
        sessions = [replace(each, cause=each.cause or stuck.get(each.number)) for each in sessions]
        wider = [number for number in stuck if sessions[number - 1].level + 1 < len(course.widths)]
        if not wider:
            break
        for number in wider:
            sessions[number - 1] = _wider(sessions[number - 1], prospects, course)
    chosen = zip(sessions, chain.options, strict=True)
    return tuple(_planned(session, option, prospects, course) for session, option in chosen)


@dataclass(frozen=True)
class _Session:
    """A session being planned; `target` is a wall time of the rhythm's zone, `level` counts the widenings."""

    number: int
    target: int
    level: int
    place: Place
    options: tuple[tuple[int, Tier], ...] = ()
    pinned: int | None = None
    cause: Cause | None = None


def _targets(wish: Wish, course: Course) -> Iterator[tuple[int, int]]:
    target = wall_of(wish.window[0] if wish.near is None else wish.near, course.zone)
    for number in range(1, course.sessions + 1):
        if number in course.pinned:
            target = wall_of(course.pinned[number], course.zone)
        yield number, target
        target += course.every * DAY


def _session(number: int, target: int, prospects: Prospects, course: Course, level: int = 0) -> _Session:
    if number in course.pinned:
        pinned = course.pinned[number]
        return _Session(number, target, level, Place((target,), (0,), fixed=True), pinned=pinned)
    window = _window(target, prospects, course, level)
    options = sorted(
        (wall_of(prospects.starts.at(bit), course.zone), bit, tier)
        for tier in prospects.tiers
        for bit in prospects.starts.members(tier.starts & window)
    )
    place = Place(
        at=[wall for wall, _, _ in options],
        costs=[abs(wall - target) * _OFF_PLACE + _tier_cost(tier, prospects) for wall, _, tier in options],
    )
    return _Session(number, target, level, place, tuple((bit, tier) for _, bit, tier in options))


def _wider(session: _Session, prospects: Prospects, course: Course) -> _Session:
    wider = _session(session.number, session.target, prospects, course, level=session.level + 1)
    return replace(wider, cause=session.cause)


def _window(target: int, prospects: Prospects, course: Course, level: int) -> int:
    width = course.widths[level] * DAY
    low, high = instant_at(target - width, course.zone, up=True), instant_at(target + width, course.zone)
    return prospects.starts.between(low, high + 1)


def _tier_cost(tier: Tier, prospects: Prospects) -> int:
    absent = len(prospects.firm) - tier.attendance
    return tier.tentative * _TENTATIVE + absent * _ABSENT + (not tier.preferred) * _UNPREFERRED


def _spacing(course: Course) -> Spacing:
    return Spacing(course.every * DAY, course.shortest * DAY, course.longest * DAY, _OFF_SPACING)


def _stuck(sessions: Sequence[_Session], options: Sequence[int | None]) -> dict[int, Cause]:
    """The sessions to widen where one has no hour: itself, or for want of spacing its neighbours too."""
    stuck: dict[int, Cause] = {}
    for session, option in zip(sessions, options, strict=True):
        if option is None and not session.options:
            stuck[session.number] = Cause.NO_COMMON_HOUR
        elif option is None:
            for near in sessions[max(session.number - 2, 0) : session.number + 1]:
                if near.pinned is None:
                    stuck.setdefault(near.number, Cause.SPACING)
    return stuck


def _unsatisfied(
    sessions: Sequence[_Session], options: Sequence[int | None], prospects: Prospects
) -> dict[int, Cause]:
    """The sessions whose hour is tentative, or not preferred although somebody prefers some."""
    best = min((_tier_cost(tier, prospects) for tier in prospects.tiers), default=0)
    return {
        session.number: Cause.NOT_PREFERRED
        for session, option in zip(sessions, options, strict=True)
        if session.options and option is not None and _tier_cost(session.options[option][1], prospects) > best
    }


def _planned(session: _Session, option: int | None, prospects: Prospects, course: Course) -> Planned:
    if session.pinned is not None:
        end = session.pinned + prospects.wish.minutes
        return Planned(session.number, Slot(session.pinned, end, prospects.required), 0, pinned=True)
    first = _window(session.target, prospects, course, 0)
    return Planned(
        number=session.number,
        slot=None if option is None else prospects.slot(*session.options[option]),
        width=course.widths[session.level],
        cause=session.cause,
        removed=prospects.removed(first) if session.cause else {},
    )
