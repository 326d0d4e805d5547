"""The best chain of one option per place, by dynamic programming over all of them."""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import NamedTuple

LEFT_OUT = 1 << 60
"""The cost of a place left out: more than all options and spacings of any chain together may cost."""


class Place(NamedTuple):
    """A place in the chain: when each option is, in ascending minutes, and what it costs.

    A `fixed` place has one option, which is never left out.
    """

    at: Sequence[int]
    costs: Sequence[int]
    fixed: bool = False


class Spacing(NamedTuple):
    """The minutes wanted, and the fewest and most allowed, between neighbours.

    Across places left out, the minutes wanted and the most allowed grow with the places. Two fixed places
    may stand at any distance. Each minute off costs `weight`.
    """

    every: int
    shortest: int
    longest: int
    weight: int = 1


class Chain(NamedTuple):
    """The option chosen for each place, None where it is left out, and what the chain costs."""

    options: tuple[int | None, ...]
    cost: int


class _Step(NamedTuple):
    """The best chain that ends in one option: when that is, what the chain costs, and the step before."""

    place: int
    option: int
    at: int
    cost: int
    before: "_Step | None"


def best_chain(places: Sequence[Place], spacing: Spacing) -> Chain:
    """The chain that costs least: its options, the places left out, and the minutes off the wanted spacing.

    Exact. The time taken grows with the options, not with their pairs: the best predecessor of each option
    comes out of two sliding minima, one over those nearer and one over those farther than wanted.
    """
    ends: list[list[_Step]] = []
    for number in range(len(places)):
        ends.append(_steps(number, places, ends, spacing))
    last, least = None, LEFT_OUT * len(places)
    for number in range(len(places) - 1, -1, -1):
        fixed = places[number].fixed
        for step in ends[number]:
            cost = step.cost + LEFT_OUT * (len(places) - 1 - number)
            if cost < least or (fixed and last is None):
                last, least = step, cost
        if fixed:
            break
    return Chain(_options(last, len(places)), least)


def _options(last: _Step | None, count: int) -> tuple[int | None, ...]:
    options: list[int | None] = [None] * count
    while last is not None:
        options[last.place] = last.option
        last = last.before
    return tuple(options)


def _steps(
    number: int, places: Sequence[Place], ends: Sequence[Sequence[_Step]], spacing: Spacing
) -> list[_Step]:
    place = places[number]
    reached: dict[int, tuple[int, _Step | None]] = {}
    if not any(earlier.fixed for earlier in places[:number]):
        reached = dict.fromkeys(range(len(place.at)), (LEFT_OUT * number, None))
    for back in range(1, number + 1):
        earlier = places[number - back]
        across = _across(back, spacing, free=place.fixed and earlier.fixed)
        for option, step in _predecessors(place.at, ends[number - back], across):
            off = abs(place.at[option] - step.at - across.every)
            cost = step.cost + off * spacing.weight + LEFT_OUT * (back - 1)
            if option not in reached or cost < reached[option][0]:
                reached[option] = (cost, step)
        # No fixed place is passed over, and more holes cost more than any chain with fewer.
        settled = len(reached) == len(place.at) and all(
            cost < LEFT_OUT * back for cost, _ in reached.values()
        )
        if earlier.fixed or settled:
            break
    return [
        _Step(number, option, place.at[option], cost + place.costs[option], before)
        for option, (cost, before) in sorted(reached.items())
    ]


def _across(back: int, spacing: Spacing, *, free: bool) -> Spacing:
    every, shortest, longest, weight = spacing
    if free:
        return Spacing(every * back, -LEFT_OUT, LEFT_OUT, weight)
    return Spacing(every * back, shortest, longest * back, weight)


def _predecessors(at: Sequence[int], steps: Sequence[_Step], spacing: Spacing) -> Iterator[tuple[int, _Step]]:
    """The best step before each option that lies farther off than wanted, and the best that lies nearer."""
    every, shortest, longest, weight = spacing
    moments = [step.at for step in steps]
    early = [step.cost - step.at * weight for step in steps]
    late = [step.cost + step.at * weight for step in steps]
    far = _minima(moments, early, [(when - longest, when - every) for when in at])
    near = _minima(moments, late, [(when - every, when - shortest) for when in at])
    for option, found in enumerate(zip(far, near, strict=True)):
        yield from ((option, steps[index]) for index in found if index is not None)


def _minima(
    moments: Sequence[int], values: Sequence[int], windows: Sequence[tuple[int, int]]
) -> Iterator[int | None]:
    """The index of the least value whose moment lies in each window; moments and windows only go up."""
    kept: deque[int] = deque()
    entering = 0
    for low, high in windows:
        while entering < len(moments) and moments[entering] <= high:
            while kept and values[kept[-1]] > values[entering]:
                kept.pop()
            kept.append(entering)
            entering += 1
        while kept and moments[kept[0]] < low:
            kept.popleft()
        yield kept[0] if kept else None
