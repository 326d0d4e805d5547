"""Small cohorts for the matching rules, and the rules said once more in plain words."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import strategies as st

from activities.rules.cohort import Cohort, Mentee, Mentor, PairRefs, Stretch, Weights
from activities.rules.scoring import parts

_DAY = 24 * 60
LANGUAGES = ("de", "en", "fr")
COMPETENCES = ("1.1", "2.4", "3.4", "5.2")
WORKING: tuple[tuple[Stretch, ...], ...] = (
    (),
    ((480, 720),),
    ((540, 1020),),
    ((540, 660), (600, 780), (_DAY + 540, _DAY + 541)),
    tuple((day * _DAY + 480, day * _DAY + 1020) for day in range(5)),
)


def mentor(ref: str = "y1", **facts: object) -> Mentor:
    """A mentor who fits every `mentee` but for the facts given."""
    usual: dict[str, object] = {"level": 2, "languages": frozenset({"en"}), "working": WORKING[4]}
    return Mentor(ref=ref, **(usual | facts))  # type: ignore[arg-type]


def mentee(ref: str = "m1", **facts: object) -> Mentee:
    """A mentee who fits every `mentor` but for the facts given."""
    usual: dict[str, object] = {"level": 6, "languages": frozenset({"en"}), "working": WORKING[4]}
    return Mentee(ref=ref, **(usual | facts))  # type: ignore[arg-type]


def _facts(others: tuple[str, ...]) -> dict[str, st.SearchStrategy[object]]:
    return {
        "languages": st.frozensets(st.sampled_from(LANGUAGES), min_size=1, max_size=2),
        "site": st.sampled_from(("", "lyon", "porto")),
        "function": st.sampled_from(("", "sales", "legal")),
        "unit": st.sampled_from(("north", "south")),
        "working": st.sampled_from(WORKING[2:] * 3 + WORKING),
        "preferred": st.sampled_from(WORKING),
        "interests": st.frozensets(st.sampled_from(COMPETENCES), max_size=3),
        "wishes": st.frozensets(st.sampled_from(others), max_size=2) if others else st.just(frozenset()),
        "stays": st.sampled_from((True, True, True, True, False)),
    }


@st.composite
def cohorts(draw: st.DrawFn, most: int = 5, capacity: int = 2) -> Cohort:
    """Cohorts of up to `most` mentees and mentors, in which any rule may fail."""
    mentee_refs = tuple(f"m{n}" for n in range(draw(st.integers(0, most))))
    mentor_refs = tuple(f"y{n}" for n in range(draw(st.integers(0, most))))
    needs = st.sampled_from(({}, {"1.1": 100}, {"1.1": 30, "2.4": 70}, {"3.4": 34, "5.2": 33, "1.1": 33}))
    strengths = st.dictionaries(st.sampled_from(COMPETENCES), st.integers(1, 4))
    people = (*mentee_refs, *mentor_refs, "b1", "b2", "b3")
    pairs = st.frozensets(
        st.tuples(st.sampled_from(mentor_refs or ("-",)), st.sampled_from(mentee_refs or ("-",))), max_size=3
    )
    return Cohort(
        mentees=tuple(
            draw(
                st.builds(
                    Mentee, ref=st.just(ref), level=st.integers(4, 6), needs=needs, **_facts(mentor_refs)
                )
            )
            for ref in mentee_refs
        ),
        mentors=tuple(
            draw(
                st.builds(
                    Mentor,
                    ref=st.just(ref),
                    level=st.integers(1, 3),
                    strengths=strengths,
                    capacity=st.sampled_from((1, 1, *range(capacity + 1))),
                    admitted=st.sampled_from((True, True, True, False)),
                    **_facts(mentee_refs),
                )
            )
            for ref in mentor_refs
        ),
        managers=draw(
            st.dictionaries(st.sampled_from(people), st.none() | st.sampled_from(people), max_size=4)
        ),
        forbidden=draw(pairs),
        conflicts=draw(pairs),
        pinned=draw(pairs.map(_one_each)),
        weights=draw(st.sampled_from((Weights(), Weights(second_mentee=0), Weights(need=0, interest=0)))),
    )


def _one_each(pairs: frozenset[PairRefs]) -> frozenset[PairRefs]:
    return frozenset({mentee: (mentor, mentee) for mentor, mentee in sorted(pairs)}.values())


def fits(cohort: Cohort, one: Mentor, other: Mentee) -> bool:
    """The hard rules but for capacity, one after the other."""
    pair = (one.ref, other.ref)
    above, also = _above(cohort, one.ref), _above(cohort, other.ref)
    return (
        pair not in cohort.forbidden
        and pair not in cohort.conflicts
        and one.admitted
        and one.stays
        and other.stays
        and one.ref not in also
        and other.ref not in above
        and not set(above[:2]) & set(also[:2])
        and other.level - one.level >= 2
        and bool(one.languages & other.languages)
        and len(_minutes(one.working) & _minutes(other.working)) >= 180
    )


def _above(cohort: Cohort, ref: str) -> list[str]:
    """Everybody above a person, the nearest first; people in a circle are above themselves too."""
    found: list[str] = []
    at = cohort.managers.get(ref)
    while at and at not in found:
        if cohort.managers.get(ref) == ref:
            return []
        found.append(at)
        at = cohort.managers.get(at) if cohort.managers.get(at) != at else None
    return found


def _minutes(stretches: tuple[Stretch, ...]) -> set[int]:
    return {minute for start, end in stretches for minute in range(start, end)}


def choices(cohort: Cohort) -> Iterator[tuple[PairRefs, ...]]:
    """Every way to pair the mentees who are not pinned, within rules and capacity."""
    held = {mentee for _, mentee in cohort.pinned}
    left = {
        one.ref: max(one.capacity - sum(ref == one.ref for ref, _ in cohort.pinned), 0)
        for one in cohort.mentors
    }
    free = [one for one in cohort.mentees if one.ref not in held]
    allowed = {other.ref: [one.ref for one in cohort.mentors if fits(cohort, one, other)] for other in free}

    def extend(rest: list[Mentee], chosen: tuple[PairRefs, ...]) -> Iterator[tuple[PairRefs, ...]]:
        if not rest:
            yield chosen
            return
        yield from extend(rest[1:], chosen)
        for ref in allowed[rest[0].ref]:
            if left[ref]:
                left[ref] -= 1
                yield from extend(rest[1:], (*chosen, (ref, rest[0].ref)))
                left[ref] += 1

    return extend(free, ())


class Worth:
    """What a choice is worth: how many mentees are matched, and the points less the load."""

    def __init__(self, cohort: Cohort) -> None:
        self._cohort = cohort
        self._points = {
            (one.ref, other.ref): sum(parts(other, one, cohort.weights).values())
            for one in cohort.mentors
            for other in cohort.mentees
        }

    def __call__(self, chosen: tuple[PairRefs, ...]) -> tuple[int, int]:
        taken = [ref for ref, _ in self._cohort.pinned]
        load = 0
        for ref, _ in chosen:
            load += taken.count(ref) * self._cohort.weights.second_mentee
            taken.append(ref)
        return len(chosen), sum(self._points[pair] for pair in chosen) - load


def shuffled(cohort: Cohort, key: int) -> Cohort:
    """The same cohort with its people in another order."""
    turn = key % (len(cohort.mentees) or 1)
    return replace(
        cohort,
        mentees=cohort.mentees[turn:] + cohort.mentees[:turn],
        mentors=cohort.mentors[::-1],
        managers=dict(reversed(list(cohort.managers.items()))),
    )
