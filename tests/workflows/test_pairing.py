import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle, WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from activities.directory import News, NewsKind
from activities.letters.catalogue import Letter
from activities.scheduling import MeetingKind
from integrations.answers import Purpose
from tests.workflows.town import RUNNER, Town, lived, terms
from workflows.life import MeetingChanged, Told
from workflows.names import SESSIONS_HELD, STAGE, WORKFLOWS
from workflows.pairing import PairingWorkflow
from workflows.stages import Outcome, PairingStart, PairingState, Stage, StopMode

BILLABLE = {
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activities",
    EventType.EVENT_TYPE_TIMER_STARTED: "timers",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED: "signals heard",
    EventType.EVENT_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION_INITIATED: "signals sent",
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES: "attribute upserts",
}


# Events: its start, its end, and the task of the life that follows, scheduled, started and completed.
EVENTS_A_TIMER = 5


def wound_again(history: WorkflowHistory) -> int:
    """How many timers only go on with one that has rung, too early as time had stopped meanwhile.

    Where nothing is moved, no two waits of a life are called the same.
    """
    started, fired = EventType.EVENT_TYPE_TIMER_STARTED, EventType.EVENT_TYPE_TIMER_FIRED
    names = {
        one.event_id: one.user_metadata.summary.data for one in history.events if one.event_type == started
    }
    rung = set[bytes]()
    again = 0
    for event in history.events:
        if event.event_type == started:
            again += names[event.event_id] in rung
        elif event.event_type == fired:
            rung.add(names[event.timer_fired_event_attributes.started_event_id])
    return again


async def stages(handle: WorkflowHandle[PairingWorkflow, str]) -> list[Stage]:
    """The stages an operator sees one after the other."""
    upsert = EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES
    fields = [
        event.upsert_workflow_search_attributes_event_attributes.search_attributes.indexed_fields
        async for event in handle.fetch_history_events()
        if event.event_type == upsert
    ]
    return [Stage(json.loads(one[STAGE.name].data)) for one in fields if STAGE.name in one]


@asynccontextmanager
async def pairing(
    client: Client, town: Town, start: PairingStart
) -> AsyncIterator[WorkflowHandle[PairingWorkflow, str]]:
    async with lived(town):
        yield await client.start_workflow(
            PairingWorkflow.run, start, id=start.state.pairing_id, task_queue=WORKFLOWS
        )


def beginning(continue_after: int = 8_000) -> PairingStart:
    state = PairingState(
        pairing_id="pairing/digital/mentee/1",
        mentor_ref="mentor",
        mentee_ref="mentee",
        certified=True,
        signed=True,
    )
    return PairingStart(
        terms=terms("digital").model_copy(update={"continue_after_events": continue_after}), state=state
    )


