"""PairingWorkflow: one mentor and one mentee, from the proposal to the closing review and after."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair

from activities.correspondence import About, Recipient
from activities.directory import NewsKind
from activities.dossiers import Dossiers, SetPairingStatus
from activities.letters.catalogue import Letter
from activities.lives import programme_life
from activities.scheduling import BookMeeting, CancelMeetings, MeetingKind, Scheduling
from workflows import policies
from workflows.asking import Question, Step, StepKind, ask, of_a_person, of_an_owner
from workflows.beside import Beside
from workflows.life import Life, Told
from workflows.names import MENTEE_REF, MENTOR_REF, NEXT_DUE, SESSIONS_HELD, STAGE
from workflows.session import Session
from workflows.stages import (
    Ending,
    MeetingRecord,
    MeetingStage,
    Outcome,
    PairingEnded,
    PairingStart,
    PairingState,
    Stage,
    StopMode,
)

_DAY = timedelta(days=1)
_PULSES = frozenset({1, 3, 6})
_IDEAS = frozenset({3, 6})
_SUPERVISED = frozenset({1, 3, 5})
_SECOND_MISS = 2
_ENDLESS = frozenset({"last-day"})


class _EndedError(Exception):
    """The story of a pairing has come to this end."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


@workflow.defn(name="PairingWorkflow")
class PairingWorkflow(Life[PairingState]):
    """The life of one pairing."""

    @workflow.init
    def __init__(self, start: PairingStart) -> None:
        super().__init__(start.terms, start.state)
        self.life_id = workflow.info().workflow_id
        roles = start.terms.roles
        self.mentor = Recipient(ref=start.state.mentor_ref, role="mentor")
        self.mentee = Recipient(ref=start.state.mentee_ref, role="mentee")
        self.coordinator = Recipient(ref=roles.coordinator, role="coordinator")

    @workflow.run
    async def run(self, start: PairingStart) -> str:  # noqa: ARG002 - taken by __init__
        """Lives the pairing to exactly one outcome and returns it."""
        self.show()
        outcome = await self._outcome()
        await self._report_outcome(outcome)
        if outcome is Outcome.COMPLETED:
            await self._continued(self._follow_up())
        self.state.stage = Stage.ENDED
        self.show()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return outcome.value

    # What others tell a pairing

    @workflow.signal(name="news", description="HR news about one of the pair")
    def news(self, told: Told) -> None:
        """Heeds that one of the pair leaves, leaves later, or stays after all."""
        if not self.is_new(told.key):
            return
        news = told.news
        if news.kind is NewsKind.LEFT:
            self.state.ending = Ending(outcome=Outcome.ENDED_EARLY, leaver_ref=news.person_ref)
        elif news.kind is NewsKind.LEAVES_LATER:
            self.state.last_day, self.state.leaver_ref = news.effective, news.person_ref
            if news.effective:
                self.aside(f"last-day/{news.effective.isoformat()}")
        elif news.kind is NewsKind.STAYS:
            self.state.last_day = self.state.leaver_ref = None

    @workflow.signal(name="mentor-certified", description="The mentor got the certificate")
    def mentor_certified(self) -> None:
        """Opens the training gate."""
        self.state.certified = True

    @workflow.signal(name="mentor-released", description="The mentor will not be certified")
    def mentor_released(self) -> None:
        """Ends the pairing: its mentor is not available."""
        self.state.mentor_unavailable = True
        self.state.ending = self.state.ending or Ending(outcome=Outcome.ENDED_EARLY)

    @workflow.signal(name="certificates-signed", description="The sponsor signed the certificate")
    def certificates_signed(self) -> None:
        """Lets the certificate go out."""
        self.state.signed = True

    @workflow.signal(name="programme-stopping", description="The programme is being stopped")
    def programme_stopping(self, mode: StopMode) -> None:
        """Finishes, winds down or stops at once, as the programme says."""
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
        while self.state.ending is None:
            plan = self._closing_deadline()
            try:
                if await self.live(self._story(), stop=partial(self._is_overtaken, plan)):
                    return self._finished()
            except _EndedError as ended:
                return await self._close(ended.outcome)
            if not self._is_overtaken(plan):
                workflow.continue_as_new(PairingStart(terms=self.terms, state=self.state))
            if self.state.ending is None:
                await self._replan()
        return await self._end_early(self.state.ending)

    def _is_overtaken(self, plan: datetime | None) -> bool:
        """Whether the story cannot go on as planned: it has to end, or to close by another day."""
        return self.state.ending is not None or self._closing_deadline() != plan

    async def _replan(self) -> None:
        """Takes back every meeting booked for later than the pairing may meet; the story books anew."""
        deadline = self._closing_deadline()
        for name, record in list(self.state.meetings.items()):
            if deadline and record.is_open and record.start and record.start > deadline:
                await self.drop_meeting(record)
                del self.state.meetings[name]
                self.state.done -= {key for key in self.state.done if key.startswith(f"{name}/")}

    def _finished(self) -> Outcome:
        """How a story that was told to its end has ended: completed only with all its sessions."""
        if self.state.held >= self.terms.sessions:
            return Outcome.COMPLETED
        return self._short()

    def _short(self) -> Outcome:
        return Outcome.PROGRAMME_STOPPED if self.state.stopping else Outcome.ENDED_EARLY

    async def _story(self) -> None:
        await self._consent()
        await self._training_gate()
        await self._kick_off()
        await self._sessions()
        await self._closing_review()
        await self._certificates()

    async def _continued(self, story: Any) -> None:  # noqa: ANN401 - a coroutine
        if not await self.live(story, stop=lambda: False):
            workflow.continue_as_new(PairingStart(terms=self.terms, state=self.state))

    def _enter(self, stage: Stage) -> None:
        self.state.stage = stage
        self.show()

    async def _consent(self) -> None:
        """Mentee first, then mentor; a no or silence ends the proposal and is shown to nobody."""
        self._enter(Stage.CONSENT)
        await self._propose(self.mentee, Letter.PROPOSAL_TO_MENTEE)
        await self._propose(self.mentor, Letter.PROPOSAL_TO_MENTOR)
        told = [self.mentor, self.mentee]
        if self.state.line_manager_ref:
            told.append(Recipient(ref=self.state.line_manager_ref, role="line-manager"))
        await self.write("confirmed", Letter.PAIRING_CONFIRMED, *told, about=self.about())
        await self._set_status("confirmed")

    async def _propose(self, to: Recipient, letter: Letter) -> None:
        timings = self.terms.timings
        steps = (
            Step(timings.proposal_reminder_wd, StepKind.REMIND, copy_assistant=to.role == "mentee"),
            Step(timings.proposal_task_wd, StepKind.TASK, self.coordinator),
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
            raise _EndedError(Outcome.LAPSED)
        if answer.choice != "accept":
            raise _EndedError(Outcome.DECLINED)

    async def _training_gate(self) -> None:
        """No pairing becomes active before its mentor is certified."""
        if not self.state.certified:
            self._enter(Stage.TRAINING_GATE)
            overdue = self.days.add(self.since("training gate"), self.terms.timings.training_within_wd)
            if not await self.clock.met(lambda: self.state.certified, by=overdue, summary="certificate"):
                await self.decide("training-gate", "mentor-not-certified")
            if not self.state.certified:
                self.state.mentor_unavailable = True
                raise _EndedError(Outcome.ENDED_EARLY)

    async def _kick_off(self) -> None:
        """Twenty minutes with the coordinator, the agreement signed by both, the mentee's needs."""
        self._enter(Stage.KICK_OFF)
        timings = self.terms.timings
        within = self.days.add(self.since("kick-off"), timings.kick_off_within_wd)
        booked = await self._meet(MeetingKind.KICK_OFF, timings.kick_off_min, within, (self.coordinator.ref,))
        self.aside("needs")
        await self._agreement()
        if booked is None:
            await self.decide("kick-off/booking", "no-common-slot")
        if booked and booked.end:
            await self.clock.until(booked.end, summary="kick-off")
            booked.stage = MeetingStage.HELD

    async def _agreement(self) -> None:
        """Both sign; who wants to talk first is asked again after the coordinator has talked with them."""
        both = (self.mentor, self.mentee)
        signed = await self._signatures("agreement", both)
        if signed is None and await self.decide("agreement-talk", "agreement-talk") == "done":
            signed = await self._signatures("agreement/again", both)
        if not signed:
            raise _EndedError(Outcome.ENDED_EARLY)
        await self.write("countersigned", Letter.AGREEMENT_COUNTERSIGNED, *both, about=self.about())

    async def _signatures(self, key: str, both: tuple[Recipient, ...]) -> bool | None:
        """Whether both signed, or the coordinator can do without; None where one wants to talk."""
        question = Question(
            key=key,
            letter=Letter.AGREEMENT,
            to=both,
            about=self.about(),
            steps=self.person_steps(15, task=5),
            lapses=15,
        )
        record = await ask(self, question)
        said = [given.choice for given in record.answers.values()]
        if "talk" in said:
            return None
        return record.waived or said == ["sign"] * len(both)

    # Sessions

    async def _sessions(self) -> None:
        """Sessions one and two are booked together, and always the next one before this one starts."""
        self._enter(Stage.SESSIONS)
        while not await self._sessions_over():
            session = Session(self, self.state.held + 1, self._misses())
            if session.record is None and not await self._book_session(session):
                break
            if session.number == 1 and session.record and session.record.start:
                await self.book_ahead(1, session.record.start)
            self._take_stock(session.number, await session.live())
            self.show()
        await self._drop_sessions(lambda _: True)
        await self.asides_done(but=_ENDLESS)
        if self.state.held == 0:
            raise _EndedError(self._short())

    def _misses(self) -> int:
        """How many tries came to nothing; part of a session's name, so that every try is another event."""
        return self.state.attempts - self.state.held

    async def _sessions_over(self) -> bool:
        """Heeds what the last session left behind; says whether there is to be no other."""
        held, limit = self.state.held, self.terms.sessions + self.terms.timings.spare_sessions
        misses = self._misses()
        await self._drop_sessions(lambda name: not name.endswith(f"/{misses}"))
        for number in sorted(_SUPERVISED):
            if number <= held:
                life = programme_life(self.terms.programme_id)
                await self.tell_once(f"told/{number}", life, "session-held", number)
        if self.state.missed:
            await self.once(f"missed/{self.state.attempts}", self._after_miss)
        return held >= self.terms.sessions or self.state.attempts >= limit or self._last_one()

    def _last_one(self) -> bool:
        """Whether no further session is to be held: winding down, or too close to somebody's last day."""
        if self.state.winding_down and self.state.held:
            return True
        closing = self._closing_deadline()
        return closing is not None and self.clock.now() + 7 * _DAY > closing

    def _closing_deadline(self) -> datetime | None:
        """Until when the pair may meet: some days before somebody's last, or the end of winding down."""
        before = self.terms.timings.closing_before_leaving_wd
        last = self.days.add(self.state.last_day, -before) if self.state.last_day else None
        return min(filter(None, (last, self.state.close_by)), default=None)

    async def _book_session(self, session: Session) -> bool:
        """Books a session that has no place yet, widening the window before a human is asked."""
        timings, now = self.terms.timings, self.clock.now()
        latest = self.days.add(now, timings.first_session_within_wd)
        for widening in (0, 10, 20):
            wide = self._capped(self.days.add(latest, widening))
            if wide > now + _DAY and await session.book(now + _DAY, wide, None):
                return True
        if self._last_one():
            return False
        await self.decide(f"{session.name}/booking", "no-common-slot")
        return await session.book(now + _DAY, self.days.add(self.clock.now(), 40), None) is not None

    async def book_ahead(self, number: int, start: datetime) -> None:
        """Books the session after this one, at the programme's cadence, unless this one is the last."""
        following = Session(self, number + 1, self._misses())
        if number >= self.terms.sessions or following.record is not None or self.state.winding_down:
            return
        timings = self.terms.timings
        near = start + timings.session_every_d * _DAY
        earliest, latest = start + timings.session_min_gap_d * _DAY, start + timings.session_max_gap_d * _DAY
        latest = self._capped(latest)
        if latest > earliest:
            await following.book(max(earliest, self.clock.now() + _DAY), latest, min(near, latest))

    def _capped(self, latest: datetime) -> datetime:
        closing = self._closing_deadline()
        return min(latest, closing) if closing else latest

    def _take_stock(self, number: int, became: MeetingStage) -> None:
        """Counts the session and starts what it leaves behind; all at once, so that nothing comes between."""
        self.state.attempts += 1
        if became is not MeetingStage.HELD:
            self.state.missed += 1
            return
        self.state.held, self.state.missed = number, 0
        if number == 1:
            self.aside("goals")
        if number in _PULSES:
            self.aside(f"pulse/{number}")
        if number in _IDEAS:
            self.aside(f"idea/{number}")
        if number == self.terms.sessions // 2:
            self.aside("mid-review")

    async def beside(self, name: str) -> None:
        """Tells a story that goes on beside the sessions."""
        await Beside(self).tell(name)

    async def _after_miss(self) -> None:
        """The first miss is rebooked, the second goes to the coordinator, the third needs a decision."""
        key = f"missed/{self.state.attempts}"
        if self.state.missed == _SECOND_MISS:
            self.aside(f"no-show/{self.state.attempts}")
        elif self.state.missed > _SECOND_MISS and await self.decide(key, "no-show") != "done":
            raise _EndedError(Outcome.ENDED_EARLY)

    async def _drop_sessions(self, unwanted: Callable[[str], bool]) -> None:
        """Cancels the open sessions whose names are unwanted."""
        for name, record in self.state.meetings.items():
            if record.kind is MeetingKind.SESSION and record.is_open and unwanted(name):
                await self.drop_meeting(record)

    async def drop_meeting(self, record: MeetingRecord) -> None:
        """Cancels one meeting in every calendar; it leaves the list of open events only when that worked."""
        request = CancelMeetings(keys=(record.key,))
        await self.act(Scheduling.cancel_meetings, request, policies.CALENDAR, "cancel a meeting")
        record.stage = MeetingStage.CANCELLED

    # The end

    async def _closing_review(self) -> None:
        """The review meets, both answer apart, and the summary goes to the pair only."""
        self._enter(Stage.CLOSING_REVIEW)
        timings = self.terms.timings
        within = self.days.add(self.since("closing review"), timings.closing_within_wd)
        booked = await self._meet(MeetingKind.CLOSING_REVIEW, timings.closing_min, within, ())
        if booked and booked.end:
            await self.clock.until(booked.end, summary="closing review")
            booked.stage = MeetingStage.HELD
        question = self.both("closing-review", Letter.CLOSING_REVIEW, self.state.held, lapses=10)
        await ask(self, question)
        both = (self.mentor, self.mentee)
        await self.write("closing-summary", Letter.CLOSING_SUMMARY, *both, about=self.about())

    async def _certificates(self) -> None:
        """The sponsor signs for a whole batch; then certificate and thanks go out."""
        self._enter(Stage.CERTIFICATES)
        life = programme_life(self.terms.programme_id)
        await self.tell_once("told/closed", life, "closing-reviewed", self.state.pairing_id)
        overdue = self.days.add(self.since("signature"), self.terms.timings.signing_overdue_wd)
        if not await self.clock.met(lambda: self.state.signed, by=overdue, summary="sponsor's signature"):
            arranged = await self.decide("unsigned", "certificate-unsigned") == "done"
            self.state.signed = self.state.signed or arranged
        if self.state.signed:
            await self.write("certificate", Letter.CERTIFICATE, self.mentor, about=self.about())
        await self.write("thanks", Letter.THANKS_MENTEE, self.mentee, about=self.about())
        if self.state.line_manager_ref:
            boss = Recipient(ref=self.state.line_manager_ref, role="line-manager")
            await self.write("thanks-line-manager", Letter.THANKS_LINE_MANAGER, boss, about=self.about())

    async def _follow_up(self) -> None:
        self._enter(Stage.FOLLOW_UP)
        due = self.since("follow-up") + self.terms.timings.follow_up_d * _DAY
        await self.clock.until(due, summary="follow-up")
        await ask(self, self.both("follow-up", Letter.FOLLOW_UP, self.state.held, lapses=10))

    async def _end_early(self, ending: Ending) -> Outcome:
        """Ends for a reason outside the story: neutral notes, then a short review if sessions were held."""
        spare = (ending.leaver_ref,) if ending.leaver_ref else ()
        await self.cancel_open_meetings(spare=spare)
        staying = tuple(r for r in (self.mentor, self.mentee) if r.ref not in spare)
        confirmed = "confirmed" in self.state.done
        if not confirmed and self._mentee_had_accepted() and self.mentee in staying:
            await self.write("proposal-closed", Letter.PROPOSAL_CLOSED, self.mentee, about=self.about())
        if confirmed:
            letter = (
                Letter.PROGRAMME_STOPPED
                if not ending.leaver_ref and self._stopped(ending)
                else Letter.PAIRING_ENDED
            )
            await self.write("ended", letter, *staying, about=self.about())
        if confirmed and self.state.held and not self._stopped(ending):
            await self._continued(self._short_review(staying))
        return ending.outcome

    @staticmethod
    def _stopped(ending: Ending) -> bool:
        return ending.outcome is Outcome.PROGRAMME_STOPPED

    async def _short_review(self, staying: tuple[Recipient, ...]) -> None:
        question = Question(
            key="closing-review/short",
            letter=Letter.CLOSING_REVIEW,
            to=staying,
            about=self.about(reason="short"),
            steps=self.person_steps(10),
            lapses=10,
        )
        await ask(self, question)

    async def _close(self, outcome: Outcome) -> Outcome:
        await self.cancel_open_meetings()
        if outcome in {Outcome.DECLINED, Outcome.LAPSED} and self._mentee_had_accepted():
            await self.write("proposal-closed", Letter.PROPOSAL_CLOSED, self.mentee, about=self.about())
        if outcome is Outcome.ENDED_EARLY:
            await self.write("ended", Letter.PAIRING_ENDED, self.mentor, self.mentee, about=self.about())
        return outcome

    def _mentee_had_accepted(self) -> bool:
        accepted = self.state.asks.get("proposal/mentee")
        return accepted is not None and any(one.choice == "accept" for one in accepted.answers.values())

    async def _report_outcome(self, outcome: Outcome) -> None:
        await self._set_status(outcome.value)
        programme = programme_life(self.terms.programme_id)
        ended = PairingEnded(
            pairing_id=self.state.pairing_id,
            mentor_ref=self.state.mentor_ref,
            mentee_ref=self.state.mentee_ref,
            outcome=outcome,
            held=self.state.held,
            leaver_ref=self.state.ending.leaver_ref if self.state.ending else None,
            mentor_unavailable=self.state.mentor_unavailable,
        )
        await self.tell_once("told/ended", programme, "pairing-ended", ended)

    # Small things

    async def decide(self, key: str, kind: str, about_ref: str | None = None) -> str:
        """Opens the coordinator's task and waits for the word on it; deputy and sponsor are next.

        `done` or `waive`; silence is `waive`, and `remind` is asked once more after the days of a decision.
        """
        roles = self.terms.roles
        await self.open_task(key, kind, roles.coordinator, about_ref)
        choice = await self._word_on(f"decision/{key}", kind, about_ref)
        if choice == "remind":
            later = self.days.add(self.since(f"later/{key}"), self.terms.timings.decision_wd)
            await self.clock.until(later, summary=f"ask again: {kind}")
            choice = await self._word_on(f"decision/{key}/again", kind, about_ref)
        await self.close_task(key, choice)
        return choice

    async def _word_on(self, key: str, kind: str, about_ref: str | None) -> str:
        roles = self.terms.roles
        question = Question(
            key=key,
            letter=Letter.TASK,
            to=(self.coordinator,),
            about=self.about(task=kind).model_copy(update={"people": (about_ref,) if about_ref else ()}),
            steps=of_an_owner(self.terms.timings.decision_wd, deputy=roles.deputy, sponsor=roles.sponsor),
            lapses=3 * self.terms.timings.decision_wd,
            any_of=True,
        )
        given = next(iter((await ask(self, question)).answers.values()), None)
        return given.choice if given else "waive"

    async def _meet(
        self, kind: MeetingKind, minutes: int, within: datetime, others: tuple[str, ...]
    ) -> MeetingRecord | None:
        known = self.state.meetings.get(kind.value)
        if known and known.is_booked:
            return known
        now = self.clock.now()
        for widening in (0, 10, 20):
            latest = self.days.add(within, widening)
            if self.state.last_day:
                latest = min(latest, self.state.last_day)
            if latest <= now + _DAY:
                continue
            request = BookMeeting(
                key=self.key(kind.value),
                kind=kind,
                programme_id=self.terms.programme_id,
                life=self.life_id,
                required=(self.mentor.ref, self.mentee.ref, *others),
                minutes=minutes,
                earliest=now + _DAY,
                latest=latest,
                prefer=self.mentee.ref,
            )
            if record := await self.book(kind.value, request):
                return record
        return None

    def both(self, key: str, letter: Letter, session: int, *, lapses: int) -> Question:
        """A question to both, who answer apart."""
        return Question(
            key=key,
            letter=letter,
            to=(self.mentor, self.mentee),
            about=self.about(session=session),
            steps=self.person_steps(lapses),
            lapses=lapses,
        )

    def person_steps(self, lapses: int, *, task: int | None = None) -> tuple[Step, ...]:
        """Two reminders within the time of an ask, then the coordinator's task where it has one."""
        remind = (max(1, lapses // 3), max(2, 2 * lapses // 3))
        return of_a_person(lapses, coordinator=self.coordinator.ref, remind=remind, task=task)

    async def _set_status(self, status: str) -> None:
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
        order = list(Stage)
        here = order.index(self.state.stage)
        marks = ["✅" if n < here else "⏳" if n == here else "⬜" for n in range(len(order))]
        steps = "\n".join(f"- {mark} {stage.value}" for mark, stage in zip(marks, order, strict=True))
        held = f"{self.state.held} of {self.terms.sessions} sessions held"
        return f"**{self.state.stage.value}** · {held}\n\n{steps}\n\n**Waits for**\n\n{self.waits_for()}"
