"""Real time as far as it counts for the quick clocks of the lives.

A life that is eight days older every second lets deadlines pass while its worker waits for a processor. So
the time that passes between two beats of a pulse counts up to a limit only, and a beat is a whole turn: from
here through the server and a worker and back. However slow the machine is, a life has as many turns a day.
"""

import asyncio
from bisect import bisect_right
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Lock

from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.service import RPCError

from integrations.clock import ProgrammeClock
from workflows.names import WORKFLOWS

_NONE = timedelta()
_COUNTS = timedelta(milliseconds=35)
_PAUSE_S = 0.015


@workflow.defn(name="Pulse", sandboxed=False)
class Pulse:
    """Answers when it is asked, and does nothing else."""

    @workflow.run
    async def run(self) -> None:
        """Lives until the test is over."""
        await workflow.wait_condition(lambda: False)

    @workflow.query(name="beat")
    def beat(self) -> bool:
        """Whether it lives."""
        return True


class CountedTime:
    """Which part of the real time counts: all of it, until beats are waited for.

    What a past instant counts never changes, so that a life sees the same clock when it is replayed.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._beats: list[datetime] = []
        self._lost: list[timedelta] = []

    def beat(self) -> None:
        """Lets time go on; from the first beat on it stops where the next is late."""
        with self._lock:
            now = datetime.now(UTC)
            self._lost.append(self._lost_at(now))
            self._beats.append(now)

    def counted(self, real: datetime) -> datetime:
        """A real instant, earlier by what did not count before it."""
        with self._lock:
            return real - self._lost_at(real)

    def _lost_at(self, real: datetime) -> timedelta:
        before = bisect_right(self._beats, real) - 1
        if before < 0:
            return _NONE
        return self._lost[before] + max(real - self._beats[before] - _COUNTS, _NONE)


TIME = CountedTime()


def programme(clock: ProgrammeClock, real: datetime) -> datetime:
    """What a clock shows that goes on while time counts; stands in for that of `ProgrammeClock`."""
    passed = TIME.counted(real) - TIME.counted(clock.real_anchor)
    return (clock.programme_anchor + passed * clock.rate).astimezone(UTC)


@asynccontextmanager
async def beating(client: Client) -> AsyncIterator[None]:
    """Has time count by the beats of a pulse, which needs a worker that knows it; stops it in the end."""
    TIME.beat()
    pulse = await client.start_workflow(Pulse.run, id="pulse", task_queue=WORKFLOWS)
    over = asyncio.Event()
    beats = asyncio.create_task(_beat(pulse, over))
    try:
        yield
    finally:
        over.set()
        await beats
        await pulse.terminate()


async def _beat(pulse: WorkflowHandle[Pulse, None], over: asyncio.Event) -> None:
    while not over.is_set():
        with suppress(RPCError):
            await pulse.query(Pulse.beat)
            TIME.beat()
        await asyncio.sleep(_PAUSE_S)
