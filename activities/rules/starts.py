"""The starts a meeting may have, one bit each, so that whole weeks are compared in one operation."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from activities.rules.stretches import Stretch, merged


@dataclass(frozen=True)
class Starts:
    """The starts of a meeting of `minutes` on a grid of `step` minutes; bit n is start number `first` + n.

    Sets of starts are plain integers: union, difference and count are `|`, `& ~` and `bit_count`. Start
    number k is at UTC minute k * `step`: zones are whole quarter hours apart since 1972, so that quarter
    hours of UTC are quarter hours everywhere.
    """

    first: int
    count: int
    minutes: int
    step: int

    @classmethod
    def within(cls, window: Stretch, minutes: int, step: int) -> "Starts":
        """The starts from which the meeting lies within the window."""
        first, last = -(-window[0] // step), (window[1] - minutes) // step
        return cls(first, max(last - first + 1, 0), minutes, step)

    @property
    def every(self) -> int:
        """All starts."""
        return (1 << self.count) - 1

    def at(self, bit: int) -> int:
        """The UTC minute of a start."""
        return (self.first + bit) * self.step

    def between(self, low: int, high: int) -> int:
        """The starts in [low, high), in UTC minutes."""
        return self._joined([(-(-low // self.step), -(-high // self.step))])

    def overlapping(self, stretches: Iterable[Stretch], pad: int = 0) -> int:
        """The starts from which the meeting would come within less than `pad` minutes of a stretch.

        Empty and reversed stretches are no time and block nothing, whatever the pad.
        """
        step, before, after = self.step, pad + self.minutes, pad + self.step - 1
        return self._joined(
            ((start - before) // step + 1, (end + after) // step) for start, end in stretches if start < end
        )

    def inside(self, stretches: Iterable[Stretch]) -> int:
        """The starts from which the meeting lies wholly within the time of the stretches."""
        step, over = self.step, self.step - self.minutes
        return self._joined((-(-start // step), (end + over) // step) for start, end in merged(stretches))

    def members(self, starts: int) -> Iterator[int]:
        """The bits of a set, earliest first."""
        while starts:
            bit = starts & -starts
            yield bit.bit_length() - 1
            starts ^= bit

    def nearest(self, starts: int, near: int) -> int:
        """The bit of a set (not empty) whose start is nearest to the UTC minute; of two, the earlier."""
        split = min(max(-(-near // self.step) - self.first, 0), self.count)
        before, after = starts & ((1 << split) - 1), starts >> split
        earlier = before.bit_length() - 1
        later = split + (after & -after).bit_length() - 1
        if not before:
            return later
        if not after or near - self.at(earlier) <= self.at(later) - near:
            return earlier
        return later

    def _joined(self, ranges: Iterable[tuple[int, int]]) -> int:
        first, count, joined = self.first, self.count, 0
        for start, end in ranges:
            low, high = start - first, end - first
            if low < 0 or high > count:
                low, high = max(low, 0), min(high, count)
            if low < high:
                joined |= ((1 << high - low) - 1) << low
        return joined
