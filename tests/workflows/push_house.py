"""All that push goes through: a vendor's fake, the receiver over HTTP, the acts, the books, a worker."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from starlette.applications import Starlette
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer, Worker

from activities.notices import CalendarNotices
from activities.noticing import KeepSubscription, KeptSubscription, Noticing, ReadChanges, SeenChanges
from integrations.calendars.calendar import EventRef, Rsvp
from integrations.calendars.notices import Hooks
from integrations.clock import ProgrammeClock
from integrations.database.bookings import Booking, BookingStatus
from integrations.database.sql.database import Database, migrate, open_database
from integrations.web.calendar_notices import notice_routes
from integrations.web.server import bind, serve
from tests.integrations.calendars.desk import HOUR, TUESDAY
from tests.integrations.calendars.push_desk import KEY, NOW, PushDesk
from tests.replay.saving import save, wanted
from tests.workflows.listening import ListeningLife
from tests.workflows.town import RUNNER, verbs
from workflows.calendar_notices import CalendarNoticesWorkflow, NoticesStart
from workflows.dispatch import Dispatch
from workflows.names import CALENDARS, WORKFLOWS, notices_id

T = TypeVar("T")
LIFE = "pairing/digital/p_1/1"
QUICK = timedelta(milliseconds=300)


@dataclass
class PushHouse:
    """The house of one vendor; its receiver is up, its worker is not."""

    client: Client
    push: PushDesk
    books: Database
    hooks: Hooks | None
    dispatch: Dispatch
    life: "WorkflowHandle[ListeningLife, list[str]]"
    noticing: Noticing = field(init=False)

    def __post_init__(self) -> None:
        self.noticing = CalendarNotices(
            providers={self.push.provider: self.push.notices},
            hooks=self.hooks,
            subscriptions=self.books.subscriptions,
            bookings=self.books.bookings,
            clock=ProgrammeClock.starting(NOW, at=datetime.now(UTC), rate=1),
        )

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Workers for the lives and for the acts on calendars."""
        lives: list[type] = [CalendarNoticesWorkflow, ListeningLife]
        async with AsyncExitStack() as stack:
            threads = stack.enter_context(ThreadPoolExecutor(4))
            acts = verbs(self.noticing)
            for worker in (
                Worker(self.client, task_queue=WORKFLOWS, workflows=lives, workflow_runner=RUNNER),
                Worker(self.client, task_queue=CALENDARS, activities=acts, activity_executor=threads),
            ):
                await stack.enter_async_context(worker)
            yield

    async def watch(self, **changes: object) -> WorkflowHandle[CalendarNoticesWorkflow, str]:
        """Starts to watch as the service does, but gathers for less time; waits for its first look."""
        start = NoticesStart(provider=self.push.provider, gather=QUICK).model_copy(update=changes)
        handle = await self.client.start_workflow(
            CalendarNoticesWorkflow.run, start, id=notices_id(self.push.provider), task_queue=WORKFLOWS
        )
        # A history that ends at once has its next run described.
        now: WorkflowHandle[CalendarNoticesWorkflow, str] = self.client.get_workflow_handle(handle.id)
        await eventually(lambda: described(now), lambda details: "next look" in details)
        return handle

    async def count(self, handle: WorkflowHandle[CalendarNoticesWorkflow, str], act: str) -> int:
        """How often an act was scheduled in the run that goes on."""
        scheduled = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        history = await self.client.get_workflow_handle(handle.id).fetch_history()
        return sum(
            event.activity_task_scheduled_event_attributes.activity_type.name == act
            for event in history.events
            if event.event_type == scheduled
        )

    async def settled(self, handle: WorkflowHandle[CalendarNoticesWorkflow, str]) -> None:
        """Waits until every notice was sent, and what it led to is over."""
        await asyncio.to_thread(self.push.pusher.settle)
        now = self.client.get_workflow_handle(handle.id)
        await eventually(now.fetch_history, is_at_rest)

    def lapse(self) -> None:
        """Has every subscription end, as if the time for that had come."""
        self.push.lapse()
        for one in self.books.subscriptions.of(self.push.provider, self.push.desk.organizer):
            ended = one.model_copy(update={"expires_at": datetime.now(UTC)})
            self.books.subscriptions.keep(ended)

    def book(self, key: str, life: str = LIFE) -> EventRef:
        """Books a meeting of a life."""
        ref = self.push.desk.calendar.ensure(key, 0, self.push.desk.spec())
        self.books.bookings.save(
            Booking(
                key=key,
                programme_id="digital",
                life=life,
                kind="session",
                start=TUESDAY,
                end=TUESDAY + HOUR,
                attendees=("p_1", "p_2"),
                status=BookingStatus.BOOKED,
                event=ref.model_dump_json(),
            )
        )
        return ref

    def decline(self, ref: EventRef) -> None:
        """Has the mentor decline a meeting in their calendar."""
        self.push.desk.hand.answer(self.push.desk.mentor, ref, Rsvp.DECLINED)

    async def heard(self) -> list[str]:
        """What the life has heard."""
        return await self.life.query(ListeningLife.heard)

    async def hears(self, count: int) -> list[str]:
        """Waits until the life has heard that many hints."""
        return await eventually(self.heard, lambda meetings: len(meetings) >= count)


