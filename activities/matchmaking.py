"""The acts around the matching rules: proposals, the coordinator's word, next candidates."""

from collections import Counter
from dataclasses import replace

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
from activities.proposals import Proposal, Proposals, Reasoned
from activities.rules.matching import next_candidate
from activities.rules.patience import Patience
from activities.rules.presence import end_of
from activities.solving import Solving
from integrations.answers import ReviewedProposal
from integrations.clock import ProgrammeClock
from integrations.database.books import Books
from integrations.database.pairings import RUNNING, PairingRecord
from integrations.errors import GoneError, RetryableError

_TRIES = 20


class Matchmaking(Matching):
    """Implements the acts around matching; what was proposed is kept with its reasons under its id."""

    def __init__(self, books: Books, *, cohorts: Cohorts, clock: ProgrammeClock) -> None:
        self._books = books
        self._cohorts = cohorts
        self._clock = clock
        self._solving = Solving(cohorts, books.pairings, clock)
        self._proposals = Proposals(books.pairings)

    @activity.defn(name="propose-pairs")
    @translated
    def propose_pairs(self, request: ProposePairs) -> ProposedPairs:
        """Solves the matching and keeps it for review; the same id again solves it anew."""
        proposal = self._solving.propose(request.programme_id, patience=Patience(_beat))
        self._proposals.keep(request.matching_id, request.programme_id, proposal)
        return ProposedPairs(
            matching_id=request.matching_id,
            pairs=len(proposal.pairs),
            unmatched=len(proposal.unmatched),
        )

    @activity.defn(name="publish-pairs")
    @translated
    def publish_pairs(self, request: PublishPairs) -> PublishedPairs:
        """Records the pairs of the proposal that was read, but those forbidden in the same breath.

        A mentee whose pairing was confirmed meanwhile, or who was given somebody else, keeps what they have.
        Days may lie between the page and the word on it: who left meanwhile gets nobody, and whose mentor is
        gone or taken, or was theirs before, or would rather not, is unmatched. A pair that the coordinator
        fixed may go over a mentor's places. A page of many mentees is the same when it is asked for again.
        """
        word = ReviewedProposal.model_validate(self._books.answers.get(request.answer_id).content)
        proposal, rest = _page(self._read(request.matching_id, word), request.after, request.most)
        records = self._books.pairings.of_programme(request.programme_id)
        attempts = Counter(record.mentee_ref for record in records)
        held = {record.mentee_ref: record for record in records if record.status in RUNNING}
        cohort = self._cohorts.of(request.programme_id, self._clock.now())
        mentees = {mentee.ref for mentee in cohort.mentees}
        mentors = {mentor.ref for mentor in cohort.mentors}
        leaving = {one.ref for one in (*cohort.mentees, *cohort.mentors) if not one.stays}
        over = {(one.mentor_ref, one.mentee_ref) for one in records if one.status not in RUNNING}
        published: list[PublishedPair] = []
        unmatched = [one.ref for one in proposal.unmatched if one.ref not in held]
        for pair in proposal.pairs:
            known = held.get(pair.mentee_ref)
            if known and known.status == "proposed" and known.mentor_ref == pair.mentor_ref:
                published.append(self._published(known))
            elif known is None and pair.mentee_ref in mentees:
                refs, is_fixed = (pair.mentor_ref, pair.mentee_ref), pair.text in word.fixed
                barred = pair.text in word.forbidden or refs in over
                barred = barred or (refs in cohort.conflicts and not is_fixed)
                barred = barred or (not leaving.isdisjoint(refs) and not is_fixed)
                new = None
                if pair.mentor_ref in mentors and not barred:
                    places = None if is_fixed else self._places(request.programme_id)
                    new = self._propose(request.programme_id, pair, attempts[pair.mentee_ref] + 1, places)
                if new:
                    published.append(new)
                else:
                    unmatched.append(pair.mentee_ref)
        return PublishedPairs(pairs=tuple(published), unmatched=tuple(sorted(unmatched)), rest=rest)

    def _places(self, programme_id: str) -> int:
        """How many mentees a mentor may have at once, over all programmes."""
        return self._books.programmes.load(programme_id).mentors.mentees_each

    def _read(self, matching_id: str, word: ReviewedProposal) -> Proposal:
        """The proposal that the page showed; the newest where the answer names none."""
        if word.proposal:
            return self._proposals.get(word.proposal)
        return self._proposals.newest(matching_id).proposal

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
        places = self._places(request.programme_id)
        for _ in range(_TRIES):
            cohort = self._cohorts.of(request.programme_id, self._clock.now())
            if request.mentee_ref not in {mentee.ref for mentee in cohort.mentees}:
                return FoundCandidate()
            pair = next_candidate(cohort, request.mentee_ref)
            if pair is None:
                return FoundCandidate()
            parts = {str(part): points for part, points in pair.parts.items()}
            found = Reasoned(pair.mentor_ref, pair.mentee_ref, pair.score, parts=parts)
            if new := self._propose(request.programme_id, found, request.attempt, places):
                return FoundCandidate(pair=new)
        raise RetryableError("the mentors found were taken by other mentees each time")

    def _propose(
        self, programme_id: str, pair: Reasoned, attempt: int, places: int | None
    ) -> PublishedPair | None:
        """Keeps the pair; None where another mentee has taken the mentor's last place meanwhile."""
        record = PairingRecord(
            id=pairing_life(programme_id, pair.mentee_ref, attempt),
            programme_id=programme_id,
            mentor_ref=pair.mentor_ref,
            mentee_ref=pair.mentee_ref,
            score=pair.score,
            parts=pair.parts,
            proposed_at=self._clock.now(),
        )
        return self._published(record) if self._books.pairings.propose(record, places) else None

    def _published(self, record: PairingRecord) -> PublishedPair:
        mentor, mentee = map(self._books.directory.person, (record.mentor_ref, record.mentee_ref))
        return PublishedPair(
            pairing_id=record.id,
            mentor_ref=record.mentor_ref,
            mentee_ref=record.mentee_ref,
            line_manager_ref=mentor.manager_ref,
            score=record.score,
            last_days={one.ref: end_of(one.end_date, one.zone) for one in (mentor, mentee) if one.end_date},
        )


def _page(proposal: Proposal, after: str, most: int) -> tuple[Proposal, str]:
    """So many mentees of a proposal after one, in the order of refs, and the last of them if more follow."""
    everybody = (*(one.mentee_ref for one in proposal.pairs), *(one.ref for one in proposal.unmatched))
    refs = sorted(ref for ref in everybody if ref > after)
    some = refs[:most] if most else refs
    here = frozenset(some)
    page = replace(
        proposal,
        pairs=tuple(one for one in proposal.pairs if one.mentee_ref in here),
        unmatched=tuple(one for one in proposal.unmatched if one.ref in here),
    )
    return page, some[-1] if len(some) < len(refs) else ""


def _beat() -> None:
    """Tells Temporal that the act lives; called outside a worker there is nobody to tell."""
    if activity.in_activity():
        activity.heartbeat()
