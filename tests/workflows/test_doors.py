"""Whether a programme can be opened or stopped is asked of a real server."""

from pathlib import Path

import pytest
from temporalio.client import Client
from typer.testing import CliRunner

import worker
from activities.lives import programme_life
from integrations.errors import InvalidError
from tests.workflows.town import Town, lived, terms
from workflows.dispatch import Doors
from workflows.names import WORKFLOWS
from workflows.programme import ProgrammeWorkflow
from workflows.stages import ProgrammeStart

PROGRAMME = Path(worker.__file__).parent / "integrations" / "rehearsal" / "company" / "programme.toml"


async def test_programme_is_opened_once_and_stopped_while_it_runs(client: Client) -> None:
    doors, said = Doors(client), terms("digital")
    await doors.may_open("digital")
    with pytest.raises(InvalidError, match="digital was never opened"):
        await doors.may_stop("digital")
    async with lived(Town(client, said.clock)):
        programme = await client.start_workflow(
            ProgrammeWorkflow.run,
            ProgrammeStart(programme_id="digital", terms=said),
            id=programme_life("digital"),
            task_queue=WORKFLOWS,
        )
        with pytest.raises(InvalidError, match="digital is open already"):
            await doors.may_open("digital")
        await doors.may_stop("digital")
        await programme.terminate()
    with pytest.raises(InvalidError, match="digital was opened before"):
        await doors.may_open("digital")
    with pytest.raises(InvalidError, match="digital has ended"):
        await doors.may_stop("digital")


def test_programme_without_its_people_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MENTORING_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")
    ended = CliRunner().invoke(worker.app, ["programme", "open", str(PROGRAMME)])
    assert isinstance(ended.exception, InvalidError)
    missing = "confidential_contact, coordinator, deputy, sponsor, trainer"
    assert str(ended.exception) == f"nobody in the directory has the person id of: {missing}"
