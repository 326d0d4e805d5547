"""Letters that a life wants sent in the same moment, handed to the mail queue in one act."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from activities.correspondence import SendLetters, SentLetters

Outcomes = tuple[SentLetters | None, ...]
"""What became of each letter; None for one that goes by itself."""

_TOGETHER = 6
"""Letters an act takes at most; those it has no time for it gives back."""


@dataclass
class _Round:
    """Letters wanted so far, the act they go out in, and how many stories wait for one of them."""

    letters: list[SendLetters]
    act: asyncio.Task[Outcomes]
    waiting: int = 0


class Outbox:
    """Collects what stories told side by side want to send; `deliver` sends letters in one act.

    Every story that is ready to go on when the first one wants a letter can still add its own. A letter that
    is alone in its moment is not delivered here, and neither is one that `deliver` gives back.
    """

    def __init__(self, deliver: Callable[[tuple[SendLetters, ...]], Awaitable[Outcomes]]) -> None:
        self._deliver = deliver
        self._open: _Round | None = None
        self._acts: set[asyncio.Task[Outcomes]] = set()

    def is_idle(self) -> bool:
        """Whether no letters are on their way."""
        return not self._acts

    async def send(self, letter: SendLetters) -> SentLetters | None:
        """Sends the letter with those of the same moment; None where it is to go by itself.

        The act is given up when all stories that waited for it were cancelled.
        """
        if self._open is None or len(self._open.letters) == _TOGETHER or self._open.act.done():
            self._open = self._begun()
        mine = self._open
        place = len(mine.letters)
        mine.letters.append(letter)
        return (await self._outcomes(mine))[place]

    def _begun(self) -> _Round:
        letters: list[SendLetters] = []
        act = asyncio.create_task(self._carry(letters))
        self._acts.add(act)
        act.add_done_callback(self._over)
        return _Round(letters, act)

    def _over(self, act: asyncio.Task[Outcomes]) -> None:
        """Forgets an act; how it failed is nobody's concern where no story waits for it any more."""
        self._acts.discard(act)
        if not act.cancelled():
            act.exception()

    async def _outcomes(self, mine: _Round) -> Outcomes:
        mine.waiting += 1
        try:
            return await asyncio.shield(mine.act)
        except asyncio.CancelledError:
            mine.waiting -= 1
            if not mine.waiting:
                mine.act.cancel()
            raise

    async def _carry(self, letters: list[SendLetters]) -> Outcomes:
        """Has them sent; by now every story of this moment has added its letter."""
        if self._open and self._open.letters is letters:
            self._open = None
        return (None,) if len(letters) == 1 else await self._deliver(tuple(letters))
