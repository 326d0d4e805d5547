"""From a programme and a coordinator's wishes to the pairs proposed, with the reasons for each."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from activities.cohorts import Cohorts, Wishes
from activities.proposals import LeftOver, Proposal, Reasoned
from activities.rules.cohort import Cohort, PairRefs
from activities.rules.explaining import Explanations
from activities.rules.leniency import Lenient, match_leniently
from activities.rules.matching import Pair, scored
from activities.rules.patience import Patience, TooLongError
from activities.rules.reasons import FIXED, Code, Reason
from activities.rules.stability import strongest_temptation
from integrations.clock import ProgrammeClock
from integrations.database.pairings import RUNNING, Pairings
from integrations.errors import InvalidError

_NEAR: Final = 3
"""The most near misses shown for each mentee without a mentor."""

_QUOTA_CELLS: Final = 4_000_000
"""Mentees times mentors up to which quotas are solved: 2,000 of each take 20 s and 650 MiB."""

_SLICE: Final = 100
"""How many explanations are made between two signs of life; 10,000 by 10,000 people take 0.1 s for them."""


class TooManyError(Exception):
    """There are more people than the caller has time for."""


class Solving:
    """Solves matchings of the people a programme has now."""

    def __init__(
        self,
        cohorts: Cohorts,
        pairings: Pairings,
        clock: ProgrammeClock,
        *,
        quota_cells: int = _QUOTA_CELLS,
    ) -> None:
        self._quota_cells = quota_cells
        self._cohorts = cohorts
        self._pairings = pairings
        self._clock = clock

    def propose(
        self,
        programme_id: str,
        wishes: Wishes | None = None,
        *,
        most_cells: int | None = None,
        most_quota_cells: int | None = None,
        patience: Patience | None = None,
    ) -> Proposal:
        """The best pairs under these wishes, else those of the last match review; running pairs stay out.

        Raises TooManyError where mentees times mentors are more than `most_cells`, or with quotas more than
        `most_quota_cells`, and InvalidError where there are quotas for more people than they are solved for,
        or that are too hard for the patience. Its beats come between the steps, while quotas are solved, and
        all along the explanations, which take longer than the pairs; what one raises ends it.
        """
        patience = patience or Patience()
        wishes = self._cohorts.wishes(programme_id) if wishes is None else wishes
        cohort = self._cohorts.of(programme_id, self._clock.now(), wishes)
        cells = len(cohort.mentees) * len(cohort.mentors)
        limits = (most_cells, most_quota_cells) if cohort.quotas else (most_cells,)
        if any(limit is not None and cells > limit for limit in limits):
            raise TooManyError(f"{len(cohort.mentees)} mentees and {len(cohort.mentors)} mentors")
        if cohort.quotas and cells > self._quota_cells:
            raise InvalidError("quotas are for up to 2,000 mentees and as many mentors; take them out")
        patience.beat()
        try:
            proposal = _explained(cohort, wishes, self._running(programme_id), patience)
        except TooLongError:
            if most_quota_cells is not None:
                raise TooManyError("the quotas take too long") from None
            raise InvalidError("the quotas are too hard to solve; take some of them out") from None
        unknown = self._cohorts.unknown_names(programme_id)
        told = [Reason(Code.UNKNOWN_NAMES, numbers={"names": unknown})] if unknown else []
        return replace(proposal, notes=(*proposal.notes, *told))

    def _running(self, programme_id: str) -> frozenset[PairRefs]:
        pairings = self._pairings.of_programme(programme_id)
        return frozenset((one.mentor_ref, one.mentee_ref) for one in pairings if one.status in RUNNING)


def _explained(cohort: Cohort, wishes: Wishes, running: frozenset[PairRefs], patience: Patience) -> Proposal:
    found = match_leniently(cohort, patience)
    cohort, matching = found.cohort, found.matching
    explained, steps = Explanations(cohort, matching), _counted(patience)
    new = (pair for pair in matching.pairs if (pair.mentor_ref, pair.mentee_ref) not in running)
    return Proposal(
        pairs=tuple(_reasoned(pair, explained.why_pair(pair)) for pair, _ in zip(new, steps, strict=False)),
        unmatched=tuple(
            LeftOver(ref, explained.why_nobody(ref))
            for ref, _ in zip(matching.unmatched, steps, strict=False)
        ),
        near_misses=tuple(
            Reasoned(miss.mentor_ref, miss.mentee_ref, miss.score, (miss.reason,))
            for miss, _ in zip(explained.near_misses(_NEAR), steps, strict=False)
        ),
        ruled_out=tuple(
            _reasoned(pair, explained.what_speaks_for(pair))
            for pair in scored(cohort, sorted(wishes.forbidden))
        ),
        fixed=tuple(sorted(map(":".join, wishes.fixed))),
        forbidden=tuple(sorted(map(":".join, wishes.forbidden))),
        notes=_notes(found),
    )


def _notes(found: Lenient) -> tuple[Reason, ...]:
    """The quotas that cannot be met, and who would rather have each other than whom they got."""
    missed = (
        Reason(Code.QUOTA_MISSED, quota.side, {"least": quota.at_least}, (quota.unit,))
        for quota in found.missed
    )
    cases, strongest = strongest_temptation(found.cohort, found.matching)
    bound = bool(found.cohort.quotas)
    if strongest is None:
        return (*missed, Reason(Code.TEMPTED, "nobody-within-quotas" if bound else "nobody"))
    who = (strongest.mentor_ref, strongest.mentee_ref)
    about = "within-quotas" if bound else ""
    return (*missed, Reason(Code.TEMPTED, about, numbers={"cases": cases}, refs=who))


def _counted(patience: Patience) -> Iterator[None]:
    """Steps without an end; every so many of them one beat."""
    while True:
        patience.beat()
        yield from (None for _ in range(_SLICE))


def _reasoned(pair: Pair, reasons: tuple[Reason, ...]) -> Reasoned:
    """The pair with its reasons; a new pair that stands is one the coordinator fixed."""
    told = tuple(replace(one, about=FIXED) if one.code is Code.PINNED else one for one in reasons)
    parts = {str(part): points for part, points in pair.parts.items()}
    return Reasoned(pair.mentor_ref, pair.mentee_ref, pair.score, told, parts)
