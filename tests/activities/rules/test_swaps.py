import numpy as np

from activities.rules.cohort import Cohort, Mentee, Mentor, Quota, Side
from activities.rules.matching import Matching, Pair
from activities.rules.swaps import quota_swaps
from tests.activities.rules.cohorts import mentee, mentor

NORTH, SOUTH = mentee("mn", unit="north"), mentee("ms", unit="south")
OTHER_NORTH, OTHER_SOUTH = mentee("on", unit="north"), mentee("os", unit="south")
LAB, SHOP = mentor("yl", unit="lab"), mentor("ys", unit="shop")


def pair(one: Mentor, other: Mentee, score: int = 0) -> Pair:
    return Pair(one.ref, other.ref, score)


def swaps(mentees: tuple[Mentee, ...], mentors: tuple[Mentor, ...], quota: Quota, *pairs: Pair) -> set[str]:
    """The swaps that keep within a quota, as `mentee-mentor`."""
    cohort = Cohort(mentees=mentees, mentors=mentors, quotas=(quota,))
    allows = quota_swaps(cohort, Matching(pairs, ()))
    mask = allows(np.arange(len(mentees)))
    assert mask.shape == (len(mentees), len(mentors))
    return {f"{mentees[row].ref}-{mentors[column].ref}" for row, column in np.argwhere(mask)}


def test_without_quotas_every_swap_is_allowed() -> None:
    allows = quota_swaps(Cohort(mentees=(NORTH, SOUTH), mentors=(LAB,)), Matching((), ()))
    assert allows(np.array([1, 0])).tolist() == [[True], [True]]


def test_swaps_are_told_for_the_mentees_asked_about_in_that_order() -> None:
    cohort = Cohort(mentees=(NORTH, SOUTH), mentors=(LAB,), quotas=(Quota("north", at_most=0),))
    allows = quota_swaps(cohort, Matching((), ()))
    assert allows(np.array([1, 0])).tolist() == [[True], [False]]
    assert allows(np.array([0])).tolist() == [[False]]


def test_every_quota_must_be_kept() -> None:
    quotas = (Quota("north", at_most=0), Quota("shop", Side.MENTORS, at_most=0), Quota("south"))
    cohort = Cohort(mentees=(NORTH, SOUTH), mentors=(LAB, SHOP), quotas=quotas)
    assert quota_swaps(cohort, Matching((), ()))(np.arange(2)).tolist() == [[False, False], [True, False]]


def test_a_mentee_without_mentor_adds_to_their_unit_and_one_who_has_a_mentor_does_not() -> None:
    both = (NORTH, OTHER_NORTH, SOUTH)
    full = swaps(both, (LAB, SHOP), Quota("north", at_most=1), pair(LAB, NORTH))
    assert full == {"mn-yl", "mn-ys", "on-yl", "ms-yl", "ms-ys"}


def test_a_mentor_without_a_place_left_takes_from_the_unit_of_the_mentee_left_alone() -> None:
    short = swaps((NORTH, OTHER_NORTH, SOUTH), (LAB, SHOP), Quota("north", at_least=1), pair(LAB, NORTH))
    assert short == {"mn-ys", "on-yl", "on-ys", "ms-ys"}


def test_a_mentor_with_a_place_left_leaves_nobody_alone() -> None:
    roomy = mentor("yl", unit="lab", capacity=2)
    north = Quota("north", at_least=1, at_most=1)
    assert swaps((NORTH, OTHER_NORTH, SOUTH), (roomy,), north, pair(roomy, NORTH)) == {"mn-yl", "ms-yl"}


def test_the_mentee_of_the_lowest_score_is_left_alone_and_of_equals_the_first_by_ref() -> None:
    busy = mentor("yl", unit="lab", capacity=2)
    people, quota = (NORTH, SOUTH, OTHER_SOUTH), Quota("north", at_least=1)
    south_is_left = (pair(busy, NORTH, 7), pair(busy, SOUTH, 6))
    north_is_left = (pair(busy, NORTH, 6), pair(busy, SOUTH, 7))
    equals = (pair(busy, SOUTH, 7), pair(busy, NORTH, 7))
    assert "os-yl" in swaps(people, (busy,), quota, *south_is_left)
    assert "os-yl" not in swaps(people, (busy,), quota, *north_is_left)
    assert "os-yl" not in swaps(people, (busy,), quota, *equals)


def test_a_new_mentor_adds_to_their_unit_and_one_who_has_a_mentee_already_does_not() -> None:
    quota = Quota("lab", Side.MENTORS, at_most=1)
    other = mentor("yo", unit="lab")
    found = swaps((NORTH, SOUTH), (LAB, other, SHOP), quota, pair(LAB, NORTH))
    assert found == {"mn-yl", "mn-yo", "mn-ys", "ms-yl", "ms-ys"}
    roomy = mentor("yl", unit="lab", capacity=2)
    assert swaps((NORTH, SOUTH), (roomy, SHOP), quota, pair(roomy, NORTH)) == {"mn-yl", "mn-ys", "ms-ys"}


def test_a_mentee_who_leaves_a_mentor_takes_from_the_mentors_unit() -> None:
    quota = Quota("lab", Side.MENTORS, at_least=1)
    assert swaps((NORTH, SOUTH), (LAB, SHOP), quota, pair(LAB, NORTH)) == {"ms-yl", "ms-ys"}


def test_pinned_pairs_count_for_no_quota_and_nobody_leaves_them() -> None:
    pinned = Pair("yl", "mp", 0, pinned=True)
    both = mentor("yl", unit="lab", capacity=2)
    cohort = Cohort(
        mentees=(NORTH, SOUTH),
        mentors=(both,),
        quotas=(Quota("lab", Side.MENTORS, at_most=1),),
        pinned=frozenset({("yl", "mp")}),
    )
    alone = quota_swaps(cohort, Matching((pinned,), ()))
    assert alone(np.arange(2)).tolist() == [[True], [True]]
    taken = quota_swaps(cohort, Matching((pinned, pair(both, NORTH)), ()))
    assert taken(np.arange(2)).tolist() == [[True], [True]]
