"""Answers on their way from the database to the lives that asked."""

import asyncio
import logging
from typing import Final

from anyio import to_thread

from integrations.clock import ProgrammeClock
from integrations.database.answers import AnswerRecord, Answers
from integrations.web.sink import EventSink

_AT_ONCE: Final = 2.0
_PAUSE: Final = 1.0
_BATCH: Final = 100
_ABREAST: Final = 10

_logger = logging.getLogger(__name__)


class Handover:
    """Hands answers to the sink, at once and again until it takes them; an answer may arrive twice.

    Times are real seconds: a try lasts 2 at most, rounds are 1 apart.
    """

    def __init__(self, answers: Answers, sink: EventSink, clock: ProgrammeClock) -> None:
        self._answers = answers
        self._sink = sink
        self._clock = clock

    async def hand_over(self, answer: AnswerRecord) -> bool:
        """Whether the answer was taken, and marked so, within 2 seconds; if not, it stays kept."""
        try:
            async with asyncio.timeout(_AT_ONCE):
                await self._sink.answered(answer)
                await to_thread.run_sync(
                    self._answers.mark_delivered, answer.id, self._clock.now(), abandon_on_cancel=True
                )
        except Exception as error:  # noqa: BLE001 - whatever it was, the answer is kept and tried again
            extra = {"answer": answer.id, "error": type(error).__name__}
            _logger.warning("answer.kept", extra=extra)
            return False
        return True

    async def run(self) -> None:
        """Hands over again what was not taken, for as long as the inbox lives."""
        while True:
            await asyncio.sleep(_PAUSE)
            try:
                await self._round()
            except Exception as error:  # noqa: BLE001 - the database may be away; the next round looks again
                _logger.warning("answers.unread", extra={"error": type(error).__name__})

    async def _round(self) -> None:
        """Tries what waits, several abreast: one answer that nobody takes does not hold up the others."""
        waiting = await to_thread.run_sync(self._answers.undelivered, _BATCH)
        abreast = asyncio.Semaphore(_ABREAST)

        async def deliver(answer: AnswerRecord) -> None:
            async with abreast:
                await self.hand_over(answer)

        async with asyncio.TaskGroup() as group:
            for answer in waiting:
                group.create_task(deliver(answer))
