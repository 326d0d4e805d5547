"""ProgrammeWorkflow: one cohort, from the sponsor's go to the report and the destruction of its data."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributePair

from activities.correspondence import About, Recipient
from activities.directory import NewsKind
from activities.dossiers import DestroyDossiers, Dossiers
from activities.letters.catalogue import Letter
from activities.matching import Matching, ProposePairs
from activities.scheduling import BookMeeting, MeetingKind
from workflows import policies
from workflows.asking import Question, ask, of_an_owner
from workflows.batches import OPEN_DIGEST, Ideas, Signing
from workflows.call import UNDELIVERABLE, Call
from workflows.cohort import MentorCohort
from workflows.life import Life, Told
from workflows.matters import call_for_help
from workflows.names import STAGE
from workflows.reporting import Report
from workflows.roles import RoleHolders
from workflows.seats import Seats
from workflows.stages import (
    MeetingStage,
    MentorProgress,
    PairingEnded,
    ProgrammeStage,
    ProgrammeStart,
    ProgrammeState,
    StopMode,
    stage_list,
)
from workflows.stopping import Stopping
from workflows.supervision import Supervision
from workflows.training import TrainingGroup

_DAY = timedelta(days=1)
_OUTLASTING = frozenset({"stopping", "roles", "successor"})
"""What goes on beside a programme also where it was stopped before anybody was paired."""
_AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)


@workflow.defn(name="ProgrammeWorkflow")
class ProgrammeWorkflow(Life[ProgrammeState]):
    """The life of one programme."""

    @workflow.init
    def __init__(self, start: ProgrammeStart) -> None:
        super().__init__(start.terms, start.state or ProgrammeState(programme_id=start.programme_id))
        self.life_id = workflow.info().workflow_id
        self.seating = asyncio.Lock()

    @workflow.run
    async def run(self, start: ProgrammeStart) -> str:
        """Lives the programme to its end and returns how it ended: completed, not-opened or stopped."""
        await self.begin_in(start.programme_id, start.terms)
        self.show()
        await self._lived(self._story, stop=self._stopped_early)
        if self._stopped_early():
            await self.once("stopped early", self._drop_training)
        await self._lived(self._end, stop=lambda: False)
        await self.close_tasks()
        self.enter(ProgrammeStage.ENDED)
        await workflow.wait_condition(workflow.all_handlers_finished)
        if self.state.stopped:
            return "stopped"
        return "completed" if self.state.pairings else "not-opened"

    # What others tell a programme

    @workflow.signal(
        name="mentor-progress", description="A mentor applied, was selected, certified or released"
    )
    def mentor_progress(self, progress: MentorProgress) -> None:
        """Remembers where a mentor stands."""
        self.state.mentors[progress.mentor_ref] = progress.status

    @workflow.signal(name="session-held", description="A pairing held a session that supervision follows")
    def session_held(self, number: int) -> None:
        """Counts how many pairings have held that session."""
        self.state.held[number] = self.state.held.get(number, 0) + 1

    @workflow.signal(name="idea-handed-in", description="A pair agreed to hand in an idea")
    def idea_handed_in(self, answer_id: str) -> None:
        """Puts the idea on the sponsor's next digest."""
        if answer_id not in self.state.ideas:
            self.state.ideas.append(answer_id)

    @workflow.signal(name="closing-reviewed", description="A pairing had its closing review")
    def closing_reviewed(self, pairing_id: str) -> None:
        """Puts the certificate on the sponsor's next signing."""
        if pairing_id not in self.state.to_sign:
            self.state.to_sign.append(pairing_id)

    @workflow.signal(name="pairing-ended", description="A pairing ended")
    def pairing_ended(self, ended: PairingEnded) -> None:
        """Remembers the outcome; what becomes of the seat is decided in the story."""
        pair = self.state.pairings.get(ended.pairing_id)
        if pair and pair.outcome is None:
            pair.outcome = ended.outcome
            self.state.ended.append(ended)
            self.state.last_end = self.clock.now()

    @workflow.signal(name="news", description="HR news for the programme")
    def news(self, told: Told) -> None:
        """Heeds a request to stop the programme, and that somebody who has a role in it leaves or stays."""
        if not self.is_newest(told):
            return
        news = told.news
        if news.kind is NewsKind.STOP_REQUESTED:
            if self.state.stop_wanted is None and self.state.stopped is None:
                self.state.stop_wanted = StopMode(news.mode or StopMode.WIND_DOWN)
        elif news.person_ref and news.kind is NewsKind.STAYS:
            self.state.leaving.pop(news.person_ref, None)
        elif news.person_ref:
            self.state.leaving[news.person_ref] = news.effective or _AT_ONCE

    @workflow.update(
        name="stop",
        description="Ask to stop the programme: drain, wind-down or stop-now; the sponsor confirms",
    )
    def stop(self, mode: StopMode) -> str:
        """Puts the stop before the second person; nothing stops before they confirm."""
        self.state.stop_wanted = mode
        return "waits for confirmation"

    @stop.validator
    def validate_stop(self, mode: StopMode) -> None:  # noqa: ARG002 - the signature is that of the update
        """Refuses a second request while one is open or done."""
        if self.state.stop_wanted or self.state.stopped:
            message = "a stop is already asked for"
            raise ValueError(message)

    # The story

    def _stopped_early(self) -> bool:
        return self.state.stopped is not None and not self.state.pairings

    async def _lived(self, story: Any, *, stop: Any) -> None:  # noqa: ANN401 - callables of a story
        if stop():
            return
        self.aside("stopping")
        self.aside("roles")
        if not await self.live(story(), stop=stop) and not stop():
            workflow.continue_as_new(
                ProgrammeStart(programme_id=self.state.programme_id, terms=self.terms, state=self.state)
            )

    async def _story(self) -> None:
        if not await self._opened():
            return
        await Call(self).live()
        await self._training()
        await self._matching()
        await Supervision(self).live()

    def enter(self, stage: ProgrammeStage) -> None:
        """Has the programme stand there from now on."""
        self.state.stage = stage
        self.show()

    async def _opened(self) -> bool:
        """The sponsor says go, with the figures of the programme before them."""
        roles = self.terms.roles
        question = self.decision(
            "go-no-go",
            Letter.GO_NO_GO,
            Recipient(ref=roles.sponsor, role="sponsor"),
            deputy=roles.coordinator,
        )
        return await self.choice(question) == "go"

    def mentees(self) -> tuple[str, ...]:
        """Those who opted in, by ref."""
        prefix = "opt-in/"
        return tuple(
            key.removeprefix(prefix)
            for key, record in sorted(self.state.asks.items())
            if key.startswith(prefix) and any(given.choice == "yes" for given in record.answers.values())
        )

    async def group_meeting(
        self, kind: MeetingKind, number: int, host: str, wanted: tuple[str, ...], minutes: int
    ) -> None:
        """Books an hour for the host and as many of the others as can come, and sees it held."""
        now = self.since(f"{kind.value}/{number}")
        request = BookMeeting(
            key=self.key(kind.value, number),
            kind=kind,
            programme_id=self.terms.programme_id,
            life=self.life_id,
            required=(host,),
            wanted=wanted,
            quorum=1,
            minutes=minutes,
            earliest=now + 2 * _DAY,
            latest=self.days.add(now, 12),
            number=number,
        )
        record = await self.book(f"{kind.value}/{number}", request)
        if record and record.end:
            self.aside(f"hold/{kind.value}/{number}")

    async def beside(self, name: str) -> None:
        """Tells a story beside the programme's own: a group's training, signing, ideas and the like."""
        kind, _, rest = name.partition("/")
        if kind == "hold":
            await self._hold(rest)
        elif kind == "training":
            await TrainingGroup(self, int(rest), self.state.groups[int(rest) - 1]).live()
        elif kind == "supervision":
            await Supervision(self).meet(int(rest))
        elif kind == "refill":
            await Supervision(self).refill(rest)
        elif kind == UNDELIVERABLE:
            await Call(self).undeliverable(name)
        elif kind == "successor":
            await RoleHolders(self).successor(rest)
        elif kind == "no-candidate":
            await Seats(self).talk(rest)
        elif kind == OPEN_DIGEST:
            await Ideas(self).talk(int(rest))
        else:
            stories = {
                "stopping": Stopping(self).live,
                "roles": RoleHolders(self).live,
                "latecomers": MentorCohort(self).put_off_latecomers,
                "gates": MentorCohort(self).open_gates,
                "signing": Signing(self).live,
                "ideas": Ideas(self).live,
            }
            await stories[kind]()

    async def _hold(self, name: str) -> None:
        record = self.state.meetings[name]
        if record.end:
            await self.clock.until(record.end, summary=name)
        if record.is_open:
            record.stage = MeetingStage.HELD

    async def _training(self) -> None:
        """Groups go through the half-days; then everybody's certificate is decided, or the time is up."""
        self.enter(ProgrammeStage.TRAINING)
        await self.once("grouped", MentorCohort(self).form_groups)
        self.aside("latecomers")
        self.aside("gates")
        for number in range(1, len(self.state.groups) + 1):
            self.aside(f"training/{number}")
        names = {f"aside/training/{number}" for number in range(1, len(self.state.groups) + 1)}
        await workflow.wait_condition(lambda: names <= self.state.done)
        timings = self.terms.timings
        late = self.days.add(
            self.since("training over"), 4 * timings.materials_wd + 6 * timings.certificate_wd
        )
        await self.clock.met(
            lambda: "selected" not in self.state.mentors.values(), by=late, summary="certificates"
        )

    async def _matching(self) -> None:
        """The solver proposes, the coordinator looks, edits and publishes."""
        self.enter(ProgrammeStage.MATCHING)
        if "published" in self.state.done:
            return
        for number in count(1):
            roles = self.terms.roles
            matching = f"{self.terms.programme_id}/{number}"
            request = ProposePairs(programme_id=self.terms.programme_id, matching_id=matching)
            await self.once(f"proposed/{number}", partial(self._propose, request, number))
            coordinator = Recipient(ref=roles.coordinator, role="coordinator")
            question = self.decision(
                f"match-review/{number}",
                Letter.MATCH_REVIEW,
                coordinator,
                deputy=roles.deputy,
                record_id=matching,
            )
            given = (await ask(self, question)).first
            if given and given.choice == "publish":
                await Seats(self).publish(matching, given.answer_id)
                self.state.done.add("published")
                return

    async def _propose(self, request: ProposePairs, number: int) -> None:
        await self.act(Matching.propose_pairs, request, policies.SOLVE, f"matching {number}")

    def settled(self) -> bool:
        """Whether no pairing of the programme is running, and none that ended waits for its seat's next."""
        return not self.state.ended and all(pair.outcome for pair in self.state.pairings.values())

    async def _drop_training(self) -> None:
        self.drop_asides(but=_OUTLASTING)
        await self.close_tasks(but=_OUTLASTING)

    # The end

    async def _end(self) -> None:
        """Report, the coordinator's close, the end of service for all mentors, and the end of retention."""
        await self.cancel_open_meetings()
        if self.state.pairings:
            await Report(self).live()
        cohort = MentorCohort(self)
        await cohort.dismiss()
        self.enter(ProgrammeStage.RETENTION)
        until = self.since("retention") + self.terms.timings.retention_months * 30.44 * _DAY
        # Links of the call may outlive a programme that was stopped: who still applies hears that it is over.
        while await self.clock.met(
            lambda: bool(cohort.waiting()), by=until, summary="personal data is kept until then"
        ):
            await cohort.dismiss()
        request = DestroyDossiers(programme_id=self.terms.programme_id)
        await self.once(
            "destroyed",
            lambda: self.act(Dossiers.destroy_dossiers, request, policies.RECORD, "destroy personal data"),
        )

    # Small things

    def decision(  # noqa: PLR0913 - each is named where it is asked
        self,
        key: str,
        letter: Letter,
        owner: Recipient,
        *,
        deputy: str | None,
        record_id: str | None = None,
        people: tuple[str, ...] = (),
        ideas: Sequence[str] = (),
        reason: str = "",
    ) -> Question:
        """A decision of an owner of the programme; the first word on it counts."""
        days = self.terms.timings.decision_wd
        about = self.about().model_copy(
            update={"record_id": record_id, "people": people, "ideas": tuple(ideas), "reason": reason}
        )
        sponsor = self.terms.roles.sponsor
        return Question(
            key=key,
            letter=letter,
            to=(owner,),
            about=about,
            steps=of_an_owner(days, deputy=deputy, sponsor=None if owner.ref == sponsor else sponsor),
            lapses=4 * days,
            any_of=True,
        )

    async def choice(self, question: Question) -> str | None:
        """Asks and returns what was chosen; None where nobody answered."""
        given = (await ask(self, question)).first
        return given.choice if given else None

    async def call_for_help(self, name: str) -> None:
        """Has the coordinator say when what failed for good may be tried again."""
        await call_for_help(self, name, self.about())

    def count(self, name: str) -> int:
        """How many times this was begun, counting this one; remembered."""
        self.state.counts[name] = self.state.counts.get(name, 0) + 1
        return self.state.counts[name]

    def about(self, *, pairing: PairingEnded | None = None) -> About:
        """What a letter of this programme is about, or of one of its ended pairings."""
        if pairing is None:
            return About(programme_id=self.terms.programme_id)
        return About(
            programme_id=self.terms.programme_id,
            pairing_id=pairing.pairing_id,
            mentor_ref=pairing.mentor_ref,
            mentee_ref=pairing.mentee_ref,
            sessions_held=pairing.held,
        )

    def attributes(self) -> list[SearchAttributePair[Any]]:
        """The programme's stage."""
        return [SearchAttributePair(STAGE, self.state.stage.value)]

    def details(self) -> str:
        """Where the programme stands, in figures."""
        outcomes = [
            pair.outcome.value if pair.outcome else "running" for pair in self.state.pairings.values()
        ]
        pairings = (
            ", ".join(f"{outcomes.count(name)} {name}" for name in dict.fromkeys(outcomes)) or "none yet"
        )
        statuses = list(self.state.mentors.values())
        mentors = (
            ", ".join(f"{statuses.count(name)} {name}" for name in dict.fromkeys(statuses)) or "none yet"
        )
        return (
            f"**Programme {self.state.programme_id}**\n\n{stage_list(self.state.stage)}\n\n"
            f"- mentors: {mentors}\n- pairings: {pairings}\n\n**Waits for**\n\n{self.waits_for()}"
        )
