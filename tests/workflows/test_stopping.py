"""A programme is stopped only where a second person confirms it, and then every pairing hears how."""

import asyncio
from datetime import timedelta
from itertools import product

import pytest
from temporalio.client import Client

from activities.directory import News, NewsKind
from activities.letters.catalogue import Letter
from activities.scheduling import MeetingKind
from integrations.answers import Purpose
from tests.workflows.running import (
    LIFE,
    ListeningPairing,
    RunningTown,
    begun,
    heard,
    life_of,
    listening,
    under_way,
)
from tests.workflows.test_call_and_training import Second, two_groups
from tests.workflows.test_stuck import until
from tests.workflows.town import lived
from workflows.life import Told
from workflows.names import WORKFLOWS
from workflows.pairing import PairingWorkflow
from workflows.programme import ProgrammeWorkflow
from workflows.stages import AskRecord, Given, Outcome, PairingStart, PairingState, StopMode

PAIRS = ("a", "b")


@pytest.mark.parametrize("mode", StopMode)
@pytest.mark.parametrize(("by", "continue_after"), [("operator", 8_000), ("operator", 15), ("news", 8_000)])
async def test_confirmed_stop_is_told_to_every_pairing_once(
    client: Client, mode: StopMode, by: str, continue_after: int
) -> None:
    start = under_way(*PAIRS, continue_after=continue_after)
    town = RunningTown(client, start)
    town.choices[Purpose.STOP_CONFIRMATION] = "confirm"
    async with lived(town, [ListeningPairing]):
        pairings = await listening(client, *PAIRS)
        programme = await begun(client, start)
        if by == "operator":
            await programme.execute_update(ProgrammeWorkflow.stop, mode)
        else:
            news = News(life=LIFE, kind=NewsKind.STOP_REQUESTED, mode=mode.value)
            for key in ("hr/1", "hr/1", "hr/2"):
                await programme.signal("news", Told(key=key, news=news))
        await heard(pairings, mode.value)
        for handle in pairings.values():
            assert await handle.query(ListeningPairing.heard) == [mode.value]
            await handle.terminate()
        await programme.terminate()
    asked = town.kept.of(Letter.STOP_CONFIRMATION)
    assert [(one.to[0].ref, one.about.reason) for one in asked] == [("sponsor", mode.value)]


@pytest.mark.parametrize(("answer", "continue_after"), [("refuse", 8_000), (None, 8_000), (None, 15)])
async def test_stop_that_is_not_confirmed_stops_nothing(
    client: Client, answer: str | None, continue_after: int
) -> None:
    start = under_way(*PAIRS, continue_after=continue_after)
    town = RunningTown(client, start)
    town.silent.add(Purpose.STOP_CONFIRMATION)
    if answer:
        town.silent.clear()
        town.words["stop/1"] = answer
    async with lived(town, [ListeningPairing]):
        pairings = await listening(client, *PAIRS)
        programme = await begun(client, start)
        await programme.execute_update(ProgrammeWorkflow.stop, StopMode.DRAIN)
        first = 1 if answer else 3
        await until(lambda: len(town.kept.of(Letter.STOP_CONFIRMATION)) == first)
        town.silent.clear()
        town.words["stop/2"] = "confirm"
        again = Told(key="hr/9", news=News(life=LIFE, kind=NewsKind.STOP_REQUESTED, mode="stop-now"))
        number = 9
        async with asyncio.timeout(600):
            while "stop/2" not in town.post.asked:  # the wish is heard once the first one is over
                number += 1
                await programme.signal("news", again.model_copy(update={"key": f"hr/{number}"}))
                await asyncio.sleep(0.02)
        await heard(pairings, "stop-now")
        for handle in pairings.values():
            assert await handle.query(ListeningPairing.heard) == ["stop-now"]
            await handle.terminate()
        await programme.terminate()
    readers = town.kept.readers(Letter.STOP_CONFIRMATION)
    assert readers == (["sponsor", "sponsor"] if answer else ["sponsor", "sponsor", "deputy", "sponsor"])


