"""Everybody's scores with everybody, and the exact weights a solver works with."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from activities.rules.cohort import Cohort
from activities.rules.eligibility import Eligibility
from activities.rules.scoring import Points, Scoring

Index = npt.NDArray[np.int64]
Weights = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]

BARRED = -1
"""Stands in a table of scores where a pair is not allowed; every score is 0 or more."""

_ROWS = 128


@dataclass(frozen=True, eq=False)
class Table:
    """Mentees as rows, the places that mentors have left as columns of the weights.

    `scores` has a column for each mentor; `mentor_of` says whose a place is, `cost_of` what taking it costs.
    A weight is (score - cost) · scale + hash, so that comparing sums of weights compares points first
    and the hashes of the refs, which are below 2^`bits`, second.
    """

    scores: Points
    mentor_of: Index
    cost_of: Index
    mentee_hashes: Hashes
    mentor_hashes: Hashes
    bits: int = 1
    salt: int = 0

    @property
    def mentees(self) -> int:
        """How many rows there are."""
        return len(self.scores)

    @property
    def places(self) -> int:
        """How many columns the weights have."""
        return len(self.mentor_of)

    @property
    def scale(self) -> int:
        """What one point weighs: more than all hashes of a matching together."""
        return (min(self.mentees, self.places) + 1) << self.bits

    @property
    def spread(self) -> int:
        """The widest difference that two weights may have, in points."""
        highest = int(self.scores.max(initial=0))
        return highest + int(self.cost_of.max(initial=0)) + 1

    def with_hashes(self, bits: int, salt: int) -> "Table":
        """The same scores under other hashes."""
        return replace(self, bits=bits, salt=salt)

    def block(self, mentees: Index, places: Index) -> Points:
        """The scores of these mentees (rows) in these places (columns), costs not taken off."""
        return self.scores[mentees].take(self.mentor_of[places], axis=1)

    def weights(self, mentees: Index, places: Index) -> Weights:
        """The weight of each mentee in the place beside it; the pair must be allowed."""
        mentors = self.mentor_of[places]
        points = self.scores[mentees, mentors].astype(np.int64) - self.cost_of[places]
        weights: Weights = points * self.scale + self._hashes(mentees, mentors)
        return weights

    def _hashes(self, mentees: Index, mentors: Index) -> Weights:
        """Bits that depend on the two refs only, mixed as splitmix64 does."""
        mixed = self.mentee_hashes[mentees] + self.mentor_hashes[mentors] * np.uint64(0x9E3779B97F4A7C15)
        mixed += np.uint64(self.salt)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
        return np.asarray(mixed >> np.uint64(64 - self.bits), np.int64)


def tabulate(cohort: Cohort) -> Table:
    """The table of a cohort, its people in the order given and none of its mentees pinned."""
    eligibility, scoring = Eligibility(cohort), Scoring(cohort)
    scores = np.empty((len(cohort.mentees), len(cohort.mentors)), np.int16)
    for first in range(0, len(scores), _ROWS):
        rows = slice(first, min(first + _ROWS, len(scores)))
        scores[rows] = np.where(eligibility.allowed(rows), scoring.scores(rows), BARRED)
    mentor_of = np.repeat(np.arange(len(cohort.mentors)), eligibility.places)
    return Table(
        scores=scores,
        mentor_of=mentor_of,
        cost_of=_costs(cohort, mentor_of),
        mentee_hashes=_ref_hashes([mentee.ref for mentee in cohort.mentees]),
        mentor_hashes=_ref_hashes([mentor.ref for mentor in cohort.mentors]),
    )


def chunks(rows: Index) -> Iterator[Index]:
    """The rows in portions that keep what is computed for one of them small."""
    for first in range(0, len(rows), _ROWS):
        yield rows[first : first + _ROWS]


def _costs(cohort: Cohort, mentor_of: Index) -> Index:
    """Nothing for a mentor's first mentee and more for each further one; pinned mentees came first."""
    places = Counter(mentor for mentor, _ in cohort.pinned)
    costs = []
    for mentor in mentor_of:
        ref = cohort.mentors[mentor].ref
        costs.append(places[ref] * cohort.weights.second_mentee)
        places[ref] += 1
    return np.array(costs, np.int64)


def _ref_hashes(refs: Sequence[str]) -> Hashes:
    digests = b"".join(hashlib.blake2b(ref.encode(), digest_size=8).digest() for ref in refs)
    return np.frombuffer(digests, dtype="<u8").astype(np.uint64)
