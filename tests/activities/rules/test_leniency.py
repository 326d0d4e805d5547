from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from activities.rules.cohort import Cohort, Quota, Side
from activities.rules.leniency import match_leniently
from activities.rules.matching import match
from tests.activities.rules.cohorts import cohorts, mentee, mentor
from tests.activities.rules.test_quotas import meets, quotas


def test_quota_that_nobody_can_meet_gives_way_and_is_told() -> None:
    nowhere, north = Quota("nowhere", at_least=1), Quota("north", at_least=1)
    cohort = Cohort(
        mentees=(mentee("m1", unit="south", wishes=frozenset({"y1"})), mentee("m2", unit="north")),
        mentors=(mentor(),),
        quotas=(nowhere, north),
    )
    found = match_leniently(cohort)
    assert found.missed == (nowhere,)
    assert [pair.mentee_ref for pair in found.matching.pairs] == ["m2"]
    assert found.cohort.quotas == (replace(nowhere, at_least=0), north)


def test_of_two_quotas_that_exclude_each_other_the_first_is_met() -> None:
    first, second = Quota("south", at_least=1), Quota("north", at_least=1)
    people = (mentee("m1", unit="south"), mentee("m2", unit="north"))
    for one, other, met in ((first, second, "m1"), (second, first, "m2")):
        found = match_leniently(Cohort(mentees=people, mentors=(mentor(),), quotas=(one, other)))
        assert found.missed == (other,)
        assert [pair.mentee_ref for pair in found.matching.pairs] == [met]


@settings(max_examples=60, deadline=None)
@given(cohorts(most=4), st.lists(quotas, min_size=1, max_size=3, unique_by=lambda one: (one.side, one.unit)))
def test_no_quota_at_most_is_ever_exceeded(cohort: Cohort, rules: list[Quota]) -> None:
    found = match_leniently(replace(cohort, quotas=tuple(rules)))
    chosen = tuple((pair.mentor_ref, pair.mentee_ref) for pair in found.matching.pairs if not pair.pinned)
    assert meets(replace(cohort, quotas=tuple(replace(rule, at_least=0) for rule in rules)), chosen)
    kept = tuple(rule for rule in rules if rule not in found.missed)
    assert meets(replace(cohort, quotas=kept), chosen)
    if not found.missed:
        assert found.matching == match(replace(cohort, quotas=tuple(rules)))


def test_mentors_have_quotas_too() -> None:
    quota = Quota("south", side=Side.MENTORS, at_least=2)
    cohort = Cohort(mentees=(mentee(),), mentors=(mentor(unit="south"),), quotas=(quota,))
    assert match_leniently(cohort).missed == (quota,)
