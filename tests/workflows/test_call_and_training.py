"""A programme before its pairings: who cannot be written to, and half-days that nobody could hold."""

import asyncio
from datetime import timedelta

import pytest
from temporalio import workflow
from temporalio.client import Client

from activities.letters.catalogue import Letter
from activities.lives import mentor_life, programme_life
from activities.scheduling import MeetingKind
from integrations.answers import Purpose
from tests.workflows.test_stuck import until
from tests.workflows.town import Town, lived, terms
from workflows.names import WORKFLOWS
from workflows.programme import ProgrammeWorkflow
from workflows.stages import AskRecord, Given, ProgrammeStart, ProgrammeState

CALLED = {
    "invited/mentees",
    "invited/mentors",
    "invited/line-managers",
    "reminded/mentees",
    "reminded/mentors",
}


@workflow.defn(name="ListeningMentor")
class ListeningMentor:
    """Hears what became of the training."""

    def __init__(self) -> None:
        self._heard = ""

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: bool(self._heard))
        return self._heard

    @workflow.signal(name="trained")
    def trained(self) -> None:
        self._heard = "trained"

    @workflow.signal(name="training-missed")
    def missed(self) -> None:
        self._heard = "missed"


def opened(state: ProgrammeState) -> ProgrammeStart:
    go = AskRecord(closed=True, answers={"sponsor": Given(choice="go", answer_id="go")})
    state.asks["go-no-go"] = go
    return ProgrammeStart(programme_id=state.programme_id, terms=terms(state.programme_id), state=state)


def called(mentor: str) -> ProgrammeStart:
    """A programme whose call is over, with one mentor selected."""
    start = opened(ProgrammeState(programme_id="digital", mentors={mentor: "selected"}, done=set(CALLED)))
    assert start.terms
    assert start.state
    start.state.instants["call"] = start.terms.clock.now() - timedelta(days=60)
    return start


@pytest.mark.parametrize(
    ("hindrance", "heard", "missed", "not_held"),
    [("full", "trained", 0, 15), ("not-held", "trained", 0, 15), ("held", "missed", 6, 0)],
)
async def test_only_a_half_day_that_was_held_can_be_missed(
    client: Client, hindrance: str, heard: str, missed: int, not_held: int
) -> None:
    start = called("m1")
    assert start.terms
    town = Town(client, start.terms.clock)
    if hindrance == "full":
        town.diary.full.add(MeetingKind.TRAINING)
    else:
        town.choices[Purpose.ATTENDANCE] = hindrance
    async with lived(town, [ListeningMentor]):
        mentor = await client.start_workflow(
            ListeningMentor.run, id=mentor_life("digital", "m1"), task_queue=WORKFLOWS
        )
        programme = await client.start_workflow(
            ProgrammeWorkflow.run, start, id=programme_life("digital"), task_queue=WORKFLOWS
        )
        assert await asyncio.wait_for(mentor.result(), 120) == heard
        await programme.terminate()
    assert town.post.letters[Letter.TRAINING_MISSED] == missed
    assert town.archive.tasks.count("training-not-held") == not_held


async def test_mentor_is_not_absent_where_the_trainer_says_nothing(client: Client) -> None:
    start = called("m1")
    assert start.terms
    town = Town(client, start.terms.clock)
    town.silent.add(Purpose.ATTENDANCE)
    async with lived(town, [ListeningMentor]):
        mentor = await client.start_workflow(
            ListeningMentor.run, id=mentor_life("digital", "m1"), task_queue=WORKFLOWS
        )
        programme = await client.start_workflow(
            ProgrammeWorkflow.run, start, id=programme_life("digital"), task_queue=WORKFLOWS
        )
        assert await asyncio.wait_for(mentor.result(), 120) == "trained"
        await programme.terminate()
    assert town.post.letters[Letter.TRAINING_ATTENDANCE] == 9  # asked, reminded, and the deputy asked


async def test_undeliverable_address_is_the_coordinators_and_the_call_goes_out_again(client: Client) -> None:
    start = opened(ProgrammeState(programme_id="digital"))
    assert start.terms
    town = Town(client, start.terms.clock)
    town.post.undeliverable.add("p_1")
    async with lived(town):
        programme = await client.start_workflow(
            ProgrammeWorkflow.run, start, id=programme_life("digital"), task_queue=WORKFLOWS
        )
        await until(lambda: len([one for one in town.archive.tasks if one.startswith("closed")]) == 3)
        await until(lambda: town.post.invited.count(("mentors", 0)) == 2)
        await until(lambda: ("mentors", 1) in town.post.invited)
        await programme.terminate()
    assert town.archive.tasks.count("undeliverable") == 3
