"""A life that ends leaves nothing open that nobody needs to look at, and drops nobody who asked for help."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client, WorkflowHandle

from activities.directory import NewsKind
from activities.letters.catalogue import Letter
from activities.lives import mentor_life
from integrations.answers import Purpose
from tests.workflows.test_pairing import beginning, pairing
from tests.workflows.test_stuck import leaving, until
from tests.workflows.town import Town, lived, terms
from workflows.life import MeetingChanged
from workflows.mentor import MentorWorkflow
from workflows.names import ATTENTION, WORKFLOWS
from workflows.stages import MentorStart, Outcome

CLOSED = "closed: ended"


async def attention(handle: WorkflowHandle[Any, str]) -> str | None:
    return (await handle.describe()).typed_search_attributes.get(ATTENTION)


async def test_pairing_that_ends_closes_its_tasks(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.silent |= {Purpose.GOALS, Purpose.TASK}
    async with pairing(client, town, start) as handle:
        await until(lambda: f"{Letter.GOALS.value}-unanswered" in town.archive.tasks)
        await handle.signal("news", leaving(handle.id, NewsKind.LEFT, "hr/1", 1, town))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
        assert await attention(handle) == "none"
    assert town.archive.tasks == [f"{Letter.GOALS.value}-unanswered", CLOSED]


@pytest.mark.parametrize("word", ["done", "silence"])
async def test_who_asked_to_be_contacted_is_heard_though_the_pairing_ended(client: Client, word: str) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.words = {"pulse/1/mentee": "contact-me", "decision/contact/1/mentee": word}
    town.silent.add(Purpose.TASK)
    async with pairing(client, town, start) as handle:
        await until(lambda: "contact-wanted" in town.archive.tasks)
        await handle.signal("news", leaving(handle.id, NewsKind.LEFT, "hr/1", 1, town))
        await until(lambda: town.post.letters[Letter.CLOSING_REVIEW] > 0)
        if word == "done":
            town.silent.remove(Purpose.TASK)
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
        assert await attention(handle) == "none"
    closing = "waive" if word == "silence" else word
    assert town.archive.tasks == ["contact-wanted", f"closed: {closing}"]


class OneSilent(Town):
    """The mentor says nothing on the first pulse."""

    async def _answer(self, life: str, ask_key: str, ref: str, choice: str) -> None:
        if (ask_key, ref) != ("pulse/1", "mentor"):
            await super()._answer(life, ask_key, ref, choice)


async def test_who_asks_to_be_contacted_does_not_wait_for_the_other(client: Client) -> None:
    start = beginning()
    town = OneSilent(client, start.terms.clock)
    town.words = {"pulse/1/mentee": "contact-me"}
    async with pairing(client, town, start) as handle:
        await until(lambda: "contact-wanted" in town.archive.tasks)
        assert town.post.letters[Letter.PULSE] == 2
        await handle.signal("news", leaving(handle.id, NewsKind.LEFT, "hr/1", 1, town))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
    assert town.archive.tasks == ["contact-wanted", "closed: done"]


async def test_outcome_stands_whatever_comes_after_it(client: Client) -> None:
    start = beginning(continue_after=60)
    timings = start.terms.timings.model_copy(update={"follow_up_d": 80})
    start = start.model_copy(update={"terms": start.terms.model_copy(update={"timings": timings})})
    town = Town(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        await until(lambda: "completed" in town.archive.statuses)
        await handle.signal("news", leaving(handle.id, NewsKind.LEFT, "hr/1", 1, town))
        for number in range(30):
            hint = MeetingChanged(key=f"hint/{number}", meeting="session/6/0")
            await handle.signal("meeting-changed", hint)
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert town.archive.statuses == ["confirmed", "completed"]
    assert town.post.letters[Letter.PAIRING_ENDED] == 0


async def test_pairing_that_ended_waits_for_nobodys_last_day(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.silent |= {Purpose.TASK, Purpose.CLOSING_REVIEW}
    town.words = {"pulse/1/mentee": "contact-me"}
    async with pairing(client, town, start) as handle:
        await until(lambda: "contact-wanted" in town.archive.tasks)
        await handle.signal("news", leaving(handle.id, NewsKind.LEFT, "hr/1", 1, town))
        await until(lambda: town.post.letters[Letter.CLOSING_REVIEW] > 0)
        later = leaving(handle.id, NewsKind.LEAVES_LATER, "hr/2", 2, town)
        last = later.news.model_copy(update={"effective": town.clock.now() + timedelta(days=2_000)})
        await handle.signal("news", later.model_copy(update={"news": last}))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value


async def test_mentor_who_leaves_closes_the_tasks_of_the_life(client: Client) -> None:
    start = MentorStart(programme_id="digital", mentor_ref="mentor", terms=terms("digital"))
    assert start.terms
    town = Town(client, start.terms.clock)
    town.silent |= {Purpose.LINE_MANAGER_CONSENT, Purpose.TASK}
    async with lived(town, [MentorWorkflow]):
        handle = await client.start_workflow(
            MentorWorkflow.run, start, id=mentor_life("digital", "mentor"), task_queue=WORKFLOWS
        )
        await until(lambda: f"{Letter.LINE_MANAGER_CONSENT.value}-unanswered" in town.archive.tasks)
        await handle.signal("news", leaving(handle.id, NewsKind.LEFT, "hr/1", 1, town))
        assert await asyncio.wait_for(handle.result(), 600) == "released"
        assert await attention(handle) == "none"
    assert town.archive.tasks[-1] == CLOSED
