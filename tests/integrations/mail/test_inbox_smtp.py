"""The mailbox of answers, met by a real client on loopback."""

import asyncio
import logging
import re
import smtplib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

import worker
from integrations.errors import IntegrationError, MisconfiguredError, RetryableError
from integrations.mail import inbox_smtp
from integrations.mail.inbox_smtp import SmtpInbox, server_tls
from integrations.mail.incoming import LARGEST_MAIL, Why
from integrations.mail.vouching import by_relay
from integrations.rehearsal.ports import free_port
from integrations.settings import Settings
from tests.integrations.calendars.tls import authority
from tests.integrations.mail import answers
from tests.integrations.mail.answers import MAILBOX, PERSON, Said
from tests.integrations.mail.desk import UID, House, house_in

RAW = re.sub(rb"\r?\n", b"\r\n", answers.outlook(Said(uid=UID)))
T = TypeVar("T")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with house_in(tmp_path) as house:
        yield house


@asynccontextmanager
async def opened(take: Callable[[bytes], Awaitable[Why | None]], **told: Any) -> AsyncIterator[SmtpInbox]:
    async with SmtpInbox(take, address=MAILBOX, host="127.0.0.1", port=0, **told) as inbox:
        yield inbox


def desk_of(house: House) -> Callable[[bytes], Awaitable[Why | None]]:
    return lambda raw: house.desk.take(raw, by_relay(""))


async def with_client(inbox: SmtpInbox, act: Callable[[smtplib.SMTP], T]) -> T:
    def talk() -> T:
        with smtplib.SMTP("127.0.0.1", inbox.port, timeout=60, local_hostname="relay.test") as client:
            return act(client)

    return await asyncio.to_thread(talk)


async def send(inbox: SmtpInbox, raw: bytes = RAW, to: str = MAILBOX, sender: str = PERSON) -> int:
    """The code of the reply to the whole letter."""

    def act(client: smtplib.SMTP) -> int:
        try:
            client.sendmail(sender, [to], re.sub(rb"\r?\n", b"\r\n", raw))
        except smtplib.SMTPRecipientsRefused as error:
            return next(iter(error.recipients.values()))[0]
        except smtplib.SMTPResponseException as error:
            return error.smtp_code
        return 250

    return await with_client(inbox, act)


async def nothing(_: bytes) -> Why | None:
    return None


async def test_an_answer_that_is_sent_is_kept_and_told(house: House) -> None:
    async with opened(desk_of(house)) as inbox:
        assert await send(inbox) == 250
    assert [one.person_ref for one in house.kept] == [house.mentee]
    assert len(house.lives.told) == 1


async def test_a_letter_arrives_byte_for_byte() -> None:
    taken: list[bytes] = []

    async def take(raw: bytes) -> Why | None:
        taken.append(raw)
        return None

    raw = b"From: a@b.example\r\n\r\n.dot\r\n\xe9\xff 8 bit\r\n"
    async with opened(take) as inbox:
        assert await send(inbox, raw) == 250
    assert taken == [raw]


@pytest.mark.parametrize(
    ("to", "code"), [(MAILBOX.title(), 250), ("other@programme.example", 550), ("postmaster", 550)]
)
async def test_there_is_one_mailbox(to: str, code: int) -> None:
    async with opened(nothing) as inbox:
        assert await send(inbox, to=to) == code


