"""Stretches of a UTC week: how many minutes two people have in common."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from activities.rules.cohort import Stretch

Week = tuple[Stretch, ...]
Minutes = npt.NDArray[np.int32]


def common_minutes(weeks: Sequence[Week], others: Sequence[Week]) -> Minutes:
    """The minutes each of `weeks` (rows) has in common with each of `others` (columns).

    Between two neighbouring bounds nothing changes, so a week is a row of zeros and ones over such segments
    and the minutes are one matrix product; its sums stay below 2^24, where float32 counts exactly.
    """
    bounds = sorted({bound for week in (*weeks, *others) for stretch in week for bound in stretch})
    lengths = np.array([end - start for start, end in pairwise(bounds)], np.float32)
    mine, theirs = _segments(weeks, bounds), _segments(others, bounds)
    return ((mine * lengths) @ theirs.T).astype(np.int32)


def _segments(weeks: Sequence[Week], bounds: Sequence[int]) -> npt.NDArray[np.float32]:
    place = {bound: n for n, bound in enumerate(bounds)}
    covered = np.zeros((len(weeks), max(len(bounds) - 1, 0)), np.float32)
    for row, week in enumerate(weeks):
        for start, end in week:
            covered[row, place[start] : place[end]] = 1
    return covered
