from dataclasses import replace
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.rules.cohort import Cohort, Mentee, Mentor, Quota, Side, Weights
from activities.rules.leniency import match_leniently
from activities.rules.matching import Matching, Pair, free_part, match
from activities.rules.scoring import parts
from activities.rules.stability import Temptation, strongest_temptation
from tests.activities.rules.cohorts import cohorts, fits, mentee, mentor
from tests.activities.rules.test_quotas import meets, quotas


def tempted(cohort: Cohort, matching: Matching) -> set[Temptation]:
    """The temptations, pair by pair."""
    pairs = [pair for pair in matching.pairs if not pair.pinned]
    found = set()
    for other in free_part(cohort).mentees:
        has = max((pair.score for pair in pairs if pair.mentee_ref == other.ref), default=-1)
        for one in cohort.mentors:
            mine = [pair.score for pair in pairs if pair.mentor_ref == one.ref]
            left = max(one.capacity - sum(ref == one.ref for ref, _ in cohort.pinned), 0)
            if not left or not fits(cohort, one, other):
                continue
            gives = -1 if len(mine) < left else min(mine)
            score = sum(parts(other, one, cohort.weights).values())
            if score > has and score > gives and within_quotas_after(cohort, pairs, one, other):
                found.add(Temptation(one.ref, other.ref, score - has, score - gives))
    return found


def within_quotas_after(cohort: Cohort, pairs: list[Pair], one: Mentor, other: Mentee) -> bool:
    """Whether the quotas allow the pairs once these two have left whom they have for each other."""
    before = {pair.mentee_ref: pair.mentor_ref for pair in pairs if pair.mentee_ref != other.ref}
    mine = sorted((pair.score, pair.mentee_ref) for pair in pairs if pair.mentor_ref == one.ref)
    if len(mine) + sum(ref == one.ref for ref, _ in cohort.pinned) >= one.capacity:
        del before[mine[0][1]]
    after = before | {other.ref: one.ref}
    return meets(cohort, tuple((mentor_ref, mentee_ref) for mentee_ref, mentor_ref in after.items()))


some_quotas = st.just(()) | st.lists(quotas, min_size=1, max_size=2).map(tuple)


@settings(max_examples=250, deadline=None)
@given(cohorts(), some_quotas)
def test_strongest_is_that_of_looking_at_every_pair(cohort: Cohort, rules: tuple[Quota, ...]) -> None:
    cohort = match_leniently(replace(cohort, quotas=rules)).cohort
    for matching in (match(cohort), Matching((), tuple(one.ref for one in cohort.mentees))):
        found = tempted(cohort, matching)
        real = {one for one in found if one.mentee_gain > cost_of_one_more(cohort, matching, one.mentor_ref)}
        count, best = strongest_temptation(cohort, matching)
        assert count == len(real)
        assert (best in real) == bool(real)
        assert (best.mentee_gain + best.mentor_gain if best else 0) == max(
            (one.mentee_gain + one.mentor_gain for one in real), default=0
        )


def cost_of_one_more(cohort: Cohort, matching: Matching, mentor_ref: str) -> int:
    """What a further mentee would cost the total, where the mentor has a place left."""
    has = [pair.mentor_ref for pair in matching.pairs if not pair.pinned].count(mentor_ref)
    has += sum(ref == mentor_ref for ref, _ in cohort.pinned)
    capacity = next(one.capacity for one in cohort.mentors if one.ref == mentor_ref)
    return has * cohort.weights.second_mentee if has < capacity else 0


@settings(max_examples=150, deadline=None)
@given(cohorts(), some_quotas)
def test_no_mentor_with_a_place_left_is_tempted_by_the_best_matching(
    cohort: Cohort, rules: tuple[Quota, ...]
) -> None:
    found = match_leniently(replace(cohort, quotas=rules))
    cohort, matching = found.cohort, found.matching
    _, best = strongest_temptation(cohort, matching)
    if best is not None:
        has = sum(pair.mentor_ref == best.mentor_ref for pair in matching.pairs)
        assert has >= next(one.capacity for one in cohort.mentors if one.ref == best.mentor_ref)


