"""The best pairs of a cohort: most mentees first, then most points, then a stable hash of the refs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from activities.rules.assignment import DENSE_CELLS
from activities.rules.certificate import Certificate, certify
from activities.rules.cohort import Cohort, PairRefs
from activities.rules.edges import Edges
from activities.rules.optimum import optimum
from activities.rules.patience import Patience
from activities.rules.quotas import within_quotas
from activities.rules.scoring import Part, parts
from activities.rules.table import Table, tabulate


@dataclass(frozen=True)
class Pair:
    """A mentor and a mentee; the score is the sum of its parts. A pinned pair stood before the matching."""

    mentor_ref: str
    mentee_ref: str
    score: int
    parts: Mapping[Part, int] = field(default_factory=dict)
    pinned: bool = False


@dataclass(frozen=True)
class Matching:
    """Pairs and the mentees nobody was found for, both in the order of mentee refs.

    `load` is what the further mentees of one mentor cost; the sum of the scores less the load is as large as
    possible. Under quotas there is no certificate.
    """

    pairs: tuple[Pair, ...]
    unmatched: tuple[str, ...]
    load: int = 0
    certificate: Certificate | None = field(default=None, compare=False, repr=False)

    @property
    def points(self) -> int:
        """The scores of the pairs that are not pinned, less the load."""
        return sum(pair.score for pair in self.pairs if not pair.pinned) - self.load


def match(cohort: Cohort, *, dense_cells: int = DENSE_CELLS, patience: Patience | None = None) -> Matching:
    """The one best matching of a cohort, whatever the order of its people.

    Up to `dense_cells` possible pairs are solved at once, more of them step by step, with the same result.
    The patience is for quotas. Raises QuotaError where they cannot be met, and TooLongError of the patience.
    """
    free = free_part(cohort)
    table = tabulate(free)
    if cohort.quotas:
        chosen, certificate = within_quotas(free, table, patience or Patience()), None
    else:
        best = optimum(table, dense_cells)
        chosen, certificate = best.chosen, certify(best)
    pairs = [*scored(free, _refs(free, table, chosen)), *scored(cohort, cohort.pinned, pinned=True)]
    pairs.sort(key=lambda pair: pair.mentee_ref)
    matched = {pair.mentee_ref for pair in pairs}
    return Matching(
        pairs=tuple(pairs),
        unmatched=tuple(mentee.ref for mentee in free.mentees if mentee.ref not in matched),
        load=int(table.cost_of[chosen.places].sum()),
        certificate=certificate,
    )


def is_proved(cohort: Cohort, matching: Matching) -> bool:
    """Whether the certificate proves a matching the best of its cohort; nothing is solved for it."""
    free = free_part(cohort)
    table = tabulate(free)
    chosen = _chosen(free, table, [pair for pair in matching.pairs if not pair.pinned])
    certificate = matching.certificate
    return certificate is not None and chosen is not None and certificate.proves(table, chosen)


def next_candidate(cohort: Cohort, mentee_ref: str) -> Pair | None:
    """The best mentor with a place left for one mentee, or None; every pinned pair stays as it is.

    The caller pins the pairs that run or are proposed; a pin of this mentee itself is let go. Quotas are left
    to the next matching.
    """
    mentee = next(one for one in cohort.mentees if one.ref == mentee_ref)
    others = frozenset(pair for pair in cohort.pinned if pair[1] != mentee_ref)
    alone = replace(cohort, mentees=(mentee,), pinned=others, quotas=())
    return next((pair for pair in match(alone).pairs if not pair.pinned), None)


def free_part(cohort: Cohort) -> Cohort:
    """The cohort in the order of refs without the pinned mentees, whose pins still take their places."""
    held = {mentee for _, mentee in cohort.pinned}
    return replace(
        cohort,
        mentees=tuple(
            sorted((one for one in cohort.mentees if one.ref not in held), key=lambda one: one.ref)
        ),
        mentors=tuple(sorted(cohort.mentors, key=lambda one: one.ref)),
    )


def scored(cohort: Cohort, refs: Iterable[PairRefs], *, pinned: bool = False) -> Iterator[Pair]:
    """The pairs with their scores; a pin of somebody outside the cohort has none and is left out."""
    mentors = {mentor.ref: mentor for mentor in cohort.mentors}
    mentees = {mentee.ref: mentee for mentee in cohort.mentees}
    for mentor_ref, mentee_ref in refs:
        if mentor_ref in mentors and mentee_ref in mentees:
            found = parts(mentees[mentee_ref], mentors[mentor_ref], cohort.weights)
            yield Pair(mentor_ref, mentee_ref, sum(found.values()), found, pinned)


def _refs(free: Cohort, table: Table, chosen: Edges) -> Iterable[PairRefs]:
    mentors = table.mentor_of[chosen.places]
    return [
        (free.mentors[mentor].ref, free.mentees[mentee].ref)
        for mentee, mentor in zip(chosen.mentees, mentors, strict=True)
    ]


def _chosen(free: Cohort, table: Table, pairs: Sequence[Pair]) -> Edges | None:
    """The edges of pairs, or None where a mentor has more of them than places."""
    rows = {mentee.ref: row for row, mentee in enumerate(free.mentees)}
    places: dict[str, list[int]] = defaultdict(list)
    for place, mentor in enumerate(table.mentor_of):
        places[free.mentors[mentor].ref].insert(0, place)
    edges = [
        (rows[pair.mentee_ref], places[pair.mentor_ref].pop()) for pair in pairs if places[pair.mentor_ref]
    ]
    if len(edges) < len(pairs):
        return None
    both = np.array(edges, np.int64).reshape(-1, 2)
    return Edges(both[:, 0], both[:, 1])
