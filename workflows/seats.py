"""The seats of a programme: one mentee each, filled with a pairing and refilled when a proposal fails."""

from typing import TYPE_CHECKING, Final

from temporalio import workflow
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.workflow import ParentClosePolicy

from activities.correspondence import Recipient
from activities.directory import Terms
from activities.letters.catalogue import Letter
from activities.matching import Matching, NextCandidate, PublishedPair, PublishedPairs, PublishPairs
from workflows import policies
from workflows.asking import Question, ask, of_an_owner
from workflows.cohort import GATE
from workflows.matters import decide
from workflows.pairing import PairingWorkflow
from workflows.stages import Ending, Outcome, PairingEnded, PairingStart, PairingState, PairState, Seat

if TYPE_CHECKING:
    from workflows.programme import ProgrammeWorkflow

_WORTH_A_REMATCH: Final = 3
"""So many sessions still to be held are worth a new start."""
_PAGE: Final = 500
"""Mentees to a page of published pairs: some 100 kB, far below what Temporal takes for one result."""


class Seats:
    """What becomes of each mentee's seat; the seats themselves live in the programme's state."""

    def __init__(self, programme: "ProgrammeWorkflow") -> None:
        self._programme = programme

    async def publish(self, matching: str, answer_id: str) -> None:
        """Starts a pairing for every published pair; nobody found is a task of the coordinator.

        A page at a time, as the pairs of thousands fit neither into one result nor into one run of a life:
        the next run goes on with the page that this one was at. Who has a seat already keeps it.
        """
        state = self._programme.state
        while True:
            request = PublishPairs(
                programme_id=self._programme.terms.programme_id,
                matching_id=matching,
                answer_id=answer_id,
                after=state.published_to,
                most=_PAGE,
            )
            page = await self._programme.act(
                Matching.publish_pairs, request, policies.RECORD, "publish the pairs"
            )
            await self._begin(page)
            state.published_to = page.rest
            if not page.rest:
                return

    async def _begin(self, page: PublishedPairs) -> None:
        seats = self._programme.state.seats
        for pair in page.pairs:
            seats.setdefault(pair.mentee_ref, Seat(attempts=1))
            await self._start_pairing(pair)
        for ref in page.unmatched:
            if ref not in seats:
                await self._no_candidate(ref)
                seats[ref] = Seat(closed=True)

    async def _start_pairing(self, pair: PublishedPair) -> None:
        """Starts the pairing as a life of its own that outlives continue-as-new of the programme."""
        if pair.pairing_id in self._programme.state.pairings:
            return
        state = PairingState(
            pairing_id=pair.pairing_id,
            mentor_ref=pair.mentor_ref,
            mentee_ref=pair.mentee_ref,
            line_manager_ref=pair.line_manager_ref,
            last_days=dict(pair.last_days),
            certified=self._programme.state.mentors.get(pair.mentor_ref) == "certified",
            ending=Ending(outcome=Outcome.PROGRAMME_STOPPED) if self._is_stopped() else None,
        )
        self._programme.state.pairings[pair.pairing_id] = PairState(
            mentor_ref=pair.mentor_ref, mentee_ref=pair.mentee_ref, certified=state.certified
        )
        await self._programme.shelter(self._start(state))

    async def _start(self, state: PairingState) -> None:
        terms = self._programme.terms
        try:
            await workflow.start_child_workflow(
                PairingWorkflow.run,
                PairingStart(terms=terms, state=state),
                id=state.pairing_id,
                parent_close_policy=ParentClosePolicy.ABANDON,
                static_summary=f"mentor {state.mentor_ref} · mentee {state.mentee_ref}",
            )
        except WorkflowAlreadyStartedError:
            workflow.logger.info("pairing.already-started", extra={"pairing": state.pairing_id})
        await self._catch_up(state, terms)

    async def _catch_up(self, state: PairingState, terms: Terms) -> None:
        """Tells a pairing what came while it was being started, when there was no life to tell."""
        programme, life = self._programme, state.pairing_id
        if stopped := programme.state.stopped:
            await programme.tell_once(f"stopping/started/{life}", life, "programme-stopping", stopped)
        if programme.terms.roles != terms.roles:
            roles = programme.terms.roles
            await programme.tell_once(f"roles/started/{life}", life, "roles-changed", roles)
        gate = GATE.get(programme.state.mentors.get(state.mentor_ref, ""))
        if gate and not state.certified:
            await programme.tell_once(f"gate/started/{life}", life, gate)

    async def refill(self, ended: PairingEnded) -> None:
        """Gives a seat whose proposal failed, or whose mentor left early, its next candidate."""
        seat = self._programme.state.seats[ended.mentee_ref]
        seat.outcome = ended.outcome
        if self._has_next(ended):
            return
        wants = not self._is_stopped() and await self._wants_another(ended)
        if self._is_stopped():
            seat.closed = True
        elif not wants:
            seat.closed = True
            if ended.outcome is Outcome.ENDED_EARLY and not ended.held and ended.leaver_ref is None:
                await self._no_candidate(ended.mentee_ref)
        elif seat.attempts >= self._programme.terms.timings.proposals_max:
            seat.closed = True
            await self._no_candidate(ended.mentee_ref)
        else:
            request = NextCandidate(
                programme_id=self._programme.terms.programme_id,
                mentee_ref=ended.mentee_ref,
                attempt=seat.attempts + 1,
            )
            found = await self._programme.act(
                Matching.next_candidate, request, policies.SOLVE, "next candidate"
            )
            if found.pair is None:
                seat.closed = True
                await self._no_candidate(ended.mentee_ref)
            else:
                # Counted before it runs: its own end may be heard before this story is told on.
                seat.attempts = request.attempt
                await self._start_pairing(found.pair)

    async def _wants_another(self, ended: PairingEnded) -> bool:
        if ended.outcome in {Outcome.DECLINED, Outcome.LAPSED} or ended.mentor_unavailable:
            return True
        left_over = self._programme.terms.sessions - ended.held
        if ended.leaver_ref != ended.mentor_ref or left_over < _WORTH_A_REMATCH:
            return False
        question = Question(
            key=f"rematch/{ended.pairing_id}",
            letter=Letter.REMATCH_OFFER,
            to=(Recipient(ref=ended.mentee_ref, role="mentee"),),
            about=self._programme.about(pairing=ended),
            steps=of_an_owner(4, deputy=None, sponsor=None),
            lapses=10,
        )
        given = (await ask(self._programme, question, moot=self._is_stopped)).first
        return given is not None and given.choice == "yes"

    def _has_next(self, ended: PairingEnded) -> bool:
        """Whether a story cut short has already given the seat the pairing after this one."""
        pairings = self._programme.state.pairings
        mine = [life for life, pair in pairings.items() if pair.mentee_ref == ended.mentee_ref]
        return mine[-1] != ended.pairing_id

    def _is_stopped(self) -> bool:
        return self._programme.state.stopped is not None

    async def _no_candidate(self, mentee_ref: str) -> None:
        """After the last candidate the coordinator talks to the mentee."""
        coordinator = self._programme.terms.roles.coordinator
        key = f"no-candidate/{mentee_ref}"
        await self._programme.open_task(key, "no-candidate-left", coordinator, mentee_ref)
        self._programme.aside(key)

    async def talk(self, mentee_ref: str) -> None:
        """Asks the coordinator for the word on a mentee nobody was found for."""
        about = self._programme.about().model_copy(update={"mentee_ref": mentee_ref})
        key = f"no-candidate/{mentee_ref}"
        await decide(self._programme, key, "no-candidate-left", about=about, about_ref=mentee_ref)
