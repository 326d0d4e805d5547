"""ProgrammeWorkflow: one cohort, from the sponsor's go to the report and the destruction of its data."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import count
from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributePair

from activities.correspondence import About, Correspondence, Invite, Recipient
from activities.directory import NewsKind
from activities.dossiers import DestroyDossiers, Dossiers
from activities.letters.catalogue import Letter
from activities.lives import mentor_life
from activities.matching import Matching, ProposePairs
from activities.reports import Reports, WriteReport
from activities.scheduling import BookMeeting, MeetingKind
from workflows import policies
from workflows.asking import Question, ask, of_an_owner
from workflows.batches import Ideas, Signing
from workflows.cohort import MentorCohort
from workflows.life import Life, Told
from workflows.names import STAGE
from workflows.seats import Seats
from workflows.stages import (
    MeetingStage,
    MentorProgress,
    Outcome,
    PairingEnded,
    ProgrammeStage,
    ProgrammeStart,
    ProgrammeState,
    StopMode,
)
from workflows.training import TrainingGroup

_DAY = timedelta(days=1)
_ENDLESS = frozenset({"stopping", "latecomers", "gates"})
_REPORTS = 6
_HELD_WD = 10


@workflow.defn(name="ProgrammeWorkflow")
class ProgrammeWorkflow(Life[ProgrammeState]):
    """The life of one programme."""

    @workflow.init
    def __init__(self, start: ProgrammeStart) -> None:
        super().__init__(start.terms, start.state or ProgrammeState(programme_id=start.programme_id))
        self.life_id = workflow.info().workflow_id

    @workflow.run
    async def run(self, start: ProgrammeStart) -> str:
        """Lives the programme to its end and returns how it ended: completed, not-opened or stopped."""
        await self.begin_in(start.programme_id, start.terms)
        self.show()
        await self._lived(self._story, stop=self._stopped_early)
        await self._lived(self._end, stop=lambda: False)
        self._enter(ProgrammeStage.ENDED)
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
    def idea_handed_in(self, idea_id: str) -> None:
        """Puts the idea on the sponsor's next digest."""
        if idea_id not in self.state.ideas:
            self.state.ideas.append(idea_id)

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
        """Heeds a request to stop the programme."""
        stoppable = self.state.stop_wanted is None and self.state.stopped is None
        if self.is_new(told.key) and told.news.kind is NewsKind.STOP_REQUESTED and stoppable:
            self.state.stop_wanted = StopMode(told.news.mode or StopMode.WIND_DOWN)

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
        if not await self.live(story(), stop=stop) and not stop():
            workflow.continue_as_new(
                ProgrammeStart(programme_id=self.state.programme_id, terms=self.terms, state=self.state)
            )

    async def _story(self) -> None:
        if not await self._opened():
            return
        await self._call()
        await self._training()
        await self._matching()
        await self._supervision()

    def _enter(self, stage: ProgrammeStage) -> None:
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

    async def _call(self) -> None:
        """Mentors apply and managers opt in side by side; then every application is decided."""
        self._enter(ProgrammeStage.CALL)
        timings = self.terms.timings
        opened = self.since("call")
        closes = opened + timings.call_open_d * _DAY
        opt_in_closes = self.days.add(opened, timings.opt_in_wd)
        await asyncio.gather(
            self.once("invited/mentees", lambda: self._invite("mentees", opt_in_closes)),
            self.once("invited/mentors", lambda: self._invite("mentors", closes)),
            self.once("invited/line-managers", lambda: self._invite("line-managers", closes)),
        )
        reminder = opened + timings.call_reminder_d * _DAY
        await self.clock.until(reminder, summary="reminders of the call")
        await self.once("reminded/mentors", lambda: self._invite("mentors", closes, reminder=1))
        await self.once("reminded/mentees", lambda: self._invite("mentees", opt_in_closes, reminder=1))
        await self.clock.until(max(closes, opt_in_closes), summary="the call closes")
        await self._welcome()
        decided = self.days.add(closes, 2 * (timings.line_manager_consent_wd + timings.screening_wd))
        await self.clock.met(self._all_decided, by=decided, summary="applications decided")

    def _all_decided(self) -> bool:
        return "applied" not in self.state.mentors.values()

    async def _invite(self, kind: str, answer_by: Any, *, reminder: int = 0) -> None:  # noqa: ANN401 - datetime
        request = Invite(
            key=self.key("invite", kind),
            programme_id=self.terms.programme_id,
            kind=kind,
            life=self.life_id,
            answer_by=answer_by,
            expires_at=answer_by,
            reminder=reminder,
        )
        await self.act(Correspondence.invite, request, policies.MAILING, f"invite {kind}")

    def mentees(self) -> tuple[str, ...]:
        """Those who opted in, by ref."""
        prefix = "opt-in/"
        return tuple(
            key.removeprefix(prefix)
            for key, record in sorted(self.state.asks.items())
            if key.startswith(prefix) and any(given.choice == "yes" for given in record.answers.values())
        )

    async def _welcome(self) -> None:
        """Welcomes who opted in and books one briefing with all who can come."""
        mentees = self.mentees()
        recipients = (Recipient(ref=ref, role="mentee") for ref in mentees)
        await self.write("welcome", Letter.MENTEE_WELCOME, *recipients, about=self.about())
        if mentees:
            minutes = self.terms.timings.briefing_min
            await self._group_meeting(MeetingKind.BRIEFING, 1, self.terms.roles.coordinator, mentees, minutes)

    async def _group_meeting(
        self, kind: MeetingKind, number: int, host: str, wanted: tuple[str, ...], minutes: int
    ) -> None:
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
            await self._supervise(int(rest))
        elif kind == "refill":
            await self._refill(rest)
        elif kind == "no-candidate":
            await Seats(self).talk(rest)
        else:
            stories = {
                "stopping": self._stopping,
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
        self._enter(ProgrammeStage.TRAINING)
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
        self._enter(ProgrammeStage.MATCHING)
        if "published" in self.state.done:
            return
        roles = self.terms.roles
        for number in count(1):
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
            given = next(iter((await ask(self, question)).answers.values()), None)
            if given and given.choice == "publish":
                await Seats(self).publish(matching, given.answer_id)
                self.state.done.add("published")
                return

    async def _propose(self, request: ProposePairs, number: int) -> None:
        await self.act(Matching.propose_pairs, request, policies.SOLVE, f"matching {number}")

    async def _supervision(self) -> None:
        """Fills seats again, supervises mentors, carries ideas and signatures until every seat is settled."""
        self._enter(ProgrammeStage.SUPERVISION)
        self.aside("signing")
        self.aside("ideas")
        for number in (1, 3, 5):
            self.aside(f"supervision/{number}")
        while self.state.ended or not self.settled():
            for ended in self.state.ended:
                self.aside(f"refill/{ended.pairing_id}")
            left = len(self.state.ended)
            await workflow.wait_condition(
                lambda left=left: (
                    len(self.state.ended) != left  # type: ignore[misc]
                    or (self.settled() and not self.state.ended)
                )
            )
        await self.asides_done(but=_ENDLESS)

    async def _refill(self, pairing_id: str) -> None:
        ended = next(one for one in self.state.ended if one.pairing_id == pairing_id)
        await Seats(self).refill(ended)
        self.state.ended.remove(ended)

    def settled(self) -> bool:
        """Whether no pairing of the programme is running."""
        return all(pair.outcome for pair in self.state.pairings.values())

    async def _supervise(self, number: int) -> None:
        """When half of the running pairings have held this session, trainer and mentors meet."""
        await workflow.wait_condition(lambda: self._half_held(number) or self.settled())
        mentors = tuple(
            dict.fromkeys(pair.mentor_ref for pair in self.state.pairings.values() if pair.outcome is None)
        )
        if mentors:
            minutes = self.terms.timings.supervision_min
            await self._group_meeting(
                MeetingKind.SUPERVISION, number, self.terms.roles.trainer, mentors, minutes
            )

    def _half_held(self, number: int) -> bool:
        running = sum(pair.outcome is None for pair in self.state.pairings.values())
        return bool(running) and 2 * self.state.held.get(number, 0) >= running

    # The end

    async def _end(self) -> None:
        """Report, the coordinator's close, the end of service for all mentors, and the end of retention."""
        await self.cancel_open_meetings()
        if self.state.pairings:
            await self._report()
        for ref, status in list(self.state.mentors.items()):
            if status in {"applied", "selected", "certified"}:
                life = mentor_life(self.terms.programme_id, ref)
                await self.tell_once(f"over/{ref}", life, "programme-over")
        self._enter(ProgrammeStage.RETENTION)
        until = self.since("retention") + self.terms.timings.retention_months * 30.44 * _DAY
        await self.clock.until(until, summary="personal data is kept until then")
        request = DestroyDossiers(programme_id=self.terms.programme_id)
        await self.once(
            "destroyed",
            lambda: self.act(Dossiers.destroy_dossiers, request, policies.RECORD, "destroy personal data"),
        )

    async def _report(self) -> None:
        self._enter(ProgrammeStage.REPORT)
        roles = self.terms.roles
        if any(pair.outcome is Outcome.COMPLETED for pair in self.state.pairings.values()):
            answered = (self.state.last_end or self.clock.now()) + (
                self.terms.timings.follow_up_d + 15
            ) * _DAY
            await self.clock.until(answered, summary="follow-up answers")
        report_id = f"{self.terms.programme_id}/report"
        for number in range(1, _REPORTS + 1):
            if await self._is_approved(number, report_id):
                break
            held = self.days.add(self.since(f"report held/{number}"), _HELD_WD)
            await self.clock.until(held, summary="the report is held")
        else:
            return
        about = self.about().model_copy(update={"record_id": report_id})
        sponsor = Recipient(ref=roles.sponsor, role="sponsor")
        await self.write("report-letter", Letter.REPORT, sponsor, about=about)

    async def _is_approved(self, number: int, report_id: str) -> bool:
        """Writes the report anew and asks whether the programme may be closed with it; silence is no yes."""
        request = WriteReport(programme_id=self.terms.programme_id, report_id=report_id)
        await self.act(Reports.write_report, request, policies.RECORD, f"report {number}")
        coordinator = Recipient(ref=self.terms.roles.coordinator, role="coordinator")
        question = self.decision(
            f"report-approval/{number}",
            Letter.REPORT_APPROVAL,
            coordinator,
            deputy=self.terms.roles.deputy,
            record_id=report_id,
        )
        return await self.choice(question) == "close"

    async def _stopping(self) -> None:
        """A stop is confirmed by a second person who has seen what it means; then every pairing is told."""
        while self.state.stopped is None:
            await workflow.wait_condition(lambda: self.state.stop_wanted is not None)
            mode = self.state.stop_wanted
            number = self._count("stop")
            sponsor = Recipient(ref=self.terms.roles.sponsor, role="sponsor")
            question = self.decision(
                f"stop/{number}",
                Letter.STOP_CONFIRMATION,
                sponsor,
                deputy=self.terms.roles.deputy,
                reason=str(mode),
            )
            if await self.choice(question) == "confirm":
                self.state.stopped = mode
            else:
                self.state.stop_wanted = None
        if not self.state.pairings:
            await self._say_stopped()
        for pairing, pair in list(self.state.pairings.items()):
            if pair.outcome is None:
                await self.tell_once(f"stopping/{pairing}", pairing, "programme-stopping", self.state.stopped)
        self.show()

    async def _say_stopped(self) -> None:
        """Tells mentors and mentees of a programme that ends before anybody was paired."""
        waiting = {"applied", "selected", "certified"}
        mentors = (ref for ref, status in sorted(self.state.mentors.items()) if status in waiting)
        to = [Recipient(ref=ref, role="mentor") for ref in mentors]
        to += [Recipient(ref=ref, role="mentee") for ref in self.mentees()]
        await self.write("stopped", Letter.PROGRAMME_STOPPED, *to, about=self.about())

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
        given = next(iter((await ask(self, question)).answers.values()), None)
        return given.choice if given else None

    def _count(self, name: str) -> int:
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
        order = list(ProgrammeStage)
        here = order.index(self.state.stage)
        marks = ["✅" if n < here else "⏳" if n == here else "⬜" for n in range(len(order))]
        steps = "\n".join(f"- {mark} {stage.value}" for mark, stage in zip(marks, order, strict=True))
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
            f"**Programme {self.state.programme_id}**\n\n{steps}\n\n"
            f"- mentors: {mentors}\n- pairings: {pairings}\n\n**Waits for**\n\n{self.waits_for()}"
        )