def consented(mentee: str, *, certified: bool = True) -> PairingState:
    """A pairing to which both said yes."""
    mentor = f"mentor of {mentee}"
    state = PairingState(
        pairing_id=life_of(mentee), mentor_ref=mentor, mentee_ref=mentee, certified=certified
    )
    for role, ref in (("mentor", mentor), ("mentee", mentee)):
        given = Given(choice="accept", answer_id=role)
        state.asks[f"proposal/{role}"] = AskRecord(closed=True, answers={ref: given})
    return state


@pytest.mark.parametrize(
    ("mode", "outcome", "letters"),
    [
        (StopMode.DRAIN, Outcome.COMPLETED, 0),
        (StopMode.WIND_DOWN, Outcome.PROGRAMME_STOPPED, 0),
        (StopMode.STOP_NOW, Outcome.PROGRAMME_STOPPED, 2),
    ],
)
async def test_only_a_pairing_that_has_begun_lives_on_after_a_stop(
    client: Client, mode: StopMode, outcome: Outcome, letters: int
) -> None:
    start = under_way("consent", "gate", "begun")
    assert start.terms
    terms = start.terms.model_copy(update={"sessions": 1})
    start = start.model_copy(update={"terms": terms})
    town = RunningTown(client, start)
    town.choices.update({Purpose.STOP_CONFIRMATION: "confirm", Purpose.CERTIFICATE_SIGNING: "sign"})
    town.choices[Purpose.REPORT_APPROVAL] = "close"
    town.silent.add(Purpose.PROPOSAL)
    if mode is StopMode.WIND_DOWN:
        town.diary.full.add(MeetingKind.SESSION)
    waiting = PairingState(
        pairing_id=life_of("consent"), mentor_ref="mentor of consent", mentee_ref="consent"
    )
    states = (waiting, consented("gate", certified=False), consented("begun"))
    async with lived(town):
        pairings = [
            await client.start_workflow(
                PairingWorkflow.run,
                PairingStart(terms=terms, state=state),
                id=state.pairing_id,
                task_queue=WORKFLOWS,
            )
            for state in states
        ]
        await until(lambda: town.post.letters[Letter.AGREEMENT] > 0)
        programme = await begun(client, start)
        await programme.execute_update(ProgrammeWorkflow.stop, mode)
        ends = [await asyncio.wait_for(one.result(), 600) for one in pairings]
        await until(lambda: bool(town.reports.written))
        await programme.terminate()
    assert ends == [Outcome.PROGRAMME_STOPPED, Outcome.PROGRAMME_STOPPED, outcome]
    # Those who wait at the gate had been told that they are a pair; they hear that it is over.
    stopped = town.kept.readers(Letter.PROGRAMME_STOPPED)
    assert [ref for ref in stopped if "gate" in ref] == ["mentor of gate", "gate"]
    assert len([ref for ref in stopped if "begun" in ref]) == letters
    assert town.next.attempts == []


@pytest.mark.parametrize("continue_after", [8_000, 60])
async def test_training_ends_where_the_programme_is_stopped_before_anybody_was_paired(
    client: Client, continue_after: int
) -> None:
    start = two_groups(Second(0, (), (), 0, continue_after=continue_after))
    assert start.terms
    timings = start.terms.timings.model_copy(update={"retention_months": 2})
    start = start.model_copy(update={"terms": start.terms.model_copy(update={"timings": timings})})
    town = RunningTown(client, start)
    town.choices[Purpose.STOP_CONFIRMATION] = "confirm"
    for group, half_day in product((1, 2), (1, 2, 3)):
        town.diary.delays[f"{LIFE}/training/{group}/{half_day}/1"] = timedelta(days=40)
    async with lived(town):
        programme = await begun(client, start)
        await until(lambda: len(town.diary.events) == 6)
        await programme.execute_update(ProgrammeWorkflow.stop, StopMode.STOP_NOW)
        assert await asyncio.wait_for(programme.result(), 600) == "stopped"
    assert len(town.diary.wanted) == 6
    assert town.diary.events == {}
    assert town.kept.of(Letter.TRAINING_ATTENDANCE) == []
