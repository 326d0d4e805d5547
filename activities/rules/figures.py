"""Figures about people: one that would speak of fewer than five of them is withheld."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SMALLEST_GROUP = 5
Pair = tuple[str, str]
"""The refs of mentor and mentee."""


@dataclass
class Figures:
    """Counts by name; those withheld are only counted. What people said is given by their ref."""

    counts: dict[str, int] = field(default_factory=dict)
    withheld: int = 0

    def plain(self, name: str, count: int) -> None:
        """Adds a count of things, which says nothing about what a person thought or decided."""
        self.counts[name] = count

    def average(self, name: str, said: Mapping[str, float]) -> None:
        """Adds the average of what people said, in hundredths, and how many they were."""
        if len(said) < SMALLEST_GROUP:
            self.withheld += bool(said)
            return
        self.counts[name] = round(100 * sum(said.values()) / len(said))
        self.counts[f"{name}_people"] = len(said)

    def share(self, name: str, said_yes: Mapping[str, bool]) -> None:
        """Adds the percentage of people who said yes, unless the yes or the no is that of too few."""
        yes, of = sum(said_yes.values()), len(said_yes)
        if of < SMALLEST_GROUP or 0 < yes < SMALLEST_GROUP or 0 < of - yes < SMALLEST_GROUP:
            self.withheld += bool(of)
            return
        self.counts[name] = round(100 * yes / of)
        self.counts[f"{name}_people"] = of

    def outcomes(self, name: str, pairs: Mapping[str, Sequence[Pair]]) -> None:
        """Adds how many pairs there were and how many came to each outcome.

        Outcomes of too few are told as one, `<name>_otherwise`. Where they are too few even together, neither
        they nor the sum is told, from which they would follow.
        """
        many = {outcome: those for outcome, those in pairs.items() if are_enough(those)}
        rest = [pair for outcome, those in pairs.items() if outcome not in many for pair in those]
        is_told = not rest or are_enough(rest)
        if is_told:
            self.counts[name] = sum(map(len, pairs.values()))
        else:
            self.withheld += 2
        for outcome, those in many.items():
            self.counts[f"{name}_{outcome}"] = len(those)
        if many and rest and is_told:
            self.counts[f"{name}_otherwise"] = len(rest)


def are_enough(pairs: Sequence[Pair]) -> bool:
    """Whether these pairs are those of five mentors and five mentees at least."""
    return all(len(set(side)) >= SMALLEST_GROUP for side in zip(*pairs, strict=True)) if pairs else False


def tally(values: Sequence[str]) -> Mapping[str, int]:
    """How often each value occurs, in the order of first occurrence."""
    return {value: values.count(value) for value in dict.fromkeys(values)}
