import numpy as np
import pytest
from hypothesis import given, settings

from activities.rules.cohort import Cohort, Mentee, Mentor, Weights
from activities.rules.scoring import Part, Scoring, parts
from tests.activities.rules.cohorts import cohorts, mentee, mentor

MORNING = ((480, 780),)


@settings(max_examples=150, deadline=None)
@given(cohorts())
def test_scores_agree_with_the_sums_of_parts(cohort: Cohort) -> None:
    expected = [
        [sum(parts(other, one, cohort.weights).values()) for one in cohort.mentors]
        for other in cohort.mentees
    ]
    assert Scoring(cohort).scores(slice(0, len(cohort.mentees))).tolist() == expected


@settings(max_examples=50, deadline=None)
@given(cohorts())
def test_scores_of_some_rows_are_those_of_all(cohort: Cohort) -> None:
    scoring = Scoring(cohort)
    everything = scoring.scores(slice(0, len(cohort.mentees)))
    for row in range(len(cohort.mentees)):
        assert np.array_equal(scoring.scores(slice(row, row + 1))[0], everything[row])


@settings(max_examples=50, deadline=None)
@given(cohorts())
def test_no_score_is_above_the_highest(cohort: Cohort) -> None:
    scoring = Scoring(cohort)
    scores = scoring.scores(slice(0, len(cohort.mentees)))
    assert int(scores.max(initial=0)) <= scoring.highest
    assert int(scores.min(initial=0)) == 0


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (mentor(strengths={"1.1": 3, "2.4": 4}), mentee(needs={"1.1": 70, "5.2": 30}), {Part.NEEDS: 210}),
        (mentor(), mentee(wishes=frozenset({"y1", "y2"})), {Part.MENTEE_WISH: 80}),
        (mentor(wishes=frozenset({"m1"})), mentee(), {Part.MENTOR_WISH: 80}),
        (mentor(wishes=frozenset({"m2"})), mentee(wishes=frozenset({"y2"})), {}),
        (
            mentor(interests=frozenset({"1.1", "2.4", "3.4"})),
            mentee(interests=frozenset({"2.4", "3.4", "5.2"})),
            {Part.INTERESTS: 20},
        ),
        (
            mentor(strengths={"1.1": 3}, interests=frozenset({"1.1", "2.4", "3.4"})),
            mentee(needs={"1.1": 50, "2.4": 50}, interests=frozenset({"1.1", "2.4", "3.4"})),
            {Part.NEEDS: 150, Part.INTERESTS: 20},
        ),
        (mentor(function="sales"), mentee(function="legal"), {Part.OTHER_FUNCTION: 30}),
        (mentor(function="sales"), mentee(function="sales"), {}),
        (mentor(function="sales"), mentee(), {}),
        (mentor(), mentee(function="sales"), {}),
        (mentor(site="lyon"), mentee(site="porto"), {Part.OTHER_SITE: 10}),
        (mentor(site="lyon"), mentee(), {}),
        (mentor(preferred=MORNING), mentee(preferred=((600, 900),)), {Part.PREFERRED_HOURS: 12}),
        (mentor(preferred=MORNING), mentee(preferred=((600, 779),)), {Part.PREFERRED_HOURS: 8}),
        (mentor(preferred=((0, 660),)), mentee(preferred=((0, 660),)), {Part.PREFERRED_HOURS: 40}),
    ],
)
def test_parts_are_those_that_have_points(one: Mentor, other: Mentee, expected: dict[Part, int]) -> None:
    assert parts(other, one, Weights()) == expected
    assert Scoring(Cohort(mentees=(other,), mentors=(one,))).scores(slice(0, 1)).item() == sum(
        expected.values()
    )


def test_parts_follow_the_weights() -> None:
    one = mentor(
        strengths={"1.1": 4},
        wishes=frozenset({"m1"}),
        interests=frozenset({"2.4"}),
        function="a",
        site="b",
        preferred=MORNING,
    )
    other = mentee(
        needs={"1.1": 100},
        wishes=frozenset({"y1"}),
        interests=frozenset({"2.4"}),
        function="c",
        site="d",
        preferred=MORNING,
    )
    weights = Weights(
        need=2,
        mentee_wish=3,
        mentor_wish=5,
        interest=7,
        other_function=11,
        other_site=13,
        preferred_hour=17,
        preferred_hours_max=4,
    )
    assert list(parts(other, one, weights).values()) == [800, 3, 5, 7, 11, 13, 68]
    cohort = Cohort(mentees=(other,), mentors=(one,), weights=weights)
    assert Scoring(cohort).scores(slice(0, 1)).item() == Scoring(cohort).highest == 907


def test_scoring_refuses_weights_beyond_sixteen_bits() -> None:
    cohort = Cohort(mentees=(mentee(),), mentors=(mentor(),), weights=Weights(mentee_wish=32_767 - 400 - 160))
    assert Scoring(cohort).highest == 32_767
    too_high = Cohort(
        mentees=(mentee(),), mentors=(mentor(),), weights=Weights(mentee_wish=32_767 - 400 - 159)
    )
    with pytest.raises(ValueError, match="scores up to 32768 are too high; lower the weights"):
        Scoring(too_high)
