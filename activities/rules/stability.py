"""Who would rather have each other than what the matching gave them."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from activities.rules.cohort import Cohort
from activities.rules.eligibility import places_left
from activities.rules.matching import Matching, free_part
from activities.rules.swaps import quota_swaps
from activities.rules.table import BARRED, Index, chunks, tabulate


@dataclass(frozen=True)
class Temptation:
    """A mentor and a mentee who fit each other better, by so many points, than those they have.

    Somebody without a partner, or with a place left, gains the score and one point for having anybody at all.
    """

    mentor_ref: str
    mentee_ref: str
    mentee_gain: int
    mentor_gain: int


def strongest_temptation(cohort: Cohort, matching: Matching) -> tuple[int, Temptation | None]:
    """How many pairs would break the matching up, and the one that would gain the most together.

    The best matching of all is not always stable: it gives somebody less so that others get more. Few and
    small temptations are a good sign; pinned pairs tempt nobody, and neither does what the quotas forbid: a
    pair which they would not allow even after each of the two has left somebody for the other. A mentor who
    has a mentee and a place left tempts only whoever gains more than the further mentee costs. Nothing is
    kept of the other pairs, so that it is for cohorts of any size.
    """
    free = free_part(cohort)
    count, best, cost = 0, None, _next_cost(free, matching)
    for rows, gains in _gains(free, matching):
        mine, theirs = gains
        together = np.where((mine > cost) & (theirs > 0), mine + theirs, 0)
        count += int((together > 0).sum())
        row, mentor = np.unravel_index(int(together.argmax()), together.shape)
        if together[row, mentor] > (best.mentee_gain + best.mentor_gain if best else 0):
            refs = free.mentors[mentor].ref, free.mentees[rows[row]].ref
            best = Temptation(*refs, int(mine[row, mentor]), int(theirs[row, mentor]))
    return count, best


def _next_cost(free: Cohort, matching: Matching) -> Index:
    """What one more mentee of each mentor would cost; nothing for a mentor without a place left."""
    has = Counter(pair.mentor_ref for pair in matching.pairs if not pair.pinned)
    has.update(mentor for mentor, _ in free.pinned)
    cost = free.weights.second_mentee
    left = (has[one.ref] < one.capacity for one in free.mentors)
    costs = [has[one.ref] * cost * more for one, more in zip(free.mentors, left, strict=True)]
    return np.array(costs, np.int64)


def _gains(free: Cohort, matching: Matching) -> Iterator[tuple[Index, tuple[Index, Index]]]:
    """Some mentees at a time, and what they and every mentor would gain by each other; 0 where barred."""
    scores = tabulate(free).scores
    has, gives = _at_stake(free, matching)
    allows = quota_swaps(free, matching)
    for rows in chunks(np.arange(len(free.mentees))) if len(free.mentors) else ():
        allowed = (scores[rows] > BARRED) & allows(rows)
        mine = np.where(allowed, scores[rows] - has[rows][:, None], 0)
        theirs = np.where(allowed, scores[rows] - gives[None, :], 0)
        yield rows, (mine, theirs)


def _at_stake(free: Cohort, matching: Matching) -> tuple[Index, Index]:
    """The score every mentee has, and the lowest score every mentor would give up for another mentee.

    A place left is worth less than any score, and so is no mentor; a mentor of pinned mentees only gives up
    nobody.
    """
    rows = {mentee.ref: row for row, mentee in enumerate(free.mentees)}
    columns = {mentor.ref: column for column, mentor in enumerate(free.mentors)}
    left = places_left(free)
    has, gives = np.full(len(rows), BARRED, np.int64), np.full(len(columns), np.iinfo(np.int16).max, np.int64)
    for pair in matching.pairs:
        if not pair.pinned:
            mentor = columns[pair.mentor_ref]
            has[rows[pair.mentee_ref]] = pair.score
            gives[mentor] = min(gives[mentor], pair.score)
            left[mentor] -= 1
    gives[left > 0] = BARRED
    return has, gives
