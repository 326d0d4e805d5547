"""The doctor, with calendars that are well and others that are not."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from typer.testing import CliRunner

import worker
from integrations.calendars.caldav import CalDav
from integrations.calendars.calendar import (
    Attendee,
    Availability,
    Calendar,
    EventRef,
    EventSpec,
    Gone,
    Snapshot,
    Window,
)
from integrations.clock import ProgrammeClock
from integrations.doctor import Finding, examine_calendar, examine_clock, examine_inbox
from integrations.errors import RetryableError
from integrations.rehearsal.ports import LOOPBACK
from tests.integrations.calendars import wire
from tests.integrations.calendars.desk import Desk
from tests.integrations.calendars.google_desk import adapter
from tests.integrations.calendars.google_discovery import Call
from tests.integrations.calendars.google_server import Answer, GoogleServer
from tests.integrations.calendars.google_token import service_account_info
from tests.integrations.calendars.graph_desk import adapter as graph_adapter
from tests.integrations.calendars.graph_entra import session_to
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.loopback import unheard
from tests.integrations.calendars.wire import Loss


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address of this machine where nobody listens."""
    with unheard() as port:
        yield f"{LOOPBACK}:{port}"


def findings(calendar: Calendar, organizer: str, *, write: bool = False) -> list[Finding]:
    office = Attendee(address=organizer, name="Programme office")
    return list(examine_calendar("it", calendar, office, datetime.now(UTC), write=write))


def test_calendar_that_is_well_is_read_only(desk: Desk) -> None:
    assert [finding.trouble for finding in findings(desk.calendar, desk.organizer)] == [""]
    assert desk.hand.count(desk.organizer) == 0


def test_written_event_is_removed_again(desk: Desk) -> None:
    assert [finding.trouble for finding in findings(desk.calendar, desk.organizer, write=True)] == ["", ""]
    assert desk.hand.count(desk.organizer) == 0


@dataclass(frozen=True)
class Unreadable:
    """A calendar whose events can be made and cancelled, but not read."""

    calendar: Calendar

    def free_busy(self, people: Sequence[str], window: Window) -> Mapping[str, Availability]:
        return self.calendar.free_busy(people, window)

    def ensure(self, key: str, generation: int, spec: EventSpec) -> EventRef:
        return self.calendar.ensure(key, generation, spec)

    def get(self, ref: EventRef) -> Snapshot | Gone:
        raise RetryableError(f"{ref.provider} did not answer")

    def reschedule(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        return self.calendar.reschedule(ref, spec, if_match)

    def admit(self, ref: EventRef, spec: EventSpec, if_match: str) -> EventRef:
        return self.calendar.admit(ref, spec, if_match)

    def cancel(self, ref: EventRef, comment: str, spare: Sequence[str] = ()) -> None:
        self.calendar.cancel(ref, comment, spare)


def test_written_event_is_removed_also_where_it_cannot_be_read(desk: Desk) -> None:
    reading, writing = findings(Unreadable(desk.calendar), desk.organizer, write=True)
    assert not reading.trouble
    assert "did not answer" in writing.trouble
    assert desk.hand.count(desk.organizer) == 0


def lose(server: GoogleServer, method: str, losses: list[Loss | Answer]) -> None:
    """Has the answers to the next calls of a method lost, one by one."""

    def fault(call: Call) -> Loss | Answer | None:
        return losses.pop(0) if losses and call.method == method else None

    server.fault = fault


@pytest.mark.parametrize("method", ["calendar.events.insert", "calendar.events.delete"])
@pytest.mark.parametrize("loss", [Loss.RESET_AFTER, Loss.BROKEN_AFTER])
def test_written_event_is_removed_also_where_an_answer_is_lost(
    server: GoogleServer, office: Desk, method: str, loss: Loss
) -> None:
    losses: list[Loss | Answer] = [loss]
    lose(server, method, losses)
    found = findings(office.calendar, office.organizer, write=True)
    assert losses == []
    assert [finding.trouble for finding in found] == ["", ""]
    assert office.hand.count(office.organizer) == 0


def test_event_that_may_be_left_is_told_where_making_it_stays_unanswered(
    server: GoogleServer, office: Desk
) -> None:
    lose(server, "calendar.events.insert", [Loss.BROKEN_AFTER, Answer(503, "backendError")])
    _, writing = findings(office.calendar, office.organizer, write=True)
    assert "may be left in the organizer's calendar" in writing.trouble


def test_event_that_is_left_is_told_where_it_cannot_be_removed(server: GoogleServer, office: Desk) -> None:
    lose(server, "calendar.events.delete", [Answer(403, "forbidden")])
    _, writing = findings(office.calendar, office.organizer, write=True)
    assert office.hand.count(office.organizer) == 1
    assert "may be left in the organizer's calendar" in writing.trouble


def test_missing_delegation_of_google_is_told(server: GoogleServer, office: Desk) -> None:
    server.tokens.delegated.clear()
    reading, writing = findings(office.calendar, office.organizer, write=True)
    assert "unauthorized_client" in reading.trouble
    assert "unauthorized_client" in writing.trouble


def test_missing_permission_to_write_of_microsoft_is_told(tenant: GraphServer, bureau: Desk) -> None:
    tenant.fault = lambda call: (
        wire.Answer(403, "ErrorAccessDenied") if call.method == "POST /events" else None
    )
    reading, writing = findings(bureau.calendar, bureau.organizer, write=True)
    assert not reading.trouble
    assert "ErrorAccessDenied" in writing.trouble
    assert bureau.hand.count(bureau.organizer) == 0


def test_microsoft_that_cannot_be_reached_is_told(tenant: GraphServer, nowhere: str) -> None:
    tenant.join("office1@corp.example")
    lost = graph_adapter(tenant, "office1@corp.example", http_client=session_to(f"http://{nowhere}"))
    (reading,) = findings(lost, "office1@corp.example")
    assert "network" in reading.trouble


def test_organizer_without_a_calendar_is_told(desk: Desk) -> None:
    (reading,) = findings(desk.calendar, "nobody@corp.example")
    assert reading.trouble


def test_wrong_secret_of_microsoft_is_told(tenant: GraphServer) -> None:
    tenant.join("office1@corp.example")
    (reading,) = findings(
        graph_adapter(tenant, "office1@corp.example", secret="wrong"), "office1@corp.example"
    )
    assert "Entra" in reading.trouble or "Microsoft" in reading.trouble


def test_google_that_cannot_be_reached_is_told(server: GoogleServer, nowhere: str) -> None:
    server.join("office1@corp.example")
    lost = adapter(server, "office1@corp.example", api_endpoint=f"http://{nowhere}/calendar/v3/")
    (reading,) = findings(lost, "office1@corp.example")
    assert "network" in reading.trouble


def test_wrong_password_of_caldav_is_told(radicale_url: str, caldav: CalDav) -> None:
    caldav.provision("office0@corp.example")
    locked_out = CalDav(radicale_url + "/{address}/calendar/", "mentoring", "wrong")
    (reading,) = findings(locked_out, "office0@corp.example")
    assert reading.trouble


@contextmanager
def inbox(status: int, body: str) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://{LOOPBACK}:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (200, json.dumps({"status": "ok"}), ""),
        (200, "<h1>Welcome</h1>", "does not answer"),
        (200, json.dumps({"status": "up"}), "something else"),
        (503, "", "503"),
    ],
)
def test_inbox_is_asked_where_people_reach_it(status: int, body: str, trouble: str) -> None:
    with inbox(status, body) as url:
        found = examine_inbox(url)
    assert bool(found.trouble) == bool(trouble)
    assert trouble in found.trouble


