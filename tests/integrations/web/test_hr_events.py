import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from integrations.database.sql.tables import DeliveryRow
from integrations.errors import InvalidError, MisconfiguredError, RetryableError
from integrations.hr.strict_json import MAX_BYTES
from integrations.web.hr_events import hr_routes
from tests.integrations.web.hr_inbox import (
    BODY,
    HIRED,
    PROGRAMME_NOW,
    REAL_NOW,
    SECOND,
    Inbox,
    inbox_in,
    signed,
)


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    with inbox_in(tmp_path) as inbox:
        yield inbox


def test_delivery_is_kept_and_handed_over(inbox: Inbox) -> None:
    response = inbox.post()
    assert (response.status_code, response.json()) == (202, {"status": "taken"})
    assert inbox.sink.taken == [("native", "msg_1", "hired")]
    event = inbox.database.deliveries.event("native", "msg_1")
    assert (event.id, event.person_id) == ("evt-1", "00042")
    with inbox.database.store.session() as session:
        assert list(session.scalars(select(DeliveryRow.received_at))) == [PROGRAMME_NOW]


@pytest.mark.parametrize("programme_now", [REAL_NOW - timedelta(days=365), REAL_NOW + timedelta(days=365)])
def test_event_may_be_dated_by_the_real_clock_or_the_programmes(
    inbox: Inbox, programme_now: datetime
) -> None:
    inbox.programme_now = programme_now
    for number, occurred_at in enumerate((REAL_NOW, programme_now)):
        body = json.dumps(HIRED | {"occurred_at": occurred_at.isoformat()}).encode()
        assert inbox.post(body, f"msg_{number}").status_code == 202
    too_late = max(REAL_NOW, programme_now) + timedelta(days=2)
    body = json.dumps(HIRED | {"occurred_at": too_late.isoformat()}).encode()
    assert inbox.post(body, "msg_late").status_code == 400


def test_second_secret_is_as_good_as_the_first(inbox: Inbox) -> None:
    assert inbox.post(headers=signed(BODY, secret=SECOND)).status_code == 202


def test_duplicate_is_kept_once_and_handed_over_again(inbox: Inbox) -> None:
    assert [inbox.post().status_code for _ in range(3)] == [202, 202, 202]
    assert inbox.stored == {"hired": 1}
    assert inbox.sink.taken == [("native", "msg_1", "hired")] * 3


def test_same_id_with_another_body_is_a_clash_and_an_alarm(
    inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    inbox.post()
    response = inbox.post(json.dumps(HIRED | {"person_id": "00043"}).encode())
    assert response.status_code == 409
    assert len(inbox.sink.taken) == 1
    assert inbox.database.deliveries.event("native", "msg_1").person_id == "00042"
    alarms = [record.message for record in caplog.records if record.levelno == logging.ERROR]
    assert alarms == ["hr.delivery.clashed"]


@pytest.mark.parametrize(
    ("changes", "status"),
    [({"type": "promoted"}, "unknown-type"), ({"schema_version": 2}, "newer-schema")],
)
def test_what_cannot_be_read_yet_is_acknowledged_and_counted(
    inbox: Inbox, caplog: pytest.LogCaptureFixture, changes: dict[str, Any], status: str
) -> None:
    body = json.dumps(HIRED | changes).encode()
    client = TestClient(inbox.app())
    for number in (1, 2):
        response = client.post("/hr/native", content=body, headers=signed(body, f"msg_{number}"))
        assert (response.status_code, response.json()) == (202, {"status": status})
    lines = [(record.message, record.__dict__["key"], record.__dict__["count"]) for record in caplog.records]
    assert lines == [(f"hr.delivery.{status}", "msg_1", 1), (f"hr.delivery.{status}", "msg_2", 2)]
    assert (inbox.stored, inbox.sink.taken) == ({}, [])


def test_wrong_fields_are_named_without_their_values(inbox: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    changes = {"given_name": "Canary\n", "work_address": "canary", "level": "canary"}
    response = inbox.post(json.dumps(HIRED | {"mode": "canary", "changes": changes}).encode())
    assert response.status_code == 400
    assert response.json() == {
        "error": "the event's changes are wrong: level, work_address; the event's fields are wrong: mode"
    }
    assert "canary" not in " ".join(str(record.__dict__) for record in caplog.records).lower()


def test_webhook_id_that_cannot_be_a_key_is_told_so(inbox: Inbox) -> None:
    response = inbox.post(key="zoe@example.com")
    assert response.status_code == 400
    assert "webhook-id" in response.json()["error"]


@pytest.mark.parametrize("encoding", ["gzip", "br", "identity, gzip", "x"])
def test_encoded_body_is_refused(inbox: Inbox, encoding: str) -> None:
    assert inbox.post(headers={"content-encoding": encoding}).status_code == 415


def test_body_may_be_as_large_as_the_cap_and_no_larger(inbox: Inbox) -> None:
    largest = BODY + b" " * (MAX_BYTES - len(BODY))
    assert inbox.post(largest).status_code == 202
    response = inbox.post(largest + b" ", key="msg_2")
    assert response.status_code == 413
    assert inbox.stored == {"hired": 1}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods_are_refused(inbox: Inbox, method: str) -> None:
    assert TestClient(inbox.app()).request(method, "/hr/native").status_code == 405


@pytest.mark.parametrize(
    ("error", "after"),
    [
        (RetryableError("later", after=timedelta(seconds=90.2)), "91"),
        (RetryableError("later"), "5"),
        (TimeoutError(), "5"),
        (ValueError("Canary"), "5"),
        (InvalidError("Canary"), "5"),
    ],
)
def test_obstacle_is_a_503_and_the_repeat_is_taken(
    inbox: Inbox, caplog: pytest.LogCaptureFixture, error: Exception, after: str
) -> None:
    caplog.set_level(logging.DEBUG)
    inbox.sink.obstacle = lambda: error
    response = inbox.post()
    assert (response.status_code, response.headers["retry-after"]) == (503, after)
    assert "Canary" not in response.text + " ".join(str(record.__dict__) for record in caplog.records)
    inbox.sink.obstacle = lambda: None
    assert inbox.post().status_code == 202
    assert inbox.sink.taken == [("native", "msg_1", "hired")]
    assert inbox.stored == {"hired": 1}


def test_broken_database_is_a_503(inbox: Inbox) -> None:
    with inbox.database.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE hr_deliveries")
    response = inbox.post()
    assert (response.status_code, "retry-after" in response.headers) == (503, True)
    assert inbox.sink.taken == []


def test_secret_that_is_none_is_found_at_the_start(inbox: Inbox) -> None:
    with pytest.raises(MisconfiguredError):
        hr_routes(
            deliveries=inbox.database.deliveries,
            sink=inbox.sink,
            secrets=["whsec_c2hvcnQ="],
            real_now=lambda: REAL_NOW,
            programme_now=lambda: PROGRAMME_NOW,
        )
