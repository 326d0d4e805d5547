"""Which rate the workers of each task queue are told."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

import worker
from integrations.settings import Settings
from worker import Acts, Role, workers
from workflows.names import CALENDARS, MAIL, RECORDS


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, {}),
        ({"calendar_rate": 3.0}, {CALENDARS: 3.0}),
        ({"mail_rate": 7.5}, {MAIL: 7.5}),
        ({"calendar_rate": 3.0, "mail_rate": 7.5}, {CALENDARS: 3.0, MAIL: 7.5}),
    ],
)
async def test_rates_are_those_of_their_queues(
    monkeypatch: pytest.MonkeyPatch, told: dict[str, Any], expected: dict[str, float]
) -> None:
    rates: dict[str, float | None] = {}

    def made(_client: object, *, task_queue: str, **kwargs: Any) -> None:
        rates[task_queue] = kwargs.get("max_task_queue_activities_per_second")

    monkeypatch.setattr(worker, "Worker", made)
    acts: dict[str, list[Callable[..., Any]]] = {queue: [] for queue in (CALENDARS, MAIL, RECORDS)}
    client: Any = None
    async with AsyncExitStack() as stack:
        workers(client, Settings(_env_file=None, **told), Acts(acts), frozenset({Role.ALL}), stack)
    assert {queue: rate for queue, rate in rates.items() if rate} == expected
    assert rates.keys() >= acts.keys()
