"""A real Temporal server for the lives."""

import shutil
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment

from integrations.clock import ProgrammeClock
from tests.workflows import counted
from workflows import names

ATTRIBUTES: list[SearchAttributeKey[Any]] = [
    names.PROGRAMME,
    names.STAGE,
    names.MENTOR_REF,
    names.MENTEE_REF,
    names.SESSIONS_HELD,
    names.NEXT_DUE,
    names.ATTENTION,
]


@pytest.fixture(autouse=True)
def time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has the clocks of each test go by a time of their own, which may be counted."""
    monkeypatch.setattr(counted, "TIME", counted.CountedTime())
    monkeypatch.setattr(ProgrammeClock, "programme", counted.programme)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    server = shutil.which("temporal", path=f"{sys.prefix}/bin")
    async with await WorkflowEnvironment.start_local(
        data_converter=pydantic_data_converter,
        dev_server_existing_path=server,
        dev_server_extra_args=["--dynamic-config-value", 'history.timerProcessorMaxTimeShift="1ms"'],
        search_attributes=ATTRIBUTES,
    ) as environment:
        yield environment.client
