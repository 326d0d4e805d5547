"""Who runs a programme leaves: a stand-in takes over, everywhere, and a successor is asked for."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import Client

from activities.directory import News, NewsKind
from activities.lives import programme_life
from integrations.answers import Purpose
from tests.workflows.test_call_and_training import opened
from tests.workflows.test_pairing import beginning, pairing
from tests.workflows.test_stuck import until
from tests.workflows.town import ROLES, Town, lived
from workflows.life import Told
from workflows.names import WORKFLOWS
from workflows.programme import ProgrammeWorkflow
from workflows.stages import Outcome, ProgrammeState

SUCCESSOR = "role-successor"


@pytest.mark.parametrize("kind", [NewsKind.LEFT, NewsKind.LEAVES_LATER])
async def test_coordinator_who_leaves_is_followed_by_the_deputy(client: Client, kind: NewsKind) -> None:
    start = opened(ProgrammeState(programme_id="digital"))
    assert start.terms
    town, life = Town(client, start.terms.clock), programme_life("digital")
    later = start.terms.clock.now() + timedelta(days=5) if kind is NewsKind.LEAVES_LATER else None
    news = News(life=life, kind=kind, person_ref="coordinator", effective=later)
    async with lived(town):
        programme = await client.start_workflow(ProgrammeWorkflow.run, start, id=life, task_queue=WORKFLOWS)
        await programme.signal("news", Told(key="hr/1", news=news))
        await until(lambda: SUCCESSOR in town.archive.tasks)
        await programme.terminate()
    assert town.archive.owners[SUCCESSOR] == "deputy"
    assert later is None or start.terms.clock.now() >= later


async def test_departure_taken_back_leaves_the_role_where_it_is(client: Client) -> None:
    start = opened(ProgrammeState(programme_id="digital"))
    assert start.terms
    timings = start.terms.timings.model_copy(update={"call_open_d": 60, "call_reminder_d": 50})
    start = start.model_copy(update={"terms": start.terms.model_copy(update={"timings": timings})})
    assert start.terms
    town, life = Town(client, start.terms.clock), programme_life("digital")
    later = start.terms.clock.now() + timedelta(days=40)
    leaves = News(life=life, kind=NewsKind.LEAVES_LATER, person_ref="coordinator", effective=later)
    stays = News(life=life, kind=NewsKind.STAYS, person_ref="coordinator")
    async with lived(town):
        programme = await client.start_workflow(ProgrammeWorkflow.run, start, id=life, task_queue=WORKFLOWS)
        await programme.signal("news", Told(key="hr/1", news=leaves))
        await programme.signal("news", Told(key="hr/2", news=stays))
        await until(lambda: ("mentors", 1) in town.post.invited)  # fifty days have passed
        await programme.terminate()
    assert town.archive.tasks == []


async def test_pairing_turns_to_the_new_coordinator(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.silent.update({Purpose.PROPOSAL, Purpose.TASK})
    async with pairing(client, town, start) as handle:
        await handle.signal("roles-changed", ROLES.model_copy(update={"coordinator": "new"}))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.LAPSED.value
    assert town.archive.owners == {"proposal-to-mentee-unanswered": "new"}