async def test_pairing_lives_to_its_completion_within_its_budget(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.words = {"idea/3/mentor": "share", "idea/6/mentor": "share"}
    # An answer at once leaves a life nothing to wait for, and so costs it no timer.
    town.hesitation = timedelta(hours=12)
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    history = await handle.fetch_history()
    actions = Counter(BILLABLE[event.event_type] for event in history.events if event.event_type in BILLABLE)
    again = wound_again(history)
    actions["timers"] -= again
    print(f"{actions.total()} billable actions in {len(history.events)} events: {dict(actions)}")  # noqa: T201 - where they go
    assert actions.total() <= 150
    assert len(history.events) - again * EVENTS_A_TIMER <= 800
    assert town.archive.statuses == ["confirmed", "completed"]
    assert town.post.letters[Letter.SESSION_BRIEF] >= 6
    assert town.post.letters[Letter.IDEA_AGREEMENT] == 2
    await Replayer(
        workflows=[PairingWorkflow], data_converter=pydantic_data_converter, workflow_runner=RUNNER
    ).replay_workflow(history)


async def test_declined_proposal_ends_and_tells_nobody(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.choices[Purpose.PROPOSAL] = "decline"
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.DECLINED.value
    assert town.post.letters == {Letter.PROPOSAL_TO_MENTEE: 1}


async def test_unanswered_proposal_is_reminded_then_a_task_then_its_deputys_then_lapses(
    client: Client,
) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.silent.update({Purpose.PROPOSAL, Purpose.TASK})
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.LAPSED.value
    assert town.post.letters == {Letter.PROPOSAL_TO_MENTEE: 2, Letter.TASK: 2}
    assert town.archive.tasks == ["proposal-to-mentee-unanswered", "closed: lapsed"]


async def test_leaver_ends_the_pairing_and_leaves_no_event_ahead(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    news = News(life=start.state.pairing_id, kind=NewsKind.LEFT, person_ref="mentor")
    async with pairing(client, town, start) as handle:
        await asyncio.wait_for(town.post.asked_what_happened.wait(), 600)
        await handle.signal("news", Told(key="hr/1", news=news))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
    now = start.terms.clock.now()
    assert [event for event in town.diary.events.values() if event.start > now] == []
    assert town.post.letters[Letter.PAIRING_ENDED] == 1


async def test_declined_session_finds_another_hour_in_the_same_event(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.diary.unwilling[MeetingKind.SESSION, 2] = 1
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert town.diary.cancelled == []
    assert town.diary.moved == ["pairing/digital/mentee/1/session/2/0"]
    reminder = "pairing/digital/mentee/1/session/2/0/reminder"
    assert [key for key in town.post.keys if key.startswith(reminder)]


async def test_hint_has_a_session_looked_at_once_more_whatever_is_repeated(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    hint = MeetingChanged(key="google/1", meeting="pairing/digital/mentee/1/session/2/0")
    async with pairing(client, town, start) as handle:
        await asyncio.wait_for(town.post.asked_what_happened.wait(), 600)
        await handle.signal("meeting-changed", hint)
        await handle.signal("meeting-changed", hint)
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
        history = await handle.fetch_history()
    summaries = [event.user_metadata.summary.data.decode().strip('"') for event in history.events]
    assert summaries.count("session 2: a hint") == 1
    assert not [one for one in summaries if one.endswith("a hint") and "session 2" not in one]


async def held(handle: WorkflowHandle[PairingWorkflow, str]) -> int:
    found = (await handle.describe()).typed_search_attributes.get(SESSIONS_HELD)
    assert found is not None
    return found


async def test_agreement_nobody_signed_ends_the_pairing_unless_it_is_signed_after_talking(
    client: Client,
) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.choices[Purpose.AGREEMENT] = "talk"
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
    assert {"agreement", "agreement/again"} <= town.post.asked
    assert town.post.letters[Letter.AGREEMENT_COUNTERSIGNED] == 0


async def test_later_departure_takes_back_what_lies_behind_it_and_closes_before(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        await asyncio.wait_for(town.post.asked_what_happened.wait(), 600)
        last_day = start.terms.clock.now() + timedelta(days=20)
        news = News(
            life=start.state.pairing_id,
            kind=NewsKind.LEAVES_LATER,
            person_ref="mentor",
            effective=last_day,
        )
        await handle.signal("news", Told(key="hr/1", news=news))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
        assert await held(handle) < start.terms.sessions
        # The plan was made anew from its beginning, and yet the pairing never seemed to stand there again.
        seen = await stages(handle)
        assert Stage.SESSIONS in seen
        assert seen == [stage for stage in Stage if stage in seen]
    assert [event for event in town.diary.events.values() if event.start > last_day] == []
    assert town.post.letters[Letter.CLOSING_REVIEW] >= 1


async def test_sessions_nobody_came_to_go_to_the_coordinator_and_then_end_the_pairing(
    client: Client,
) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.choices |= {Purpose.HAPPENED: "other-absent", Purpose.TASK: "waive"}
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
        assert await held(handle) == 0
    assert town.archive.tasks.count("no-show") == 2
    assert town.post.letters[Letter.SESSION_HAPPENED] == 6
    windows = [
        one.latest - one.earliest
        for one in town.diary.wanted
        if (one.kind, one.number) == (MeetingKind.SESSION, 1)
    ]
    assert windows[0] > timedelta(days=14) >= windows[1]


@pytest.mark.parametrize("mode", [StopMode.STOP_NOW, StopMode.WIND_DOWN])
async def test_stopped_programme_ends_the_pairing_and_leaves_no_event_ahead(
    client: Client, mode: StopMode
) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        await asyncio.wait_for(town.post.asked_what_happened.wait(), 600)
        await handle.signal("programme-stopping", mode)
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.PROGRAMME_STOPPED.value
    now = start.terms.clock.now()
    assert [event for event in town.diary.events.values() if event.start > now] == []


async def runs(handle: WorkflowHandle[PairingWorkflow, str]) -> int:
    """How many runs the life took, followed from the first to the last."""
    count, run_id = 1, handle.first_execution_run_id
    while True:
        history = await handle._client.get_workflow_handle(handle.id, run_id=run_id).fetch_history()
        last = history.events[-1]
        if not last.HasField("workflow_execution_continued_as_new_event_attributes"):
            return count
        run_id = last.workflow_execution_continued_as_new_event_attributes.new_execution_run_id
        count += 1


async def test_pairing_goes_on_where_it_was_after_continuing_as_new(client: Client) -> None:
    start = beginning(continue_after=120)
    town = Town(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert await runs(handle) > 3
    assert town.archive.statuses == ["confirmed", "completed"]
    assert town.post.asked == {
        *("proposal/mentee", "proposal/mentor", "agreement", "needs", "goals/1", "goals-agreement/1"),
        *("pulse/1", "pulse/3", "pulse/6", "idea/3", "idea/6", "mid-review", "closing-review", "follow-up"),
        *(f"session/{number}/0/happened/0" for number in range(1, 7)),
    }
    assert [event for event in town.diary.events.values() if event.start > start.terms.clock.now()] == []
