from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activities.rules.cohort import Cohort, PairRefs, Quota, Side
from activities.rules.edges import Edges
from activities.rules.leniency import match_leniently
from activities.rules.matching import match
from activities.rules.quotas import QuotaError
from activities.rules.table import BARRED, Table
from bench.cohorts import company
from tests.activities.rules.cohorts import Worth, choices, cohorts, mentee, mentor, shuffled

quotas = st.builds(
    Quota,
    unit=st.sampled_from(("north", "south")),
    side=st.sampled_from(Side),
    at_most=st.none() | st.integers(0, 2),
    at_least=st.integers(0, 1),
)


def meets(cohort: Cohort, chosen: tuple[PairRefs, ...]) -> bool:
    """Whether a choice keeps within all quotas."""
    unit = {one.ref: one.unit for one in (*cohort.mentors, *cohort.mentees)}
    for quota in cohort.quotas:
        count = sum(unit[pair[quota.side is Side.MENTEES]] == quota.unit for pair in chosen)
        if count < quota.at_least or (quota.at_most is not None and count > quota.at_most):
            return False
    return True


@settings(max_examples=80, deadline=None)
@given(cohorts(most=4), st.lists(quotas, min_size=1, max_size=2).map(tuple), st.integers(0, 3))
def test_match_within_quotas_is_the_best_choice_that_meets_them(
    cohort: Cohort, rules: tuple[Quota, ...], key: int
) -> None:
    bound = replace(cohort, quotas=rules)
    possible = [Worth(cohort)(chosen) for chosen in choices(cohort) if meets(bound, chosen)]
    if not possible:
        with pytest.raises(QuotaError, match="the quotas cannot"):
            match(bound)
        return
    matching = match(bound)
    found = tuple((pair.mentor_ref, pair.mentee_ref) for pair in matching.pairs if not pair.pinned)
    assert meets(bound, found)
    assert Worth(cohort)(found) == max(possible)
    assert (len(found), matching.points) == max(possible)
    assert match(shuffled(bound, key)) == matching
    assert matching.certificate is None


def first_of_each(table: Table) -> Edges:
    """For each mentee the first place they may have, a poor choice of likely edges."""
    mentees, places = np.nonzero(table.scores[:, table.mentor_of] > BARRED)
    mentees, first = np.unique(mentees, return_index=True)
    return Edges(mentees, places[first])


@settings(max_examples=80, deadline=None)
@given(cohorts(), st.lists(quotas, min_size=1, max_size=2).map(tuple))
def test_quotas_are_met_as_well_where_the_likely_edges_are_the_wrong_ones(
    cohort: Cohort, rules: tuple[Quota, ...]
) -> None:
    bound = replace(cohort, quotas=rules)
    usual = match_leniently(bound)
    with patch("activities.rules.quotas.likely_edges", first_of_each):
        assert match_leniently(bound) == usual


def test_large_matchings_within_quotas_are_those_of_all_edges_at_once() -> None:
    cohort = company(90, 90)
    units = sorted({one.unit for one in cohort.mentees})
    rules = (*(Quota(unit, at_most=3) for unit in units), Quota(units[0], Side.MENTORS, at_least=2))
    bound = replace(cohort, quotas=rules)
    with patch("activities.rules.quotas.likely_edges", first_of_each):
        poor = match(bound)
    with patch("activities.rules.quotas.likely_edges", every_edge):
        assert match(bound) == poor


def every_edge(table: Table) -> Edges:
    """All edges that are allowed."""
    return Edges(*np.nonzero(table.scores[:, table.mentor_of] > BARRED))


@settings(max_examples=50, deadline=None)
@given(cohorts(most=4))
def test_match_within_a_quota_that_binds_nobody_is_as_good_as_without(cohort: Cohort) -> None:
    bound = match(replace(cohort, quotas=(Quota("north", at_most=99),)))
    free = match(cohort)
    assert (len(bound.pairs), bound.points) == (len(free.pairs), free.points)


def test_quotas_choose_between_equal_pairs_by_the_same_refs_every_time() -> None:
    people = tuple(mentee(f"m{n}", unit="north") for n in range(5))
    cohort = Cohort(
        mentees=people, mentors=tuple(mentor(f"y{n}") for n in range(5)), quotas=(Quota("north", at_most=2),)
    )
    matching = match(cohort)
    assert len(matching.pairs) == 2
    assert all(match(shuffled(cohort, key)) == matching for key in range(5))


def test_quotas_keep_most_mentees_first_then_points_then_the_load() -> None:
    german = frozenset({"de"})
    strong = mentor("y1", strengths={"1.1": 4}, languages=frozenset({"en", "de"}))
    wish = mentee("m1", needs={"1.1": 100}, wishes=frozenset({"y1"}), unit="north")
    both = Cohort(
        mentees=(wish, mentee("m2", languages=german)),
        mentors=(strong, mentor("y2")),
        quotas=(Quota("north", at_least=1),),
    )
    assert [(pair.mentor_ref, pair.mentee_ref) for pair in match(both).pairs] == [("y2", "m1"), ("y1", "m2")]
    for wishes in (frozenset({"y1"}), frozenset({"y2"})):
        one = replace(both, mentees=(replace(wish, needs={}, wishes=wishes),))
        assert {pair.mentor_ref for pair in match(one).pairs} == wishes
    busy = Cohort(
        mentees=(mentee("m1"), mentee("m2")),
        mentors=(mentor("y1", capacity=2), mentor("y2")),
        quotas=(Quota("south", at_most=1),),
    )
    assert (len({pair.mentor_ref for pair in match(busy).pairs}), match(busy).load) == (2, 0)


def test_quotas_that_nobody_can_meet_are_refused() -> None:
    cohort = Cohort(mentees=(mentee(),), mentors=(mentor(),), quotas=(Quota("north", at_least=1),))
    with pytest.raises(
        QuotaError, match=r"^the quotas cannot all be met; lower `at_least` or raise `at_most`$"
    ):
        match(cohort)
    barred = replace(cohort, mentors=(mentor(level=6),))
    with pytest.raises(QuotaError, match=r"^the quotas cannot be met: no pair is allowed$"):
        match(barred)
    assert match(replace(barred, quotas=(Quota("north", at_most=1),))).unmatched == ("m1",)
