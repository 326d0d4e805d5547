"""Programme time inside a workflow: read from Temporal's clock, waited for with as few timers as can be."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from temporalio import workflow

from integrations.clock import ProgrammeClock

_ROUNDING = timedelta(milliseconds=1)


class LifeClock:
    """The clock of one life; all instants are programme time, aware and in UTC.

    A timer is only started for the earliest instant waited for, and only where none is running that fires
    before it; the next is started when that one fires. So a wait that is over by then has cost no timer, and
    what falls due together costs one wake-up. A timer nobody waits for any more is left to fire: it wakes the
    life for what is due next.
    """

    def __init__(self, clock: ProgrammeClock) -> None:
        self._clock = clock
        self._waits: dict[object, tuple[datetime, str]] = {}
        self._timers: dict[datetime, asyncio.Task[None]] = {}

    def now(self) -> datetime:
        """The programme instant of the current workflow task."""
        return self._clock.programme(workflow.now())

    def next_due(self) -> datetime | None:
        """The earliest instant something waits for, or None."""
        return min((instant for instant, _ in self._waits.values()), default=None)

    async def until(self, instant: datetime, *, summary: str) -> None:
        """Waits until `instant`; returns at once where it has passed."""
        await self.met(lambda: False, by=instant, summary=summary)

    async def met(self, condition: Callable[[], bool], *, by: datetime, summary: str) -> bool:
        """Waits until `condition` holds or the instant `by` has come; says whether it holds."""
        if condition() or self.now() >= by:
            return condition()
        me = object()
        self._waits[me] = by, summary
        self._wind()
        try:
            await workflow.wait_condition(lambda: condition() or self.now() >= by)
        finally:
            del self._waits[me]
        return condition()

    async def first_of(self, days: Mapping[str, datetime], *, summary: str) -> tuple[str, datetime]:
        """Waits until the earliest of these days has come, however they change; says whose it is and when."""
        while True:
            await workflow.wait_condition(lambda: bool(days))
            known = dict(days)
            ref, day = min(known.items(), key=lambda one: (one[1], one[0]))
            if not await self.met(partial(_differ, days, known), by=day, summary=summary):
                return ref, day

    def _wind(self) -> None:
        """Starts the timer of the earliest instant ahead, unless one is running that fires before it."""
        ahead = [wait for wait in self._waits.values() if wait[0] > self.now()]
        if ahead:
            instant, summary = min(ahead)
            if instant < min(self._timers, default=instant + _ROUNDING):
                self._timers[instant] = asyncio.create_task(self._ring(instant, summary))

    async def _ring(self, instant: datetime, summary: str) -> None:
        """Sleeps until the instant, lets those go on who waited for it, then sees to what is due next."""
        left = self._clock.real_duration(instant - self.now())
        await workflow.sleep(max(left, timedelta()) + _ROUNDING, summary=summary)
        del self._timers[instant]
        await workflow.wait_condition(lambda: True)
        self._wind()


def _differ(days: Mapping[str, datetime], known: Mapping[str, datetime]) -> bool:
    return days != known
