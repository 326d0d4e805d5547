"""How a life acts: acts tried until they succeed, stories told side by side and brought to an end whole."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from activities.correspondence import Correspondence, LetterBatch, SendLetters, SentBatch, SentLetters
from activities.directory import Terms
from activities.rules.local_days import LocalDays
from activities.rules.working_days import WorkingDays
from activities.values import Value
from workflows import policies
from workflows.clock import LifeClock
from workflows.face import Face, S
from workflows.outbox import Outbox, Outcomes

P = TypeVar("P", bound=Value)
R = TypeVar("R")
T = TypeVar("T")

_STUCK = "stuck"


class Acting(Face[S]):
    """A life under the terms of a programme, on its clock, with its acts and stories."""

    days: LocalDays

    def __init__(self, terms: Terms | None, state: S) -> None:
        super().__init__()
        self.state = state
        self._sheltered: set[asyncio.Task[Any]] = set()
        self._aside: dict[str, asyncio.Task[None]] = {}
        self._outbox = Outbox(self._sent_together)
        self._retries = 0
        self._settling = False
        self.has_begun = False
        if terms:
            self.begin(terms)

    def begin(self, terms: Terms) -> None:
        """Puts the life under its terms; nothing else may be done before."""
        self.terms = terms
        self.has_begun = True
        self.clock = LifeClock(terms.clock)
        self.days = LocalDays(WorkingDays(holidays=frozenset(terms.holidays)), terms.zone)

    # Acts

    async def act(
        self, method: Callable[[Any, P], R], request: P, policy: policies.Policy, summary: str
    ) -> R:
        """Runs an act to its end even if the step that wanted it is cancelled meanwhile."""
        result: R = await self.shelter(self.persist(method, request, policy, summary))
        self.show()
        return result

    async def shelter(self, step: Coroutine[Any, Any, T]) -> T:
        """Takes a step to its end even if the story that wanted it is cancelled meanwhile.

        Not for taste: a signal to another life that is cancelled on its way breaks the workflow task
        (TMPRL1100, sdk-core 0.5).
        """
        running = asyncio.create_task(step)
        self._sheltered.add(running)
        running.add_done_callback(self._sheltered.discard)
        return await asyncio.shield(running)

    async def send(self, request: SendLetters) -> SentLetters:
        """Has letters sent; given up where the step is cancelled, as a letter may wait for the morning.

        What stories side by side want to send in the same moment goes out in one act.
        """
        sent = await self._outbox.send(request)
        if sent is None:
            alone: SentLetters = await self.persist(
                Correspondence.send_letters, request, policies.LETTER, _summary(request)
            )
            sent = alone
        if self._settling:
            # An act that ends just as it is cancelled swallows the cancellation of its story.
            raise asyncio.CancelledError
        self.show()
        return sent

    async def _sent_together(self, letters: tuple[SendLetters, ...]) -> Outcomes:
        """Has letters sent in one act; where it fails for good, each goes by itself and fails by itself."""
        summary = "; ".join(_summary(letter) for letter in letters)
        try:
            sent: SentBatch = await workflow.execute_activity_method(
                Correspondence.send_letter_batch,
                LetterBatch(letters=letters),
                summary=summary,
                **policies.LETTER,
            )
        except ActivityError as error:
            if not isinstance(error.cause, ApplicationError):
                raise
            return (None,) * len(letters)
        return sent.sent

    async def persist(
        self, method: Callable[[Any, P], R], request: P, policy: policies.Policy, summary: str
    ) -> R:
        """Has the act done; one that failed for good waits for a `retry` and needs attention."""
        while True:
            try:
                return await workflow.execute_activity_method(method, request, summary=summary, **policy)
            except ActivityError as error:
                if not isinstance(error.cause, ApplicationError):
                    raise
                self._stuck[summary] = error.cause.message
                try:
                    await self._unstuck(summary)
                finally:
                    self._stuck.pop(summary, None)

    async def _unstuck(self, summary: str) -> None:
        """Waits until a stuck act is to be tried again; it is given up where its story ends meanwhile.

        Whoever has to leave or stop shall not wait for an act that may never succeed. After a working day the
        coordinator is asked to have its cause mended.
        """
        seen = self._retries
        if not self.has_begun:
            workflow.set_current_details(f"🛑 **{summary}** failed for good: {self._stuck[summary]}")
            await workflow.wait_condition(lambda: self._retries > seen)
            return
        self.show()
        patience = self.days.add(self.clock.now(), 1)
        if not await self.clock.met(
            lambda: self._retries > seen or self._settling, by=patience, summary=f"stuck: {summary}"
        ):
            self.aside(f"{_STUCK}/{self.state.counts.get(_STUCK, 0)}")
            await workflow.wait_condition(lambda: self._retries > seen or self._settling)
        if self._retries == seen:
            raise asyncio.CancelledError

    def is_stuck(self) -> bool:
        """Whether an act of this life failed for good and was not tried again yet."""
        return bool(self._stuck)

    async def call_for_help(self, name: str) -> None:
        """Asks for the word that what failed for good may be tried again; each kind of life says how."""
        raise NotImplementedError(name)

    async def _helped(self, name: str) -> None:
        await self.call_for_help(name)
        self.state.counts[_STUCK] = self.state.counts.get(_STUCK, 0) + 1

    @workflow.update(name="retry", description="Try again what failed for good, after its cause was mended")
    def retry(self) -> str:
        """Tries every act again that waits for an operator."""
        self.try_again()
        return f"{len(self._stuck)} tried again"

    def try_again(self) -> None:
        """Has every act tried again that failed for good."""
        self._retries += 1

    @retry.validator
    def validate_retry(self) -> None:
        """Refuses while nothing waits for an operator."""
        if not self._stuck:
            raise ValueError("nothing here failed for good")

    # Things that go on beside the main story

    def aside(self, name: str) -> None:
        """Starts the story of that name beside the main one, once; it goes on after continue-as-new."""
        if name not in self.state.beside:
            self.state.beside.append(name)
        if not self._settling and name not in self._aside and f"aside/{name}" not in self.state.done:
            self._aside[name] = asyncio.create_task(self._told_aside(name))

    async def _told_aside(self, name: str) -> None:
        if name.partition("/")[0] == _STUCK:
            await self._helped(name)
        else:
            await self.beside(name)
        self.state.done.add(f"aside/{name}")

    def drop_asides(self, *, but: frozenset[str]) -> None:
        """Forgets what is told beside the main story, `but` for kinds that outlast it; none may run now."""
        kept = [name for name in self.state.beside if name.partition("/")[0] in but]
        if f"{_STUCK}/{self.state.counts.get(_STUCK, 0)}" in self.state.beside:
            # The next call for help is another one.
            self.state.counts[_STUCK] = self.state.counts.get(_STUCK, 0) + 1
        self.state.beside = kept

    async def beside(self, name: str) -> None:
        """Tells the story of that name; lives with stories beside the main one say which."""
        raise NotImplementedError(name)

    async def asides_done(self, *, but: frozenset[str] = frozenset()) -> None:
        """Waits for everything that goes on beside the main story, `but` for kinds without an end."""
        await asyncio.gather(
            *(told for name, told in self._aside.items() if name.partition("/")[0] not in but)
        )

    async def live(self, story: Coroutine[Any, Any, None], *, stop: Callable[[], bool]) -> bool:
        """Lives the story until it ends or `stop` holds; says whether it ended by itself.

        Returns False also where the history has grown so long that the life must continue as new. Whatever
        was cut short is remembered up to its last whole step; acts under way are waited for.
        """
        task = asyncio.create_task(story)
        for name in list(self.state.beside):
            self.aside(name)
        await workflow.wait_condition(
            lambda: task.done() or stop() or self.is_long() or self._has_failed(task)
        )
        ended = (task.done() and not stop()) or self._has_failed(task)
        await self._settle([task, *self._aside.values()])
        return ended

    def _has_failed(self, story: "asyncio.Task[None]") -> bool:
        """Whether the story, or one beside it, broke off with an error that must be seen."""
        return any(task.done() and _error_of(task) for task in (story, *self._aside.values()))

    async def _settle(self, tasks: list[asyncio.Task[None]]) -> None:
        """Cancels what is still told, waits for acts under way, then lets an error be seen."""
        self._settling = True
        for task in tasks:
            task.cancel()
        await workflow.wait_condition(lambda: self._is_settled(tasks))
        self._settling = False
        self._aside.clear()
        for task in tasks:
            if error := _error_of(task):
                raise error

    def _is_settled(self, tasks: list[asyncio.Task[None]]) -> bool:
        return all(task.done() for task in tasks) and not self._sheltered and self._outbox.is_idle()

    def is_long(self) -> bool:
        """Whether the history is so long that the life should continue as new."""
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() >= self.terms.continue_after_events
        )


def _error_of(task: "asyncio.Task[None]") -> BaseException | None:
    """What a story broke off with; an act given up with its story is no error."""
    error = None if task.cancelled() else task.exception()
    return None if error is None or is_cancelled_exception(error) else error


def _summary(request: SendLetters) -> str:
    roles = ", ".join(recipient.role for recipient in request.to)
    again = f" (reminder {request.reminder})" if request.reminder else ""
    return f"{request.letter.value} → {roles}{again}"
