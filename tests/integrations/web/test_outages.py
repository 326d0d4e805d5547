"""Outages: answers are kept while nobody takes them, and what fails asks to come back."""

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import event, text
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from integrations.answers import Purpose
from integrations.clock import ProgrammeClock
from integrations.web.app import build_app
from integrations.web.guard import Guard
from tests.integrations.web.conftest import Inbox
from tests.integrations.web.filled import FILLED, facts_for
from tests.integrations.web.markup import Document

PROPOSAL = dict(FILLED[Purpose.PROPOSAL])


def eventually(holds: Callable[[], bool], within: float = 60) -> bool:
    end = time.monotonic() + within
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def guarded(app: ASGIApp) -> Guard:
    return Guard(app, lambda _: PlainTextResponse("later", 503))


def test_visitor_who_went_away_is_not_an_error(caplog: pytest.LogCaptureFixture) -> None:
    async def leave(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise ClientDisconnect

    with caplog.at_level("INFO"), pytest.raises(AssertionError):
        TestClient(guarded(leave)).get("/")  # the client notices that no response ever began
    assert [record.levelname for record in caplog.records if record.message == "web.disconnected"] == ["INFO"]


def test_error_in_mid_response_breaks_it_off() -> None:
    async def break_off(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("half")(scope, receive, send)
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        TestClient(guarded(break_off)).get("/")


def test_answer_is_thanked_for_and_delivered_later_when_the_sink_is_down(
    inbox: Inbox, browser: TestClient
) -> None:
    inbox.sink.down = True
    assert browser.post(inbox.proposal(), data=PROPOSAL).status_code == 200
    (waiting,) = inbox.database.answers.undelivered(10)
    assert inbox.sink.taken == []
    assert eventually(lambda: inbox.sink.tried > 1)
    inbox.sink.down = False
    assert eventually(lambda: inbox.database.answers.undelivered(10) == ())
    assert [answer.id for answer in inbox.sink.taken] == [waiting.id]


def test_answer_is_thanked_for_in_time_when_the_sink_hangs(inbox: Inbox, browser: TestClient) -> None:
    inbox.sink.hangs = True
    path, began = inbox.proposal(), time.monotonic()
    assert browser.post(path, data=PROPOSAL).status_code == 200
    assert 1.5 < time.monotonic() - began < 40  # the sink hangs for a minute
    assert len(inbox.database.answers.undelivered(10)) == 1


def test_answer_nobody_takes_does_not_hold_up_the_others(inbox: Inbox, browser: TestClient) -> None:
    inbox.sink.down = True
    purposes = (Purpose.PROPOSAL, Purpose.SCREENING, Purpose.STOP_CONFIRMATION)
    readers = [facts_for(purpose, "en").reader.ref for purpose in purposes]
    for purpose in purposes:
        browser.post(inbox.link(purpose, facts_for(purpose, "en")), data=dict(FILLED[purpose]))
    inbox.sink.refuses, inbox.sink.down = readers[0], False
    assert eventually(lambda: len(inbox.database.answers.undelivered(10)) == 1)
    assert {answer.person_ref for answer in inbox.sink.taken} == set(readers[1:])


def test_handover_goes_on_after_the_database_was_away(
    inbox: Inbox, browser: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    inbox.sink.down = True
    browser.post(inbox.proposal(), data=PROPOSAL)
    with inbox.database.store.session() as session:
        session.execute(text("ALTER TABLE answers RENAME TO away"))
    assert eventually(lambda: "answers.unread" in caplog.messages)
    with inbox.database.store.session() as session:
        session.execute(text("ALTER TABLE away RENAME TO answers"))
    inbox.sink.down = False
    assert eventually(lambda: len(inbox.sink.taken) == 1)


def test_inbox_without_its_database_asks_to_come_back(
    inbox: Inbox, browser: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    path = inbox.proposal()
    assert browser.get("/health").json() == {"status": "ok"}
    with inbox.database.store.session() as session:
        session.execute(text("DROP TABLE links"))
    for answered in (browser.get(path), browser.post(path, data=PROPOSAL)):
        assert answered.status_code == 503
        assert int(answered.headers["retry-after"]) > 0
        assert answered.headers["cache-control"] == "no-store"
        assert Document.of(answered.text).text["h1"] == ["One moment, please"]
    unwell = browser.get("/health")
    assert (unwell.status_code, unwell.json()) == (503, {"status": "unavailable"})
    assert path.removeprefix("/a/") not in caplog.text


def test_error_nobody_foresaw_is_answered_by_503_and_logged_by_its_type_alone(
    inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(request: Request) -> Response:
        raise ValueError(f"about Lina Moreau at {request.url.path}")

    app = build_app(
        links=inbox.database.links,
        answers=inbox.database.answers,
        signer=inbox.signer,
        sink=inbox.sink,
        clock=ProgrammeClock(),
        extra_routes=[Route("/hr/{source}", fail)],
    )
    with TestClient(app, headers={"Accept-Language": "fr"}) as client:
        answered = client.get("/hr/native")
    assert answered.status_code == 503
    assert Document.of(answered.text).text["h1"] == ["Un instant, s'il vous plaît"]
    assert [
        (record.message, record.__dict__.get("error")) for record in caplog.records if "web" in record.name
    ] == [("web.failed", "ValueError")]


def test_health_is_answered_in_time_when_the_database_hangs(inbox: Inbox, browser: TestClient) -> None:
    over = threading.Event()

    def hang(_connection: object) -> None:
        over.wait(120)

    event.listen(inbox.database.store.engine, "begin", hang)
    began = time.monotonic()
    try:
        assert browser.get("/health").status_code == 503
        assert time.monotonic() - began < 60
    finally:
        over.set()
        event.remove(inbox.database.store.engine, "begin", hang)
