"""The receiver of calendars' notices: what it takes, what it refuses, and what it makes of a storm."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from integrations.calendars.notices import Hooks, NoticeKind
from integrations.errors import RetryableError
from integrations.web import calendar_notices
from integrations.web.calendar_notices import LARGEST_BODY, LARGEST_TOKEN, notice_routes
from tests.integrations.web.hr_inbox import client_of

HOOKS = Hooks("https://inbox.example", ["a key of the tests of the receiver"])
FORGED = Hooks("https://inbox.example", ["a key of somebody else's tests"])


@dataclass
class NoticeListener:
    """Hears notices, unless an obstacle is in the way."""

    heard: list[tuple[str, NoticeKind]] = field(default_factory=list)
    obstacle: Exception | None = None
    wait: Callable[[], Awaitable[object]] | None = None

    async def calendar_changed(self, provider: str, kind: NoticeKind) -> None:
        if self.wait:
            await self.wait()
        if self.obstacle:
            raise self.obstacle
        self.heard.append((provider, kind))


@pytest.fixture
def listener() -> NoticeListener:
    return NoticeListener()


@pytest.fixture
def app(listener: NoticeListener) -> Starlette:
    return Starlette(routes=notice_routes(sink=listener, hooks=HOOKS, providers=("google", "microsoft")))


@pytest.fixture
def client(app: Starlette) -> TestClient:
    return TestClient(app)


def message(
    state: str = "exists", hooks: Hooks = HOOKS, changes: Mapping[str, str] = {}
) -> Mapping[str, str]:
    """What Google sends: headers, and nothing else."""
    return {
        "X-Goog-Channel-ID": "channel-1",
        "X-Goog-Channel-Token": hooks.of("google").token,
        "X-Goog-Resource-ID": "resource-1",
        "X-Goog-Resource-State": state,
        "X-Goog-Message-Number": "2",
        **changes,
    }


def notice(hooks: Hooks = HOOKS, **changes: Any) -> dict[str, Any]:
    """What Graph sends of one change."""
    return {
        "subscriptionId": "3f1c",
        "subscriptionExpirationDateTime": "2026-03-03T09:00:00Z",
        "tenantId": "c0ffee",
        "clientState": hooks.of("microsoft").token,
        "changeType": "updated",
        "resource": "Users/x/Events/y",
        "resourceData": {"id": "y"},
        **changes,
    }


def collection(*notices: Mapping[str, Any]) -> str:
    return json.dumps({"value": notices})


def test_message_of_a_channel_is_handed_over(client: TestClient, listener: NoticeListener) -> None:
    assert client.post("/calendars/google", headers=message()).status_code == 202
    assert client.post("/calendars/google", headers=message("not_exists")).status_code == 202
    assert listener.heard == [("google", NoticeKind.CHANGED)] * 2


def test_sync_message_is_acknowledged_and_starts_nothing(
    client: TestClient, listener: NoticeListener
) -> None:
    assert client.post("/calendars/google", headers=message("sync")).status_code == 200
    assert listener.heard == []


@pytest.mark.parametrize(
    "headers",
    [
        message(hooks=FORGED),
        message("sync", hooks=FORGED),
        message(changes={"X-Goog-Channel-Token": HOOKS.of("microsoft").token}),
        message(changes={"X-Goog-Channel-Token": ""}),
        message(changes={"X-Goog-Channel-ID": ""}),
        {},
    ],
)
def test_forged_message_is_refused_and_starts_nothing(
    client: TestClient, listener: NoticeListener, headers: Mapping[str, str]
) -> None:
    assert client.post("/calendars/google", headers=headers).status_code == 401
    assert listener.heard == []


@pytest.mark.parametrize(
    "token",
    ["Validation: Testing client application", "a+b&c=d%20é", "<script>x</script>", "x" * LARGEST_TOKEN],
)
def test_handshake_gets_its_token_back_as_plain_text(
    client: TestClient, listener: NoticeListener, token: str
) -> None:
    answer = client.post("/calendars/microsoft", params={"validationToken": token})
    assert (answer.status_code, answer.text) == (200, token)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert listener.heard == []


@pytest.mark.parametrize("token", ["", "x" * (LARGEST_TOKEN + 1)])
def test_handshake_without_a_usable_token_is_refused(client: TestClient, token: str) -> None:
    assert client.post("/calendars/microsoft", params={"validationToken": token}).status_code == 400


def test_handshake_is_a_post(client: TestClient) -> None:
    assert client.get("/calendars/microsoft", params={"validationToken": "x"}).status_code == 405


def test_notices_of_a_collection_are_one_of_each_kind(client: TestClient, listener: NoticeListener) -> None:
    told = collection(
        notice(),
        notice(),
        notice(lifecycleEvent="missed"),
        notice(lifecycleEvent="subscriptionRemoved"),
        notice(lifecycleEvent="reauthorizationRequired"),
        notice(lifecycleEvent="something new"),
    )
    assert client.post("/calendars/microsoft", content=told).status_code == 202
    assert listener.heard == [
        ("microsoft", kind)
        for kind in (NoticeKind.CHANGED, NoticeKind.MISSED, NoticeKind.REAUTHORIZE, NoticeKind.REMOVED)
    ]


@pytest.mark.parametrize(
    "told",
    [
        collection(notice(FORGED)),
        collection(notice(clientState=None)),
        collection(notice(clientState=HOOKS.of("google").token)),
        collection(),
    ],
)
def test_forged_notices_are_refused_and_start_nothing(
    client: TestClient, listener: NoticeListener, told: str
) -> None:
    assert client.post("/calendars/microsoft", content=told).status_code == 401
    assert listener.heard == []


def test_forged_notice_among_proven_ones_is_left_out(client: TestClient, listener: NoticeListener) -> None:
    told = collection(notice(FORGED, lifecycleEvent="subscriptionRemoved"), notice())
    assert client.post("/calendars/microsoft", content=told).status_code == 202
    assert listener.heard == [("microsoft", NoticeKind.CHANGED)]


@pytest.mark.parametrize(
    "body", ["", "{", "[]", '{"value": 3}', '{"value": [3]}', "\x00", '{"value": [[[[]]]]}']
)
def test_body_that_is_no_collection_is_refused(client: TestClient, body: str) -> None:
    assert client.post("/calendars/microsoft", content=body).status_code == 400


@pytest.mark.parametrize("path", ["/calendars/microsoft", "/calendars/google"])
def test_body_beyond_its_limit_is_not_taken(client: TestClient, listener: NoticeListener, path: str) -> None:
    large = collection(notice()) + " " * LARGEST_BODY
    assert client.post(path, content=large, headers=message()).status_code == 413
    assert listener.heard == []


def test_provider_whose_push_is_not_used_has_no_receiver(listener: NoticeListener) -> None:
    client = TestClient(Starlette(routes=notice_routes(sink=listener, hooks=HOOKS, providers=["google"])))
    assert client.post("/calendars/microsoft", params={"validationToken": "x"}).status_code == 404


@pytest.mark.parametrize("obstacle", [RetryableError("down"), ValueError("a bug"), TimeoutError()])
def test_notice_that_cannot_be_handed_over_is_asked_for_again(
    client: TestClient, listener: NoticeListener, obstacle: Exception
) -> None:
    listener.obstacle = obstacle
    answer = client.post("/calendars/google", headers=message())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    listener.obstacle = None
    assert client.post("/calendars/google", headers=message()).status_code == 202


async def test_sink_that_hangs_is_not_waited_for(
    app: Starlette, listener: NoticeListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.web.calendar_notices.HANDOVER_S", 0.05)
    listener.wait = asyncio.Event().wait
    async with client_of(app) as client:
        assert (await client.post("/calendars/google", headers=message())).status_code == 503


async def test_storm_is_handed_over_once(
    app: Starlette, listener: NoticeListener, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Eighty requests of one process may take longer than the moment in which notices are gathered.
    monkeypatch.setattr(calendar_notices, "GATHER_S", 4)
    async with client_of(app) as client:
        answers = await asyncio.gather(
            *(client.post("/calendars/google", headers=message()) for _ in range(40)),
            *(client.post("/calendars/microsoft", content=collection(notice())) for _ in range(40)),
        )
    assert {answer.status_code for answer in answers} == {202}
    assert sorted(listener.heard) == [("google", NoticeKind.CHANGED), ("microsoft", NoticeKind.CHANGED)]


async def test_notice_that_comes_during_a_handover_has_one_of_its_own(
    app: Starlette, listener: NoticeListener
) -> None:
    """It may tell of a change that came after the look the first one causes."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        begun.set()
        await go_on.wait()

    listener.wait = wait
    async with client_of(app) as client:
        first = asyncio.create_task(client.post("/calendars/google", headers=message()))
        await begun.wait()
        second = asyncio.create_task(client.post("/calendars/google", headers=message()))
        await asyncio.sleep(0.05)
        go_on.set()
        assert [(await one).status_code for one in (first, second)] == [202, 202]
    assert listener.heard == [("google", NoticeKind.CHANGED)] * 2


async def test_failed_handover_fails_every_notice_of_its_storm(
    app: Starlette, listener: NoticeListener
) -> None:
    listener.obstacle = RetryableError("down")
    async with client_of(app) as client:
        answers: list[httpx.Response] = await asyncio.gather(
            *(client.post("/calendars/google", headers=message()) for _ in range(20))
        )
    assert {answer.status_code for answer in answers} == {503}


def test_refused_notice_is_logged_without_its_token(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    headers = message(hooks=FORGED)
    with caplog.at_level(logging.INFO):
        client.post("/calendars/google", headers=headers)
    (record,) = [one for one in caplog.records if one.message == "notice.refused"]
    assert headers["X-Goog-Channel-Token"] not in str(record.__dict__)
