"""A life that ends leaves nothing open that nobody needs to look at, and drops nobody who asked for help."""

import asyncio
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
        assert await asyncio.wait_for(handle.result(), 60) == Outcome.ENDED_EARLY.value
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
        assert await asyncio.wait_for(handle.result(), 60) == Outcome.ENDED_EARLY.value
        assert await attention(handle) == "none"
    closing = "waive" if word == "silence" else word
    assert town.archive.tasks == ["contact-wanted", f"closed: {closing}"]


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
        assert await asyncio.wait_for(handle.result(), 60) == "released"
        assert await attention(handle) == "none"
    assert town.archive.tasks[-1] == CLOSED
