"""What every life has: a clock, a memory, acts, letters, tasks and a face in the Temporal UI."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from activities.correspondence import About, Recipient, SendLetters
from activities.directory import DirectoryActs, News, ReadTerms, Roles, Terms
from activities.dossiers import CloseTask, Dossiers, OpenTask
from activities.letters.catalogue import Letter
from activities.scheduling import BookMeeting, CancelMeetings, Scheduling
from activities.values import Value
from workflows import policies
from workflows.acting import Acting
from workflows.face import S
from workflows.stages import AskRecord, Given, MeetingRecord, MeetingStage

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


class Life(Acting[S]):
    """The common part of all lives, under the terms of a programme and on its clock.

    A subclass is a straight story of steps, each remembered in the state under its business key. Whatever is
    remembered is not done again, so the story may be told from its beginning after continue-as-new.
    """

    async def begin_in(self, programme: str, terms: Terms | None) -> None:
        """Reads the programme's terms where the life was not started with them."""
        if terms is None:
            request = ReadTerms(programme_id=programme)
            terms = await self.persist(
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
            self.heard(answer.ask_key, answer.person_ref, answer.choice)

    def heard(self, ask_key: str, person_ref: str, choice: str) -> None:
        """What an answer sets off at once, also one that comes late; nothing in most lives."""

    @workflow.signal(name="meeting-changed", description="Something was done to a meeting in a calendar")
    def meeting_changed(self, hint: MeetingChanged) -> None:
        """Has the meeting looked at now instead of at the next look; repeats do nothing."""
        if self.is_new(hint.key) and hint.meeting not in self.state.hints:
            self.state.hints.append(hint.meeting)

    @workflow.signal(name="roles-changed", description="Somebody else runs the programme now")
    def roles_changed(self, roles: Roles) -> None:
        """Turns to those who have the roles from now on; who was asked before may still answer."""
        if self.has_begun:
            self.terms = self.terms.model_copy(update={"roles": roles})

    def is_new(self, key: str) -> bool:
        """Whether a signal with this key is heard for the first time; remembers the latest 200 keys."""
        if key in self.state.seen:
            return False
        self.state.seen = [*self.state.seen[-_REMEMBERED:], key]
        return True

    def is_newest(self, told: Told) -> bool:
        """Whether this news is heard for the first time, and nothing newer on the same matter was heard."""
        news = told.news
        matter = f"{news.kind.matter}/{news.person_ref or ''}"
        heard = self.state.heard.get(matter)
        if not self.is_new(told.key) or (heard and news.stamp and news.stamp < heard):
            return False
        if news.stamp:
            self.state.heard[matter] = news.stamp
        return True

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
        return record if record.is_booked else None

    async def _book(self, name: str, record: MeetingRecord, request: BookMeeting) -> None:
        """Books and notes it in one go, so that a booking its story did not wait for is remembered."""
        kind = f"{request.kind.value} {request.number or ''}".strip()
        outcome = await self.persist(Scheduling.book_meeting, request, policies.CALENDAR, f"book {kind}")
        if outcome.booked:
            record.stage, record.start, record.end = MeetingStage.BOOKED, outcome.start, outcome.end
        elif not record.moves:
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
            await self.shelter(self._close_task(key, outcome))
            self.show()

    async def _close_task(self, key: str, outcome: str) -> None:
        """Closes and notes it in one go, so that a task its story did not wait for is not closed again."""
        request = CloseTask(key=self.key(key), outcome=outcome)
        await self.persist(Dossiers.close_task, request, policies.RECORD, f"task closed: {outcome}")
        self.state.done.add(f"task/{key}")
        self.state.tasks.pop(key, None)

    def close_asks(self, *, but: frozenset[str]) -> None:
        """Waits for no open answer any more, `but` for those on kinds of matters that go on."""
        for key, record in self.state.asks.items():
            record.closed = record.closed or but.isdisjoint(key.split("/"))

    async def close_tasks(self, *, but: frozenset[str] = frozenset()) -> None:
        """Closes every task that nobody needs to look at any more, `but` for kinds of matters that go on."""
        for key in [one for one in self.state.tasks if one.partition("/")[0] not in but]:
            await self.close_task(key, "ended")


async def tell(life_id: str, signal: str, argument: object = None) -> bool:
    """Signals another life; says False where that life does not exist any more."""
    handle = workflow.get_external_workflow_handle(life_id)
    try:
        await (handle.signal(signal) if argument is None else handle.signal(signal, argument))
    except ApplicationError as error:
        workflow.logger.info("life.gone", extra={"life": life_id, "reason": error.type})
        return False
    return True