def test_nobody_is_tempted_by_what_only_a_quota_forbids() -> None:
    people = (
        mentee("a", unit="finance", needs={"1.1": 100}),
        mentee("b", unit="finance", needs={"1.1": 100}),
    )
    mentors = (mentor("x", strengths={"1.1": 4}, unit="lab"), mentor("y", strengths={"1.1": 2}, unit="lab"))
    for quota in (Quota("finance", at_most=1), Quota("lab", Side.MENTORS, at_most=1)):
        cohort = Cohort(mentees=people, mentors=mentors, quotas=(quota,))
        matching = match(cohort)
        assert (len(matching.pairs), matching.points) == (1, 400)
        assert strongest_temptation(cohort, matching) == (0, None)


def test_nobody_is_tempted_to_leave_a_quota_short() -> None:
    wished = mentee("m2", unit="south", needs={"1.1": 100})
    cohort = Cohort(
        mentees=(mentee("m1", unit="north", needs={"1.1": 90, "2.4": 10}), wished),
        mentors=(mentor(strengths={"1.1": 4}),),
        quotas=(Quota("north", at_least=1),),
    )
    matching = match(cohort)
    assert [pair.mentee_ref for pair in matching.pairs] == ["m1"]
    assert strongest_temptation(cohort, matching) == (0, None)
    free = replace(cohort, quotas=())
    assert strongest_temptation(free, matching) == (1, Temptation("y1", "m2", 401, 40))


def test_finds_two_who_would_rather_have_each_other() -> None:
    mentees = (mentee("m1", needs={"1.1": 100}), mentee("m2", needs={"1.1": 60, "2.4": 40}))
    mentors = (mentor("y1", strengths={"1.1": 4, "2.4": 1}), mentor("y2", strengths={"1.1": 1}))
    cohort = Cohort(mentees=mentees, mentors=mentors)
    assert strongest_temptation(cohort, match(cohort)) == (0, None)
    crossed = Matching((Pair("y2", "m1", 100), Pair("y1", "m2", 280)), ())
    assert strongest_temptation(cohort, crossed) == (1, Temptation("y1", "m1", 300, 120))


def test_counts_a_gain_of_one_point_and_none_of_nothing() -> None:
    first = mentee("m1", needs={"1.1": 1, "2.4": 99})
    second = mentee("m2", needs={"1.1": 1, "2.4": 98, "3.4": 1})
    mentors = (mentor("y1", strengths={"1.1": 2, "3.4": 1}), mentor("y2", strengths={"1.1": 2}))
    cohort = Cohort(mentees=(first, second), mentors=mentors)
    matching = Matching((Pair("y1", "m1", 2), Pair("y2", "m2", 2)), ())
    assert strongest_temptation(cohort, matching) == (1, Temptation("y1", "m2", 1, 1))
    assert strongest_temptation(cohort, match(cohort)) == (0, None)


def test_knows_how_many_places_a_mentor_has_left() -> None:
    cohort = Cohort(mentees=(mentee("m1"), mentee("m2"), mentee("m3")), mentors=(mentor(capacity=3),))
    matching = Matching((Pair("y1", "m1", 0), Pair("y1", "m2", 0)), ("m3",))
    assert strongest_temptation(cohort, matching) == (0, None)
    free = replace(cohort, weights=Weights(second_mentee=0))
    assert strongest_temptation(free, matching) == (1, Temptation("y1", "m3", 1, 1))
    full = replace(free, mentors=(mentor(capacity=2),))
    assert strongest_temptation(full, matching) == (0, None)


def test_portions_of_any_size_find_the_same_temptations() -> None:
    people = tuple(mentee(f"m{n}", needs={"1.1": 10 * n, "2.4": 100 - 10 * n}) for n in range(9))
    mentors = tuple(mentor(f"y{n}", strengths={"1.1": 1 + n % 4, "2.4": 4 - n % 3}) for n in range(9))
    cohort = Cohort(mentees=people, mentors=mentors, quotas=(Quota("", at_most=9),))
    crossed = tuple(
        Pair(one.ref, other.ref, sum(parts(other, one, cohort.weights).values()))
        for one, other in zip(mentors, people, strict=True)
    )
    strongest = strongest_temptation(cohort, Matching(crossed, ()))
    assert strongest[0] > 4
    with patch("activities.rules.table._ROWS", 2):
        assert strongest_temptation(cohort, Matching(crossed, ())) == strongest
