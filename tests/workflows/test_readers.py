"""Letters reach those whom they concern, and say what holds for them."""

import asyncio
from datetime import timedelta

from temporalio.client import Client

from activities.letters.catalogue import Letter
from activities.lives import mentor_life
from integrations.answers import Purpose
from tests.workflows.running import KeepingPost
from tests.workflows.test_pairing import beginning, pairing
from tests.workflows.test_stuck import until
from tests.workflows.town import Town, lived, terms
from workflows.mentor import MentorWorkflow
from workflows.names import WORKFLOWS
from workflows.stages import MentorStart, Outcome, StopMode


class Undecided(Town):
    """The mentor says nothing on the proposal."""

    async def _answer(self, life: str, ask_key: str, ref: str, choice: str) -> None:
        if ask_key != "proposal/mentor":
            await super()._answer(life, ask_key, ref, choice)


async def test_mentee_who_accepted_hears_of_the_stop_and_of_no_other_mentor(client: Client) -> None:
    start = beginning()
    town = Undecided(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        await until(lambda: "proposal/mentor" in town.post.asked)
        await handle.signal("programme-stopping", StopMode.DRAIN)
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.PROGRAMME_STOPPED.value
    assert town.post.letters[Letter.PROGRAMME_STOPPED] == 1
    assert town.post.letters[Letter.PROPOSAL_CLOSED] == 0


async def test_who_asked_to_be_contacted_is_named_to_coordinator_and_deputy_alone(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.post = post = KeepingPost(town.clock)
    town.words = {"pulse/1/mentee": "contact-me"}
    town.silent.add(Purpose.TASK)
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    asked = [one for one in post.of(Letter.TASK) if one.about.task == "contact-wanted"]
    assert {to.ref for one in asked for to in one.to} == {"coordinator", "deputy"}


async def test_goals_are_due_two_working_days_before_the_second_session(client: Client) -> None:
    start = beginning()
    timings = start.terms.timings.model_copy(update={"session_every_d": 14, "session_min_gap_d": 10})
    start = start.model_copy(update={"terms": start.terms.model_copy(update={"timings": timings})})
    town = Town(client, start.terms.clock)
    town.post = post = KeepingPost(town.clock)
    town.silent.add(Purpose.GOALS)
    async with pairing(client, town, start) as handle:
        await until(lambda: Letter.TASK in {one.letter for one in post.sent.values()})
        second = town.diary.events[f"{handle.id}/session/2/0"].start
        await handle.terminate()
    asked, task = post.of(Letter.GOALS)[0].ask, post.of(Letter.TASK)[0].about.task
    assert task == "goals-unanswered"
    assert asked
    assert timedelta(days=2) <= second - asked.answer_by < timedelta(days=5)


async def test_mentor_hears_of_next_steps_only_where_there_are_some(client: Client) -> None:
    start = MentorStart(programme_id="digital", mentor_ref="mentor", terms=terms("digital"))
    assert start.terms
    town = Town(client, start.terms.clock)
    town.choices |= {
        Purpose.LINE_MANAGER_CONSENT: "yes",
        Purpose.SCREENING: "accept",
        Purpose.MATERIALS: "done",
        Purpose.DRY_RUN: "once-more",
    }
    async with lived(town, [MentorWorkflow]):
        handle = await client.start_workflow(
            MentorWorkflow.run, start, id=mentor_life("digital", "mentor"), task_queue=WORKFLOWS
        )
        await handle.signal("trained")
        assert await asyncio.wait_for(handle.result(), 600) == "released"
    assert {"dry-run/1", "dry-run/2"} <= town.post.asked
    assert town.post.letters[Letter.MENTOR_NEXT_STEPS] == 1
    assert town.post.letters[Letter.MENTOR_RELEASED] == 1
