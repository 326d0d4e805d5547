"""An act that fails for good: the coordinator hears of it, and it keeps nobody from leaving."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from temporalio.client import Client

from activities.directory import News, NewsKind
from activities.letters.catalogue import Letter
from activities.scheduling import MeetingKind
from integrations.answers import Purpose
from tests.workflows.test_pairing import beginning, pairing
from tests.workflows.town import Town
from workflows.life import Told
from workflows.stages import Outcome

HELP = "act-failed"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(600):
        while not condition():  # noqa: ASYNC110 - what it waits for happens in the threads of acts
            await asyncio.sleep(0.01)


def leaving(life: str, kind: NewsKind, key: str, hours: int, town: Town) -> Told:
    stamp = (town.clock.programme_anchor + timedelta(hours=hours), key)
    return Told(key=key, news=News(life=life, kind=kind, person_ref="mentor", stamp=stamp))


@pytest.mark.parametrize("broken", ["letter", "booking"])
async def test_leaving_does_not_wait_for_an_act_that_failed_for_good(client: Client, broken: str) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    if broken == "letter":
        town.post.broken.add(Letter.SESSION_BRIEF)
    else:
        town.diary.broken.add(MeetingKind.SESSION)
    async with pairing(client, town, start) as handle:
        await until(lambda: HELP in town.archive.tasks)
        await handle.signal("news", leaving(handle.id, NewsKind.LEFT, "hr/1", 1, town))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
    now = start.terms.clock.now()
    assert [event for event in town.diary.events.values() if event.start > now] == []


async def test_act_that_failed_for_good_is_tried_again_on_the_coordinators_word(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.post.broken.add(Letter.SESSION_BRIEF)
    async with pairing(client, town, start) as handle:
        await until(lambda: HELP in town.archive.tasks)
        town.post.broken.clear()
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert town.archive.tasks.count(HELP) == sum(one.startswith("closed") for one in town.archive.tasks)


async def test_act_that_failed_for_good_is_tried_again_also_where_nobody_says_a_word(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.post.broken.add(Letter.SESSION_BRIEF)
    town.silent.add(Purpose.TASK)
    async with pairing(client, town, start) as handle:
        await until(lambda: HELP in town.archive.tasks)
        town.post.broken.clear()
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value


async def test_older_news_that_comes_later_is_not_heeded(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        await handle.signal("news", leaving(handle.id, NewsKind.STAYS, "hr/2", 2, town))
        await handle.signal("news", leaving(handle.id, NewsKind.LEFT, "hr/1", 1, town))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value


async def test_newer_news_is_heeded(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        await handle.signal("news", leaving(handle.id, NewsKind.STAYS, "hr/1", 1, town))
        await handle.signal("news", leaving(handle.id, NewsKind.LEFT, "hr/2", 2, town))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
