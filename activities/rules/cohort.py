"""Who is to be matched: mentees, mentors, the tree of managers, and the rules that bind them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

WEEK_MINUTES = 7 * 24 * 60

Stretch = tuple[int, int]
"""A half-open stretch of UTC minutes since Monday 00:00 UTC."""

PairRefs = tuple[str, str]
"""A mentor's ref and a mentee's ref, in this order."""


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """What the rules know of a mentor or mentee; `wishes` are refs of the other side.

    `working` and `preferred` are stretches of a UTC week in any order, which may overlap; one that passes
    Sunday midnight is written as two. `level` is the HR level, higher is more senior.
    `stays` says that no last day is known that would make a new pairing too short to be worth it.
    """

    ref: str
    level: int
    languages: frozenset[str]
    site: str = ""
    function: str = ""
    unit: str = ""
    working: tuple[Stretch, ...] = ()
    preferred: tuple[Stretch, ...] = ()
    interests: frozenset[str] = frozenset()
    wishes: frozenset[str] = frozenset()
    stays: bool = True

    def __post_init__(self) -> None:
        if not self.ref:
            raise ValueError("a candidate needs a ref")
        for start, end in (*self.working, *self.preferred):
            if not 0 <= start < end <= WEEK_MINUTES:
                raise ValueError(f"({start}, {end}) is no stretch of a week of {WEEK_MINUTES} minutes")


@dataclass(frozen=True, kw_only=True)
class Mentor(Candidate):
    """A mentor: competence levels 1-4 by competence id, and how many mentees at once, pinned ones included.

    `admitted` says that the mentor is certified or in training.
    """

    strengths: Mapping[str, int] = field(default_factory=dict)
    capacity: int = 1
    admitted: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.capacity < 0:
            raise ValueError(f"a capacity of {self.capacity} is below zero")
        if not all(1 <= level <= TOP_LEVEL for level in self.strengths.values()):
            raise ValueError(f"strengths have levels 1 to {TOP_LEVEL}")


@dataclass(frozen=True, kw_only=True)
class Mentee(Candidate):
    """A mentee: weights by competence id that sum to 100, or none while needs are unknown."""

    needs: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.needs and (sum(self.needs.values()) != NEEDS_TOTAL or min(self.needs.values()) < 0):
            raise ValueError(f"needs are weights that sum to {NEEDS_TOTAL}")


TOP_LEVEL = 4
NEEDS_TOTAL = 100


@dataclass(frozen=True)
class Rules:
    """The limits of the hard rules."""

    min_level_gap: int = 2
    min_common_minutes: int = 180
    manager_hops: int = 2


@dataclass(frozen=True)
class Weights:
    """Points of the score's parts.

    `need` counts per weight and level (400 at most), `preferred_hour` per common preferred hour up to
    `preferred_hours_max`; `second_mentee` is what each further mentee of one mentor costs the total.
    """

    need: int = 1
    mentee_wish: int = 80
    mentor_wish: int = 80
    interest: int = 10
    other_function: int = 30
    other_site: int = 10
    preferred_hour: int = 4
    preferred_hours_max: int = 10
    second_mentee: int = 20

    def __post_init__(self) -> None:
        if min(vars(self).values()) < 0:
            raise ValueError("points are never negative")


class Side(StrEnum):
    """Which of the two a quota counts."""

    MENTORS = "mentors"
    MENTEES = "mentees"


@dataclass(frozen=True)
class Quota:
    """How many of the new pairs may, or must, have their mentor or mentee in one unit."""

    unit: str
    side: Side = Side.MENTEES
    at_most: int | None = None
    at_least: int = 0


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """All that a matching depends on; the order of people changes nothing.

    `managers` gives everybody's manager by ref. `forbidden` are past and declined pairs, `conflicts` declared
    ones. `pinned` pairs stand whatever the rules say: each takes one of its mentor's places, and a pinned
    mentee gets no other mentor; refs of people outside the cohort are allowed there.
    """

    mentees: tuple[Mentee, ...]
    mentors: tuple[Mentor, ...]
    managers: Mapping[str, str | None] = field(default_factory=dict)
    forbidden: frozenset[PairRefs] = frozenset()
    conflicts: frozenset[PairRefs] = frozenset()
    pinned: frozenset[PairRefs] = frozenset()
    quotas: tuple[Quota, ...] = ()
    rules: Rules = Rules()
    weights: Weights = Weights()

    def __post_init__(self) -> None:
        _all_different("mentee", [mentee.ref for mentee in self.mentees])
        _all_different("mentor", [mentor.ref for mentor in self.mentors])
        _all_different("pinned mentee", [mentee for _, mentee in self.pinned])


def _all_different(what: str, refs: Sequence[str]) -> None:
    repeated = [ref for ref, count in Counter(refs).items() if count > 1]
    if repeated:
        raise ValueError(f"each {what} is named once, but {', '.join(sorted(repeated))} more often")
