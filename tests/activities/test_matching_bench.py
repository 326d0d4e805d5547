"""The bench compares ways that score the same pairs alike."""

import pytest

from activities.rules.matching import free_part
from activities.rules.table import tabulate
from bench.alternatives import score_pair_by_pair
from bench.cohorts import company, of_own_hours


@pytest.mark.parametrize("scarce", [False, True])
def test_pair_by_pair_scores_are_the_tables(*, scarce: bool) -> None:
    cohort = free_part(of_own_hours(company(60, 50, scarce=scarce)))
    assert score_pair_by_pair(cohort) == tabulate(cohort).scores.astype(int).tolist()
