from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.rules.cohort import Cohort, Mentor, PairRefs, Quota, Weights
from activities.rules.matching import Matching, Pair, free_part, is_proved, match, next_candidate
from activities.rules.scoring import Part
from activities.rules.table import tabulate
from tests.activities.rules.cohorts import Worth, choices, cohorts, fits, mentee, mentor, shuffled

MORE = settings(max_examples=60, deadline=None)


def pairs_of(matching: Matching, *, pinned: bool = False) -> tuple[tuple[str, str], ...]:
    return tuple((pair.mentor_ref, pair.mentee_ref) for pair in matching.pairs if pair.pinned == pinned)


class Exactly(Worth):
    """What a choice is worth, its hashes included."""

    def __init__(self, cohort: Cohort, matching: Matching) -> None:
        super().__init__(cohort)
        certificate = matching.certificate
        assert certificate is not None
        free = free_part(cohort)
        table = tabulate(free).with_hashes(certificate.bits, certificate.salt)
        rows, columns = np.indices((table.mentees, table.places))
        weights = table.weights(rows, columns) % table.scale
        self._hashes = {
            (free.mentors[table.mentor_of[place]].ref, free.mentees[row].ref): int(weights[row, place])
            for row in range(table.mentees)
            for place in range(table.places)
        }

    def exactly(self, chosen: tuple[PairRefs, ...]) -> tuple[int, int, int]:
        """Mentees, points and hashes."""
        return *self(chosen), sum(self._hashes[pair] for pair in chosen)


@MORE
@given(cohorts())
def test_match_is_the_best_of_all_choices(cohort: Cohort) -> None:
    matching = match(cohort)
    worth = Exactly(cohort, matching)
    best = max(choices(cohort), key=worth.exactly)
    assert pairs_of(matching) == tuple(sorted(best, key=lambda pair: pair[1]))
    assert (len(best), matching.points) == worth(best)


@MORE
@given(cohorts())
def test_match_counts_everybody_once(cohort: Cohort) -> None:
    matching = match(cohort)
    matched = [pair.mentee_ref for pair in matching.pairs]
    held_outside = {other for one, other in cohort.pinned if one not in {m.ref for m in cohort.mentors}}
    expected = sorted({one.ref for one in cohort.mentees} - held_outside)
    assert sorted([*matched, *matching.unmatched]) == expected


@MORE
@given(cohorts(most=6), st.integers(0, 5))
def test_match_is_the_same_for_shuffled_people_and_for_both_solvers(cohort: Cohort, key: int) -> None:
    matching = match(cohort)
    assert match(shuffled(cohort, key)) == matching
    assert match(cohort, dense_cells=0) == matching


@MORE
@given(cohorts())
def test_match_is_proved_and_no_other_matching_is(cohort: Cohort) -> None:
    matching = match(cohort)
    assert is_proved(cohort, matching)
    for pair in matching.pairs:
        if not pair.pinned:
            fewer = tuple(one for one in matching.pairs if one != pair)
            assert not is_proved(cohort, replace(matching, pairs=fewer))
            for other in cohort.mentors:
                if other.ref != pair.mentor_ref:
                    moved = replace(pair, mentor_ref=other.ref)
                    assert not is_proved(cohort, replace(matching, pairs=(*fewer, moved)))
    assert not is_proved(cohort, replace(matching, certificate=None))


@MORE
@given(cohorts())
def test_match_leaves_pins_untouched(cohort: Cohort) -> None:
    people = {one.ref for one in (*cohort.mentors, *cohort.mentees)}
    expected = {pair for pair in cohort.pinned if set(pair) <= people}
    assert set(pairs_of(match(cohort), pinned=True)) == expected


@MORE
@given(cohorts(), st.sampled_from((1, 2)))
def test_match_with_a_mentor_more_never_matches_fewer(cohort: Cohort, capacity: int) -> None:
    more = replace(cohort, mentors=(*cohort.mentors, mentor("z", capacity=capacity)))
    assert len(match(more).pairs) >= len(match(cohort).pairs)


@MORE
@given(cohorts())
def test_match_with_one_of_its_pairs_pinned_stays_as_it_is(cohort: Cohort) -> None:
    matching = match(cohort)
    for pair in matching.pairs:
        if not pair.pinned:
            pinned = replace(cohort, pinned=cohort.pinned | {(pair.mentor_ref, pair.mentee_ref)})
            assert {(p.mentor_ref, p.mentee_ref) for p in match(pinned).pairs} == {
                (p.mentor_ref, p.mentee_ref) for p in matching.pairs
            }


@MORE
@given(cohorts())
def test_scores_are_the_sum_of_their_parts(cohort: Cohort) -> None:
    for pair in match(cohort).pairs:
        assert pair.score == sum(pair.parts.values())
        assert 0 not in pair.parts.values()


def test_match_prefers_more_mentees_to_more_points() -> None:
    wished = mentor("y1", strengths={"1.1": 4})
    cohort = Cohort(
        mentees=(
            mentee("m1", needs={"1.1": 100}, wishes=frozenset({"y1"})),
            mentee("m2", languages=frozenset({"de"})),
        ),
        mentors=(replace(wished, languages=frozenset({"en", "de"})), mentor("y2")),
    )
    assert pairs_of(match(cohort)) == (("y2", "m1"), ("y1", "m2"))


