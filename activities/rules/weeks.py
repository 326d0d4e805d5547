"""Stretches of a UTC week: how many minutes two people have in common."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from activities.rules.cohort import Stretch

Week = tuple[Stretch, ...]
Minutes = npt.NDArray[np.int32]


def shared_minutes(week: Week, other: Week) -> int:
    """The minutes that two weeks have in common."""
    return sum(
        max(min(end, until) - max(start, since), 0)
        for start, end in _merged(week)
        for since, until in _merged(other)
    )


def common_minutes(weeks: Sequence[Week], others: Sequence[Week]) -> Minutes:
    """The minutes each of `weeks` (rows) has in common with each of `others` (columns).

    A stretch has in common with a week what that week has taken by the end of the stretch, less what it has
    taken by the start: a few additions for two weeks, however many different ones there are.
    """
    bounds = sorted({0} | {bound for week in (*weeks, *others) for stretch in week for bound in stretch})
    place = {bound: n for n, bound in enumerate(bounds)}
    found: Minutes = _ends(weeks, place) @ _taken(others, bounds, place)
    return found


def _ends(weeks: Sequence[Week], place: dict[int, int]) -> csr_array:
    """For each week 1 at the bounds where a stretch ends and -1 where one starts."""
    columns: list[int] = []
    rows = [0]
    for week in weeks:
        columns += [place[bound] for stretch in _merged(week) for bound in stretch]
        rows.append(len(columns))
    signs = np.tile(np.array([-1, 1], np.int32), len(columns) // 2)
    return csr_array((signs, columns, rows), shape=(len(weeks), len(place)), dtype=np.int32)


def _taken(weeks: Sequence[Week], bounds: Sequence[int], place: dict[int, int]) -> Minutes:
    """How many minutes of each week (columns) lie before each bound (rows)."""
    taken = np.zeros((len(bounds), len(weeks)), np.int32)
    for column, week in enumerate(weeks):
        for start, end in week:
            taken[place[start] + 1 : place[end] + 1, column] = 1
    taken[1:] *= np.array([end - start for start, end in pairwise(bounds)], np.int32)[:, None]
    np.cumsum(taken, axis=0, out=taken)
    return taken


def _merged(week: Week) -> list[Stretch]:
    """The same time in stretches that neither overlap nor touch."""
    merged: list[Stretch] = []
    for start, end in sorted(week):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged
