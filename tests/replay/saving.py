"""Saves histories for the replay gate.

`python -m tests.replay.saving` plays a lively programme and keeps one history of each kind of life and of
each way it ended, as the calm story of the other tests knows few of them.
"""

import asyncio
import gzip
import os
import re
import tempfile
from pathlib import Path
from typing import Final

from temporalio.client import Client, WorkflowExecution, WorkflowExecutionStatus, WorkflowHistory

import worker
from integrations.rehearsal.personas import Temper
from integrations.rehearsal.rehearsal import Rehearsal
from integrations.rehearsal.scene import Play, scene, use
from integrations.settings import load_settings
from workflows.dispatch import Overview
from workflows.names import ATTRIBUTES

SAVED: Final = Path(__file__).parent / "histories"
_WORKER: Final = re.compile(r"\d+@[\w-]+")
"""Process and host of a worker, which say nothing to a replay."""
_PLAY: Final = Play(pairings=12, days_a_second=3)


def wanted() -> bool:
    """Whether the histories of this run of the tests are to be saved."""
    return bool(os.environ.get("SAVE_HISTORIES"))


def save(history: WorkflowHistory, name: str) -> None:
    """Keeps a history under its name, without what tells of the machine it was played on."""
    SAVED.mkdir(exist_ok=True)
    text = _WORKER.sub("worker", history.to_json())
    file = SAVED / f"{name.replace('/', '_')}.json.gz"
    file.write_bytes(gzip.compress(text.encode(), mtime=0))


async def save_endings(client: Client) -> None:
    """Keeps the shortest history of each kind of life and way it ended."""
    found: dict[str, WorkflowHistory] = {}
    async for run in client.list_workflows():
        history = await client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        name = f"{run.id.partition('/')[0]}-{await _ending(client, run)}"
        if name not in found or len(history.events) < len(found[name].events):
            found[name] = history
    for name, history in sorted(found.items()):
        save(history, f"{name}_lively")


async def _ending(client: Client, run: WorkflowExecution) -> str:
    if run.status is not WorkflowExecutionStatus.COMPLETED:
        return "running"
    return str(await client.get_workflow_handle(run.id, run_id=run.run_id).result())


async def _play(folder: Path) -> None:
    with scene(folder, _PLAY, ATTRIBUTES) as setting:
        use(setting.environment)
        settings = load_settings()
        client = await worker.connect(settings)
        books = worker.opened(settings.database_url)
        await Rehearsal(setting, books, Overview(client), Temper.LIVELY, _PLAY).play()
        await save_endings(client)
        books.store.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(_play(Path(made)))
