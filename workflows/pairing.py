"""PairingWorkflow: one mentor and one mentee, from the proposal to the closing review and after."""

from datetime import datetime
from functools import partial
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair

from activities.correspondence import About, Recipient
from activities.directory import NewsKind
from activities.dossiers import Dossiers, SetPairingStatus
from activities.letters.catalogue import Letter
from activities.scheduling import CancelMeetings, MeetingKind, Scheduling
from workflows import policies
from workflows.asking import Owner, Question, Step, StepKind, ask, of_a_person, of_a_task
from workflows.beside import Beside
from workflows.closing import Closing
from workflows.ending import EndedError, Ends
from workflows.kick_off import KickOff
from workflows.life import Life, Told
from workflows.matters import call_for_help, decide
from workflows.names import MENTEE_REF, MENTOR_REF, NEXT_DUE, SESSIONS_HELD, STAGE
from workflows.sessions import ENDLESS, Sessions
from workflows.stages import (
    Ending,
    MeetingRecord,
    MeetingStage,
    Outcome,
    PairingStart,
    PairingState,
    Stage,
    StopMode,
    stage_list,
)


@workflow.defn(name="PairingWorkflow")
class PairingWorkflow(Life[PairingState]):
    """The life of one pairing."""

    @workflow.init
    def __init__(self, start: PairingStart) -> None:
        super().__init__(start.terms, start.state)
        self.life_id = workflow.info().workflow_id
        self.mentor = Recipient(ref=start.state.mentor_ref, role="mentor")
        self.mentee = Recipient(ref=start.state.mentee_ref, role="mentee")

    @property
    def coordinator(self) -> Recipient:
        """Who runs the programme at present."""
        return Recipient(ref=self.terms.roles.coordinator, role="coordinator")

    @workflow.run
    async def run(self, start: PairingStart) -> str:  # noqa: ARG002 - taken by __init__
        """Lives the pairing to exactly one outcome and returns it."""
        self.show()
        outcome = self.state.outcome = self.state.outcome or await self._outcome()
        await Ends(self).report(outcome)
        if outcome is Outcome.COMPLETED:
            await self.continued(Closing(self).follow_up())
        await self.continued(self.asides_done(but=ENDLESS))
        await self.close_tasks()
        self.state.stage = Stage.ENDED
        self.show()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return outcome.value

    # What others tell a pairing

    @workflow.signal(name="news", description="HR news about one of the pair")
    def news(self, told: Told) -> None:
        """Heeds that one of the pair leaves, leaves later, or stays after all."""
        if not self.is_newest(told):
            return
        news = told.news
        if news.kind is NewsKind.LEFT and news.person_ref:
            self.leave(news.person_ref)
        elif news.kind is NewsKind.LEAVES_LATER and news.person_ref and news.effective:
            self.state.last_days[news.person_ref] = news.effective
            self.aside("last-day")
        elif news.kind is NewsKind.STAYS and news.person_ref:
            self.state.last_days.pop(news.person_ref, None)

    def leave(self, ref: str) -> None:
        """Ends the pairing as one of the pair has left; what is closed already stays as it is."""
        if not self.has_closed():
            self.state.ending = Ending(outcome=Outcome.ENDED_EARLY, leaver_ref=ref)

    def is_confirmed(self) -> bool:
        """Whether both have accepted, and the directory knows."""
        return "status/confirmed" in self.state.done

    def has_closed(self) -> bool:
        """Whether the pair has its closing review behind it, so that only signature and thanks are left."""
        return "closing-summary" in self.state.done

    def heard(self, ask_key: str, person_ref: str, choice: str) -> None:
        """Has who asks for it contacted at once, without waiting for the other's answer."""
        kind, _, number = ask_key.partition("/")
        if kind == "pulse" and choice == "contact-me":
            self.aside(f"contact/{number}/{person_ref}")

    @workflow.signal(name="mentor-certified", description="The mentor got the certificate")
    def mentor_certified(self) -> None:
        """Opens the training gate."""
        self.state.certified = True

    @workflow.signal(name="mentor-released", description="The mentor will not be certified")
    def mentor_released(self) -> None:
        """Ends the pairing: its mentor is not available."""
        if not self.has_closed():
            self.state.mentor_unavailable = True
            self.state.ending = self.state.ending or Ending(outcome=Outcome.ENDED_EARLY)

    @workflow.signal(name="certificates-signed", description="The sponsor signed the certificate")
    def certificates_signed(self) -> None:
        """Lets the certificate go out."""
        self.state.signed = True

    @workflow.signal(name="programme-stopping", description="The programme is being stopped")
    def programme_stopping(self, mode: StopMode) -> None:
        """Finishes, winds down or stops at once, as the programme says; what is closed stays as it is."""
        if self.has_closed():
            return
        unconfirmed = self.state.stage in {Stage.CONSENT, Stage.TRAINING_GATE}
        if mode is StopMode.STOP_NOW or unconfirmed:
            self.state.ending = self.state.ending or Ending(outcome=Outcome.PROGRAMME_STOPPED)
            return
        self.state.stopping = True
        if mode is StopMode.WIND_DOWN and self.state.close_by is None:
            self.state.winding_down = mode
            self.state.close_by = self.days.add(self.clock.now(), self.terms.timings.wind_down_wd)

    # The story

    async def _outcome(self) -> Outcome:
        """Lives the story to its end, or to the ending that life brings; a new last day changes the plan."""
        if self.state.last_days:
            self.aside("last-day")
        while self.state.ending is None:
            plan = self.closing_deadline()
            try:
                if await self.live(self._story(), stop=partial(self._is_overtaken, plan)):
                    return self._finished()
            except EndedError as ended:
                return await Ends(self).close(ended.outcome)
            if not self._is_overtaken(plan):
                workflow.continue_as_new(PairingStart(terms=self.terms, state=self.state))
            if self.state.ending is None:
                await self._replan()
        return await Ends(self).end_early(self.state.ending)

    def _is_overtaken(self, plan: datetime | None) -> bool:
        """Whether the story cannot go on as planned: it has to end, or to close by another day."""
        replanned = not self.has_closed() and self.closing_deadline() != plan
        return self.state.ending is not None or replanned

    async def _replan(self) -> None:
        """Takes back every meeting booked for later than the pairing may meet; the story books anew."""
        for record in self.state.meetings.values():
            latest = self.latest(record.kind)
            if latest and record.is_open and record.start and record.start > latest:
                await self.drop_meeting(record)
                record.want_again()

    def _finished(self) -> Outcome:
        """How a story that was told to its end has ended: completed only with all its sessions."""
        if self.state.held >= self.terms.sessions:
            return Outcome.COMPLETED
        return self.short()

    def short(self) -> Outcome:
        """How a pairing ends that did not come to all its sessions."""
        return Outcome.PROGRAMME_STOPPED if self.state.stopping else Outcome.ENDED_EARLY

    async def _story(self) -> None:
        await self._consent()
        await self._training_gate()
        await KickOff(self).live()
        await Sessions(self).live()
        await Closing(self).review()
        await Closing(self).certificates()

    async def continued(self, story: Any) -> None:  # noqa: ANN401 - a coroutine
        """Lives a story that nothing overtakes, also where the history grows too long for one run."""
        if not await self.live(story, stop=lambda: False):
            workflow.continue_as_new(PairingStart(terms=self.terms, state=self.state))

    def enter(self, stage: Stage) -> None:
        """Has the pairing stand there from now on; a story told again brings it to no stage it has left."""
        if self.state.stage.precedes(stage):
            self.state.stage = stage
        self.show()

    async def _consent(self) -> None:
        """Mentee first, then mentor; a no or silence ends the proposal and is shown to nobody."""
        self.enter(Stage.CONSENT)
        await self._propose(self.mentee, Letter.PROPOSAL_TO_MENTEE)
        await self._propose(self.mentor, Letter.PROPOSAL_TO_MENTOR)
        await self.set_status("confirmed")
        self.aside("confirmed")

    async def _propose(self, to: Recipient, letter: Letter) -> None:
        timings = self.terms.timings
        steps = (
            Step(timings.proposal_reminder_wd, StepKind.REMIND, copy_assistant=to.role == "mentee"),
            *of_a_task(
                timings.proposal_task_wd, timings.proposal_lapses_wd, self.coordinator, self._stand_in()
            ),
        )
        question = Question(
            key=f"proposal/{to.role}",
            letter=letter,
            to=(to,),
            about=self.about(),
            steps=steps,
            lapses=timings.proposal_lapses_wd,
        )
        answer = (await ask(self, question)).answers.get(to.ref)
        if answer is None:
            raise EndedError(Outcome.LAPSED)
        if answer.choice != "accept":
            raise EndedError(Outcome.DECLINED)

    async def _training_gate(self) -> None:
        """No pairing becomes active before its mentor is certified."""
        if not self.state.certified:
            self.enter(Stage.TRAINING_GATE)
            overdue = self.days.add(self.since("training gate"), self.terms.timings.training_within_wd)
            if not await self.clock.met(lambda: self.state.certified, by=overdue, summary="certificate"):
                await self.decide("training-gate", "mentor-not-certified")
            if not self.state.certified:
                self.state.mentor_unavailable = True
                raise EndedError(Outcome.ENDED_EARLY)

    # What the parts of the story share

    def closing_deadline(self) -> datetime | None:
        """Until when the pair may meet: some days before somebody's last, or the end of winding down."""
        before = self.terms.timings.closing_before_leaving_wd
        last = min(self.state.last_days.values(), default=None)
        leaving = self.days.add(last, -before) if last else None
        return min(filter(None, (leaving, self.state.close_by)), default=None)

    def latest(self, kind: MeetingKind) -> datetime | None:
        """Until when a meeting of this kind may begin; kick-off and review may as long as both are here."""
        if kind is MeetingKind.SESSION:
            return self.closing_deadline()
        return min(self.state.last_days.values(), default=None)

    async def beside(self, name: str) -> None:
        """Tells a story that goes on beside the main one."""
        await (KickOff(self).hold() if name == "kick-off" else Beside(self).tell(name))

    async def call_for_help(self, name: str) -> None:
        """Has the coordinator say when what failed for good may be tried again."""
        await call_for_help(self, name, self.about())

    async def book_ahead(self, number: int, start: datetime) -> None:
        """Books the session after this one."""
        await Sessions(self).book_ahead(number, start)

    async def drop_meeting(self, record: MeetingRecord) -> None:
        """Cancels one meeting in every calendar; it leaves the list of open events only when that worked."""
        request = CancelMeetings(keys=(record.key,))
        await self.act(Scheduling.cancel_meetings, request, policies.CALENDAR, "cancel a meeting")
        record.stage = MeetingStage.CANCELLED

    # Small things

    async def decide(self, key: str, kind: str, about_ref: str | None = None) -> str:
        """Waits for the coordinator's word on a matter: `done` or `waive`; silence is `waive`."""
        return await decide(self, key, kind, about=self.about(), about_ref=about_ref)

    def both(
        self, key: str, letter: Letter, session: int, *, lapses: int, after: MeetingRecord | None = None
    ) -> Question:
        """A question to both, who answer apart; not asked where the meeting it comes `after` was moved."""
        return Question(
            key=key,
            letter=letter,
            to=(self.mentor, self.mentee),
            about=self.about(session=session, meeting=after.key if after else None),
            steps=self.person_steps(lapses),
            lapses=lapses,
            expected_start=after.start if after else None,
        )

    def person_steps(self, lapses: int, *, task: int | None = None) -> tuple[Step, ...]:
        """Two reminders within the time of an ask, then the coordinator's task where it has one."""
        remind = (max(1, lapses // 3), max(2, 2 * lapses // 3))
        return of_a_person(lapses, remind=remind, task=task, owner=self.coordinator, deputy=self._stand_in())

    def _stand_in(self) -> Owner:
        """Who has the coordinator's tasks where they bring no word."""
        deputy = Recipient(ref=self.terms.roles.deputy, role="deputy")
        return deputy, self.terms.timings.decision_wd

    async def set_status(self, status: str) -> None:
        """Keeps where the pairing stands in the directory of pairings, once for each status."""
        request = SetPairingStatus(pairing_id=self.state.pairing_id, status=status, held=self.state.held)
        key = f"status/{status}"
        await self.once(
            key, lambda: self.act(Dossiers.set_pairing_status, request, policies.RECORD, f"status: {status}")
        )

    def about(
        self,
        *,
        meeting: str | None = None,
        session: int = 0,
        reason: str = "",
        task: str = "",
        record_id: str | None = None,
    ) -> About:
        """What a letter of this pairing is about."""
        return About(
            programme_id=self.terms.programme_id,
            pairing_id=self.state.pairing_id,
            mentor_ref=self.state.mentor_ref,
            mentee_ref=self.state.mentee_ref,
            meeting_key=meeting,
            session=session,
            sessions_held=self.state.held,
            reason=reason,
            task=task,
            record_id=record_id,
        )

    def attributes(self) -> list[SearchAttributePair[Any]]:
        """Stage, people and sessions; the next due date is that of the next session."""
        due = self._next_session()
        pairs: list[SearchAttributePair[Any]] = [
            SearchAttributePair(STAGE, self.state.stage.value),
            SearchAttributePair(MENTOR_REF, self.state.mentor_ref),
            SearchAttributePair(MENTEE_REF, self.state.mentee_ref),
            SearchAttributePair(SESSIONS_HELD, self.state.held),
        ]
        return pairs + ([SearchAttributePair(NEXT_DUE, due)] if due else [])

    def blank(self) -> list[SearchAttributeKey[Any]]:
        """No next due date where no session is booked."""
        return [] if self._next_session() else [NEXT_DUE]

    def _next_session(self) -> datetime | None:
        booked = [one for one in self.state.meetings.values() if one.stage is MeetingStage.BOOKED]
        return min(
            (one.start for one in booked if one.start and one.kind is MeetingKind.SESSION), default=None
        )

    def details(self) -> str:
        """Where the pairing stands and what it waits for."""
        held = f"{self.state.held} of {self.terms.sessions} sessions held"
        steps = stage_list(self.state.stage)
        return f"**{self.state.stage.value}** · {held}\n\n{steps}\n\n**Waits for**\n\n{self.waits_for()}"
