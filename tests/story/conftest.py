"""One programme, played once for all tests here, with the worker killed twice in the middle of it."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from rich.console import Console
from temporalio.client import Client, WorkflowHistory

import worker
from integrations.database.sql.database import Database
from integrations.rehearsal.account import Account, bookings_of
from integrations.rehearsal.personas import Temper
from integrations.rehearsal.rehearsal import Rehearsal
from integrations.rehearsal.scene import Play, Scene, scene
from integrations.settings import load_settings
from tests.replay.saving import save, wanted
from workflows.dispatch import Overview
from workflows.names import ATTRIBUTES

PAIRINGS = 3
KILL_AFTER_SESSIONS = [1, 8]


@dataclass
class Played:
    """A programme that was played to its end, and what its servers keep of it."""

    scene: Scene
    books: Database
    account: Account
    kills: int
    histories: list[WorkflowHistory] = field(default_factory=list)
    visible: list[bytes] = field(default_factory=list)


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    play = Play(pairings=PAIRINGS, days_a_second=4)
    folder = tmp_path_factory.mktemp("story")
    with pytest.MonkeyPatch.context() as patch, scene(folder, play, ATTRIBUTES) as setting:
        for name, value in setting.environment.items():
            patch.setenv(name, value)
        books = worker.opened(setting.database_url)
        yield asyncio.run(_play(setting, books, play))
        books.store.close()


async def _play(setting: Scene, books: Database, play: Play) -> Played:
    client = await worker.connect(load_settings())
    left = list(KILL_AFTER_SESSIONS)

    async def kill(rehearsal: Rehearsal) -> None:
        """Ends the service the hard way, as soon as so many sessions are over."""
        now = setting.clock.now()
        sessions = [one for one in bookings_of(books, rehearsal.programme_id) if one.kind == "session"]
        if left and sum(one.end < now for one in sessions) >= left[0]:
            left.pop(0)
            setting.kill_service()
            await asyncio.to_thread(setting.start_service)

    rehearsal = Rehearsal(setting, books, Overview(client), Temper.CALM, play, console=Console(quiet=True))
    rehearsal.after_each_glance = kill
    account = await rehearsal.play()
    story = Played(setting, books, account, kills=len(KILL_AFTER_SESSIONS) - len(left))
    await _gather(client, story)
    return story


async def _gather(client: Client, story: Played) -> None:
    async for run in client.list_workflows():
        story.visible.append(run.raw_info.SerializeToString())
        story.histories.append(await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history())
    if wanted():
        for history in story.histories:
            save(history, history.workflow_id)