def test_inbox_beyond_this_host_has_to_speak_https() -> None:
    found = examine_inbox("http://mentoring.corp.example")
    assert "https://" in found.trouble
    assert "does not answer" not in found.trouble


@pytest.mark.parametrize(
    ("clock", "trouble"),
    [
        (ProgrammeClock(), ""),
        (ProgrammeClock(rate=1440), "1440 times"),
        (ProgrammeClock(programme_anchor=datetime(2026, 1, 2, tzinfo=UTC)), "03 Mar 2026"),
    ],
)
def test_clock_has_to_show_real_time(clock: ProgrammeClock, trouble: str) -> None:
    found = examine_clock(clock, datetime(2026, 3, 2, tzinfo=UTC))
    assert bool(found.trouble) == bool(trouble)
    assert trouble in found.trouble


def test_command_names_every_trouble_and_ends_with_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nowhere: str
) -> None:
    for name, value in {
        "MENTORING_DATABASE_URL": f"sqlite:///{tmp_path / 'mentoring.db'}",
        "MENTORING_PUBLIC_URL": f"http://{nowhere}",
        "MENTORING_CALDAV_URL": f"http://{nowhere}/{{address}}/",
        "MENTORING_SMTP_PORT": nowhere.rpartition(":")[2],
        "TEMPORAL_ADDRESS": nowhere,
    }.items():
        monkeypatch.setenv(name, value)
    ended = CliRunner().invoke(worker.app, ["doctor", "--write"])
    lines = ended.output.splitlines()
    subjects = [
        "🛑 database",
        "🛑 Temporal",
        "✅ clock",
        "🛑 mail",
        "🛑 inbox",
        "✅ calendars",
        "🛑 caldav, reading",
        "🛑 caldav, writing",
    ]
    assert [line.partition(":")[0] for line in lines] == subjects
    assert ended.exit_code == 1


def test_caldav_is_left_alone_where_nobody_is_said_to_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, google: GoogleServer, nowhere: str
) -> None:
    google.join("office@corp.example")
    key = tmp_path / "key.json"
    key.write_text(json.dumps(service_account_info(google.token_uri)))
    for name, value in {
        "MENTORING_DATABASE_URL": f"sqlite:///{tmp_path / 'mentoring.db'}",
        "MENTORING_PUBLIC_URL": f"http://{nowhere}",
        "MENTORING_CALENDAR_PROVIDER": "google",
        "MENTORING_ORGANIZER_ADDRESS": "office@corp.example",
        "MENTORING_GOOGLE_KEY_FILE": str(key),
        "MENTORING_GOOGLE_URL": google.api_endpoint,
        "TEMPORAL_ADDRESS": nowhere,
    }.items():
        monkeypatch.setenv(name, value)
    ended = CliRunner().invoke(worker.app, ["doctor"])
    assert [line for line in ended.output.splitlines() if line.startswith("✅ google, reading")]
    assert "caldav" not in ended.output
