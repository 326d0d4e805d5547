"""Inbound Parse, met by real posts through the application."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from integrations.calendars.calendar import Rsvp
from integrations.clock import ProgrammeClock
from integrations.errors import MisconfiguredError, RetryableError
from integrations.links import LinkSigner
from integrations.mail.incoming import LARGEST_MAIL, Why
from integrations.mail.vouching import Vouching
from integrations.web import mail_in
from integrations.web.app import build_app
from integrations.web.mail_in import mail_routes
from tests.integrations.mail import answers
from tests.integrations.mail.answers import MAILBOX, PERSON, Said
from tests.integrations.mail.desk import UID, House, house_in

SECRET, OLDER = "a-secret-of-the-mail-hook", "the-secret-before-this-one"
RAW = answers.outlook(Said(uid=UID))
PROVEN = {
    "dkim": "{@corp.example : pass}",
    "SPF": "pass",
    "envelope": json.dumps({"to": [MAILBOX], "from": PERSON}),
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path) as house:
        yield house


def app_of(
    take: Callable[[bytes, Vouching], Awaitable[Why | None]], house: House, *, is_proof_needed: bool = True
) -> Starlette:
    """The whole application, with the hook among its routes."""

    class Sink:
        meeting_changed = staticmethod(house.lives.meeting_changed)

        async def deliver(self, *_: str) -> None:
            raise AssertionError

        async def answered(self, _: object) -> None:
            raise AssertionError

    return build_app(
        links=house.database.links,
        answers=house.database.answers,
        signer=LinkSigner(["a key for the tests of the inbox"]),
        sink=Sink(),
        clock=ProgrammeClock(),
        extra_routes=mail_routes(take=take, secrets=[SECRET, OLDER], is_proof_needed=is_proof_needed),
    )


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    with TestClient(app_of(house.desk.take, house)) as client:
        yield client


def post(
    client: TestClient, raw: bytes | None = RAW, fields: dict[str, str] = PROVEN, *, secret: str = SECRET
) -> httpx.Response:
    """A post as Inbound Parse makes it, with `Send Raw` on."""
    parts = {name: (None, value.encode()) for name, value in {"to": MAILBOX, **fields}.items()}
    message = {} if raw is None else {"email": (None, raw)}
    response: httpx.Response = client.post(f"/mail/sendgrid/{secret}", files={**parts, **message})
    return response


@pytest.mark.parametrize("secret", [SECRET, OLDER])
def test_an_answer_that_is_posted_is_kept_and_told(client: TestClient, house: House, secret: str) -> None:
    response = post(client, secret=secret)
    assert (response.status_code, response.json()) == (200, {"status": "taken"})
    assert [(one.person_ref, one.rsvp) for one in house.kept] == [(house.mentee, Rsvp.DECLINED)]
    assert len(house.lives.told) == 1


@pytest.mark.parametrize("secret", ["", "a-secret-of-the-mail-hooK", SECRET + "x", "é", "%00"])
def test_a_stranger_finds_nothing_here(client: TestClient, house: House, secret: str) -> None:
    assert post(client, secret=secret).status_code == 404
    assert client.get(f"/mail/sendgrid/{SECRET}").status_code == 405
    assert house.kept == ()


@pytest.mark.parametrize("charset", ["", "; charset=utf-8"])
async def test_a_message_arrives_byte_for_byte(house: House, charset: str) -> None:
    taken: list[bytes] = []

    async def take(raw: bytes, _: Vouching) -> Why | None:
        taken.append(raw)
        return None

    raw = b"From: a@b.example\r\n\r\n\xc3\xa9 \xe9 \xff\x00\r\n"
    body = b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n' + raw + b"\r\n--b--\r\n"
    async with in_process(app_of(take, house)) as client:
        kind = {"Content-Type": f"multipart/form-data; boundary=b{charset}"}
        assert (await client.post(f"/mail/sendgrid/{SECRET}", content=body, headers=kind)).status_code == 200
    assert taken == [raw]


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", "no-sender"),
        (b"\x00\xff no mail", "no-sender"),
        (answers.letter(Said()), "no-calendar"),
        (answers.rich_text(Said()), "tnef"),
        (answers.out_of_office(Said()), "automatic"),
        (b"From: a@b.example\r\n" + b"x" * LARGEST_MAIL, "too-large"),
        (None, "not-raw"),
    ],
)
def test_mail_that_is_no_answer_is_taken_and_dropped(
    client: TestClient, house: House, raw: bytes | None, status: str
) -> None:
    """A 4xx would tell nobody, and a 5xx would bring it again for 72 hours."""
    response = post(client, raw)
    assert (response.status_code, response.json()) == (200, {"status": status})
    assert house.kept == ()


@pytest.mark.parametrize(
    "fields", [{}, {**PROVEN, "dkim": "none", "SPF": "fail"}, {"dkim": "{@evil.example : pass}"}]
)
def test_an_answer_that_nobody_vouches_for_is_dropped_where_proof_is_needed(
    client: TestClient, house: House, fields: dict[str, str]
) -> None:
    assert post(client, fields=fields).status_code == 200
    assert house.kept == ()
    with TestClient(app_of(house.desk.take, house, is_proof_needed=False)) as trusting:
        assert post(trusting, fields=fields).status_code == 200
    assert house.kept


def test_a_body_beyond_all_reason_is_refused(client: TestClient, house: House) -> None:
    assert post(client, b"x" * (mail_in.LARGEST_BODY + 1)).status_code == 413
    assert house.kept == ()


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ("application/x-www-form-urlencoded", b"email=x", 415),
        ("multipart/form-data", b"", 400),
        ("multipart/form-data; boundary=b", b"no form", 400),
        (
            "multipart/form-data; boundary=b",
            b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
            400,
        ),
    ],
)
def test_what_is_no_post_of_sendgrids_is_refused(
    client: TestClient, kind: str, body: bytes, status: int
) -> None:
    response = client.post(f"/mail/sendgrid/{SECRET}", content=body, headers={"Content-Type": kind})
    assert response.status_code == status


def test_lives_that_are_down_are_told_when_it_is_posted_again(client: TestClient, house: House) -> None:
    house.lives.is_down = True
    response = post(client)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "60")
    house.lives.is_down = False
    assert post(client).status_code == 200
    assert len(house.lives.told) == 1


def test_a_database_that_is_gone_is_not_now(client: TestClient, house: House) -> None:
    with house.database.store.session() as session:
        session.connection().exec_driver_sql("DROP TABLE mail_invitations")
    assert post(client).status_code == 503


async def test_a_database_that_hangs_is_not_now(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def take(_: bytes, __: Vouching) -> Why | None:
        await asyncio.sleep(60)
        return None

    monkeypatch.setattr(mail_in, "TAKES_S", 0.1)
    async with in_process(app_of(take, house)) as client:
        response = await client.post(f"/mail/sendgrid/{SECRET}", files={"email": (None, RAW)})
    assert response.status_code == 503


async def test_no_more_are_taken_at_once_than_there_is_room_for(house: House) -> None:
    go, full, begun = asyncio.Event(), asyncio.Event(), 0

    async def take(_: bytes, __: Vouching) -> Why | None:
        nonlocal begun
        begun += 1
        if begun == mail_in.IN_FLIGHT:
            full.set()
        await go.wait()
        raise RetryableError("down")

    async with in_process(app_of(take, house)) as client:
        path, files = f"/mail/sendgrid/{SECRET}", {"email": (None, RAW)}
        waiting = [asyncio.create_task(client.post(path, files=files)) for _ in range(mail_in.IN_FLIGHT)]
        await full.wait()
        assert (await asyncio.wait_for(client.post(path, files=files), 30)).status_code == 503
        assert not any(task.done() for task in waiting)
        go.set()
        assert {one.status_code for one in await asyncio.gather(*waiting)} == {503}


@pytest.mark.parametrize("secrets", [["short"], [SECRET, ""], ["é" * 20]])
def test_a_secret_that_can_be_guessed_is_a_mistake(house: House, secrets: list[str]) -> None:
    with pytest.raises(MisconfiguredError):
        mail_routes(take=house.desk.take, secrets=secrets)


def test_without_a_secret_there_is_no_hook(house: House) -> None:
    assert mail_routes(take=house.desk.take, secrets=[]) == []


def test_neither_secret_nor_person_is_logged(
    client: TestClient, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for raw in (RAW, answers.letter(Said()), None):
        post(client, raw)
    house.lives.is_down = True
    post(client)
    told = "\n".join(str(vars(record)) for record in caplog.records if record.name.startswith("integrations"))
    assert "mail.hook.postponed" in told
    assert not [word for word in (SECRET, PERSON, "corp.example", "Dupont") if word in told]


def in_process(app: Starlette) -> httpx.AsyncClient:
    """A client that may have many posts under way."""
    transport = httpx.ASGITransport(app)
    return httpx.AsyncClient(transport=transport, base_url="http://inbox.example", timeout=30)


async def bits(body: bytes) -> AsyncIterator[bytes]:
    """The body, a few octets at a time."""
    for at in range(0, len(body), 777):
        yield body[at : at + 777]


async def test_a_message_may_come_in_bits(house: House) -> None:
    request = httpx.Request(
        "POST", "http://x", files={"email": (None, RAW), **{k: (None, v) for k, v in PROVEN.items()}}
    )
    body = request.read()
    async with in_process(app_of(house.desk.take, house)) as client:
        kind = {"Content-Type": request.headers["Content-Type"]}
        response = await client.post(f"/mail/sendgrid/{SECRET}", content=bits(body), headers=kind)
    assert response.status_code == 200
    assert house.kept
