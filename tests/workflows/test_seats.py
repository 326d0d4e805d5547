"""A seat gets at most three proposals, then the coordinator's word; who lost a mentor is offered another."""

import pytest
from temporalio.client import Client

from activities.letters.catalogue import Letter
from integrations.answers import Purpose
from tests.workflows.running import (
    ListeningPairing,
    RunningTown,
    begun,
    ended,
    heard,
    life_of,
    listening,
    under_way,
)
from tests.workflows.test_stuck import until
from tests.workflows.town import lived
from workflows.life import Answered
from workflows.programme import ProgrammeWorkflow
from workflows.stages import Outcome, StopMode

LEFT = "no-candidate-left"


@pytest.mark.parametrize("continue_after", [8_000, 30])
@pytest.mark.parametrize("word", ["done", "waive", None])
async def test_third_no_is_the_coordinators_and_nobody_is_asked_a_fourth_time(
    client: Client, word: str | None, continue_after: int
) -> None:
    start = under_way("a", continue_after=continue_after)
    town = RunningTown(client, start)
    town.choices[Purpose.PROPOSAL] = "decline"
    if word is None:
        town.silent.add(Purpose.TASK)
    else:
        town.choices[Purpose.TASK] = word
    town.choices[Purpose.REPORT_APPROVAL] = "close"
    async with lived(town):
        programme = await begun(client, start)
        await programme.signal("pairing-ended", ended("a", Outcome.DECLINED))
        # The report is written once nothing waits for the seat any more.
        await until(lambda: bool(town.reports.written))
        await programme.terminate()
    assert sorted(set(town.next.attempts)) == [2, 3]
    proposals = [one.about.pairing_id for one in town.kept.of(Letter.PROPOSAL_TO_MENTEE)]
    assert proposals == [life_of("a", 2), life_of("a", 3)]
    assert town.archive.owners[LEFT] == "coordinator"
    assert town.archive.tasks == [LEFT, f"closed: {word or 'waive'}"]
    asked = town.kept.of(Letter.TASK)
    assert {(one.about.task, one.about.people) for one in asked} == {(LEFT, ("a",))}
    readers = ["coordinator"] if word else ["coordinator", "coordinator", "deputy", "sponsor"]
    assert town.kept.readers(Letter.TASK) == readers


@pytest.mark.parametrize("continue_after", [8_000, 15])
@pytest.mark.parametrize("answer", ["yes", "no", None])
async def test_who_lost_a_mentor_is_offered_another_once(
    client: Client, answer: str | None, continue_after: int
) -> None:
    start = under_way("a", continue_after=continue_after)
    town = RunningTown(client, start)
    town.silent.add(Purpose.PROPOSAL)
    if answer:
        town.choices[Purpose.REMATCH] = answer
    else:
        town.silent.add(Purpose.REMATCH)
    async with lived(town):
        programme = await begun(client, start)
        said = ended("a", Outcome.ENDED_EARLY, held=1, leaver_ref="mentor of a")
        for _ in range(2):
            await programme.signal("pairing-ended", said)
        if answer == "yes":
            await until(lambda: town.post.letters[Letter.PROPOSAL_TO_MENTEE] > 0)
        else:
            await until(lambda: bool(town.reports.written))
        await programme.terminate()
    assert set(town.next.attempts) == ({2} if answer == "yes" else set())
    offers = town.kept.of(Letter.REMATCH_OFFER)
    assert {to.ref for one in offers for to in one.to} == {"a"}
    assert len(offers) == (1 if answer else 2)
    assert {one.about.pairing_id for one in offers} == {life_of("a")}
    # Who had enough needs nobody to talk to.
    assert list(town.open_tasks()) == []


@pytest.mark.parametrize(
    "said",
    [
        ended("a", Outcome.ENDED_EARLY, held=4, leaver_ref="mentor of a"),
        ended("a", Outcome.ENDED_EARLY, held=1, leaver_ref="a"),
        ended("a", Outcome.ENDED_EARLY, held=1),
        ended("a", held=6),
    ],
    ids=["two sessions left", "the mentee left", "nobody left", "completed"],
)
async def test_no_other_mentor_is_offered_where_it_is_not_worth_it(client: Client, said: object) -> None:
    start = under_way("a")
    town = RunningTown(client, start)
    async with lived(town):
        programme = await begun(client, start)
        await programme.signal("pairing-ended", said)
        await until(lambda: bool(town.reports.written))
        await programme.terminate()
    assert town.kept.of(Letter.REMATCH_OFFER) == []
    assert town.next.attempts == []
    assert list(town.open_tasks()) == []


async def test_no_other_mentor_is_looked_for_once_the_programme_is_stopped(client: Client) -> None:
    start = under_way("a", "b")
    town = RunningTown(client, start)
    town.silent.add(Purpose.REMATCH)
    town.choices[Purpose.STOP_CONFIRMATION] = "confirm"
    async with lived(town, [ListeningPairing]):
        pairings = await listening(client, "b")
        programme = await begun(client, start)
        lost = ended("a", Outcome.ENDED_EARLY, held=1, leaver_ref="mentor of a")
        await programme.signal("pairing-ended", lost)
        await until(lambda: town.post.letters[Letter.REMATCH_OFFER] > 0)
        await programme.execute_update(ProgrammeWorkflow.stop, StopMode.DRAIN)
        await heard(pairings, "drain")
        key = f"rematch/{lost.pairing_id}"
        yes = Answered(ask_key=key, answer_id="late", choice="yes", person_ref="a")
        await programme.signal("answered", yes)
        await programme.signal("pairing-ended", ended("b", Outcome.PROGRAMME_STOPPED))
        await until(lambda: bool(town.reports.written))
        await programme.terminate()
        await pairings["b"].terminate()
    assert town.next.attempts == []
    assert list(town.open_tasks()) == []


async def test_seat_of_an_unavailable_mentor_is_nobodys_task_once_the_programme_is_stopped(
    client: Client,
) -> None:
    start = under_way("a")
    assert start.state
    start.state.stopped = StopMode.DRAIN
    start.state.done.add("aside/stopping")
    town = RunningTown(client, start)
    async with lived(town):
        programme = await begun(client, start)
        gone = ended("a", Outcome.ENDED_EARLY, mentor_unavailable=True)
        await programme.signal("pairing-ended", gone)
        await until(lambda: bool(town.reports.written))
        await programme.terminate()
    assert town.next.attempts == []
    assert list(town.open_tasks()) == []