def test_match_gives_a_second_mentee_only_for_more_points_than_it_costs() -> None:
    strong, weak = mentor("y1", capacity=2, strengths={"1.1": 1}), mentor("y2")
    mentees = tuple(mentee(ref, needs={"1.1": 100}) for ref in ("m1", "m2"))
    cohort = Cohort(mentees=mentees, mentors=(strong, weak), weights=Weights(second_mentee=101))
    assert sorted(one for one, _ in pairs_of(match(cohort))) == ["y1", "y2"]
    cheaper = match(replace(cohort, weights=Weights(second_mentee=99)))
    assert pairs_of(cheaper) == (("y1", "m1"), ("y1", "m2"))
    assert (cheaper.load, cheaper.points) == (99, 101)


def test_match_of_nobody_is_empty() -> None:
    assert match(Cohort(mentees=(), mentors=())) == Matching((), ())
    assert match(Cohort(mentees=(mentee(),), mentors=())) == Matching((), ("m1",))
    assert match(Cohort(mentees=(), mentors=(mentor(),))) == Matching((), ())
    assert match(Cohort(mentees=(mentee(),), mentors=(mentor(capacity=0),))) == Matching((), ("m1",))


def test_match_tells_a_pair_with_its_parts() -> None:
    cohort = Cohort(
        mentees=(mentee(needs={"1.1": 60, "2.4": 40}, site="lyon"),),
        mentors=(mentor(strengths={"1.1": 3}, wishes=frozenset({"m1"}), site="porto"),),
    )
    parts = {Part.NEEDS: 180, Part.MENTOR_WISH: 80, Part.OTHER_SITE: 10}
    assert match(cohort).pairs == (Pair("y1", "m1", 270, parts),)


@MORE
@given(cohorts())
def test_next_candidate_is_the_best_mentor_with_a_place_left(cohort: Cohort) -> None:
    matching = match(cohort)
    stands = replace(cohort, pinned=cohort.pinned | set(pairs_of(matching)))
    for other in cohort.mentees:
        others = frozenset(pair for pair in stands.pinned if pair[1] != other.ref)
        free = replace(stands, mentees=(other,), pinned=others)
        best = max(choices(free), key=Exactly(free, match(free)).exactly)
        found = next_candidate(stands, other.ref)
        assert (() if found is None else ((found.mentor_ref, found.mentee_ref),)) == best


def test_next_candidate_passes_over_a_mentor_who_is_full_or_was_declined() -> None:
    mentors = tuple(mentor(f"y{n}", strengths={"1.1": 4 - n}) for n in range(4))
    mentees = (mentee("m1", needs={"1.1": 100}), mentee("m2"))
    cohort = Cohort(
        mentees=mentees,
        mentors=mentors,
        pinned=frozenset({("y1", "m2"), ("y0", "m1")}),
        forbidden=frozenset({("y0", "m1")}),
    )
    found = next_candidate(cohort, "m1")
    assert found is not None
    assert (found.mentor_ref, found.score) == ("y2", 200)


def test_next_candidate_looks_at_one_mentee_and_at_no_quota() -> None:
    cohort = Cohort(
        mentees=(mentee("m1", needs={"1.1": 100}), mentee("m2", unit="north")),
        mentors=(mentor("y1", strengths={"1.1": 4}), mentor("y2")),
        quotas=(Quota("north", at_most=0),),
    )
    found = next_candidate(cohort, "m2")
    assert found is not None
    assert found.mentee_ref == "m2"


def test_cohort_refuses_people_named_twice() -> None:
    with pytest.raises(ValueError, match="mentor is named once, but y1"):
        Cohort(mentees=(), mentors=(mentor("y1"), mentor("y1")))
    with pytest.raises(ValueError, match="mentee is named once, but m1"):
        Cohort(mentees=(mentee("m1"), mentee("m1")), mentors=())
    with pytest.raises(ValueError, match="pinned mentee is named once, but m1"):
        Cohort(mentees=(), mentors=(), pinned=frozenset({("y1", "m1"), ("y2", "m1")}))


def greedy(cohort: Cohort) -> int:
    """How many mentees are matched where each in turn takes the best mentor left."""
    left = {one.ref: one.capacity for one in cohort.mentors}
    matched = 0
    for other in cohort.mentees:
        open_to = [one for one in cohort.mentors if left[one.ref] and fits(cohort, one, other)]
        if open_to:
            best: Mentor = max(open_to, key=lambda one: sum(one.strengths.values()))
            left[best.ref] -= 1
            matched += 1
    return matched


def test_best_of_all_choices_tells_a_greedy_matching_apart() -> None:
    cohort = Cohort(
        mentees=(mentee("m1", languages=frozenset({"en", "de"})), mentee("m2", languages=frozenset({"de"}))),
        mentors=(mentor("y1"), mentor("y2", languages=frozenset({"de"}), strengths={"1.1": 4})),
    )
    best = max(choices(cohort), key=Worth(cohort))
    assert (greedy(cohort), len(best), len(match(cohort).pairs)) == (1, 2, 2)
