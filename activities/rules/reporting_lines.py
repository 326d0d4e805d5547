"""Reporting lines: who is above whom, at any depth, and which managers two people share."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Positions = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]


class ReportingLines:
    """The tree of managers, laid out so that everybody below a person is one range of an Euler tour.

    People who manage each other in a circle, which HR data does contain, count as above one another and share
    one range. Whoever manages nobody and is managed by nobody stands alone.
    """

    def __init__(self, managers: Mapping[str, str | None]) -> None:
        self._managers = {ref: manager for ref, manager in managers.items() if manager and manager != ref}
        self._ranges = _tour(self._managers)

    def related(self, one: str, other: str) -> bool:
        """Whether one of the two is above the other, at any depth, or both are the same person."""
        first, last = self.ranges([one, other])
        return bool(overlap(first[0], last[0], first[1], last[1]))

    def ranges(self, refs: Sequence[str]) -> tuple[Positions, Positions]:
        """Where the range of each person begins and ends (half-open)."""
        strangers = sorted({ref for ref in refs if ref not in self._ranges})
        alone = {ref: (len(self._ranges) + n, len(self._ranges) + n + 1) for n, ref in enumerate(strangers)}
        both = np.array([self._ranges.get(ref) or alone[ref] for ref in refs], np.int32).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    def managers_of(self, ref: str, hops: int) -> tuple[str, ...]:
        """The managers of a person from the nearest on, at most `hops` up."""
        found: list[str] = []
        above = self._managers.get(ref)
        while above is not None and above not in found and len(found) < hops:
            found.append(above)
            above = self._managers.get(above)
        return tuple(found)


def overlap(first: Positions, last: Positions, other_first: Positions, other_last: Positions) -> Mask:
    """Whether ranges overlap; those of a tour do only where one holds the other."""
    return (first < other_last) & (other_first < last)


def _tour(managers: Mapping[str, str]) -> dict[str, tuple[int, int]]:
    heads = _heads(managers)
    below: dict[str, list[str]] = defaultdict(list)
    tops: list[str] = []
    for ref in sorted(set(heads.values())):
        above = heads[managers[ref]] if ref in managers else ref
        (tops if above == ref else below[above]).append(ref)
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    waiting = tops
    while waiting:
        ref = waiting.pop()
        if ref in first:
            last[ref] = len(first)
            continue
        first[ref] = len(first)
        waiting += [ref, *below[ref]]
    return {ref: (first[head], last[head]) for ref, head in heads.items()}


def _heads(managers: Mapping[str, str]) -> dict[str, str]:
    """Everybody's head: themselves, or for people in a circle the same one of them."""
    heads: dict[str, str] = {}
    for start in managers:
        path: dict[str, int] = {}
        ref = start
        while ref not in heads and ref not in path:
            path[ref] = len(path)
            if ref not in managers:
                break
            ref = managers[ref]
        circle = [other for other, n in path.items() if n >= path[ref]] if ref in path else []
        heads |= {other: other for other in path} | dict.fromkeys(circle, min(circle, default=""))
    return heads
