"""The receiver of HR events on a database of its own, and what is delivered to it."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from integrations.database.answers import AnswerRecord
from integrations.database.deliveries import Deliveries
from integrations.database.sql.database import Database, migrate, open_database
from integrations.hr.signatures import STANDARD_WEBHOOKS, sign
from integrations.web import hr_events
from integrations.web.hr_events import hr_routes
from tests.integrations.hr.test_signatures import NOW, SECRET

REAL_NOW = NOW
SECOND = "whsec_c2Vjb25kIHNlY3JldCBvZiB0aGUgc2FtZSBzb3VyY2U="
PROGRAMME_NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
HIRED: dict[str, Any] = {
    "id": "evt-1",
    "type": "hired",
    "occurred_at": "2026-09-07T09:30:00+02:00",
    "person_id": "00042",
    "changes": {"given_name": "Canary", "level": 2},
}
BODY = json.dumps(HIRED).encode()


@dataclass
class RecordingSink:
    """Takes everything, unless told otherwise, and remembers it."""

    taken: list[tuple[str, str, str]] = field(default_factory=list)
    obstacle: Callable[[], Exception | None] = lambda: None
    wait: Callable[[], Awaitable[object]] | None = None

    async def deliver(self, source: str, key: str, event_type: str) -> None:
        if self.wait:
            await self.wait()
        if error := self.obstacle():
            raise error
        self.taken.append((source, key, event_type))

    async def answered(self, answer: AnswerRecord) -> None:
        raise AssertionError(answer.purpose)

    async def meeting_changed(self, life: str, meeting: str, key: str) -> None:
        raise AssertionError(f"no hint is expected: {life} {meeting} {key}")


@dataclass
class Inbox:
    """The receiver on a database of its own."""

    database: Database
    sink: RecordingSink
    programme_now: datetime = PROGRAMME_NOW

    def app(self, deliveries: Deliveries | None = None) -> Starlette:
        return Starlette(
            routes=hr_routes(
                deliveries=deliveries or self.database.deliveries,
                sink=self.sink,
                secrets=[SECRET, SECOND],
                real_now=lambda: REAL_NOW,
                programme_now=lambda: self.programme_now,
            )
        )

    def post(self, body: bytes = BODY, key: str = "msg_1", headers: Mapping[str, str] = {}) -> httpx.Response:
        client = TestClient(self.app())
        response: httpx.Response = client.post(
            "/hr/native", content=body, headers={**signed(body, key), **headers}
        )
        return response

    @property
    def stored(self) -> dict[str, int]:
        return self.database.deliveries.counts()


def signed(body: bytes, key: str = "msg_1", secret: str = SECRET) -> dict[str, str]:
    return sign(STANDARD_WEBHOOKS, secret, key, body, REAL_NOW)


@contextmanager
def inbox_in(folder: Path) -> Iterator[Inbox]:
    """An inbox on a new database in that folder; it gives up no delivery because the machine is busy."""
    url = f"sqlite:///{folder / 'mentoring.db'}"
    migrate(url)
    database = open_database(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hr_events, "HANDOVER_S", 60)
        try:
            yield Inbox(database, RecordingSink())
        finally:
            database.store.close()


def client_of(app: Starlette) -> httpx.AsyncClient:
    """A client that may have many requests under way."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://inbox.example", timeout=30)
