"""Which mentor and mentee the quotas would let have each other instead of whom they have."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from activities.rules.cohort import Candidate, Cohort, Quota, Side
from activities.rules.eligibility import places_left
from activities.rules.matching import Matching
from activities.rules.reporting_lines import Mask
from activities.rules.table import Index

_Shift = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]


def quota_swaps(free: Cohort, matching: Matching) -> Callable[[Index], Mask]:
    """For some mentees, with which mentors a swap would keep within all quotas.

    The mentee leaves their mentor. A mentor without a place left leaves the mentee of the lowest score, of
    equals the first by ref.
    """
    limits = [(quota, *_shift(free, matching, quota)) for quota in free.quotas]
    counts = [_count(free, matching, quota) for quota in free.quotas]

    def allows(rows: Index) -> Mask:
        allowed = np.ones((len(rows), len(free.mentors)), np.bool_)
        for (quota, mine, theirs), count in zip(limits, counts, strict=True):
            after = count + mine[rows][:, None] + theirs[None, :]
            allowed &= after >= quota.at_least
            if quota.at_most is not None:
                allowed &= after <= quota.at_most
        return allowed

    return allows


def _count(free: Cohort, matching: Matching, quota: Quota) -> int:
    """How many of the pairs a quota counts."""
    inside = _inside(free, quota)
    pairs = (pair for pair in matching.pairs if not pair.pinned)
    return sum(
        (pair.mentee_ref if quota.side is Side.MENTEES else pair.mentor_ref) in inside for pair in pairs
    )


def _shift(free: Cohort, matching: Matching, quota: Quota) -> _Shift:
    """What each mentee and what each mentor would change of a quota's count by a swap."""
    inside = _inside(free, quota)
    mentor_of, left_alone = _partners(free, matching)
    if quota.side is Side.MENTEES:
        mine = [int(one.ref in inside and one.ref not in mentor_of) for one in free.mentees]
        theirs = [-int(left_alone.get(one.ref) in inside) for one in free.mentors]
    else:
        mine = [-int(mentor_of.get(one.ref) in inside) for one in free.mentees]
        theirs = [int(one.ref in inside and one.ref not in left_alone) for one in free.mentors]
    return np.array(mine, np.int64), np.array(theirs, np.int64)


def _partners(free: Cohort, matching: Matching) -> tuple[dict[str, str], dict[str, str]]:
    """Whom each mentee has, and whom each mentor without a place left would leave."""
    has = defaultdict(list)
    for pair in matching.pairs:
        if not pair.pinned:
            has[pair.mentor_ref].append((pair.score, pair.mentee_ref))
    left = zip(free.mentors, places_left(free), strict=True)
    full = {one.ref for one, places in left if len(has[one.ref]) >= places}
    mentor_of = {mentee: mentor for mentor, mentees in has.items() for _, mentee in mentees}
    return mentor_of, {mentor: min(has[mentor])[1] for mentor in full if has[mentor]}


def _inside(free: Cohort, quota: Quota) -> frozenset[str]:
    people: Sequence[Candidate] = free.mentees if quota.side is Side.MENTEES else free.mentors
    return frozenset(one.ref for one in people if one.unit == quota.unit)
