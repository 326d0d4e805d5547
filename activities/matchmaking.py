"""The acts around the matching rules: proposals, the coordinator's word, next candidates."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from temporalio import activity

from activities.cohorts import Cohorts
from activities.failures import translated
from activities.lives import pairing_life
from activities.matching import (
    FoundCandidate,
    Matching,
    NextCandidate,
    ProposedPairs,
    ProposePairs,
    PublishedPair,
    PublishedPairs,
    PublishPairs,
)
from activities.rules.explaining import Explanations
from activities.rules.matching import Pair, match, next_candidate
from activities.rules.scoring import Part
from integrations.answers import MatchReview
from integrations.clock import ProgrammeClock
from integrations.database.books import Books
from integrations.database.pairings import PairingRecord
from integrations.errors import GoneError

_NEAR = 3
"""The most near misses shown for each mentee without a mentor."""


class Matchmaking(Matching):
    """Implements the acts around matching; what was proposed is kept with its reasons under its id."""

    def __init__(self, books: Books, *, cohorts: Cohorts, clock: ProgrammeClock) -> None:
        self._books = books
        self._cohorts = cohorts
        self._clock = clock

    @activity.defn(name="propose-pairs")
    @translated
    def propose_pairs(self, request: ProposePairs) -> ProposedPairs:
        """Solves the matching and keeps it for review; the same id again solves it anew."""
        cohort = self._cohorts.of(request.programme_id, self._clock.now())
        matching = match(cohort)
        explained = Explanations(cohort, matching)
        content = {
            "pairs": [
                {**_plain(pair), "reasons": [asdict(reason) for reason in explained.why_pair(pair)]}
                for pair in matching.pairs
            ],
            "unmatched": [
                {"ref": ref, "reasons": [asdict(reason) for reason in explained.why_nobody(ref)]}
                for ref in matching.unmatched
            ],
            "near_misses": [asdict(miss) for miss in explained.near_misses(_NEAR)],
        }
        self._books.pairings.save_matching(request.matching_id, request.programme_id, content)
        return ProposedPairs(
            matching_id=request.matching_id,
            pairs=len(matching.pairs),
            unmatched=len(matching.unmatched),
        )

    @activity.defn(name="publish-pairs")
    @translated
    def publish_pairs(self, request: PublishPairs) -> PublishedPairs:
        """Records the pairs of a reviewed matching as proposals, but those forbidden in the same breath."""
        content = self._books.pairings.matching(request.matching_id)
        form = self._books.answers.get(request.answer_id).form
        forbidden = frozenset(form.forbidden) if isinstance(form, MatchReview) else frozenset[str]()
        published: list[PublishedPair] = []
        unmatched = [str(one["ref"]) for one in content["unmatched"]]
        for pair in map(_pair, content["pairs"]):
            if f"{pair.mentor_ref}:{pair.mentee_ref}" in forbidden:
                unmatched.append(pair.mentee_ref)
            else:
                published.append(self._propose(request.programme_id, pair, 1))
        return PublishedPairs(pairs=tuple(published), unmatched=tuple(sorted(unmatched)))

    @activity.defn(name="next-candidate")
    @translated
    def next_candidate(self, request: NextCandidate) -> FoundCandidate:
        """Finds and records the next proposal for one mentee; a repeat gives the same one."""
        life = pairing_life(request.programme_id, request.mentee_ref, request.attempt)
        try:
            known = self._books.pairings.get(life)
        except GoneError:
            known = None
        if known:
            return FoundCandidate(pair=self._published(known))
        cohort = self._cohorts.of(request.programme_id, self._clock.now())
        if request.mentee_ref not in {mentee.ref for mentee in cohort.mentees}:
            return FoundCandidate()
        pair = next_candidate(cohort, request.mentee_ref)
        return FoundCandidate(
            pair=self._propose(request.programme_id, pair, request.attempt) if pair else None
        )

    def _propose(self, programme_id: str, pair: Pair, attempt: int) -> PublishedPair:
        record = PairingRecord(
            id=pairing_life(programme_id, pair.mentee_ref, attempt),
            programme_id=programme_id,
            mentor_ref=pair.mentor_ref,
            mentee_ref=pair.mentee_ref,
            score=pair.score,
            parts={str(part): points for part, points in pair.parts.items()},
            proposed_at=self._clock.now(),
        )
        self._books.pairings.propose(record)
        return self._published(record)

    def _published(self, record: PairingRecord) -> PublishedPair:
        return PublishedPair(
            pairing_id=record.id,
            mentor_ref=record.mentor_ref,
            mentee_ref=record.mentee_ref,
            line_manager_ref=self._books.directory.person(record.mentor_ref).manager_ref,
            score=record.score,
        )


def _plain(pair: Pair) -> dict[str, Any]:
    return {
        "mentor": pair.mentor_ref,
        "mentee": pair.mentee_ref,
        "score": pair.score,
        "parts": {str(part): points for part, points in pair.parts.items()},
    }


def _pair(plain: Mapping[str, Any]) -> Pair:
    parts = {Part(part): points for part, points in plain["parts"].items()}
    return Pair(plain["mentor"], plain["mentee"], plain["score"], parts)
