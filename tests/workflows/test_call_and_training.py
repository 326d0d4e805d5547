"""A programme before its pairings: who cannot be written to, and half-days that nobody could hold."""

import asyncio
from dataclasses import dataclass
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
from workflows.stages import AskRecord, Given, GroupState, ProgrammeStart, ProgrammeState

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
        assert await asyncio.wait_for(mentor.result(), 600) == heard
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
        assert await asyncio.wait_for(mentor.result(), 600) == "trained"
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


HOST = f"{programme_life('digital')}/training/2/1/1"


@dataclass(frozen=True)
class Second:
    """What becomes of a second chance: seats in the other group, who came to it, what is booked anew."""

    seats: int
    host_saw: tuple[str, ...]
    booked_again: tuple[int, ...]
    missed: int
    continue_after: int = 8_000
    not_held: int = 0


def two_groups(case: Second) -> ProgrammeStart:
    """A programme about to train two groups of one."""
    groups = [GroupState(members=["m1"]), GroupState(members=["n1"])]
    mentors = {"m1": "selected", "n1": "selected"}
    state = ProgrammeState(programme_id="digital", groups=groups, mentors=mentors, done={*CALLED, "grouped"})
    start = opened(state)
    assert start.terms
    state.instants["call"] = start.terms.clock.now() - timedelta(days=60)
    terms = start.terms.model_copy(update={"continue_after_events": case.continue_after})
    return start.model_copy(update={"terms": terms})


def attendances(case: Second) -> dict[str, tuple[str, ...]]:
    """Who came to each half-day: m1 misses the first one of group 1."""
    asked = {
        f"training/{group}/attendance/{half_day}/{attempt}/trainer": (ref,)
        for group, ref in ((1, "m1"), (2, "n1"))
        for half_day in (1, 2, 3)
        for attempt in (1, 2, 3)
    }
    return asked | {
        "training/1/attendance/1/1/trainer": (),
        "training/2/attendance/1/1/trainer": case.host_saw,
    }


@pytest.mark.parametrize(
    "case",
    [
        Second(1, ("n1", "m1"), (), 1),
        Second(1, ("n1", "m1"), (), 1, continue_after=40),
        Second(1, ("n1",), (3,), 2, continue_after=40),
        Second(0, ("n1",), (2,), 1),
        Second(1, (), (3,), 2, not_held=1),
    ],
    ids=["came", "came, continued as new", "absent again", "no seat", "not held there"],
)
async def test_missed_half_day_is_made_up_for_in_another_group_where_there_is_a_seat(
    client: Client, case: Second
) -> None:
    start = two_groups(case)
    assert start.terms
    town = Town(client, start.terms.clock)
    town.choices[Purpose.ATTENDANCE] = "held"
    town.diary.seats = case.seats
    town.diary.delays[HOST] = timedelta(days=60)
    town.archive.present = attendances(case)
    if case.not_held:
        town.words["training/2/attendance/1/1"] = "not-held"
    async with lived(town, [ListeningMentor]):
        mentors = [
            await client.start_workflow(
                ListeningMentor.run, id=mentor_life("digital", ref), task_queue=WORKFLOWS
            )
            for ref in ("m1", "n1")
        ]
        programme = await client.start_workflow(
            ProgrammeWorkflow.run, start, id=programme_life("digital"), task_queue=WORKFLOWS
        )
        heard = [await asyncio.wait_for(mentor.result(), 600) for mentor in mentors]
        await programme.terminate()
    assert heard == ["trained", "trained"]
    booked = {one.key for one in town.diary.wanted}
    again = tuple(
        attempt for attempt in (2, 3) if f"{programme_life('digital')}/training/1/1/{attempt}" in booked
    )
    assert again == case.booked_again
    wanted = {(one.part, one.refs, one.keys, one.most) for one in town.diary.missed}
    assert wanted == {(1, ("m1",), (HOST,), 10)}
    assert town.post.letters[Letter.TRAINING_MISSED] == case.missed
    guests = {
        one.about.people
        for one in town.post.attended
        if one.ask and one.ask.ask_key == "training/2/attendance/1/1"
    }
    assert guests == {("n1", "m1")[: 1 + case.seats]}
    assert town.archive.tasks.count("training-not-held") == case.not_held


async def test_second_chance_at_one_half_day_does_not_hold_up_the_next(client: Client) -> None:
    case = Second(0, ("n1",), (2,), 1)
    start = two_groups(case)
    assert start.terms
    town = Town(client, start.terms.clock)
    town.choices[Purpose.ATTENDANCE] = "held"
    town.diary.delays[f"{programme_life('digital')}/training/1/1/2"] = timedelta(days=60)
    town.archive.present = attendances(case)
    async with lived(town, [ListeningMentor]):
        mentor = await client.start_workflow(
            ListeningMentor.run, id=mentor_life("digital", "m1"), task_queue=WORKFLOWS
        )
        programme = await client.start_workflow(
            ProgrammeWorkflow.run, start, id=programme_life("digital"), task_queue=WORKFLOWS
        )
        assert await asyncio.wait_for(mentor.result(), 600) == "trained"
        await programme.terminate()
    asked = [one.ask.ask_key for one in town.post.attended if one.ask]
    own = [key for key in dict.fromkeys(asked) if key.startswith("training/1/")]
    assert own == [f"training/1/attendance/{one}" for one in ("1/1", "2/1", "3/1", "1/2")]