def is_at_rest(history: WorkflowHistory) -> bool:
    """Whether it does nothing but wait for a notice: no task, act or gathering goes on."""
    kinds = Counter(event.event_type for event in history.events)
    ended = {
        EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED: WORKFLOW_TASK_ENDS,
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: ACT_ENDS,
    }
    if any(kinds[begun] != sum(kinds[end] for end in ends) for begun, ends in ended.items()):
        return False
    timers = [one for one in history.events if one.event_type == EventType.EVENT_TYPE_TIMER_STARTED]
    return bool(timers) and b"a notice, or" in timers[-1].user_metadata.summary.data


WORKFLOW_TASK_ENDS = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
)
ACT_ENDS = (
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
)


class Scripted(Noticing):
    """Acts that fail on demand, and say what they are told to say; `then` is said from the second time on."""

    def __init__(self) -> None:
        self.kept = KeptSubscription(
            again_at=datetime.now(UTC) + timedelta(days=2), expires_at=datetime.now(UTC) + timedelta(days=3)
        )
        self.then: KeptSubscription | None = None
        self.seen = SeenChanges(position=1)
        self.keeping: list[Exception] = []
        self.reading: list[Exception] = []
        self.requests: list[KeepSubscription | ReadChanges] = []
        self.pages = 1

    @activity.defn(name="keep-subscription")
    def keep_subscription(self, request: KeepSubscription) -> KeptSubscription:
        self.requests.append(request)
        if self.keeping:
            raise self.keeping.pop(0)
        kept, self.kept = self.kept, self.then or self.kept
        return kept

    @activity.defn(name="read-changes")
    def read_changes(self, request: ReadChanges) -> SeenChanges:
        self.requests.append(request)
        if self.reading:
            raise self.reading.pop(0)
        read = (request.position or 0) + 1
        return self.seen.model_copy(update={"position": read, "more": read < self.pages})


@asynccontextmanager
async def push_house(client: Client, books: Database, push: PushDesk) -> AsyncIterator[PushHouse]:
    """A house with its receiver; a life listens in it."""
    bound = bind("127.0.0.1", 0)
    hooks = Hooks(f"http://127.0.0.1:{bound.getsockname()[1]}", [KEY])
    dispatch, stop = Dispatch(client), asyncio.Event()
    routes = notice_routes(sink=dispatch, hooks=hooks, providers=[push.provider])
    serving = asyncio.create_task(serve(Starlette(routes=routes), bound, stop))
    life = await client.start_workflow(ListeningLife.run, id=LIFE, task_queue=WORKFLOWS)
    try:
        yield PushHouse(client, push, books, hooks, dispatch, life)
    finally:
        stop.set()
        await serving
        bound.close()


async def described(handle: WorkflowHandle[CalendarNoticesWorkflow, str]) -> str:
    """What the Temporal UI shows of it."""
    told = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(told.current_details)


async def eventually(look: Callable[[], Awaitable[T]], enough: Callable[[T], bool]) -> T:
    """Looks until it is enough; gives up after two minutes."""
    async with asyncio.timeout(120):
        while True:
            if enough(seen := await look()):
                return seen
            await asyncio.sleep(0.05)


@contextmanager
def books_in(folder: Path) -> Iterator[Database]:
    """New books in the folder."""
    url = f"sqlite:///{folder / 'mentoring.db'}"
    migrate(url)
    books = open_database(url)
    try:
        yield books
    finally:
        books.store.close()


async def replay(handle: WorkflowHandle[CalendarNoticesWorkflow, str]) -> None:
    """Replays a history on the code as it is."""
    lives: list[type] = [CalendarNoticesWorkflow, ListeningLife]
    replayer = Replayer(workflows=lives, workflow_runner=RUNNER, data_converter=pydantic_data_converter)
    history = await handle.fetch_history()
    await replayer.replay_workflow(history)
    if wanted():
        save(history, handle.id)


def asynchronous(look: Callable[[], T]) -> Callable[[], Awaitable[T]]:
    """Something to look at, for `eventually`."""

    async def looked() -> T:
        return look()

    return looked
