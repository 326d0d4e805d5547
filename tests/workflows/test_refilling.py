"""A seat whose first proposal failed lives on: its next pairing gets all that the first would have got."""

import asyncio
from datetime import timedelta

import pytest
from temporalio import activity, workflow
from temporalio.client import Client

from activities.letters.catalogue import Letter
from activities.lives import mentor_life, pairing_life, programme_life
from activities.matching import (
    FoundCandidate,
    NextCandidate,
    PublishedPair,
    PublishedPairs,
    PublishPairs,
)
from integrations.answers import Purpose
from tests.workflows.running import Next
from tests.workflows.test_call_and_training import CALLED, opened
from tests.workflows.test_stuck import until
from tests.workflows.town import Town, lived
from workflows.names import WORKFLOWS
from workflows.programme import ProgrammeWorkflow
from workflows.stages import AskRecord, Given, MentorProgress, ProgrammeStart, ProgrammeState, StopMode


class OneSeat(Next):
    """One mentee, who says no to the first mentor and yes to the next."""

    def __init__(self, town: Town) -> None:
        super().__init__(candidates=5)
        self._town = town

    @activity.defn(name="publish-pairs")
    def publish_pairs(self, request: PublishPairs) -> PublishedPairs:  # noqa: ARG002 - there is one page
        life = pairing_life("digital", "mentee", 1)
        pair = PublishedPair(pairing_id=life, mentor_ref="mentor 1", mentee_ref="mentee", score=1)
        return PublishedPairs(pairs=(pair,), unmatched=())

    @activity.defn(name="next-candidate")
    def next_candidate(self, request: NextCandidate) -> FoundCandidate:
        self._town.choices[Purpose.PROPOSAL] = "accept"
        return super().next_candidate(request)


def reviewed(continue_after: int) -> ProgrammeStart:
    """A programme of certified mentors whose matching was just looked at and released."""
    state = ProgrammeState(
        programme_id="digital",
        done={*CALLED, "grouped", "proposed/1"},
        mentors={"mentor 1": "certified", "mentor 2": "certified"},
    )
    word = Given(choice="publish", answer_id="word")
    state.asks["match-review/1"] = AskRecord(closed=True, answers={"coordinator": word})
    start = opened(state)
    assert start.terms
    state.instants["call"] = start.terms.clock.programme_anchor - timedelta(days=60)
    terms = start.terms.model_copy(update={"continue_after_events": continue_after, "sessions": 2})
    return start.model_copy(update={"terms": terms})


@pytest.mark.parametrize("continue_after", [8_000, 60])
async def test_second_candidate_gets_a_certificate(client: Client, continue_after: int) -> None:
    start = reviewed(continue_after)
    assert start.terms
    town = Town(client, start.terms.clock)
    town.choices.update({Purpose.PROPOSAL: "decline", Purpose.CERTIFICATE_SIGNING: "sign"})
    matching = OneSeat(town)
    town.records.append(matching)
    async with lived(town):
        programme = await client.start_workflow(
            ProgrammeWorkflow.run, start, id=programme_life("digital"), task_queue=WORKFLOWS
        )
        await until(lambda: town.post.letters[Letter.CERTIFICATE] > 0)
        await programme.terminate()
    assert set(matching.attempts) == {2}
    assert town.post.letters[Letter.PROPOSAL_TO_MENTEE] == len({1, 2})


async def test_stop_is_asked_once_though_the_programme_continues_as_new(client: Client) -> None:
    start = reviewed(20)
    assert start.terms
    town = Town(client, start.terms.clock)
    town.silent.update({Purpose.STOP_CONFIRMATION, Purpose.PROPOSAL})
    town.records.append(OneSeat(town))
    async with lived(town):
        programme = await client.start_workflow(
            ProgrammeWorkflow.run, start, id=programme_life("digital"), task_queue=WORKFLOWS
        )
        await programme.execute_update(ProgrammeWorkflow.stop, StopMode.WIND_DOWN)
        await until(lambda: town.post.letters[Letter.STOP_CONFIRMATION] > 1)
        again = await client.get_workflow_handle(programme.id).describe()
        await programme.terminate()
    assert again.run_id != programme.first_execution_run_id
    assert {key for key in town.post.asked if key.startswith("stop/")} == {"stop/1"}


@workflow.defn(name="LateMentor")
class LateMentor:
    """Applies, and hears that the programme is over."""

    def __init__(self) -> None:
        self._is_over = False

    @workflow.run
    async def run(self) -> str:
        programme = workflow.get_external_workflow_handle(programme_life("digital"))
        await programme.signal("mentor-progress", MentorProgress(mentor_ref="late", status="applied"))
        await workflow.wait_condition(lambda: self._is_over)
        return "over"

    @workflow.signal(name="programme-over")
    def over(self) -> None:
        self._is_over = True


async def test_who_applies_after_a_stop_hears_that_it_is_over(client: Client) -> None:
    start = opened(ProgrammeState(programme_id="digital", done=set(CALLED)))
    assert start.terms
    assert start.state
    start.state.stopped = StopMode.STOP_NOW
    town = Town(client, start.terms.clock)
    async with lived(town, [LateMentor]):
        programme = await client.start_workflow(
            ProgrammeWorkflow.run, start, id=programme_life("digital"), task_queue=WORKFLOWS
        )
        heard = client.execute_workflow(
            LateMentor.run, id=mentor_life("digital", "late"), task_queue=WORKFLOWS
        )
        assert await asyncio.wait_for(heard, 600) == "over"
        await programme.terminate()
