"""Letters that a life wants sent in the same moment, handed to the mail queue in one act."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from activities.correspondence import SendLetters, SentLetters

Sent = tuple[SentLetters | None, ...]
"""What became of each letter; None for one that goes by itself."""

_TOGETHER = 6
"""Letters an act takes at most, so that it ends within its time also where each goes to several people."""


@dataclass
class _Batch:
    """Letters wanted so far, the act they go out in, and how many stories wait for one of them."""

    letters: list[SendLetters]
    act: asyncio.Task[Sent]
    waiting: int = 0


class Outbox:
    """Collects what stories told side by side want to send; `deliver` sends letters in one act.

    Stories that go on in the same workflow task each add their letter before the act begins. A letter that
    is alone in its moment is not delivered here, and neither is one that `deliver` gives back.
    """

    def __init__(self, deliver: Callable[[tuple[SendLetters, ...]], Awaitable[Sent]]) -> None:
        self._deliver = deliver
        self._open: _Batch | None = None
        self._acts: set[asyncio.Task[Sent]] = set()

    def is_idle(self) -> bool:
        """Whether no letters are on their way."""
        return not self._acts

    async def send(self, letter: SendLetters) -> SentLetters | None:
        """Sends the letter with those of the same moment; None where it is to go by itself.

        The act is given up when all stories that waited for it were cancelled.
        """
        if self._open is None or len(self._open.letters) == _TOGETHER:
            self._open = self._begun()
        batch = self._open
        place = len(batch.letters)
        batch.letters.append(letter)
        return (await self._result(batch))[place]

    def _begun(self) -> _Batch:
        letters: list[SendLetters] = []
        act = asyncio.create_task(self._carry(letters))
        self._acts.add(act)
        act.add_done_callback(self._acts.discard)
        return _Batch(letters, act)

    async def _result(self, batch: _Batch) -> Sent:
        batch.waiting += 1
        try:
            return await asyncio.shield(batch.act)
        except asyncio.CancelledError:
            batch.waiting -= 1
            if not batch.waiting:
                batch.act.cancel()
            raise

    async def _carry(self, letters: list[SendLetters]) -> Sent:
        """Has them sent; by now every story of this moment has added its letter."""
        if self._open and self._open.letters is letters:
            self._open = None
        return (None,) if len(letters) == 1 else await self._deliver(tuple(letters))
