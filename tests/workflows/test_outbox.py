"""Letters wanted in the same moment go out in one act, and none depends on another."""

import asyncio
import gc
from datetime import UTC, datetime
from itertools import count

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

from activities.correspondence import About, SendLetters, SentLetters
from activities.directory import News, NewsKind
from activities.letters.catalogue import Letter
from tests.workflows.test_pairing import beginning, pairing
from tests.workflows.test_stuck import HELP, until
from tests.workflows.town import RUNNER, Town
from workflows.life import MeetingChanged, Told
from workflows.outbox import Outbox, Outcomes
from workflows.pairing import PairingWorkflow
from workflows.stages import Outcome

NOON = datetime(2026, 9, 7, 10, tzinfo=UTC)
FIRST_DAY = (Letter.PAIRING_CONFIRMED, Letter.AGREEMENT, Letter.NEEDS)


def letter(key: str) -> SendLetters:
    return SendLetters(key=key, letter=Letter.PULSE, to=(), about=About(programme_id="digital"))


async def turns() -> None:
    """Lets everything go on that can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Queue:
    """Keeps what is delivered together; a delivery waits for `open`. Letters in `back` go by themselves."""

    def __init__(self) -> None:
        self.delivered: list[list[str]] = []
        self.open = asyncio.Event()
        self.back: set[str] = set()
        self.given_up = 0
        self.failure: BaseException = asyncio.CancelledError()
        self.outbox = Outbox(self._deliver)

    async def _deliver(self, letters: tuple[SendLetters, ...]) -> Outcomes:
        self.delivered.append([one.key for one in letters])
        try:
            await self.open.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise self.failure from None
        return tuple(
            None if one.key in self.back else SentLetters(sent=(one.key,), at=NOON) for one in letters
        )

    def wanted(self, *keys: str) -> list[asyncio.Task[SentLetters | None]]:
        """Stories side by side, each of which wants one of these letters."""
        return [asyncio.create_task(self.outbox.send(letter(key))) for key in keys]


async def test_letters_of_one_moment_go_together_and_those_of_the_next_do_not() -> None:
    queue = Queue()
    queue.open.set()
    early = await asyncio.gather(*queue.wanted("a", "b"))
    late = await asyncio.gather(*queue.wanted("c", "d"))
    assert queue.delivered == [["a", "b"], ["c", "d"]]
    assert [sent.sent for sent in (*early, *late) if sent] == [("a",), ("b",), ("c",), ("d",)]


async def test_letter_alone_in_its_moment_goes_by_itself() -> None:
    queue = Queue()
    assert await queue.outbox.send(letter("a")) is None
    assert queue.delivered == []


async def test_letter_given_back_goes_by_itself_and_the_others_are_sent() -> None:
    queue = Queue()
    queue.open.set()
    queue.back.add("b")
    assert [sent and sent.sent for sent in await asyncio.gather(*queue.wanted("a", "b", "c"))] == [
        ("a",),
        None,
        ("c",),
    ]


async def test_an_act_takes_six_letters() -> None:
    queue = Queue()
    queue.open.set()
    sent = await asyncio.gather(*queue.wanted(*"abcdefgh"))
    assert queue.delivered == [list("abcdef"), list("gh")]
    assert [one.sent for one in sent if one] == [(key,) for key in "abcdefgh"]


async def test_act_is_given_up_with_the_last_story_that_waits_for_it() -> None:
    queue = Queue()
    first, second = queue.wanted("a", "b")
    await turns()
    first.cancel()
    await turns()
    assert (first.cancelled(), queue.given_up, queue.outbox.is_idle()) == (True, 0, False)
    second.cancel()
    await turns()
    assert (second.cancelled(), queue.given_up, queue.outbox.is_idle()) == (True, 1, True)
    queue.open.set()
    await asyncio.gather(*queue.wanted("c", "d"))
    assert queue.delivered == [["a", "b"], ["c", "d"]]


async def test_failure_that_nobody_waits_for_any_more_is_not_reported_as_lost() -> None:
    lost: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: lost.append(context))
    queue = Queue()
    queue.failure = RuntimeError("given up")
    stories = queue.wanted("a", "b")
    await turns()
    while stories:
        stories.pop().cancel()
    await turns()
    assert (queue.given_up, queue.outbox.is_idle()) == (1, True)
    gc.collect()
    await turns()
    assert lost == []


async def replayed(handle: WorkflowHandle[PairingWorkflow, str]) -> None:
    """Replays what happened on the same code."""
    replayer = Replayer(
        workflows=[PairingWorkflow], data_converter=pydantic_data_converter, workflow_runner=RUNNER
    )
    await replayer.replay_workflow(await handle.fetch_history())


async def test_pairing_sends_its_first_letters_in_one_act(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    async with pairing(client, town, start) as handle:
        await until(lambda: town.post.letters[Letter.AGREEMENT_COUNTERSIGNED] > 0)
        scheduled = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        done = [
            event.user_metadata.summary.data.decode()
            async for event in handle.fetch_history_events()
            if event.event_type == scheduled
        ]
    first = "pairing-confirmed → mentor, mentee; needs → mentee; agreement → mentor, mentee"
    assert f'"{first}"' in done
    assert not [one for one in done if one in {'"needs → mentee"', '"agreement → mentor, mentee"'}]


@pytest.mark.parametrize("broken", [{Letter.NEEDS}, set(FIRST_DAY)], ids=["one of them", "all of them"])
async def test_letter_that_fails_for_good_fails_by_itself(client: Client, broken: set[Letter]) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.post.broken.update(broken)
    async with pairing(client, town, start) as handle:
        await until(lambda: HELP in town.archive.tasks)
        sent = {one for one in FIRST_DAY if town.post.letters[one]}
        assert sent == set(FIRST_DAY) - broken
        town.post.broken.clear()
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert [town.post.letters[one] for one in FIRST_DAY] == [2, 2, 1]
    await replayed(handle)


async def test_leaver_does_not_wait_for_letters_that_wait_for_the_morning(client: Client) -> None:
    start = beginning()
    town = Town(client, start.terms.clock)
    town.post.asleep.update(FIRST_DAY)
    async with pairing(client, town, start) as handle:
        await until(lambda: "confirmed" in town.archive.statuses and town.post.turned_back > 0)
        news = News(life=start.state.pairing_id, kind=NewsKind.LEFT, person_ref="mentor")
        await handle.signal("news", Told(key="hr/1", news=news))
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.ENDED_EARLY.value
    # Who has accepted hears that it came to nothing, though the night kept all other letters.
    assert not [one for one in FIRST_DAY if town.post.letters[one]]
    assert town.post.letters[Letter.PAIRING_ENDED] == 1
    await replayed(handle)


async def test_run_that_ends_at_night_leaves_its_letters_to_the_next(client: Client) -> None:
    start = beginning(continue_after=30)
    town = Town(client, start.terms.clock)
    town.post.asleep.update(FIRST_DAY)
    async with pairing(client, town, start) as handle:
        await until(lambda: town.post.turned_back > 0)
        latest = client.get_workflow_handle(handle.id)
        hints = count()
        async with asyncio.timeout(600):
            while (await latest.describe()).run_id == handle.first_execution_run_id:
                await latest.signal(
                    "meeting-changed", MeetingChanged(key=f"hint/{next(hints)}", meeting="none")
                )
        town.post.asleep.clear()
        assert await asyncio.wait_for(handle.result(), 600) == Outcome.COMPLETED.value
    assert [town.post.letters[one] for one in FIRST_DAY] == [2, 2, 1]
