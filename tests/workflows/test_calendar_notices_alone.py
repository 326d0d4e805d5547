"""The workflow of push with acts that say what they are told to say, or fail, on a real Temporal."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from activities.noticing import Hint, KeepSubscription, KeptSubscription, ReadChanges, SeenChanges
from integrations.calendars.notices import NoticeKind
from tests.integrations.calendars.google_desk import adapter, desk_at
from tests.integrations.calendars.google_server import google_server
from tests.integrations.calendars.push_desk import google_push
from tests.workflows.push_house import (
    LIFE,
    PushHouse,
    Scripted,
    asynchronous,
    books_in,
    described,
    eventually,
    push_house,
    replay,
)


@pytest.fixture
def acts() -> Scripted:
    return Scripted()


@pytest.fixture
async def scripted(client: Client, acts: Scripted, tmp_path: Path) -> AsyncIterator[PushHouse]:
    with books_in(tmp_path) as books, google_server() as google:
        push = google_push(google, desk_at(google, adapter(google, "office1@corp.example"), 1))
        async with push_house(client, books, push) as house:
            house.noticing = acts
            yield house


async def test_changes_are_read_though_there_is_no_subscription(scripted: PushHouse, acts: Scripted) -> None:
    acts.keeping = [ApplicationError("the domain is not verified", non_retryable=True)]
    acts.seen = SeenChanges(position=1, hints=(Hint(life=LIFE, meeting="session/1"),))
    async with scripted.at_work():
        handle = await scripted.watch()
        assert await scripted.hears(1) == ["session/1"]
        details = await described(handle)
        assert "🛑 **subscription**: the domain is not verified" in details
        await scripted.dispatch.calendar_changed("google", NoticeKind.STARTED)
        await eventually(lambda: described(handle), lambda text: "not verified" not in text)


async def test_changes_that_cannot_be_read_are_read_at_the_next_notice(
    scripted: PushHouse, acts: Scripted
) -> None:
    acts.reading = [ApplicationError("no calendar", non_retryable=True)]
    acts.seen = SeenChanges(position=7, hints=(Hint(life=LIFE, meeting="session/1"),))
    async with scripted.at_work():
        handle = await scripted.watch()
        assert "🛑 **changes**: no calendar" in await described(handle)
        await scripted.dispatch.calendar_changed("google", NoticeKind.CHANGED)
        assert await scripted.hears(1) == ["session/1"]
        assert "no calendar" not in await described(handle)


async def test_removed_subscription_is_renewed_until_that_succeeds(
    scripted: PushHouse, acts: Scripted
) -> None:
    async with scripted.at_work():
        await scripted.watch()
        acts.keeping = [ApplicationError("refused", non_retryable=True)]
        for kind in (NoticeKind.REMOVED, NoticeKind.STARTED, NoticeKind.STARTED):
            wanted = len(acts.requests) + 2
            await scripted.dispatch.calendar_changed("google", kind)
            await eventually(asynchronous(lambda: len(acts.requests)), wanted.__le__)
    asked = [one.renew for one in acts.requests if isinstance(one, KeepSubscription)]
    assert asked == [False, True, True, False]


async def test_subscription_is_kept_when_it_is_time_and_a_new_one_is_followed_by_a_look(
    scripted: PushHouse, acts: Scripted
) -> None:
    now = datetime.now(UTC)
    acts.kept = KeptSubscription(again_at=now + timedelta(seconds=2), expires_at=now + timedelta(days=1))
    acts.then = KeptSubscription(
        again_at=now + timedelta(days=2), expires_at=now + timedelta(days=3), is_new=True
    )
    async with scripted.at_work():
        handle = await scripted.watch()
        # Counted where the acts are done: one that is scheduled only has not been asked yet.
        await eventually(asynchronous(lambda: len(acts.requests)), (4).__le__)
        assert await scripted.count(handle, "read-changes") == 2
    assert [type(one) for one in acts.requests] == [KeepSubscription, ReadChanges] * 2
    assert datetime.now(UTC) >= now + timedelta(seconds=2)


async def test_position_is_carried_by_continue_as_new(scripted: PushHouse, acts: Scripted) -> None:
    async with scripted.at_work():
        await scripted.watch(continue_after_events=15)
        for wanted in range(3, 10):
            await scripted.dispatch.calendar_changed("google", NoticeKind.CHANGED)
            await eventually(asynchronous(lambda: len(acts.requests)), wanted.__le__)
    asked = [one.position for one in acts.requests if isinstance(one, ReadChanges)]
    assert asked == [None, *range(1, 8)]
    assert sum(isinstance(one, KeepSubscription) for one in acts.requests) == 1


async def test_more_changes_are_read_at_once(scripted: PushHouse, acts: Scripted) -> None:
    acts.pages = 3
    async with scripted.at_work():
        await scripted.watch()
    asked = [one.position for one in acts.requests if isinstance(one, ReadChanges)]
    assert asked == [None, 1, 2]


async def test_watch_that_is_cancelled_while_it_tells_tells_everybody_first(
    scripted: PushHouse, acts: Scripted
) -> None:
    async with scripted.at_work():
        handle = await scripted.watch()
        meetings = [f"session/{number}" for number in range(200)]
        acts.seen = SeenChanges(
            position=2, hints=tuple(Hint(life=LIFE, meeting=meeting) for meeting in meetings)
        )
        await scripted.dispatch.calendar_changed("google", NoticeKind.CHANGED)
        await eventually(scripted.heard, lambda heard: len(heard) > 0)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        assert sorted(await scripted.heard()) == sorted(meetings)
        history = await handle.fetch_history()
        assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED
    failed = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    said = [
        event.workflow_task_failed_event_attributes.failure.message
        for event in history.events
        if event.event_type == failed
    ]
    # A worker that got no processor for two seconds is said to be in a deadlock; that is no error of a life.
    assert [one for one in said if "TMPRL1101" not in one] == []
    await replay(handle)
