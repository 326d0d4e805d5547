"""The best pairs where quotas ask for more than can be had."""

from contextlib import suppress
from dataclasses import dataclass, replace

from activities.rules.cohort import Cohort, Quota
from activities.rules.matching import Matching, match
from activities.rules.quotas import QuotaError


@dataclass(frozen=True)
class Lenient:
    """A matching of the cohort under the quotas that can be met, and those whose `at_least` cannot."""

    cohort: Cohort
    matching: Matching
    missed: tuple[Quota, ...] = ()


def match_leniently(cohort: Cohort) -> Lenient:
    """The best matching under as many quotas as can be met together, those named first before the others.

    Only `at_least` gives way: no `at_most` is ever exceeded.
    """
    with suppress(QuotaError):
        return Lenient(cohort, match(cohort))
    quotas = [replace(quota, at_least=0) for quota in cohort.quotas]
    missed: list[Quota] = []
    best = match(replace(cohort, quotas=tuple(quotas)))
    for number, quota in enumerate(cohort.quotas):
        if not quota.at_least:
            continue
        stricter = (*quotas[:number], quota, *quotas[number + 1 :])
        try:
            best = match(replace(cohort, quotas=stricter))
        except QuotaError:
            missed.append(quota)
        else:
            quotas[number] = quota
    return Lenient(replace(cohort, quotas=tuple(quotas)), best, tuple(missed))