async def test_a_letter_too_large_is_refused_by_its_size_and_by_its_octets() -> None:
    large = b"x" * (LARGEST_MAIL + 100)

    def announced(client: smtplib.SMTP) -> tuple[bool, int]:
        client.ehlo()
        return client.has_extn("size"), client.mail(PERSON, [f"SIZE={len(large)}"])[0]

    def unannounced(client: smtplib.SMTP) -> int:
        client.helo()
        client.mail(PERSON)
        client.rcpt(MAILBOX)
        return client.data(b"\r\n".join([b"x" * 900] * (LARGEST_MAIL // 900 + 10)))[0]

    async with opened(nothing) as inbox:
        assert await with_client(inbox, announced) == (True, 552)
        assert await with_client(inbox, unannounced) == 552


@pytest.mark.parametrize("error", [RetryableError("down"), IntegrationError("no"), KeyError(PERSON)])
async def test_what_cannot_be_taken_now_is_asked_for_again(error: Exception) -> None:
    async def take(_: bytes) -> Why | None:
        raise error

    async with opened(take) as inbox:
        assert await send(inbox) == 451


async def test_a_database_that_hangs_is_a_temporary_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    async def take(_: bytes) -> Why | None:
        await asyncio.sleep(60)
        return None

    monkeypatch.setattr(inbox_smtp, "TAKES_S", 0.1)
    async with opened(take) as inbox:
        assert await send(inbox) == 451


async def test_a_database_that_is_gone_is_a_temporary_failure(house: House) -> None:
    with house.database.store.session() as session:
        session.connection().exec_driver_sql("DROP TABLE mail_invitations")
    async with opened(desk_of(house)) as inbox:
        assert await send(inbox) == 451


@pytest.mark.parametrize(
    ("program", "sender", "code"),
    [
        (answers.letter, PERSON, 550),
        (answers.rich_text, PERSON, 550),
        (answers.letter, "", 250),
        (answers.out_of_office, PERSON, 250),
    ],
)
async def test_a_persons_own_words_go_back_to_them_and_a_machines_do_not(
    house: House, program: Callable[[Said], bytes], sender: str, code: int
) -> None:
    async with opened(desk_of(house)) as inbox:
        assert await send(inbox, program(Said(uid=UID)), sender=sender) == code
    assert house.kept == ()


async def test_only_networks_that_are_allowed_may_send() -> None:
    async with opened(nothing, peers=["10.0.0.0/8", "127.0.0.0/8"]) as inbox:
        assert await send(inbox) == 250
    async with opened(nothing, peers=["10.0.0.0/8"]) as inbox:
        assert await send(inbox) == 554


async def test_a_relay_that_must_encrypt_can(tmp_path: Path) -> None:
    trusted, server = authority(tmp_path, "127.0.0.1")

    def encrypted(client: smtplib.SMTP) -> tuple[int, int]:
        client.ehlo()
        plain = client.mail(PERSON)[0]
        client.starttls(context=ssl.create_default_context(cafile=str(trusted)))
        client.ehlo()
        client.mail(PERSON)
        client.rcpt(MAILBOX)
        return plain, client.data(RAW)[0]

    async with opened(nothing, tls=server, needs_tls=True) as inbox:
        assert await with_client(inbox, encrypted) == (530, 250)


async def test_the_certificate_of_the_settings_makes_the_relay_encrypt(tmp_path: Path, house: House) -> None:
    trusted, _ = authority(tmp_path, "127.0.0.1")
    told = {"answers_address": MAILBOX, "answers_smtp_certificate": tmp_path / "server.pem"}
    settings = Settings.model_validate({**told, "answers_smtp_port": free_port()})

    def encrypted(client: smtplib.SMTP) -> tuple[int, int]:
        client.ehlo()
        plain = client.mail(PERSON)[0]
        client.starttls(context=ssl.create_default_context(cafile=str(trusted)))
        client.ehlo()
        return plain, client.mail(PERSON)[0]

    def plainly(client: smtplib.SMTP) -> int:
        client.ehlo()
        return client.mail(PERSON)[0]

    async with worker._mailbox(settings, house.desk) as inbox:
        assert await with_client(inbox, encrypted) == (530, 250)
    plain = settings.model_copy(update={"answers_smtp_certificate": None})
    async with worker._mailbox(plain, house.desk) as inbox:
        assert await with_client(inbox, plainly) == 250


@pytest.mark.parametrize("content", [b"", b"no certificate", None])
def test_a_certificate_that_is_none_is_a_mistake(tmp_path: Path, content: bytes | None) -> None:
    pem = tmp_path / "mailbox.pem"
    if content is not None:
        pem.write_bytes(content)
    with pytest.raises(MisconfiguredError, match="certificate"):
        server_tls(pem)


def test_asking_for_tls_without_a_certificate_is_a_mistake() -> None:
    with pytest.raises(MisconfiguredError):
        SmtpInbox(nothing, address=MAILBOX, host="127.0.0.1", port=0, needs_tls=True)


def test_a_network_that_is_none_is_a_mistake() -> None:
    with pytest.raises(MisconfiguredError):
        SmtpInbox(nothing, address=MAILBOX, host="127.0.0.1", port=0, peers=["the office"])


async def test_a_place_that_is_taken_is_a_mistake() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        inbox = SmtpInbox(nothing, address=MAILBOX, host="127.0.0.1", port=taken.getsockname()[1])
        with pytest.raises(MisconfiguredError):
            await inbox.__aenter__()


async def test_it_tells_nothing_of_mailboxes_and_logs_nobody_in() -> None:
    def act(client: smtplib.SMTP) -> tuple[int, bool]:
        client.ehlo()
        return client.verify(MAILBOX)[0], client.has_extn("auth")

    async with opened(nothing) as inbox:
        assert await with_client(inbox, act) == (252, False)


async def test_a_client_that_will_not_end_is_sent_away() -> None:
    def act(client: smtplib.SMTP) -> int:
        for _ in range(60):
            code = client.docmd("NOOP")[0]
            if code != 250:
                client.close()
                return code
        return 250

    async with opened(nothing) as inbox:
        assert await with_client(inbox, act) == 421


async def test_closing_hangs_up_on_who_is_still_there() -> None:
    def greeted(port: int) -> socket.socket:
        client = socket.create_connection(("127.0.0.1", port), timeout=60)
        client.recv(1024)
        return client

    async with opened(nothing) as inbox:
        client = await asyncio.to_thread(greeted, inbox.port)
    with client:
        assert await asyncio.to_thread(_is_over, client)


def _is_over(client: socket.socket) -> bool:
    try:
        return client.recv(1024) == b""
    except ConnectionError:
        return True


async def test_no_address_is_logged(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    async with opened(desk_of(house)) as inbox:
        await send(inbox)
        await send(inbox, to="other@programme.example")
    told = "\n".join(f"{record.getMessage()} {vars(record)}" for record in caplog.records)
    assert "mail.reply.kept" in told
    assert "@" not in told
