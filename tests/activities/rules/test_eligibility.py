from dataclasses import replace

import pytest
from hypothesis import given, settings

from activities.rules.cohort import Cohort, Mentee, Mentor, Rules
from activities.rules.eligibility import Eligibility, Rule, places_left
from tests.activities.rules.cohorts import WORKING, cohorts, fits, mentee, mentor


def broken(cohort: Cohort) -> set[Rule]:
    """The rules that the only mentor breaks with the only mentee."""
    return {rule for rule, mask in Eligibility(cohort).broken(0).items() if mask.all()}


def pair(one: Mentor, other: Mentee, **facts: object) -> Cohort:
    return Cohort(mentees=(other,), mentors=(one,), **facts)  # type: ignore[arg-type]


@settings(max_examples=150, deadline=None)
@given(cohorts())
def test_allowed_agrees_with_the_rules_in_plain_words(cohort: Cohort) -> None:
    places = places_left(cohort)
    expected = [
        [fits(cohort, one, other) and bool(left) for one, left in zip(cohort.mentors, places, strict=True)]
        for other in cohort.mentees
    ]
    assert Eligibility(cohort).allowed(slice(0, len(cohort.mentees))).tolist() == expected


@settings(max_examples=150, deadline=None)
@given(cohorts())
def test_allowed_is_what_breaks_no_rule(cohort: Cohort) -> None:
    eligibility = Eligibility(cohort)
    for row in range(len(cohort.mentees)):
        failing = [any(masks) for masks in zip(*eligibility.broken(row).values(), strict=True)]
        assert [not fails for fails in failing] == eligibility.allowed(slice(row, row + 1))[0].tolist()


def test_broken_tells_nothing_of_two_who_fit() -> None:
    assert broken(pair(mentor(), mentee())) == set()


def test_broken_looks_at_rules_in_the_order_of_their_names() -> None:
    assert list(Eligibility(pair(mentor(), mentee())).broken(0)) == list(Rule)


@pytest.mark.parametrize(
    ("cohort", "rule"),
    [
        (pair(mentor(), mentee(), forbidden=frozenset({("y1", "m1")})), Rule.PAST_OR_DECLINED),
        (pair(mentor(), mentee(), conflicts=frozenset({("y1", "m1")})), Rule.CONFLICT),
        (pair(mentor(admitted=False), mentee()), Rule.ADMITTED),
        (pair(mentor(capacity=0), mentee()), Rule.PLACE),
        (pair(mentor(), mentee(), pinned=frozenset({("y1", "m9")})), Rule.PLACE),
        (pair(mentor(stays=False), mentee()), Rule.STAYS),
        (pair(mentor(), mentee(stays=False)), Rule.STAYS),
        (pair(mentor(), mentee(), managers={"y1": "b1", "b1": "b2", "b2": "m1"}), Rule.REPORTING_LINE),
        (pair(mentor(), mentee(), managers={"m1": "b1", "b1": "b2", "b2": "y1"}), Rule.REPORTING_LINE),
        (pair(mentor("x"), mentee("x")), Rule.REPORTING_LINE),
        (pair(mentor(), mentee(), managers={"y1": "b1", "m1": "b1"}), Rule.COMMON_MANAGER),
        (pair(mentor(), mentee(), managers={"y1": "b1", "b1": "b2", "m1": "b2"}), Rule.COMMON_MANAGER),
        (pair(mentor(level=5), mentee(level=6)), Rule.LEVEL_GAP),
        (pair(mentor(level=8), mentee(level=6)), Rule.LEVEL_GAP),
        (pair(mentor(languages=frozenset({"fr"})), mentee()), Rule.LANGUAGE),
        (pair(mentor(working=((480, 720),)), mentee(working=((541, 720),))), Rule.COMMON_HOURS),
        (pair(mentor(working=WORKING[0]), mentee()), Rule.COMMON_HOURS),
    ],
)
def test_broken_names_the_one_rule_that_fails(cohort: Cohort, rule: Rule) -> None:
    assert broken(cohort) == {rule}


@pytest.mark.parametrize(
    "cohort",
    [
        pair(mentor(), mentee(), forbidden=frozenset({("y1", "m2"), ("y2", "m1"), ("m1", "y1")})),
        pair(mentor(capacity=2), mentee(), pinned=frozenset({("y1", "m9")})),
        pair(mentor(), mentee(), managers={"y1": "b1", "b1": "b2", "b2": "b3", "m1": "b3"}),
        pair(mentor(), mentee(), managers={"y1": None, "m1": None}),
        pair(mentor(level=4), mentee(level=6)),
        pair(mentor(working=((480, 720),)), mentee(working=((540, 720),))),
    ],
)
def test_broken_is_nothing_just_within_the_rules(cohort: Cohort) -> None:
    assert broken(cohort) == set()


def test_rules_can_be_set() -> None:
    cohort = pair(
        mentor(level=5, working=((480, 540),)),
        mentee(working=((480, 600),)),
        managers={"y1": "b1", "b1": "b2", "m1": "b2"},
    )
    assert broken(cohort) == {Rule.LEVEL_GAP, Rule.COMMON_HOURS, Rule.COMMON_MANAGER}
    lenient = Rules(min_level_gap=1, min_common_minutes=60, manager_hops=1)
    assert broken(replace(cohort, rules=lenient)) == set()
    assert broken(replace(cohort, rules=replace(lenient, min_common_minutes=61))) == {Rule.COMMON_HOURS}


def test_common_minutes_are_told_for_every_mentor() -> None:
    cohort = Cohort(
        mentees=(mentee("m1"), mentee("m2", working=((480, 600),))),
        mentors=(mentor("y1"), mentor("y2", working=((590, 700),))),
    )
    assert Eligibility(cohort).common_minutes(1).tolist() == [120, 10]


def test_places_left_never_fall_below_none() -> None:
    cohort = Cohort(
        mentees=(),
        mentors=(mentor("y1"), mentor("y2", capacity=3), mentor("y3", capacity=2)),
        pinned=frozenset({("y1", "m1"), ("y1", "m2"), ("y2", "m3")}),
    )
    assert places_left(cohort).tolist() == [0, 2, 2]
    assert Eligibility(cohort).places.tolist() == [0, 2, 2]
