"""What every life has: a clock, a memory, acts, letters, tasks and a face in the Temporal UI."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any, Generic, TypeVar

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from activities.correspondence import About, Correspondence, Recipient, SendLetters, SentLetters
from activities.directory import DirectoryActs, News, ReadTerms, Terms
from activities.dossiers import CloseTask, Dossiers, OpenTask
from activities.letters.catalogue import Letter
from activities.rules.working_days import WorkingDays
from activities.scheduling import BookMeeting, CancelMeetings, Scheduling
from activities.values import Value
from workflows import policies
from workflows.clock import LifeClock
from workflows.names import ATTENTION, PROGRAMME
from workflows.stages import AskRecord, Given, LifeState, MeetingRecord, MeetingStage

S = TypeVar("S", bound=LifeState)
P = TypeVar("P", bound=Value)
R = TypeVar("R")
T = TypeVar("T")

_REMEMBERED = 200


class Answered(Value):
    """A person's answer as a life hears of it: who chose what on which ask; the rest is in the database."""

    ask_key: str
    answer_id: str
    choice: str
    person_ref: str


class Told(Value):
    """News from an HR delivery, with the delivery's key so that a repeat does nothing."""

    key: str
    news: News


class MeetingChanged(Value):
    """A hint that people did something to a meeting in their calendars; `key` names the hint."""

    key: str
    meeting: str


