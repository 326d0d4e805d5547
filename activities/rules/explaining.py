"""Why this pair, why nobody, and what nearly fitted."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from activities.rules.cohort import Cohort
from activities.rules.eligibility import Eligibility, Rule
from activities.rules.matching import Matching, Pair
from activities.rules.reasons import Code, Reason
from activities.rules.relaxing import RELAXABLE, Relaxations
from activities.rules.reporting_lines import Mask
from activities.rules.scoring import Part, Points, Scoring, common_interests
from activities.rules.shortfall import Shortfall
from activities.rules.table import Index

_NAMED = 3


@dataclass(frozen=True)
class NearMiss:
    """A pair that one rule alone forbids, with the score it would have."""

    mentor_ref: str
    mentee_ref: str
    score: int
    reason: Reason


def why_pair(cohort: Cohort, matching: Matching, pair: Pair) -> tuple[Reason, ...]:
    """What speaks for one pair; `Explanations` is cheaper for several."""
    return Explanations(cohort, matching).why_pair(pair)


def why_nobody(cohort: Cohort, matching: Matching, mentee_ref: str) -> tuple[Reason, ...]:
    """Why one mentee got nobody; `Explanations` is cheaper for several."""
    return Explanations(cohort, matching).why_nobody(mentee_ref)


def near_misses(cohort: Cohort, matching: Matching, most: int = _NAMED) -> tuple[NearMiss, ...]:
    """For every unmatched mentee the pairs, at most `most`, that one rule alone forbids, best first."""
    return Explanations(cohort, matching).near_misses(most)


class Explanations:
    """Explains the pairs of a matching, and the mentees without one, by the facts of its cohort."""

    def __init__(self, cohort: Cohort, matching: Matching) -> None:
        self._cohort = cohort
        self._matching = matching
        self._eligibility, self._scoring = Eligibility(cohort), Scoring(cohort)
        self._relaxations = Relaxations(cohort, self._eligibility)
        self._order = _order([mentor.ref for mentor in cohort.mentors])
        self._pinned = Counter(mentor for mentor, _ in cohort.pinned)
        self._row = {mentee.ref: row for row, mentee in enumerate(cohort.mentees)}
        self._column = {mentor.ref: column for column, mentor in enumerate(cohort.mentors)}
        self._shortfall = Shortfall(cohort, matching, self._allowed)

    def why_pair(self, pair: Pair) -> tuple[Reason, ...]:
        """What speaks for a pair: its parts, its rank among the mentors who fit, and the runner-up.

        A pinned pair that breaks rules has no rank among those who fit; the rules are named instead.
        """
        row, own = self._row[pair.mentee_ref], self._column[pair.mentor_ref]
        scores, fitting = self._scores(row), self._allowed(row)
        fitting[own] = False
        better = np.flatnonzero(fitting & (scores > pair.score))
        against = tuple(self._against(row, own)) if pair.pinned else ()
        return (
            *([Reason(Code.PINNED)] if pair.pinned else []),
            *against,
            *self.what_speaks_for(pair),
            *([] if against else [_rank(len(better) + 1, int(fitting.sum()) + 1)]),
            *self._runner_up(pair, scores, np.flatnonzero(fitting)),
            *self._taken(scores, better),
            *self._spared(pair, scores, better),
            *self._load(own),
        )

    def what_speaks_for(self, pair: Pair) -> tuple[Reason, ...]:
        """The parts of a pair's score; the pair need not be one of the matching."""
        return tuple(self._part(pair, part, points) for part, points in pair.parts.items())

    def why_nobody(self, mentee_ref: str) -> tuple[Reason, ...]:
        """Why a mentee has no mentor: the rules that left none, or the others who share too few places.

        Then, for each rule that alone stands between the mentee and some mentors, what would help.
        """
        if not self._cohort.mentors:
            return (Reason(Code.NO_MENTORS),)
        row = self._row[mentee_ref]
        broken = self._eligibility.broken(row)
        if np.logical_or.reduce([*broken.values()]).all():
            causes = self._first_rules(broken)
        else:
            causes = (self._shortfall.reason(mentee_ref),)
        return (*causes, *self._only_rules(row, broken))

    def near_misses(self, most: int = _NAMED) -> tuple[NearMiss, ...]:
        """For every unmatched mentee the pairs, at most `most`, that one rule alone forbids, best first."""
        return tuple(miss for ref in self._matching.unmatched for miss in self._near_misses(ref, most))

    def _near_misses(self, mentee_ref: str, most: int) -> Iterator[NearMiss]:
        row = self._row[mentee_ref]
        scores = self._scores(row)
        only = self._bendable(row, self._eligibility.broken(row))
        mentors = np.concatenate([np.zeros(0, np.int64), *only.values()])
        for mentor in self._best(scores, mentors, most):
            rule = next(rule for rule, those in only.items() if mentor in those)
            reason = self._relaxations.only(row, rule, np.array([mentor]))
            yield NearMiss(self._cohort.mentors[mentor].ref, mentee_ref, int(scores[mentor]), reason)

    def _against(self, row: int, own: int) -> Iterator[Reason]:
        """The rules that a pinned pair breaks; its own place is no place missing."""
        mentor = self._cohort.mentors[own]
        for rule, mask in self._eligibility.broken(row).items():
            overfull = rule is not Rule.PLACE or self._pinned[mentor.ref] > mentor.capacity
            if mask[own] and overfull:
                yield Reason(Code.AGAINST, about=rule)

    def _part(self, pair: Pair, part: Part, points: int) -> Reason:
        mentee = self._cohort.mentees[self._row[pair.mentee_ref]]
        mentor = self._cohort.mentors[self._column[pair.mentor_ref]]
        competences: tuple[str, ...] = ()
        if part is Part.NEEDS:
            taught = {need: weight * mentor.strengths.get(need, 0) for need, weight in mentee.needs.items()}
            strong = (need for need, points in taught.items() if points)
            competences = tuple(sorted(strong, key=lambda need: (-taught[need], need)))
        elif part is Part.INTERESTS:
            competences = tuple(sorted(common_interests(mentee, mentor)))
        return Reason(Code.PART, about=part, numbers={"points": points}, competences=competences)

    def _runner_up(self, pair: Pair, scores: Points, others: Index) -> Iterator[Reason]:
        for mentor in self._best(scores, others, 1):
            difference = pair.score - int(scores[mentor])
            standing = "behind" if difference > 0 else "ahead" if difference < 0 else "level"
            numbers = {"points": abs(difference)}
            yield Reason(Code.RUNNER_UP, standing, numbers, (self._cohort.mentors[mentor].ref,))

    def _taken(self, scores: Points, better: Index) -> Iterator[Reason]:
        """The better mentors who have other mentees, if there are any."""
        taken = better[self._busy[better]]
        if len(taken):
            refs = tuple(self._cohort.mentors[mentor].ref for mentor in self._best(scores, taken, _NAMED))
            yield Reason(Code.BETTER_TAKEN, numbers={"mentors": len(taken)}, refs=refs)

    def _spared(self, pair: Pair, scores: Points, better: Index) -> Iterator[Reason]:
        """The better mentors who have a mentee and a place left, which would cost more than it gains."""
        cost = self._cohort.weights.second_mentee
        spared = better[(self._mentees[better] > 0) & ~self._busy[better]]
        spared = spared[scores[spared] - pair.score <= self._mentees[spared] * cost]
        if len(spared):
            refs = tuple(self._cohort.mentors[mentor].ref for mentor in self._best(scores, spared, _NAMED))
            yield Reason(Code.LOAD, "spared", {"mentors": len(spared)}, refs)

    def _load(self, own: int) -> Iterator[Reason]:
        """What it costs that the pair's mentor has other mentees too, each more than the one before."""
        count = int(self._mentees[own])
        cost = self._cohort.weights.second_mentee * count * (count - 1) // 2
        if cost:
            yield Reason(Code.LOAD, "shared", {"mentees": count, "points": cost})

    def _first_rules(self, broken: Mapping[Rule, Mask]) -> tuple[Reason, ...]:
        """How many mentors each rule took away from those the rules before it had left."""
        left = np.ones(len(self._cohort.mentors), np.bool_)
        reasons = []
        for rule, mask in broken.items():
            count = int((left & mask).sum())
            left &= ~mask
            if count:
                numbers = {"mentors": count, "of": len(left)}
                reasons.append(Reason(Code.FIRST_RULE, about=rule, numbers=numbers))
        return tuple(reasons)

    def _only_rules(self, row: int, broken: Mapping[Rule, Mask]) -> Iterator[Reason]:
        scores = self._scores(row)
        for rule, mentors in self._bendable(row, broken).items():
            yield self._relaxations.only(row, rule, self._best(scores, mentors, len(mentors)))

    def _bendable(self, row: int, broken: Mapping[Rule, Mask]) -> dict[Rule, Index]:
        """The mentors whom one rule alone takes away, where bending it would help."""
        helped = {
            rule: self._relaxations.sensible(row, rule, mentors) for rule, mentors in _only(broken).items()
        }
        return {rule: mentors for rule, mentors in helped.items() if len(mentors)}

    def _best(self, scores: Points, mentors: Index, most: int) -> Index:
        """The best of these mentors, at most so many, the highest score first, equal ones by ref."""
        keys = self._order[mentors] - scores[mentors].astype(np.int64) * len(self._order)
        if most < len(mentors):
            nearest = np.argpartition(keys, most)[:most]
            keys, mentors = keys[nearest], mentors[nearest]
        best: Index = mentors[np.argsort(keys)]
        return best

    @cached_property
    def _busy(self) -> Mask:
        """Which mentors have all the mentees they have places for."""
        places = np.array([mentor.capacity for mentor in self._cohort.mentors], np.int64)
        busy: Mask = (self._mentees > 0) & (self._mentees >= places)
        return busy

    @cached_property
    def _mentees(self) -> Index:
        """How many mentees each mentor has."""
        taken = np.zeros(len(self._cohort.mentors), np.int64)
        for pair in self._matching.pairs:
            taken[self._column[pair.mentor_ref]] += 1
        return taken

    def _scores(self, row: int) -> Points:
        scores: Points = self._scoring.scores(slice(row, row + 1))[0]
        return scores

    def _allowed(self, row: int) -> Mask:
        allowed: Mask = self._eligibility.allowed(slice(row, row + 1))[0]
        return allowed


def _order(refs: Sequence[str]) -> Index:
    """The place of each ref among them all in alphabetical order."""
    order = np.empty(len(refs), np.int64)
    order[sorted(range(len(refs)), key=refs.__getitem__)] = np.arange(len(refs))
    return order


def _only(broken: Mapping[Rule, Mask]) -> Mapping[Rule, Index]:
    """The mentors who fail one rule and no other, for the rules that may be bent."""
    failures = np.add.reduce([mask.astype(np.int8) for mask in broken.values()])
    found = {rule: np.flatnonzero(broken[rule] & (failures == 1)) for rule in RELAXABLE}
    return {rule: mentors for rule, mentors in found.items() if len(mentors)}


def _rank(rank: int, among: int) -> Reason:
    standing = "only" if among == 1 else "best" if rank == 1 else "lower"
    return Reason(Code.RANK, standing, {"rank": rank, "of": among})
