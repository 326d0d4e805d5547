"""Cohorts of any size that look like a company: units, sites in three zones, languages, hours, strengths."""

import random
from dataclasses import replace

from activities.rules.cohort import Cohort, Mentee, Mentor, Stretch
from integrations.competences import COMPETENCES

_COMPETENCES = sorted(COMPETENCES)
_LANGUAGES = ("en", "fr", "de", "es", "pt", "ja")
_DAY = 24 * 60
_OFFSETS = (0, 60, 300, 480)
"""Minutes to take off local time for UTC: sites in London, Paris, Karachi and Singapore."""


def company(mentees: int, mentors: int, seed: int = 1, *, scarce: bool = False) -> Cohort:
    """A cohort of that many mentees and mentors.

    Where mentors are scarce, everybody speaks one language only and some languages have more mentees than
    mentors, so that nobody can be matched by taking the best few candidates of each.
    """
    chance = random.Random(seed)
    managers = _managers(mentees, mentors, chance)
    mentee_refs = [f"m{n:05}" for n in range(mentees)]
    mentor_refs = [f"y{n:05}" for n in range(mentors)]
    return Cohort(
        mentees=tuple(_mentee(ref, mentor_refs, chance, scarce=scarce) for ref in mentee_refs),
        mentors=tuple(_mentor(ref, mentee_refs, chance, scarce=scarce) for ref in mentor_refs),
        managers=managers,
        forbidden=frozenset(
            (chance.choice(mentor_refs), chance.choice(mentee_refs)) for _ in range(mentees // 10)
        ),
    )


def of_own_hours(cohort: Cohort) -> Cohort:
    """The same people, of whom hardly two work the same hours."""
    return replace(
        cohort,
        mentees=tuple(replace(one, working=_own(one.working, n)) for n, one in enumerate(cohort.mentees)),
        mentors=tuple(replace(one, working=_own(one.working, n + 3)) for n, one in enumerate(cohort.mentors)),
    )


def _own(week: tuple[Stretch, ...], number: int) -> tuple[Stretch, ...]:
    return tuple((start + number * 7 % 181, end - number * 11 % 173) for start, end in week)


def _managers(mentees: int, mentors: int, chance: random.Random) -> dict[str, str | None]:
    """A tree in which eight report to each manager and the mentors are below the mentees."""
    managers: dict[str, str | None] = {"m00000": None}
    managers |= {f"m{n:05}": f"m{(n - 1) // 8:05}" for n in range(1, mentees)}
    managers |= {f"y{n:05}": f"m{chance.randrange(mentees):05}" for n in range(mentors)}
    return managers


def _mentee(ref: str, mentor_refs: list[str], chance: random.Random, *, scarce: bool) -> Mentee:
    offset = chance.choice(_OFFSETS)
    chosen = chance.sample(_COMPETENCES, 4)
    first, second, third = sorted(chance.sample(range(5, 95), 3))
    weights = (first, second - first, third - second, 100 - third)
    return Mentee(
        ref=ref,
        level=chance.choice((5, 6, 7)),
        languages=_languages(chance, scarce=scarce, weights=(30, 30, 20, 10, 6, 4)),
        site=f"site-{offset}-{chance.randrange(4)}",
        function=f"function-{chance.randrange(12)}",
        unit=f"unit-{chance.randrange(20)}",
        working=_week(chance.choice((480, 540)), 540, offset),
        preferred=_mornings(chance, offset),
        interests=frozenset(chance.sample(_COMPETENCES, 3)),
        wishes=frozenset(chance.sample(mentor_refs, chance.choice((0, 0, 1)))),
        needs=dict(zip(chosen, weights, strict=True)),
    )


def _mentor(ref: str, mentee_refs: list[str], chance: random.Random, *, scarce: bool) -> Mentor:
    offset = chance.choice(_OFFSETS)
    return Mentor(
        ref=ref,
        level=chance.choice((2, 3, 4)),
        languages=_languages(chance, scarce=scarce, weights=(40, 24, 16, 10, 6, 4)),
        site=f"site-{offset}-{chance.randrange(4)}",
        function=f"function-{chance.randrange(12)}",
        unit=f"unit-{chance.randrange(20)}",
        working=_week(chance.choice((420, 480, 540)), 480, offset),
        preferred=_mornings(chance, offset),
        interests=frozenset(chance.sample(_COMPETENCES, 6)),
        wishes=frozenset(chance.sample(mentee_refs, chance.choice((0, 0, 1)))),
        strengths={competence: chance.randint(1, 4) for competence in chance.sample(_COMPETENCES, 8)},
        capacity=1 if scarce else chance.choice((1, 1, 1, 2)),
    )


def _languages(chance: random.Random, *, scarce: bool, weights: tuple[int, ...]) -> frozenset[str]:
    spoken = chance.choices(_LANGUAGES, weights, k=1 if scarce else 2)
    return frozenset(spoken)


def _week(opens: int, length: int, offset: int) -> tuple[Stretch, ...]:
    starts = (day * _DAY + opens - offset for day in range(5))
    return tuple((max(start, 0), start + length) for start in starts)


def _mornings(chance: random.Random, offset: int) -> tuple[Stretch, ...]:
    days = sorted(chance.sample(range(5), 2))
    return tuple((max(day * _DAY + 540 - offset, 0), day * _DAY + 780 - offset) for day in days)
