import asyncio
import json
import random
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.database.deliveries import Receipt
from integrations.errors import RetryableError
from integrations.hr.events import HrEvent
from integrations.hr.strict_json import MAX_BYTES
from integrations.web import hr_events
from integrations.web.hr_events import HANDOVER_S, IN_FLIGHT
from tests.integrations.web.hr_inbox import BODY, HIRED, Inbox, client_of, inbox_in, signed


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with inbox_in(tmp_path) as inbox:
        yield inbox


@dataclass
class SlowDeliveries:
    """A database that keeps everybody waiting."""

    until: threading.Event

    def receive(self, source: str, key: str, digest: str, event: HrEvent, at: datetime) -> Receipt:
        self.until.wait(120)
        raise AssertionError(source, key, digest, event.id, at)

    def event(self, source: str, key: str) -> HrEvent:
        raise AssertionError(source, key)

    def settle(self, source: str, key: str, outcome: Mapping[str, Any]) -> None:
        raise AssertionError(source, key, outcome)

    def outcome(self, source: str, key: str) -> Mapping[str, Any] | None:
        raise AssertionError(source, key)

    def counts(self) -> dict[str, int]:
        return {}


async def test_endless_body_is_given_up_at_the_cap(inbox: Inbox) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1024
            yield b"x" * 1024

    async with client_of(inbox.app()) as client:
        response = await client.post("/hr/native", content=endless(), headers=signed(BODY))
    assert response.status_code == 413
    assert sent <= MAX_BYTES + 2048


def test_three_seconds_leave_one_for_the_answer() -> None:
    assert HANDOVER_S + 1 <= 3


def test_sink_that_hangs_is_answered_when_its_time_is_over(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hr_events, "HANDOVER_S", HANDOVER_S)
    inbox.sink.wait = lambda: asyncio.sleep(120)
    started = time.monotonic()
    assert inbox.post().status_code == 503
    assert HANDOVER_S <= time.monotonic() - started < 60


async def test_database_that_hangs_is_answered_when_its_time_is_over(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hr_events, "HANDOVER_S", HANDOVER_S)
    enough = threading.Event()
    started = time.monotonic()
    async with client_of(inbox.app(SlowDeliveries(enough))) as client:
        response = await client.post("/hr/native", content=BODY, headers=signed(BODY))
    answered = time.monotonic() - started
    enough.set()
    assert response.status_code == 503
    assert answered < 60


async def test_more_in_flight_than_the_cap_are_told_to_come_back(inbox: Inbox) -> None:
    released, bodies = asyncio.Event(), numbered(IN_FLIGHT + 4)
    inbox.sink.wait = released.wait
    async with client_of(inbox.app()) as client:
        posts = [asyncio.create_task(post(client, key, body)) for key, body in bodies.items()]
        soonest = asyncio.as_completed(posts)
        assert [(await next(soonest)).status_code for _ in range(4)] == [503] * 4
        # Strangers take no place: they are turned away before.
        assert (await client.post("/hr/native", content=BODY)).status_code == 401
        released.set()
        responses = await asyncio.gather(*posts)
        assert Counter(response.status_code for response in responses) == {202: IN_FLIGHT, 503: 4}
        assert all(response.headers["retry-after"] for response in responses if response.status_code == 503)
        assert (await post(client, "msg_new", BODY)).status_code == 202


async def test_storm_of_duplicates_loses_nothing_and_keeps_each_once(inbox: Inbox) -> None:
    chance, bodies = random.Random(7), numbered(12)
    inbox.sink.obstacle = lambda: RetryableError("later") if chance.random() < 0.3 else None
    storm = [*bodies] * 20
    chance.shuffle(storm)
    statuses: Counter[int] = Counter()
    acknowledged: set[str] = set()
    async with client_of(inbox.app()) as client:
        while storm:
            batch, storm = storm[:40], storm[40:]
            for key, response in zip(
                batch, await asyncio.gather(*(post(client, key, bodies[key]) for key in batch)), strict=True
            ):
                statuses[response.status_code] += 1
                if response.status_code == 202:
                    acknowledged.add(key)
                else:
                    storm.append(key)
    assert set(statuses) == {202, 503}
    assert statuses[202] == 240
    assert acknowledged == {key for _, key, _ in inbox.sink.taken} == set(bodies)
    assert inbox.stored == {"hired": 12}


def numbered(how_many: int) -> dict[str, bytes]:
    return {f"msg_{n}": json.dumps(HIRED | {"id": f"evt-{n}"}).encode() for n in range(how_many)}


async def post(client: httpx.AsyncClient, key: str, body: bytes) -> httpx.Response:
    return await client.post("/hr/native", content=body, headers=signed(body, key))