class Life(Generic[S]):
    """The common part of all lives, under the terms of a programme and on its clock.

    A subclass is a straight story of steps, each remembered in the state under its business key. Whatever is
    remembered is not done again, so the story may be told from its beginning after continue-as-new.
    """

    terms: Terms
    clock: LifeClock
    days: WorkingDays

    def __init__(self, terms: Terms | None, state: S) -> None:
        self.state = state
        self._sheltered: set[asyncio.Task[Any]] = set()
        self._aside: dict[str, asyncio.Task[None]] = {}
        self._stuck: dict[str, str] = {}
        self._retries = 0
        self._settling = False
        self.has_begun = False
        if terms:
            self.begin(terms)

    def begin(self, terms: Terms) -> None:
        """Puts the life under its terms; nothing else may be done before."""
        self.terms = terms
        self.has_begun = True
        self.clock = LifeClock(terms.clock)
        self.days = WorkingDays(holidays=frozenset(terms.holidays))

    async def begin_in(self, programme: str, terms: Terms | None) -> None:
        """Reads the programme's terms where the life was not started with them."""
        if terms is None:
            request = ReadTerms(programme_id=programme)
            terms = await self._persist(
                DirectoryActs.read_terms, request, policies.RECORD, "terms of the programme"
            )
            self.begin(terms)

    # What comes from outside

    @workflow.signal(name="answered", description="A person answered on a response page")
    def answered(self, answer: Answered) -> None:
        """Remembers a person's first answer to an ask that is still open; repeats do nothing."""
        if self.is_new(answer.answer_id):
            record = self.state.asks.setdefault(answer.ask_key, AskRecord())
            if not record.closed:
                given = Given(choice=answer.choice, answer_id=answer.answer_id)
                record.answers.setdefault(answer.person_ref, given)

    @workflow.signal(name="meeting-changed", description="Something was done to a meeting in a calendar")
    def meeting_changed(self, hint: MeetingChanged) -> None:
        """Has the meeting looked at now instead of at the next look; repeats do nothing."""
        if self.is_new(hint.key) and hint.meeting not in self.state.hints:
            self.state.hints.append(hint.meeting)

    def is_new(self, key: str) -> bool:
        """Whether a signal with this key is heard for the first time; remembers the latest 200 keys."""
        if key in self.state.seen:
            return False
        self.state.seen = [*self.state.seen[-_REMEMBERED:], key]
        return True

    # Acts

    async def act(
        self, method: Callable[[Any, P], R], request: P, policy: policies.Policy, summary: str
    ) -> R:
        """Runs an act to its end even if the step that wanted it is cancelled meanwhile."""
        result: R = await self.shelter(self._persist(method, request, policy, summary))
        self.show()
        return result

    async def shelter(self, step: Coroutine[Any, Any, T]) -> T:
        """Takes a step to its end even if the story that wanted it is cancelled meanwhile.

        Not for taste: a signal to another life that is cancelled on its way breaks the workflow task
        (TMPRL1100, sdk-core 0.5).
        """
        running = asyncio.create_task(step)
        self._sheltered.add(running)
        running.add_done_callback(self._sheltered.discard)
        return await asyncio.shield(running)

    async def send(self, request: SendLetters) -> SentLetters:
        """Has letters sent; given up where the step is cancelled, as a letter may wait for the morning."""
        sent: SentLetters = await self._persist(
            Correspondence.send_letters, request, policies.LETTER, _summary(request)
        )
        if self._settling:
            # An act that ends just as it is cancelled swallows the cancellation of its story.
            raise asyncio.CancelledError
        self.show()
        return sent

    async def _persist(
        self, method: Callable[[Any, P], R], request: P, policy: policies.Policy, summary: str
    ) -> R:
        """Has the act done; one that failed for good waits for an operator's `retry` and needs attention."""
        while True:
            try:
                return await workflow.execute_activity_method(method, request, summary=summary, **policy)
            except ActivityError as error:
                if not isinstance(error.cause, ApplicationError):
                    raise
                self._stuck[summary] = error.cause.message
                if self.has_begun:
                    self.show()
                else:
                    workflow.set_current_details(f"🛑 **{summary}** failed for good: {error.cause.message}")
                seen = self._retries
                await workflow.wait_condition(lambda seen=seen: self._retries > seen)  # type: ignore[misc]
                del self._stuck[summary]

    @workflow.update(name="retry", description="Try again what failed for good, after its cause was mended")
    def retry(self) -> str:
        """Tries every act again that waits for an operator."""
        self._retries += 1
        return f"{len(self._stuck)} tried again"

    @retry.validator
    def validate_retry(self) -> None:
        """Refuses while nothing waits for an operator."""
        if not self._stuck:
            raise ValueError("nothing here failed for good")

    async def write(self, key: str, letter: Letter, *to: Recipient, about: About) -> None:
        """Sends a letter that asks nothing, once for its key."""
        if to and key not in self.state.done:
            await self.send(SendLetters(key=self.key(key), letter=letter, to=to, about=about))
            self.state.done.add(key)

    async def once(self, key: str, step: Callable[[], Awaitable[object]]) -> None:
        """Takes a step that has no result worth keeping, once for its key."""
        if key not in self.state.done:
            await step()
            self.state.done.add(key)

    async def tell_once(self, key: str, life_id: str, signal: str, argument: object = None) -> None:
        """Signals another life, once for its key; a life that has ended needs no telling."""
        if key not in self.state.done:
            await self.shelter(self._tell(key, life_id, signal, argument))

    async def _tell(self, key: str, life_id: str, signal: str, argument: object) -> None:
        await tell(life_id, signal, argument)
        self.state.done.add(key)

    def since(self, name: str) -> datetime:
        """The instant this was first asked for, the same after continue-as-new."""
        return self.state.instants.setdefault(name, self.clock.now())

    def key(self, *parts: object) -> str:
        """A business key of this life: the workflow id and the parts, the same after continue-as-new."""
        return "/".join([workflow.info().workflow_id, *map(str, parts)])

    # Meetings

    async def book(self, name: str, request: BookMeeting) -> MeetingRecord | None:
        """Books a meeting once under its name; None where there is no common hour in the window."""
        record = self.state.meetings.setdefault(
            name, MeetingRecord(key=request.key, kind=request.kind, number=request.number)
        )
        if record.stage is MeetingStage.WANTED:
            await self.shelter(self._book(name, record, request))
            self.show()
        return self.state.meetings.get(name)

    async def _book(self, name: str, record: MeetingRecord, request: BookMeeting) -> None:
        """Books and notes it in one go, so that a booking its story did not wait for is remembered."""
        kind = f"{request.kind.value} {request.number or ''}".strip()
        outcome = await self._persist(Scheduling.book_meeting, request, policies.CALENDAR, f"book {kind}")
        if outcome.booked:
            record.stage, record.start, record.end = MeetingStage.BOOKED, outcome.start, outcome.end
        else:
            del self.state.meetings[name]

    async def cancel_open_meetings(self, *, spare: tuple[str, ...] = ()) -> None:
        """Works off the list of open events; one leaves it only after it was cancelled successfully."""
        now = self.clock.now()
        ahead = [
            record
            for record in self.state.meetings.values()
            if record.is_open and (record.end is None or record.end > now)
        ]
        if ahead:
            request = CancelMeetings(keys=tuple(record.key for record in ahead), spare=spare)
            await self.act(Scheduling.cancel_meetings, request, policies.CALENDAR, "cancel open events")
        for record in ahead:
            record.stage = MeetingStage.CANCELLED

    # Tasks: what needs a human

    async def open_task(self, key: str, kind: str, owner: str, about_ref: str | None = None) -> None:
        """Opens a task for its owner, once for its key; the life needs attention until it is closed."""
        if key not in self.state.tasks and f"task/{key}" not in self.state.done:
            self.state.tasks[key] = kind
            request = OpenTask(
                key=self.key(key),
                kind=kind,
                programme_id=self.terms.programme_id,
                life=workflow.info().workflow_id,
                owner_ref=owner,
                about_ref=about_ref,
            )
            await self.act(Dossiers.open_task, request, policies.RECORD, f"task: {kind}")

    async def close_task(self, key: str, outcome: str) -> None:
        """Closes a task that is open; otherwise does nothing."""
        if key in self.state.tasks:
            request = CloseTask(key=self.key(key), outcome=outcome)
            await self.act(Dossiers.close_task, request, policies.RECORD, f"task closed: {outcome}")
            self.state.done.add(f"task/{key}")
            del self.state.tasks[key]

    # Things that go on beside the main story

    def aside(self, name: str) -> None:
        """Starts the story of that name beside the main one, once; it goes on after continue-as-new."""
        if name not in self.state.beside:
            self.state.beside.append(name)
        if name not in self._aside and f"aside/{name}" not in self.state.done:
            self._aside[name] = asyncio.create_task(self._told_aside(name))

    async def _told_aside(self, name: str) -> None:
        await self.beside(name)
        self.state.done.add(f"aside/{name}")

    async def beside(self, name: str) -> None:
        """Tells the story of that name; lives with stories beside the main one say which."""
        raise NotImplementedError(name)

    async def asides_done(self, *, but: frozenset[str] = frozenset()) -> None:
        """Waits for everything that goes on beside the main story, `but` for kinds without an end."""
        await asyncio.gather(
            *(told for name, told in self._aside.items() if name.partition("/")[0] not in but)
        )

    async def live(self, story: Coroutine[Any, Any, None], *, stop: Callable[[], bool]) -> bool:
        """Lives the story until it ends or `stop` holds; says whether it ended by itself.

        Returns False also where the history has grown so long that the life must continue as new. Whatever
        was cut short is remembered up to its last whole step; acts under way are waited for.
        """
        task = asyncio.create_task(story)
        for name in list(self.state.beside):
            self.aside(name)
        await workflow.wait_condition(
            lambda: task.done() or stop() or self.is_long() or self._has_failed(task)
        )
        ended = (task.done() and not stop()) or self._has_failed(task)
        await self._settle([task, *self._aside.values()])
        return ended

    def _has_failed(self, story: "asyncio.Task[None]") -> bool:
        """Whether the story, or one beside it, broke off with an error that must be seen."""
        return any(task.done() and _error_of(task) for task in (story, *self._aside.values()))

    async def _settle(self, tasks: list[asyncio.Task[None]]) -> None:
        """Cancels what is still told, waits for acts under way, then lets an error be seen."""
        self._settling = True
        for task in tasks:
            task.cancel()
        await workflow.wait_condition(lambda: all(task.done() for task in tasks) and not self._sheltered)
        self._settling = False
        self._aside.clear()
        for task in tasks:
            if error := _error_of(task):
                raise error

    def is_long(self) -> bool:
        """Whether the history is so long that the life should continue as new."""
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() >= self.terms.continue_after_events
        )

    # Its face in the Temporal UI

    def attributes(self) -> list[SearchAttributePair[Any]]:
        """The search attributes of this life as they should be now."""
        return []

    def blank(self) -> list[SearchAttributeKey[Any]]:
        """The search attributes that say nothing now and are taken away where they were set."""
        return []

    def details(self) -> str:
        """Where this life stands and what it waits for, in Markdown."""
        return ""

    def show(self) -> None:
        """Brings the Temporal UI up to date; attributes are only written when they changed."""
        workflow.set_current_details(self.details())
        wanted = [
            SearchAttributePair(PROGRAMME, self.terms.programme_id),
            SearchAttributePair(ATTENTION, self._attention()),
            *self.attributes(),
        ]
        updates: list[SearchAttributeUpdate[Any]] = []
        for pair in wanted:
            if self.state.shown.get(pair.key.name) != str(pair.value):
                self.state.shown[pair.key.name] = str(pair.value)
                updates.append(pair.key.value_set(pair.value))
        gone = [key for key in self.blank() if self.state.shown.pop(key.name, None) is not None]
        updates.extend(key.value_unset() for key in gone)
        if updates:
            workflow.upsert_search_attributes(updates)

    def _attention(self) -> str:
        if self._stuck:
            return "needs-operator"
        return "needs-human" if self.state.tasks else "none"

    def waits_for(self) -> str:
        """One bullet list of open asks, tasks and the next meeting, for the details."""
        asks = [
            f"- ⏳ answer to *{key}*"
            for key, ask in self.state.asks.items()
            if ask.asked_at and not ask.closed
        ]
        tasks = [f"- ⚠️ task: **{kind}**" for kind in self.state.tasks.values()]
        meetings = [
            f"- 📅 {record.kind.value} {record.number or ''} on {_instant(record.start)}"
            for record in self.state.meetings.values()
            if record.stage is MeetingStage.BOOKED and record.start
        ]
        due = self.clock.next_due()
        timer = [f"- ⏰ next wake-up {_instant(due)}"] if due else []
        stuck = [
            f"- 🛑 **{what}** failed for good: {why} - press *retry*" for what, why in self._stuck.items()
        ]
        return "\n".join(stuck + tasks + asks + meetings + timer) or "- nothing"


def _error_of(task: "asyncio.Task[None]") -> BaseException | None:
    """What a story broke off with; an act given up with its story is no error."""
    error = None if task.cancelled() else task.exception()
    return None if error is None or is_cancelled_exception(error) else error


def _instant(instant: datetime | None) -> str:
    return f"{instant:%a %d %b %Y %H:%M} UTC" if instant else "-"


def _summary(request: SendLetters) -> str:
    roles = ", ".join(recipient.role for recipient in request.to)
    again = f" (reminder {request.reminder})" if request.reminder else ""
    return f"{request.letter.value} → {roles}{again}"


async def tell(life_id: str, signal: str, argument: object = None) -> bool:
    """Signals another life; says False where that life does not exist any more."""
    handle = workflow.get_external_workflow_handle(life_id)
    try:
        await (handle.signal(signal) if argument is None else handle.signal(signal, argument))
    except ApplicationError as error:
        workflow.logger.info("life.gone", extra={"life": life_id, "reason": error.type})
        return False
    return True
