"""Programme time inside a workflow: read from Temporal's clock, waited for with shared timers."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import workflow

from integrations.clock import ProgrammeClock

_ROUNDING = timedelta(milliseconds=1)


class LifeClock:
    """The clock of one life; all instants are programme time, aware and in UTC.

    Waits for the same instant share one Temporal timer, so what falls due together costs one wake-up. A
    timer nobody waits for any more is cancelled.
    """

    def __init__(self, clock: ProgrammeClock) -> None:
        self._clock = clock
        self._timers: dict[datetime, tuple[asyncio.Task[None], set[object]]] = {}

    def now(self) -> datetime:
        """The programme instant of the current workflow task."""
        return self._clock.programme(workflow.now())

    def next_due(self) -> datetime | None:
        """The earliest instant something waits for, or None."""
        return min(self._timers, default=None)

    async def until(self, instant: datetime, *, summary: str) -> None:
        """Waits until `instant`; returns at once where it has passed."""
        await self.met(lambda: False, by=instant, summary=summary)

    async def met(self, condition: Callable[[], bool], *, by: datetime, summary: str) -> bool:
        """Waits until `condition` holds or the instant `by` has come; says whether it holds."""
        while not condition() and self.now() < by:
            await self._wake(condition, by, summary)
        return condition()

    async def _wake(self, condition: Callable[[], bool], instant: datetime, summary: str) -> None:
        if instant not in self._timers:
            self._timers[instant] = (asyncio.create_task(self._sleep(instant, summary)), set())
        timer, waiters = self._timers[instant]
        me = object()
        waiters.add(me)
        try:
            await workflow.wait_condition(lambda: condition() or timer.done())
        finally:
            waiters.discard(me)
            if not waiters and self._timers.get(instant, (None,))[0] is timer:
                del self._timers[instant]
                timer.cancel()

    async def _sleep(self, instant: datetime, summary: str) -> None:
        left = self._clock.real_duration(instant - self.now())
        await workflow.sleep(max(left, timedelta()) + _ROUNDING, summary=summary)
