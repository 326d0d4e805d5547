"""One ask to a person: letter, reminders, an owner when no answer comes, and an end to waiting."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic

from temporalio import workflow

from activities.correspondence import About, AskLink, Recipient, SendLetters, SentLetters
from activities.letters.catalogue import Letter
from workflows.face import S
from workflows.life import Life
from workflows.stages import AskRecord

_LINK_LIFE = timedelta(days=14)
_QUARTER = timedelta(hours=6)
_AGAIN = 8
"""The number of the reminder that the owner of a task asked for; others count from 1."""


class StepKind(StrEnum):
    """What is done when no answer has come."""

    REMIND = "remind"
    TASK = "task"
    ESCALATE = "escalate"


@dataclass(frozen=True)
class Step:
    """What is done `after` working days of silence; `owner` is who is given the task or the decision."""

    after: int
    kind: StepKind
    owner: Recipient | None = None
    copy_assistant: bool = False


@dataclass(frozen=True)
class Question:
    """An ask to everybody in `to`; it lapses after `lapses` working days. Silence is never a yes.

    A question for `any_of` the people is answered by the first of them (and by whom it escalates to).
    """

    key: str
    letter: Letter
    to: tuple[Recipient, ...]
    about: About
    steps: tuple[Step, ...]
    lapses: int
    any_of: bool = False
    expected_start: datetime | None = None


Owner = tuple[Recipient, int]
"""Who is next where an owner says nothing, and after how many working days."""


def of_a_person(
    lapses: int, *, remind: tuple[int, ...], task: int | None = None, owner: Recipient, deputy: Owner
) -> tuple[Step, ...]:
    """Reminders, then a task for its owner, and for the deputy when the owner says nothing either."""
    steps = [Step(after=after, kind=StepKind.REMIND) for after in remind if after < lapses]
    return (*steps, *(of_a_task(task, lapses, owner, deputy) if task else ()))


def of_a_task(task: int, lapses: int, owner: Recipient, deputy: Owner) -> tuple[Step, ...]:
    """A task after that many working days of silence; its deputy has it after some more without a word."""
    stand_in, days = deputy
    steps = [Step(task, StepKind.TASK, owner)]
    if stand_in.ref != owner.ref:
        steps.append(Step(task + days, StepKind.TASK, stand_in))
    return tuple(step for step in steps if step.after < lapses)


def of_an_owner(days: int, *, deputy: str | None, sponsor: str | None) -> tuple[Step, ...]:
    """A decision due in `days` working days: reminder at half, then the deputy, then the sponsor."""
    steps = [Step(after=max(1, days // 2), kind=StepKind.REMIND)]
    if deputy:
        steps.append(Step(days, StepKind.ESCALATE, Recipient(ref=deputy, role="deputy")))
    if sponsor:
        steps.append(
            Step(days + max(1, days // 2), StepKind.ESCALATE, Recipient(ref=sponsor, role="sponsor"))
        )
    return tuple(steps)


async def ask(life: Life[S], question: Question, *, moot: Callable[[], bool] = lambda: False) -> AskRecord:
    """Asks, reminds, escalates and waits until it is answered, waived, moot or lapsed.

    The record is kept under the question's key: a life that continues as new goes on where it was.
    """
    return await _Asking(life, question, moot).run()


class _Asking(Generic[S]):
    def __init__(self, life: Life[S], question: Question, moot: Callable[[], bool]) -> None:
        self._life = life
        self._question = question
        self._moot = moot
        self._record = life.state.asks.setdefault(question.key, AskRecord())
        self._task_key = f"task/{question.key}"

    async def run(self) -> AskRecord:
        record, question = self._record, self._question
        if record.closed:
            return record
        if record.asked_at is None:
            sent = await self._letter()
            record.asked_at = sent.at
            record.stale = sent.meeting
            record.unreachable = not sent.sent and sent.meeting is None
            record.closed = not sent.sent and not (record.unreachable and self._has_owners())
        for number, step in enumerate(question.steps):
            if number < record.step:
                continue
            if not await self._silent_until(self._due(step)):
                break
            if not (record.unreachable and step.kind is StepKind.REMIND):
                await self._take(number, step)
            record.step = number + 1
        await self._silent_until(question.lapses)
        record.closed = True
        await self._life.close_task(self._task_key, "answered" if record.answers else "lapsed")
        self._life.show()
        return record

    def _due(self, step: Step) -> int:
        """After how many working days a step is due; where nobody could be asked, its owners are at once."""
        if not self._record.unreachable:
            return step.after
        first = min((one.after for one in self._question.steps if one.owner), default=0)
        return max(0, step.after - first)

    def _has_owners(self) -> bool:
        """Whether somebody else can be asked where the person asked cannot be written to any more."""
        return any(step.owner for step in self._question.steps)

    def _over(self) -> bool:
        record = self._record
        if self._was_said("waive"):
            record.waived = True
        answered = (
            bool(record.answers)
            if self._question.any_of
            else all(recipient.ref in record.answers for recipient in self._question.to)
        )
        return record.closed or record.waived or answered or self._moot()

    def _has_word(self) -> bool:
        """Whether the owner of the task has said something that was not heeded yet."""
        return (self._was_said("remind") and not self._record.asked_again) or (
            self._was_said("done") and not self._record.dealt_with
        )

    def _was_said(self, choice: str) -> bool:
        task = self._life.state.asks.get(self._task_key)
        return task is not None and any(given.choice == choice for given in task.answers.values())

    async def _heed_word(self) -> None:
        """Asks once more where the owner wants that; what they have dealt with needs nobody any more."""
        if self._was_said("remind") and not self._record.asked_again:
            self._record.asked_again = True
            await self._take(_AGAIN, Step(after=0, kind=StepKind.REMIND))
        else:
            self._record.dealt_with = True
            await self._life.close_task(self._task_key, "done")

    async def _silent_until(self, working_days: int) -> bool:
        """Whether nothing was answered when that many working days had passed since it was asked."""
        asked_at = self._record.asked_at
        if asked_at is None:
            return False
        due = _on_the_quarter(self._life.days.add(asked_at, working_days))
        while not self._over():
            if not await self._life.clock.met(
                lambda: self._over() or self._has_word(),
                by=due,
                summary=f"no answer yet: {self._question.key}",
            ):
                return True
            if not self._over():
                await self._heed_word()
        return False

    async def _take(self, number: int, step: Step) -> None:
        record = self._record
        missing = tuple(r for r in self._question.to if r.ref not in record.answers)
        if step.kind is StepKind.REMIND:
            await self._letter(to=missing, reminder=number + 1, copy_assistant=step.copy_assistant)
        elif step.owner and step.kind is StepKind.ESCALATE:
            await self._letter(
                to=(step.owner,), escalated=True, owner_for=missing[0].ref, reminder=number + 1
            )
        elif step.owner and not record.dealt_with:
            await self._hand_over(step.owner, missing[0].ref)

    async def _hand_over(self, owner: Recipient, silent_ref: str) -> None:
        life, kind = self._life, f"{self._question.letter.value}-unanswered"
        await life.open_task(self._task_key, kind, owner.ref, silent_ref)
        life.state.asks.setdefault(self._task_key, AskRecord())
        about = self._question.about.model_copy(update={"task": kind})
        request = SendLetters(
            key=life.key(self._task_key, owner.role),
            letter=Letter.TASK,
            to=(owner,),
            about=about,
            ask=self._link(self._task_key),
            owner_for=silent_ref,
        )
        await life.send(request)

    async def _letter(
        self,
        *,
        to: tuple[Recipient, ...] | None = None,
        reminder: int = 0,
        escalated: bool = False,
        owner_for: str | None = None,
        copy_assistant: bool = False,
    ) -> SentLetters:
        question = self._question
        return await self._life.send(
            SendLetters(
                key=self._life.key(question.key, reminder),
                letter=question.letter,
                to=question.to if to is None else to,
                about=question.about,
                ask=self._link(question.key),
                reminder=reminder,
                escalated=escalated,
                owner_for=owner_for,
                copy_assistant=copy_assistant,
                check_meeting=question.expected_start is not None and not reminder,
                expected_start=question.expected_start,
            )
        )

    def _link(self, ask_key: str) -> AskLink:
        asked_at: datetime = self._record.asked_at or self._life.clock.now()
        answer_by = self._life.days.add(asked_at, self._question.lapses)
        expires_at = min(answer_by, self._life.clock.now() + _LINK_LIFE)
        life_id = workflow.info().workflow_id
        return AskLink(life=life_id, ask_key=ask_key, answer_by=answer_by, expires_at=expires_at)


def _on_the_quarter(instant: datetime) -> datetime:
    """The next quarter of a UTC day, so that asks made together are looked after in one wake-up."""
    midnight = instant.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + -(-(instant - midnight) // _QUARTER) * _QUARTER
