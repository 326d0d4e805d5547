"""MentorWorkflow: one mentor in one programme, from the application to the end of service."""

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributePair

from activities.correspondence import About, Recipient
from activities.directory import NewsKind
from activities.dossiers import Dossiers, ReadLineManager, SetMentorStatus
from activities.letters.catalogue import Letter
from activities.lives import programme_life
from workflows import policies
from workflows.asking import Question, ask, of_a_person, of_an_owner
from workflows.life import Life, Told
from workflows.matters import call_for_help
from workflows.names import MENTOR_REF, STAGE
from workflows.stages import Given, MentorProgress, MentorStage, MentorStart, MentorState, stage_list

_SELECTED = "selected"
_ANSWERS = {"accept": _SELECTED, "waiting-list": "waiting-list", "not-now": "not-selected"}
_LETTERS = {
    _SELECTED: Letter.MENTOR_ACCEPTED,
    "waiting-list": Letter.MENTOR_WAITING_LIST,
    "not-selected": Letter.MENTOR_NOT_NOW,
}


class _EndedError(Exception):
    """The mentor's story ends here, with this status."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


@workflow.defn(name="MentorWorkflow")
class MentorWorkflow(Life[MentorState]):
    """The life of one mentor; it begins with the application."""

    @workflow.init
    def __init__(self, start: MentorStart) -> None:
        super().__init__(start.terms, start.state or MentorState(mentor_ref=start.mentor_ref))
        self.mentor = Recipient(ref=start.mentor_ref, role="mentor")

    @workflow.run
    async def run(self, start: MentorStart) -> str:
        """Lives to the end of service and returns how it ended."""
        await self.begin_in(start.programme_id, start.terms)
        self.show()
        status = "served"
        try:
            if not await self.live(self._story(), stop=self._is_over):
                if not self._is_over():
                    workflow.continue_as_new(
                        MentorStart(
                            programme_id=start.programme_id,
                            mentor_ref=start.mentor_ref,
                            terms=self.terms,
                            state=self.state,
                        )
                    )
                if self.state.missed_training:
                    await self.write("released", Letter.MENTOR_RELEASED, self.mentor, about=self._about())
                if self.state.put_off:
                    await self.write("put off", Letter.MENTOR_WAITING_LIST, self.mentor, about=self._about())
                    await self._tell_programme("waiting-list")
                    status = "waiting-list"
                if self.state.released:
                    await self._tell_programme("released")
                    status = "released"
        except _EndedError as ended:
            status = ended.status
        await self.close_tasks()
        self.state.stage = MentorStage.ENDED
        self.show()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return status

    # What others tell a mentor's life

    @workflow.signal(name="news", description="HR news about this mentor")
    def news(self, told: Told) -> None:
        """Heeds that the mentor leaves now; pairings are told on their own."""
        if self.is_newest(told) and told.news.kind is NewsKind.LEFT:
            self.state.released = True

    @workflow.signal(name="trained", description="The mentor attended all half-days of training")
    def trained(self) -> None:
        """Opens the way to the certificate."""
        self.state.trained = True

    @workflow.signal(name="training-missed", description="The mentor missed training twice")
    def training_missed(self) -> None:
        """Releases the mentor."""
        self.state.released = self.state.missed_training = True

    @workflow.signal(name="training-full", description="The mentor was selected after training began")
    def training_full(self) -> None:
        """Puts the mentor on the waiting list of the next programme."""
        self.state.put_off = True

    @workflow.signal(name="programme-over", description="The programme is over")
    def programme_over(self) -> None:
        """Ends the mentor's service."""
        self.state.programme_over = True

    # The story

    def _is_over(self) -> bool:
        return self.state.released or self.state.programme_over or self.state.put_off

    async def _story(self) -> None:
        await self._tell_programme("applied")
        await self.write("received", Letter.APPLICATION_RECEIVED, self.mentor, about=self._about())
        await self._consent()
        await self._screening()
        self._enter(MentorStage.TRAINING)
        await workflow.wait_condition(lambda: self.state.trained)
        await self._certificate()
        self._enter(MentorStage.SERVING)
        await workflow.wait_condition(self._is_over)

    def _enter(self, stage: MentorStage) -> None:
        self.state.stage = stage
        self.show()

    async def _consent(self) -> None:
        """The line manager agrees to the hours; silence becomes a task of the coordinator."""
        self._enter(MentorStage.CONSENT)
        boss = await self.act(
            Dossiers.read_line_manager,
            ReadLineManager(person_ref=self.mentor.ref),
            policies.RECORD,
            "line manager",
        )
        if boss.ref is None:
            return
        timings = self.terms.timings
        days, roles = timings.line_manager_consent_wd, self.terms.roles
        coordinator = Recipient(ref=roles.coordinator, role="coordinator")
        deputy = Recipient(ref=roles.deputy, role="deputy")
        question = Question(
            key="line-manager-consent",
            letter=Letter.LINE_MANAGER_CONSENT,
            to=(Recipient(ref=boss.ref, role="line-manager"),),
            about=self._about(),
            steps=of_a_person(
                2 * days,
                remind=(1, days - 1),
                task=days,
                owner=coordinator,
                deputy=(deputy, timings.decision_wd),
            ),
            lapses=2 * days,
        )
        record = await ask(self, question)
        given = record.answers.get(boss.ref)
        if (given is None and not record.waived) or (given and given.choice != "yes"):
            await self._not_selected("not-selected")

    async def _screening(self) -> None:
        """The coordinator scores the application and decides."""
        self._enter(MentorStage.SCREENING)
        roles, days = self.terms.roles, self.terms.timings.screening_wd
        question = Question(
            key="screening",
            letter=Letter.MENTOR_SCREENING,
            to=(Recipient(ref=roles.coordinator, role="coordinator"),),
            about=self._about(),
            steps=of_an_owner(days, deputy=roles.deputy, sponsor=roles.sponsor),
            lapses=2 * days,
            any_of=True,
        )
        given = (await ask(self, question)).first
        status = _ANSWERS[given.choice] if given else "waiting-list"
        if status != _SELECTED:
            await self._not_selected(status, given.answer_id if given else None)
        await self.write("accepted", Letter.MENTOR_ACCEPTED, self.mentor, about=self._about())
        await self._tell_programme(_SELECTED)

    async def _not_selected(self, status: str, answer_id: str | None = None) -> None:
        about = self._about().model_copy(update={"record_id": answer_id})
        await self.write("answer", _LETTERS[status], self.mentor, about=about)
        await self._tell_programme(status)
        raise _EndedError(status)

    async def _certificate(self) -> None:
        """Materials handed in and reviewed, an observed dry run; once more means once more."""
        self._enter(MentorStage.CERTIFICATE)
        for attempt in (1, 2):
            if not await self._materials(attempt):
                break
            given = await self._dry_run(attempt)
            verdict = given.choice if given else "not-now"
            if verdict == "ready":
                await self.write("certified", Letter.MENTOR_CERTIFIED, self.mentor, about=self._about())
                await self._tell_programme("certified")
                return
            if verdict == "not-now":
                break
            if attempt == 1:
                about = self._about().model_copy(update={"record_id": given.answer_id if given else None})
                await self.write(f"next/{attempt}", Letter.MENTOR_NEXT_STEPS, self.mentor, about=about)
        await self.write("released", Letter.MENTOR_RELEASED, self.mentor, about=self._about())
        await self._tell_programme("released")
        raise _EndedError("released")

    async def _materials(self, attempt: int) -> bool:
        days, roles = self.terms.timings.materials_wd, self.terms.roles
        coordinator = Recipient(ref=roles.coordinator, role="coordinator")
        question = Question(
            key=f"materials/{attempt}",
            letter=Letter.MATERIALS,
            to=(self.mentor,),
            about=self._about(),
            steps=of_a_person(
                2 * days,
                remind=(max(1, days // 2), days),
                task=days + 1,
                owner=Recipient(ref=roles.trainer, role="trainer"),
                deputy=(coordinator, self.terms.timings.decision_wd),
            ),
            lapses=2 * days,
        )
        record = await ask(self, question)
        return bool(record.answers) or record.waived

    async def _dry_run(self, attempt: int) -> Given | None:
        roles, days = self.terms.roles, self.terms.timings.certificate_wd
        question = Question(
            key=f"dry-run/{attempt}",
            letter=Letter.DRY_RUN,
            to=(Recipient(ref=roles.trainer, role="trainer"),),
            about=self._about(),
            steps=of_an_owner(days, deputy=roles.coordinator, sponsor=roles.sponsor),
            lapses=3 * days,
            any_of=True,
        )
        return (await ask(self, question)).first

    async def call_for_help(self, name: str) -> None:
        """Has the coordinator say when what failed for good may be tried again."""
        await call_for_help(self, name, self._about())

    async def _tell_programme(self, status: str) -> None:
        kept = SetMentorStatus(
            programme_id=self.terms.programme_id, mentor_ref=self.mentor.ref, status=status
        )
        await self.once(
            f"status/{status}", lambda: self.act(Dossiers.set_mentor_status, kept, policies.RECORD, status)
        )
        life = programme_life(self.terms.programme_id)
        progress = MentorProgress(mentor_ref=self.mentor.ref, status=status)
        await self.tell_once(f"told/{status}", life, "mentor-progress", progress)

    def _about(self) -> About:
        return About(programme_id=self.terms.programme_id, mentor_ref=self.mentor.ref)

    def attributes(self) -> list[SearchAttributePair[Any]]:
        """Stage and mentor."""
        return [
            SearchAttributePair(STAGE, self.state.stage.value),
            SearchAttributePair(MENTOR_REF, self.state.mentor_ref),
        ]

    def details(self) -> str:
        """Where the mentor stands, step by step."""
        steps = stage_list(self.state.stage)
        return f"**Mentor {self.state.mentor_ref}**\n\n{steps}\n\n**Waits for**\n\n{self.waits_for()}"
