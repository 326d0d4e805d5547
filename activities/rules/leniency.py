"""The best pairs where quotas ask for more than can be had."""

from contextlib import suppress
from dataclasses import dataclass, replace

from activities.rules.cohort import Cohort, Quota
from activities.rules.matching import Matching, free_part, match
from activities.rules.patience import Patience
from activities.rules.quotas import QuotaError, can_meet_quotas
from activities.rules.table import tabulate


@dataclass(frozen=True)
class Lenient:
    """A matching of the cohort under the quotas that can be met, and those whose `at_least` cannot."""

    cohort: Cohort
    matching: Matching
    missed: tuple[Quota, ...] = ()


def match_leniently(cohort: Cohort, patience: Patience | None = None) -> Lenient:
    """The best matching under as many quotas as can be met together, those named first before the others.

    Only `at_least` gives way: no `at_most` is ever exceeded. Raises TooLongError of the patience.
    """
    patience = patience or Patience()
    with suppress(QuotaError):
        return Lenient(cohort, match(cohort, patience=patience))
    free = free_part(cohort)
    table = tabulate(free)
    quotas = [replace(quota, at_least=0) for quota in cohort.quotas]
    missed: list[Quota] = []
    for number, quota in enumerate(cohort.quotas):
        if not quota.at_least:
            continue
        stricter = (*quotas[:number], quota, *quotas[number + 1 :])
        if can_meet_quotas(replace(free, quotas=stricter), table, patience):
            quotas[number] = quota
        else:
            missed.append(quota)
    met = replace(cohort, quotas=tuple(quotas))
    return Lenient(met, match(met, patience=patience), tuple(missed))
