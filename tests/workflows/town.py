"""A small town for the lives: acts that keep their own books, and people who answer their letters."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue
from threading import Lock

from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.correspondence import (
    Correspondence,
    Invite,
    Invited,
    LetterBatch,
    SendLetters,
    SentBatch,
    SentLetters,
)
from activities.directory import HandOverRoles, Roles, Terms
from activities.dossiers import (
    Attended,
    CloseTask,
    DecidedIdeas,
    DestroyDossiers,
    Destroyed,
    Dossiers,
    FormGroups,
    Groups,
    KeepIdeas,
    KeptIdeas,
    LineManager,
    OpenTask,
    ReadAttendance,
    ReadLineManager,
    RecordDecisions,
    SetMentorStatus,
    SetPairingStatus,
)
from activities.failures import most_urgent, not_yet
from activities.letters.catalogue import PURPOSES, Letter
from activities.lives import pairing_life
from activities.scheduling import (
    BookingOutcome,
    BookMeeting,
    CancelMeetings,
    MeetingKind,
    MeetingState,
    MeetingStatus,
    MoveMeeting,
    OfferedSlots,
    OfferSlots,
    Redistributed,
    RedistributeMissed,
    Scheduling,
    WatchMeeting,
)
from integrations.answers import Purpose
from integrations.clock import ProgrammeClock
from integrations.programme import Timings
from tests.workflows.counted import TIME, Pulse, beating
from workflows.life import Answered
from workflows.names import CALENDARS, MAIL, RECORDS, WORKFLOWS
from workflows.pairing import PairingWorkflow
from workflows.programme import ProgrammeWorkflow

LIVES: list[type] = [PairingWorkflow, ProgrammeWorkflow]
RUNNER = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "activities", "integrations", "pydantic"
    )
)
KIND = {
    Purpose.PROPOSAL: "accept",
    Purpose.AGREEMENT: "sign",
    Purpose.GOALS: "propose",
    Purpose.GOALS_AGREEMENT: "agree",
    Purpose.HAPPENED: "held",
    Purpose.MID_REVIEW: "continue",
    Purpose.IDEA: "none",
    Purpose.IDEA_AGREEMENT: "agree",
    Purpose.TASK: "done",
}
DAYS_A_SECOND = 8
ROLES = Roles(
    sponsor="sponsor",
    coordinator="coordinator",
    deputy="deputy",
    trainer="trainer",
    confidential_contact="c",
)
# Nobody has an hour at once; a life has heard where its meeting is long before it begins.
_AHEAD = timedelta(days=3)
_NIGHT = timedelta(milliseconds=50)
_DEFINED = "__temporal_activity_definition"


def verbs(room: object) -> list[Callable[..., object]]:
    """The acts of a room: its public methods, declared with the names of their interface."""
    return [getattr(room, name) for name in dir(room) if hasattr(getattr(type(room), name, None), _DEFINED)]


def terms(programme_id: str, days_a_second: int = DAYS_A_SECOND) -> Terms:
    start = datetime(2026, 9, 7, 8, tzinfo=UTC)
    clock = ProgrammeClock.starting(start, at=datetime.now(UTC), rate=days_a_second * 86_400)
    return Terms(programme_id=programme_id, clock=clock, roles=ROLES, timings=Timings(follow_up_d=20))


class Post(Correspondence):
    """Delivers every letter at once, once for its key.

    Kinds that are `broken` fail for good; the readers of those `asleep` are not to be woken.
    """

    def __init__(self, clock: ProgrammeClock) -> None:
        self._clock = clock
        self._writing = Lock()
        self.letters: Counter[Letter] = Counter()
        self.asked: set[str] = set()
        self.keys: set[str] = set()
        self.broken: set[Letter] = set()
        self.asleep: set[Letter] = set()
        self.turned_back = 0
        self.undeliverable: set[str] = set()
        self.invited: list[tuple[str, int]] = []
        self.box: SimpleQueue[SendLetters] = SimpleQueue()
        self.asked_what_happened = asyncio.Event()
        self.attended: list[SendLetters] = []

    @activity.defn(name="send-letters")
    def send_letters(self, request: SendLetters) -> SentLetters:
        if request.letter in self.broken:
            raise ApplicationError("no such mailbox", non_retryable=True)
        if request.letter in self.asleep:
            self.turned_back += 1
            raise not_yet("it is night", _NIGHT)
        with self._writing:
            if request.key not in self.keys:
                self.keys.add(request.key)
                self.letters[request.letter] += len(request.to)
        if request.ask:
            self.asked.add(request.ask.ask_key)
        if request.letter is Letter.TRAINING_ATTENDANCE:
            self.attended.append(request)
        self.box.put(request)
        return SentLetters(sent=tuple(to.ref for to in request.to), at=self._clock.now())

    @activity.defn(name="send-letter-batch")
    def send_letter_batch(self, request: LetterBatch) -> SentBatch:
        outcomes = [self._tried(letter) for letter in request.letters]
        errors = [outcome for outcome in outcomes if isinstance(outcome, ApplicationError)]
        if len(errors) == len(outcomes):
            raise most_urgent(errors)
        return SentBatch(
            sent=tuple(None if isinstance(outcome, ApplicationError) else outcome for outcome in outcomes)
        )

    def _tried(self, letter: SendLetters) -> SentLetters | ApplicationError:
        try:
            return self.send_letters(letter)
        except ApplicationError as error:
            return error

    @activity.defn(name="invite")
    def invite(self, request: Invite) -> Invited:
        self.invited.append((request.kind, request.reminder))
        return Invited(refs=(request.key,), undeliverable=tuple(sorted(self.undeliverable)))


class Diary(Scheduling):
    """One calendar for everybody; books the wished hour, or one in a few days; keeps what it was asked.

    `unwilling` says how often the mentee declines meetings of a kind and number, wherever they are put;
    `full` are kinds without any hour, `broken` those whose booking fails for good, `deleted` those whose
    event the mentee deletes where it is put first. `seats` mentors may join another group's half-day;
    meetings in `delays` (by key) are put that much later than wished.
    """

    def __init__(self) -> None:
        self.unwilling: Counter[tuple[MeetingKind, int]] = Counter()
        self.full: set[MeetingKind] = set()
        self.broken: set[MeetingKind] = set()
        self.deleted: set[MeetingKind] = set()
        self.wanted: list[BookMeeting] = []
        self.kinds: dict[str, tuple[MeetingKind, int]] = {}
        self.events: dict[str, MeetingState] = {}
        self.cancelled: list[str] = []
        self.moved: list[str] = []
        self.chosen: list[int | None] = []
        self.missed: list[RedistributeMissed] = []
        self.seats = 0
        self.delays: dict[str, timedelta] = {}

    @activity.defn(name="book-meeting")
    def book_meeting(self, request: BookMeeting) -> BookingOutcome:
        self.wanted.append(request)
        if request.kind in self.broken:
            raise ApplicationError("no such calendar", non_retryable=True)
        if request.kind in self.full:
            return BookingOutcome(booked=False)
        start = max(request.near or min(request.earliest + _AHEAD, request.latest), request.earliest)
        start += self.delays.get(request.key, timedelta())
        end = start + timedelta(minutes=request.minutes)
        self.kinds[request.key] = request.kind, request.number
        rsvps = self._rsvps(request.key)
        self.events.setdefault(
            request.key,
            MeetingState(key=request.key, start=start, end=end, status=MeetingStatus.BOOKED, rsvps=rsvps),
        )
        return BookingOutcome(booked=True, start=start, end=end)

    @activity.defn(name="watch-meeting")
    def watch_meeting(self, request: WatchMeeting) -> MeetingState:
        is_deleted = self.kinds[request.key][0] in self.deleted and request.key not in self.moved
        by = ("mentee",) if is_deleted else ()
        return self.events[request.key].model_copy(update={"deleted_by": by})

    @activity.defn(name="move-meeting")
    def move_meeting(self, request: MoveMeeting) -> BookingOutcome:
        self.moved.append(request.key)
        self.chosen.append(request.offer)
        event = self.events[request.key]
        start = max(event.start, request.earliest) + timedelta(days=1)
        end = start + (event.end - event.start)
        moved = {"start": start, "end": end, "rsvps": self._rsvps(request.key)}
        self.events[request.key] = event.model_copy(update=moved)
        return BookingOutcome(booked=True, start=start, end=end)

    def _rsvps(self, key: str) -> dict[str, str]:
        left = self.unwilling[self.kinds[key]]
        self.unwilling[self.kinds[key]] = max(0, left - 1)
        return {"mentee": "declined"} if left else {}

    @activity.defn(name="offer-slots")
    def offer_slots(self, request: OfferSlots) -> OfferedSlots:
        return OfferedSlots(count=3 if request.key in self.events else 0)

    @activity.defn(name="redistribute-missed")
    def redistribute_missed(self, request: RedistributeMissed) -> Redistributed:
        self.missed.append(request)
        seats = self.seats if request.keys else 0
        return Redistributed(joined=dict.fromkeys(request.refs[:seats], min(request.keys, default="")))

    @activity.defn(name="cancel-meetings")
    def cancel_meetings(self, request: CancelMeetings) -> None:
        self.cancelled.extend(key for key in request.keys if self.events.pop(key, None))


class Archive(Dossiers):
    """Keeps statuses and tasks; `present` says by answer who came to a half-day, nobody else did."""

    def __init__(self) -> None:
        self.statuses: list[str] = []
        self.tasks: list[str] = []
        self.owners: dict[str, str] = {}
        self.present: dict[str, tuple[str, ...]] = {}
        self.ideas: set[tuple[str, ...]] = set()
        self.destroyed: set[str] = set()

    @activity.defn(name="read-attendance")
    def read_attendance(self, request: ReadAttendance) -> Attended:
        return Attended(present=self.present.get(request.answer_id, (request.answer_id,)))

    @activity.defn(name="read-line-manager")
    def read_line_manager(self, request: ReadLineManager) -> LineManager:
        return LineManager(ref=f"boss of {request.person_ref}")

    @activity.defn(name="form-groups")
    def form_groups(self, request: FormGroups) -> Groups:
        return Groups(groups=(request.mentor_refs,))

    @activity.defn(name="set-pairing-status")
    def set_pairing_status(self, request: SetPairingStatus) -> None:
        self.statuses.append(request.status)

    @activity.defn(name="set-mentor-status")
    def set_mentor_status(self, request: SetMentorStatus) -> None:
        self.statuses.append(request.status)

    @activity.defn(name="open-task")
    def open_task(self, request: OpenTask) -> None:
        self.tasks.append(request.kind)
        self.owners[request.kind] = request.owner_ref

    @activity.defn(name="close-task")
    def close_task(self, request: CloseTask) -> None:
        self.tasks.append(f"closed: {request.outcome}")

    @activity.defn(name="keep-ideas")
    def keep_ideas(self, request: KeepIdeas) -> KeptIdeas:
        self.ideas.add(request.answer_ids)
        kept = tuple(one for one in request.answer_ids if one not in self.destroyed)
        by_pairing: dict[str, tuple[str, ...]] = {}
        for idea in kept:
            pairing = pairing_life("digital", idea.split()[-1], 1)
            by_pairing[pairing] = (*by_pairing.get(pairing, ()), idea)
        return KeptIdeas(idea_ids=kept, by_pairing=by_pairing)

    @activity.defn(name="record-decisions")
    def record_decisions(self, request: RecordDecisions) -> DecidedIdeas:
        return DecidedIdeas(pairing_ids=(request.answer_id,))

    @activity.defn(name="destroy-dossiers")
    def destroy_dossiers(self, request: DestroyDossiers) -> Destroyed:
        return Destroyed(rows=len(request.programme_id))


@asynccontextmanager
async def lived(town: "Town", more: Sequence[type] = ()) -> AsyncIterator[None]:
    """Runs the town's workers and people by counted time; `more` are lives of the test's own."""
    TIME.beat()
    async with AsyncExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(16))
        for worker in town.workers(threads, more):
            await stack.enter_async_context(worker)
        people = asyncio.create_task(town.answer_letters())
        await stack.enter_async_context(beating(town.client))
        yield
        people.cancel()


class Office:
    """Hands every role over to the deputy; implements one of the acts on the directory."""

    @activity.defn(name="hand-over-roles")
    def hand_over_roles(self, request: HandOverRoles) -> Roles:
        held = {role: who for role, who in ROLES.model_dump().items() if who == request.person_ref}
        return ROLES.model_copy(update=dict.fromkeys(held, "deputy"))


class Town:
    """Workers for all queues, and people who answer by purpose; who is `silent` on a purpose never does.

    `words` are answers to single asks, by key, or by key and person; the mentor takes a quarter of
    `hesitation` (programme time) to answer, and everybody else all of it.

    `records` are more rooms of acts on the records queue, of a test's own.
    """

    def __init__(self, client: Client, clock: ProgrammeClock) -> None:
        self.client = client
        self.clock = clock
        self.post = Post(clock)
        self.diary = Diary()
        self.archive = Archive()
        self.records: list[object] = []
        self.choices: dict[Purpose, str] = dict(KIND)
        self.silent: set[Purpose] = set()
        self.words: dict[str, str] = {}
        self.hesitation = timedelta()

    async def answer_letters(self) -> None:
        """Answers every letter that asks something, once a person and ask; runs until cancelled."""
        answered: set[tuple[str, str, str]] = set()
        async with asyncio.TaskGroup() as answers:
            while True:
                await asyncio.sleep(0.002)
                while not self.post.box.empty():
                    for reply in self._replies(self.post.box.get()):
                        if reply[:3] not in answered:
                            answered.add(reply[:3])
                            answer = answers.create_task(self._answer(*reply))
                            if not self.hesitation:
                                await answer

    def _replies(self, letter: SendLetters) -> Iterator[tuple[str, str, str, str]]:
        """What those who were asked will answer: for which life, on which ask, who, and what."""
        if letter.letter is Letter.SESSION_HAPPENED:
            self.post.asked_what_happened.set()
        purpose = PURPOSES.get(letter.letter)
        if letter.ask is None or purpose is None or purpose in self.silent:
            return
        for to in letter.to:
            key = letter.ask.ask_key
            yield letter.ask.life, key, to.ref, self._choice(purpose, key, to.ref)

    def _choice(self, purpose: Purpose, ask_key: str, ref: str) -> str:
        own = self.words.get(f"{ask_key}/{ref}")
        return own or self.words.get(ask_key) or self.choices.get(purpose, "answered")

    async def _answer(self, life: str, ask_key: str, ref: str, choice: str) -> None:
        wait = self.hesitation / (4 if ref == "mentor" else 1)
        await asyncio.sleep(self.clock.real_duration(wait).total_seconds())
        said = Answered(ask_key=ask_key, answer_id=f"{ask_key}/{ref}", choice=choice, person_ref=ref)
        try:
            await self.client.get_workflow_handle(life).signal("answered", said)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:  # the life may have ended meanwhile
                raise

    def workers(self, threads: ThreadPoolExecutor, more: Sequence[type] = ()) -> tuple[Worker, ...]:
        """One worker a queue, as in production."""
        acts: Mapping[str, list[Callable[..., object]]] = {
            CALENDARS: verbs(self.diary),
            MAIL: verbs(self.post),
            RECORDS: [act for room in (self.archive, Office(), *self.records) for act in verbs(room)],
        }
        lives = Worker(
            self.client, task_queue=WORKFLOWS, workflows=[*LIVES, Pulse, *more], workflow_runner=RUNNER
        )
        return (
            lives,
            *(
                Worker(self.client, task_queue=queue, activities=found, activity_executor=threads)
                for queue, found in acts.items()
            ),
        )
