"""CalendarNoticesWorkflow: push from one calendar provider, kept coming and turned into hints for the lives.

It lives in real time, as providers do, and for as long as push is used. Nothing depends on it: every life
looks at its meetings by itself at fixed moments, and this one only has them look earlier.
"""

import asyncio
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from pydantic import AwareDatetime
from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.noticing import Hint, KeepSubscription, Noticing, ReadChanges
from activities.values import Value
from integrations.calendars.notices import NoticeKind
from workflows import policies
from workflows.life import MeetingChanged, tell

T = TypeVar("T")

_GIVE_UP: Final = timedelta(minutes=10)
_AGAIN: Final = timedelta(minutes=30)
_AT_ONCE: Final = 20


class CalendarNotice(Value):
    """A notice as the inbox has proven it; a repeat is one more reason to look, and does no more."""

    kind: NoticeKind


class NoticesStart(Value):
    """A provider, and where its notices stand (real time); continue-as-new carries it.

    Notices get lost, so what changed is read `look_every` so often whether or not there was one; a burst of
    them, of which more may come within `gather`, is one look.
    """

    provider: str
    look_every: timedelta = timedelta(days=1)
    gather: timedelta = timedelta(seconds=3)
    keep_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    look_at: AwareDatetime | None = None
    position: int | None = None
    heard: tuple[NoticeKind, ...] = ()
    renew: bool = False
    continue_after_events: int = 4_000


@workflow.defn(name="CalendarNoticesWorkflow")
class CalendarNoticesWorkflow:
    """The notices of one provider and its organizer's calendar."""

    @workflow.init
    def __init__(self, start: NoticesStart) -> None:
        self._start = start
        self._keep_at = start.keep_at
        self._expires_at = start.expires_at
        self._look_at = start.look_at
        self._position = start.position
        self._heard: list[NoticeKind] = list(start.heard)
        self._renew = start.renew
        self._told = 0
        self._trouble: dict[str, str] = {}

    @workflow.run
    async def run(self, start: NoticesStart) -> str:
        """Keeps the subscription and looks where something changed, until push is not used any more."""
        while True:
            heard, self._heard = self._heard, []
            if not await self._keep(heard):
                return f"push of {start.provider} is not used any more"
            await self._look(heard)
            self._show()
            if self._is_long():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(self._now())
            await self._wait()

    @workflow.signal(name="changed", description="The provider pushed that the organizer's calendar changed")
    def changed(self, notice: CalendarNotice) -> None:
        """Has the changes read soon; a burst of notices is one reading."""
        if notice.kind not in self._heard:
            self._heard.append(notice.kind)

    async def _keep(self, heard: list[NoticeKind]) -> bool:
        """Has the subscription kept where that is due; False where there is none to keep."""
        at_stake = any(kind.concerns_subscription for kind in heard)
        self._renew = self._renew or at_stake
        if not (at_stake or NoticeKind.STARTED in heard or _is_due(self._keep_at)):
            return True
        request = KeepSubscription(provider=self._start.provider, renew=self._renew)
        try:
            kept = await workflow.execute_activity_method(
                Noticing.keep_subscription,
                request,
                summary="keep the subscription" + (" (renew)" if self._renew else ""),
                schedule_to_close_timeout=_GIVE_UP,
                **policies.CALENDAR,
            )
        except ActivityError as error:
            self._keep_at = self._troubled("subscription", error)
            return True
        self._trouble.pop("subscription", None)
        self._keep_at, self._expires_at, self._renew = kept.again_at, kept.expires_at, False
        if kept.is_new:
            self._look_at = None
        return kept.again_at is not None

    async def _look(self, heard: list[NoticeKind]) -> None:
        """Reads what changed where that is due, and tells the lives concerned."""
        if not (heard or _is_due(self._look_at)):
            return
        more = True
        while more:
            request = ReadChanges(provider=self._start.provider, position=self._position)
            try:
                seen = await workflow.execute_activity_method(
                    Noticing.read_changes,
                    request,
                    summary="read what changed",
                    schedule_to_close_timeout=_GIVE_UP,
                    **policies.CALENDAR,
                )
            except ActivityError as error:
                self._look_at = self._troubled("changes", error)
                return
            await _whole(self._tell(seen.hints, seen.position))
            self._position, more = seen.position, seen.more
        self._trouble.pop("changes", None)
        self._look_at = workflow.now() + self._start.look_every

    async def _tell(self, hints: tuple[Hint, ...], position: int) -> None:
        """Tells the lives. No two readings have a key in common, so that no change is taken for a repeat."""
        reading = f"{self._start.provider}/{workflow.info().run_id[:8]}/{position}"
        for first in range(0, len(hints), _AT_ONCE):
            told = [
                tell(
                    hint.life,
                    "meeting-changed",
                    MeetingChanged(key=f"{reading}/{hint.meeting}", meeting=hint.meeting),
                )
                for hint in hints[first : first + _AT_ONCE]
            ]
            self._told += sum(await asyncio.gather(*told))

    async def _wait(self) -> None:
        """Waits for a notice, and for more of its burst, or until something is due."""
        due = min(one for one in (self._keep_at, self._look_at) if one)
        left = due - workflow.now()
        if left <= timedelta():
            return
        try:
            await workflow.wait_condition(
                lambda: bool(self._heard), timeout=left, timeout_summary=f"a notice, or {due:%d %b %H:%M} UTC"
            )
        except TimeoutError:
            return
        await workflow.sleep(self._start.gather, summary="more of the burst")

    def _troubled(self, what: str, error: ActivityError) -> datetime:
        """When to try again what failed for good, or for too long; it shows until it succeeds."""
        cause = error.cause
        self._trouble[what] = cause.message if isinstance(cause, ApplicationError) else type(cause).__name__
        workflow.logger.warning("notices.troubled", extra={"provider": self._start.provider, "what": what})
        return workflow.now() + _AGAIN

    def _is_long(self) -> bool:
        info = workflow.info()
        return (
            info.is_continue_as_new_suggested()
            or info.get_current_history_length() >= self._start.continue_after_events
        )

    def _now(self) -> NoticesStart:
        """All that must not be forgotten."""
        return self._start.model_copy(
            update={
                "keep_at": self._keep_at,
                "expires_at": self._expires_at,
                "look_at": self._look_at,
                "position": self._position,
                "heard": tuple(self._heard),
                "renew": self._renew,
            }
        )

    def _show(self) -> None:
        """Says in the Temporal UI how push is doing."""
        lives = "✅" if self._expires_at and self._expires_at > workflow.now() else "🛑"
        trouble = [f"- 🛑 **{what}**: {why}; tried again by itself" for what, why in self._trouble.items()]
        lines = [
            f"**{self._start.provider}** tells when the organizer's calendar changes",
            *trouble,
            f"- {lives} subscription until {_text(self._expires_at)}, renewed {_text(self._keep_at)}",
            f"- ⏰ next look without a notice {_text(self._look_at)}",
            f"- 📅 {self._told} meetings had looked at early since this run began",
        ]
        workflow.set_current_details("\n".join(lines))


async def _whole(step: Coroutine[Any, Any, T]) -> T:
    """Takes a step to its end even if the workflow is cancelled meanwhile.

    A signal to another life that is cancelled on its way breaks the workflow task (TMPRL1100, sdk-core 0.5).
    """
    running = asyncio.create_task(step)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await running
        raise


def _is_due(moment: datetime | None) -> bool:
    return moment is None or moment <= workflow.now()


def _text(moment: datetime | None) -> str:
    return f"{moment:%a %d %b %H:%M} UTC" if moment else "-"
