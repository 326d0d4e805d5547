"""Who would rather have each other than what the matching gave them."""

from dataclasses import dataclass

import numpy as np

from activities.rules.cohort import Cohort
from activities.rules.eligibility import places_left
from activities.rules.matching import Matching, free_part
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


def audit_stability(cohort: Cohort, matching: Matching) -> tuple[Temptation, ...]:
    """All pairs that would break the matching up, the greatest common gain first.

    The best matching of all is not always stable: it gives somebody less so that others get more. Few and
    small temptations are a good sign; pinned pairs tempt nobody.
    """
    free = free_part(cohort)
    scores = tabulate(free).scores
    has, gives = _at_stake(free, matching)
    found = []
    for rows in chunks(np.arange(len(free.mentees))):
        gain = scores[rows] - has[rows][:, None]
        mentor_gain = scores[rows] - gives[None, :]
        tempted = (scores[rows] > BARRED) & (gain > 0) & (mentor_gain > 0)
        for row, mentor in np.argwhere(tempted):
            mentee_gain, other_gain = int(gain[row, mentor]), int(mentor_gain[row, mentor])
            found.append(
                Temptation(free.mentors[mentor].ref, free.mentees[rows[row]].ref, mentee_gain, other_gain)
            )
    found.sort(key=lambda one: (-one.mentee_gain - one.mentor_gain, one.mentee_ref, one.mentor_ref))
    return tuple(found)


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
