"""The inbox on a real database, with a sink that remembers what it took."""

import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from integrations.answers import Purpose
from integrations.clock import ProgrammeClock
from integrations.database.answers import AnswerRecord
from integrations.database.links import Link
from integrations.database.sql.database import Database, migrate, open_database
from integrations.errors import RetryableError
from integrations.facts import Facts
from integrations.links import LinkSigner
from integrations.web.app import build_app
from tests.integrations.web.filled import facts_for


@dataclass
class RecordingSink:
    """Takes answers and remembers them, unless it is down, hangs or refuses one person's."""

    down: bool = False
    hangs: bool = False
    refuses: str = ""
    taken: list[AnswerRecord] = field(default_factory=list)
    tried: int = 0

    async def deliver(self, source: str, key: str, event_type: str) -> None:
        raise AssertionError(f"no HR delivery is expected: {source} {key} {event_type}")

    async def answered(self, answer: AnswerRecord) -> None:
        self.tried += 1
        if self.hangs:
            await asyncio.sleep(60)
        if self.down or answer.person_ref == self.refuses:
            raise RetryableError("the sink is down")
        self.taken.append(answer)

    async def meeting_changed(self, life: str, meeting: str, key: str) -> None:
        raise AssertionError(f"no hint is expected: {life} {meeting} {key}")


@dataclass
class Inbox:
    """The application with its neighbours, and links to try it with."""

    database: Database
    sink: RecordingSink
    signer: LinkSigner
    app: Starlette
    issued: int = 0

    def link(self, purpose: Purpose, facts: Facts, *, days: float = 14) -> str:
        """The path of a new link's page; each link is an ask of its own."""
        self.issued += 1
        token = self.signer.mint()
        self.database.links.issue(
            Link(
                purpose=purpose,
                person_ref=facts.reader.ref,
                programme_id="digital",
                life="pairing/digital/p-henri/1",
                ask_key=f"{purpose.value}/{self.issued}",
                facts=facts,
                expires_at=datetime.now(UTC) + timedelta(days=days),
            ),
            token,
        )
        return f"/a/{token}"

    def proposal(self, *, days: float = 14) -> str:
        """The path of a link to a proposed pairing, in English."""
        return self.link(Purpose.PROPOSAL, facts_for(Purpose.PROPOSAL, "en"), days=days)

    def answers(self, purpose: Purpose) -> tuple[AnswerRecord, ...]:
        """What the database holds."""
        return self.database.answers.of_programme("digital", purpose)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, migrated once; tests take copies of it."""
    path = tmp_path_factory.mktemp("migrated") / "mentoring.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def inbox(migrated: Path, tmp_path: Path) -> Iterator[Inbox]:
    path = tmp_path / "mentoring.db"
    shutil.copyfile(migrated, path)
    database = open_database(f"sqlite:///{path}")
    sink, signer = RecordingSink(), LinkSigner(["a key for the tests of the inbox"])
    app = build_app(
        links=database.links,
        answers=database.answers,
        signer=signer,
        sink=sink,
        clock=ProgrammeClock(),
    )
    yield Inbox(database, sink, signer, app)
    database.store.close()


@pytest.fixture
def browser(inbox: Inbox) -> Iterator[TestClient]:
    with TestClient(inbox.app, headers={"Accept-Language": "en"}) as client:
        yield client
