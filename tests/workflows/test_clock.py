"""Every wait is woken when it is due and not before, with no timer that another covers."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client
from temporalio.worker import Worker

from integrations.clock import ProgrammeClock
from tests.workflows.town import RUNNER
from workflows.clock import LifeClock
from workflows.names import WORKFLOWS

HOUR = timedelta(hours=1)
AFTER = 60
"""Hours that are still ahead where the timer for the sixth is heard of late: nine seconds lie between."""


@workflow.defn(name="Waits")
class Waits:
    """Waits by one clock as its case says; tells what was woken, in order, and what was woken too early."""

    @workflow.run
    async def run(self, clock: ProgrammeClock, case: str) -> list[str]:
        self.clock = LifeClock(clock)
        self.began = self.clock.now()
        self.woken: list[str] = []
        cases: dict[str, Callable[[], Awaitable[None]]] = {
            "equal": self._equal,
            "earlier comes later": self._earlier,
            "covered": self._covered,
            "covered by a stale one": self._covered_by_a_stale_one,
            "cancelled": self._cancelled,
            "after a stale one": self._stale,
            "past": self._past,
        }
        await cases[case]()
        return self.woken

    def _wait(self, name: str, hours: int, met: Callable[[], bool] = lambda: False) -> asyncio.Task[None]:
        return asyncio.create_task(self._waits(name, hours, met))

    async def _waits(self, name: str, hours: int, met: Callable[[], bool]) -> None:
        due = self.began + hours * HOUR
        is_met = await self.clock.met(met, by=due, summary=name)
        self.woken.append(name if is_met or self.clock.now() >= due else f"{name} too early")

    async def _equal(self) -> None:
        await asyncio.gather(self._wait("a", 6), self._wait("b", 6))

    async def _earlier(self) -> None:
        later = self._wait("later", AFTER)
        await asyncio.sleep(0)
        await asyncio.gather(later, self._wait("earlier", 6))

    async def _covered(self) -> None:
        first = self._wait("first", 6)
        await asyncio.sleep(0)
        over = False
        covered = self._wait("over", 600, lambda: over)
        await asyncio.sleep(0)
        over = True
        await asyncio.gather(covered, first)

    async def _covered_by_a_stale_one(self) -> None:
        stale = self._wait("stale", 6)
        await asyncio.sleep(0)
        stale.cancel()
        await asyncio.sleep(0)
        over = False
        covered = self._wait("over", 12, lambda: over)
        await asyncio.sleep(0)
        over = True
        await covered

    async def _cancelled(self) -> None:
        first, second = self._wait("first", 6), self._wait("second", AFTER)
        await asyncio.sleep(0)
        first.cancel()
        await second

    async def _stale(self) -> None:
        await self._wait("met at once", 600, lambda: True)
        stale = self._wait("stale", 6)
        await asyncio.sleep(0)
        stale.cancel()
        await self._wait("same instant", 6)
        await self._wait("next", AFTER)

    async def _past(self) -> None:
        await self._wait("past", -1)


@pytest.mark.parametrize(
    ("case", "woken", "timers"),
    [
        ("equal", ["a", "b"], 1),
        ("earlier comes later", ["earlier", "later"], 2),
        ("covered", ["over", "first"], 1),
        ("covered by a stale one", ["over"], 1),
        ("cancelled", ["second"], 2),
        ("after a stale one", ["met at once", "same instant", "next"], 2),
        ("past", ["past"], 0),
    ],
)
async def test_waits_are_woken_in_time_with_few_timers(
    client: Client, case: str, woken: list[str], timers: int
) -> None:
    clock = ProgrammeClock.starting(datetime(2026, 9, 7, 8, tzinfo=UTC), at=datetime.now(UTC), rate=6 * 3_600)
    async with Worker(client, task_queue=WORKFLOWS, workflows=[Waits], workflow_runner=RUNNER):
        handle = await client.start_workflow(Waits.run, args=[clock, case], id=case, task_queue=WORKFLOWS)
        assert await asyncio.wait_for(handle.result(), 600) == woken
    history = await handle.fetch_history()
    started = [one for one in history.events if one.event_type == EventType.EVENT_TYPE_TIMER_STARTED]
    assert len(started) == timers
