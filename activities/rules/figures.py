"""Figures about groups: a number that would speak of fewer than five people is withheld."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SMALLEST_GROUP = 5


@dataclass
class Figures:
    """Counts by name; those withheld are only counted."""

    counts: dict[str, int] = field(default_factory=dict)
    withheld: int = 0

    def plain(self, name: str, count: int) -> None:
        """Adds a count of things, which says nothing about a person's opinion."""
        self.counts[name] = count

    def average(self, name: str, values: Sequence[float]) -> None:
        """Adds the average of what people said, in hundredths, and how many they were."""
        if len(values) < SMALLEST_GROUP:
            self.withheld += bool(values)
            return
        self.counts[name] = round(100 * sum(values) / len(values))
        self.counts[f"{name}_people"] = len(values)

    def share(self, name: str, yes: int, of: int) -> None:
        """Adds the percentage of people who said yes, unless the yes or the no is that of too few."""
        if of < SMALLEST_GROUP or 0 < yes < SMALLEST_GROUP or 0 < of - yes < SMALLEST_GROUP:
            self.withheld += bool(of)
            return
        self.counts[name] = round(100 * yes / of)
        self.counts[f"{name}_people"] = of


def tally(values: Sequence[str]) -> Mapping[str, int]:
    """How often each value occurs, in the order of first occurrence."""
    return {value: values.count(value) for value in dict.fromkeys(values)}
