"""Push, end to end: what people do in a calendar is heard by the life of the meeting, on a real Temporal."""

import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from activities.notices import CalendarNotices
from integrations.calendars.notices import NoticeKind
from integrations.clock import ProgrammeClock
from integrations.database.sql.database import Database
from integrations.errors import RetryableError
from tests.integrations.calendars import graph_desk
from tests.integrations.calendars.google_desk import adapter, desk_at
from tests.integrations.calendars.google_server import GoogleServer, google_server
from tests.integrations.calendars.graph_server import GraphServer, graph_server
from tests.integrations.calendars.push_desk import google_push, microsoft_push
from tests.workflows.push_house import (
    PushHouse,
    asynchronous,
    books_in,
    described,
    eventually,
    push_house,
    replay,
)
from workflows.dispatch import Dispatch
from workflows.names import notices_id

T = TypeVar("T")
OFFICE = "office1@corp.example"


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Database]:
    with books_in(tmp_path) as books:
        yield books


@pytest.fixture
def google() -> Iterator[GoogleServer]:
    with google_server() as server:
        yield server


@pytest.fixture
def graph() -> Iterator[GraphServer]:
    with graph_server() as server:
        yield server


@pytest.fixture(params=["google", "microsoft"])
async def house(
    request: pytest.FixtureRequest, client: Client, books: Database, google: GoogleServer, graph: GraphServer
) -> AsyncIterator[PushHouse]:
    if request.param == "google":
        push = google_push(google, desk_at(google, adapter(google, OFFICE), 1))
    else:
        push = microsoft_push(graph, graph_desk.desk_at(graph, graph_desk.adapter(graph, OFFICE), 1))
    async with push_house(client, books, push) as house:
        yield house


async def test_change_in_a_calendar_wakes_the_life_of_its_meeting(house: PushHouse) -> None:
    async with house.at_work():
        house.book("session/1")
        ref = house.book("session/2")
        handle = await house.watch()
        first = await house.hears(2)
        house.decline(ref)
        assert (await house.hears(3))[len(first) :] == ["session/2"]
        assert "✅ subscription until" in await described(handle)
        await replay(handle)


async def test_lost_notice_is_caught_up_by_the_daily_look(house: PushHouse) -> None:
    house.push.pusher.loses = lambda _: True
    async with house.at_work():
        ref = house.book("session/1")
        await house.watch(look_every=timedelta(seconds=1))
        assert await house.hears(1) == ["session/1"]
        house.decline(ref)
        assert await house.hears(2) == ["session/1", "session/1"]
    assert house.push.pusher.answers == []


async def test_notice_that_comes_four_times_has_one_effect(house: PushHouse) -> None:
    house.push.pusher.repeats = 3
    async with house.at_work():
        handle = await house.watch()
        ref = house.book("session/1")
        await house.settled(handle)
        before = len(await house.heard())
        house.decline(ref)
        await house.settled(handle)
        assert len(await house.heard()) == before + 1


async def test_storm_is_a_few_readings_and_a_few_hints(house: PushHouse) -> None:
    async with house.at_work():
        handle = await house.watch(gather=timedelta(seconds=1.5))
        refs = [house.book(f"session/{number}") for number in range(10)]
        await house.settled(handle)
        readings, hints = await house.count(handle, "read-changes"), len(await house.heard())
        house.push.pusher.senders = 32
        for _ in range(5):
            for ref in refs:
                house.decline(ref)
        await house.settled(handle)
        assert 0 < await house.count(handle, "read-changes") - readings <= 10
        heard = (await house.heard())[hints:]
        assert set(heard) == {f"session/{number}" for number in range(10)}
        assert len(heard) <= 10 * 10


async def test_what_happened_while_the_service_was_down_is_caught_up_at_its_start(house: PushHouse) -> None:
    async with house.at_work():
        ref = house.book("session/1")
        handle = await house.watch()
        await house.hears(1)
    house.lapse()
    house.decline(ref)
    async with house.at_work():
        await house.dispatch.watch_calendars([house.push.provider])
        assert await house.hears(2) == ["session/1", "session/1"]
        assert house.push.alive() == 1
        house.decline(ref)
        await house.hears(3)
        await replay(handle)


@pytest.mark.parametrize("event", ["missed", "subscriptionRemoved", "reauthorizationRequired"])
async def test_lifecycle_event_leads_to_a_look_and_a_subscription_that_works(
    client: Client, books: Database, graph: GraphServer, event: str
) -> None:
    desk = graph_desk.desk_at(graph, graph_desk.adapter(graph, OFFICE), 1)
    async with push_house(client, books, microsoft_push(graph, desk)) as house, house.at_work():
        ref = house.book("session/1")
        await house.watch()
        await house.hears(1)
        graph.subscriptions.pusher.loses = lambda push: "lifecycleEvent" not in str(push.told)
        house.decline(ref)
        graph.subscriptions.send_lifecycle(event)
        await house.hears(2)
        await asyncio.to_thread(house.push.pusher.settle)
        await eventually(
            asynchronous(lambda: [one.is_paused for one in graph.subscriptions.live()]), [False].__eq__
        )
        graph.subscriptions.pusher.loses = lambda _: False
        house.decline(ref)
        await house.hears(3)


async def test_watch_goes_on_after_continue_as_new(house: PushHouse) -> None:
    async with house.at_work():
        ref = house.book("session/1")
        handle = await house.watch(continue_after_events=30)
        for count in range(1, 7):
            await house.hears(count)
            house.decline(ref)
        await house.hears(7)
        now = await house.client.get_workflow_handle(handle.id).describe()
        assert (now.run_id != handle.result_run_id, now.status) == (True, WorkflowExecutionStatus.RUNNING)
        assert house.push.alive() == 1


async def test_life_that_has_ended_needs_no_hint(house: PushHouse) -> None:
    async with house.at_work():
        await house.watch()
        house.book("session/1", life="pairing/digital/p_9/1")
        ref = house.book("session/2")
        house.decline(ref)
        assert set(await house.hears(1)) == {"session/2"}


async def test_push_that_is_switched_off_ends_its_watch(house: PushHouse) -> None:
    async with house.at_work():
        handle = await house.watch()
    house.noticing = CalendarNotices(
        providers={house.push.provider: house.push.notices},
        hooks=None,
        subscriptions=house.books.subscriptions,
        bookings=house.books.bookings,
        clock=ProgrammeClock(),
    )
    async with house.at_work():
        await house.dispatch.calendar_changed(house.push.provider, NoticeKind.STARTED)
        assert "not used any more" in await handle.result()
    assert house.push.alive() == 0


async def test_notice_is_not_lost_while_no_worker_is_up(client: Client) -> None:
    dispatch = Dispatch(client)
    await dispatch.calendar_changed("google", NoticeKind.CHANGED)
    await dispatch.calendar_changed("google", NoticeKind.CHANGED)
    history = await client.get_workflow_handle(notices_id("google")).fetch_history()
    signalled = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    assert sum(event.event_type == signalled for event in history.events) == 2


async def test_unreachable_temporal_is_tried_again() -> None:
    server = shutil.which("temporal", path=f"{sys.prefix}/bin")
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=server, data_converter=pydantic_data_converter
    ) as environment:
        dispatch = Dispatch(environment.client)
    with pytest.raises(RetryableError):
        await dispatch.calendar_changed("google", NoticeKind.CHANGED)
