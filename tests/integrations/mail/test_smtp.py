"""Mail by SMTP, against servers as nasty as real ones."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.errors import (
    AmbiguousError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    PersonUnavailableError,
    RetryableError,
)
from integrations.mail.mail import Message
from integrations.mail.smtp import LETTERS_PER_CONNECTION, Smtp
from tests.integrations.mail.posts import SENDER, SENDER_NAME, SmtpPost
from tests.integrations.mail.smtp_server import PASSWORD, SmtpServer, scripted

KEY = "pairing/p-7/session/3/invitation/2"


def plain(port: int, *, timeout_s: float = 60) -> Smtp:
    return Smtp("127.0.0.1", port, sender_address=SENDER, sender_name=SENDER_NAME, timeout_s=timeout_s)


@pytest.mark.parametrize(
    ("step", "answer", "kind"),
    [
        ("MAIL", "421 4.3.2 closing", RetryableError),
        ("MAIL", "451 4.3.0 later", RetryableError),
        ("MAIL", "530 5.7.0 authenticate first", MisconfiguredError),
        ("MAIL", "550 5.7.1 sender refused", MisconfiguredError),
        ("MAIL", "552 5.3.4 too big", InvalidError),
        ("RCPT", "421 4.3.2 closing", RetryableError),
        ("RCPT", "450 4.2.1 mailbox busy", RetryableError),
        ("RCPT", "451 4.7.1 greylisted", RetryableError),
        ("RCPT", "452 4.2.2 mailbox full", RetryableError),
        ("RCPT", "501 5.1.3 bad address", InvalidError),
        ("RCPT", "550 5.1.1 no such user", PersonUnavailableError),
        ("RCPT", "550 5.1.3 bad address", InvalidError),
        ("RCPT", "551 5.1.6 moved", PersonUnavailableError),
        ("RCPT", "553 no such mailbox", PersonUnavailableError),
        ("RCPT", "530 5.7.0 authenticate first", MisconfiguredError),
        ("RCPT", "554 5.7.1 relay access denied", MisconfiguredError),
        ("DATA", "451 4.3.0 later", RetryableError),
        ("DATA", "552 5.3.4 too big", InvalidError),
        ("DATA", "554 5.6.0 content refused", InvalidError),
        ("DATA", "354 once more", AmbiguousError),
    ],
)
def test_refusal_is_told_apart_by_step_and_code(
    smtp: SmtpPost, message: Message, step: str, answer: str, kind: type[IntegrationError]
) -> None:
    smtp.server.answers[step] = answer

    with pytest.raises(IntegrationError) as told:
        smtp.mailer().send(message, KEY)

    assert type(told.value) is kind


@pytest.mark.parametrize(
    ("greeting", "replies", "kind"),
    [
        (b"421 4.3.2 too many connections\r\n", (), RetryableError),
        (b"554 5.3.2 no service here\r\n", (), MisconfiguredError),
        (b"", (), RetryableError),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", (), RetryableError),
        (b"220 mx\r\n", (), RetryableError),
        (b"220 mx\r\n", (b"500 what\r\n", b"502 no\r\n"), MisconfiguredError),
        (b"220 mx\r\n", (b"250 mx\r\n", b"250 ok\r\n"), RetryableError),
        (b"220 mx\r\n", (b"250 mx\r\n", b"250 ok\r\n", b"250 ok\r\n"), RetryableError),
        (b"220 mx\r\n", (b"250 mx\r\n", b"250 ok\r\n", b"250 ok\r\n", b"554 no\r\n"), InvalidError),
        (b"220 mx\r\n", (b"250 mx\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"), AmbiguousError),
        (
            b"220 mx\r\n",
            (b"250 mx\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"?\r\n"),
            AmbiguousError,
        ),
    ],
    ids=range(11),
)
def test_session_that_breaks_off_is_retryable_until_the_letter_is_written(
    message: Message, greeting: bytes, replies: tuple[bytes, ...], kind: type[IntegrationError]
) -> None:
    with scripted(greeting, *replies) as port, pytest.raises(IntegrationError) as told:
        plain(port).send(message, KEY)

    assert type(told.value) is kind


def test_unknown_host_is_retryable(message: Message) -> None:
    mailer = Smtp("mail.invalid", 25, sender_address=SENDER, sender_name=SENDER_NAME, timeout_s=2)

    with pytest.raises(RetryableError):
        mailer.send(message, KEY)


def test_server_without_auth_is_misconfigured(message: Message) -> None:
    with scripted(b"220 mx\r\n", b"250 mx\r\n") as port:
        mailer = Smtp("127.0.0.1", port, sender_address=SENDER, sender_name=SENDER_NAME, user="us")
        with pytest.raises(MisconfiguredError):
            mailer.send(message, KEY)


def test_server_without_starttls_is_misconfigured(message: Message) -> None:
    with scripted(b"220 mx\r\n", b"250 mx\r\n") as port:
        mailer = Smtp("127.0.0.1", port, sender_address=SENDER, sender_name=SENDER_NAME, starttls=True)
        with pytest.raises(MisconfiguredError):
            mailer.send(message, KEY)


def test_login_that_is_refused_for_now_is_retryable(message: Message) -> None:
    replies = (b"250-mx\r\n250 AUTH PLAIN\r\n", b"454 4.7.0 later\r\n")
    with scripted(b"220 mx\r\n", *replies) as port:
        mailer = Smtp("127.0.0.1", port, sender_address=SENDER, sender_name=SENDER_NAME, user="us")
        with pytest.raises(RetryableError):
            mailer.send(message, KEY)


def test_envelope_names_sender_and_the_one_recipient(smtp: SmtpPost, message: Message) -> None:
    smtp.mailer().send(message, KEY)

    (delivery,) = smtp.server.deliveries
    assert (delivery.sender, delivery.recipients, delivery.login) == (SENDER, ("zoe@acme.example",), "us")


def test_wire_carries_ascii_in_lines_that_every_server_takes(smtp: SmtpPost, message: Message) -> None:
    long = {"text": "é" * 3000, "html": f"<p>{'x' * 5000}</p>", "to_name": "é" * 120}
    for letter in (message, message.model_copy(update=long)):
        smtp.mailer().send(letter, KEY)

    for content in (delivery.content for delivery in smtp.server.deliveries):
        assert content.isascii()
        assert b"\n" not in content.replace(b"\r\n", b"")
        head, _, body = content.partition(b"\r\n\r\n")
        assert max(len(line) for line in body.split(b"\r\n")) <= 76
        assert max(len(line) for line in head.split(b"\r\n") if b"List-Unsubscribe" not in line) <= 78


def test_date_is_the_clocks(smtp: SmtpPost, message: Message) -> None:
    written_at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    Smtp(
        "127.0.0.1",
        smtp.server.port,
        sender_address=SENDER,
        sender_name=SENDER_NAME,
        now=lambda: written_at,
    ).send(message, KEY)

    (letter,) = smtp.arrived()
    assert letter.headers.keys() == {"Auto-Submitted", "List-Unsubscribe", "Message-ID"}
    date = next(
        line[6:]
        for line in smtp.server.deliveries[0].content.decode().split("\r\n")
        if line.startswith("Date: ")
    )
    assert parsedate_to_datetime(date) - written_at == timedelta()


def test_connection_is_used_for_the_next_letter(smtp: SmtpPost, message: Message) -> None:
    mailer = smtp.mailer()
    for number in range(LETTERS_PER_CONNECTION):
        mailer.send(message, str(number))
    assert smtp.server.connections == 1

    mailer.send(message, "one more")

    assert smtp.server.connections == 2


def test_connection_the_server_gave_up_is_replaced_unnoticed(smtp: SmtpPost, message: Message) -> None:
    smtp.server.hangs_up_after_each = True
    mailer = smtp.mailer()
    mailer.send(message, "first")
    assert smtp.server.hung_up.wait(60)

    mailer.send(message, "second")

    assert len(smtp.arrived()) == 2
    assert smtp.server.connections == 2


def test_connection_that_rested_too_long_is_not_used_again(
    smtp: SmtpPost, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.mail.smtp.IDLE_LIMIT_S", 0)
    mailer = smtp.mailer()
    mailer.send(message, "first")
    mailer.send(message, "second")

    assert smtp.server.connections == 2


def test_closed_mailer_keeps_no_connection(smtp: SmtpPost, message: Message) -> None:
    mailer = smtp.mailer()
    mailer.send(message, "first")
    mailer.close()
    mailer.send(message, "second")

    assert smtp.server.connections == 2


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mx.test")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "mx.pem"
    file.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[SmtpServer]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = SmtpServer(tls=context, knows_auth=True)
    server.start()
    yield server
    server.stop()


def encrypted(port: int, *, user: str = "us") -> Smtp:
    return Smtp(
        "127.0.0.1",
        port,
        sender_address=SENDER,
        sender_name=SENDER_NAME,
        user=user,
        password=PASSWORD,
        starttls=True,
        timeout_s=60,
    )


@pytest.mark.parametrize("user", ["us", ""], ids=["login", "no-login"])
def test_starttls_encrypts_before_login_and_letter(
    tls_server: SmtpServer, certificate: Path, message: Message, monkeypatch: pytest.MonkeyPatch, user: str
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    encrypted(tls_server.port, user=user).send(message, KEY)

    (delivery,) = tls_server.deliveries
    assert (delivery.over_tls, delivery.login) == (True, user)


def test_certificate_nobody_vouches_for_is_misconfigured(tls_server: SmtpServer, message: Message) -> None:
    with pytest.raises(MisconfiguredError):
        encrypted(tls_server.port).send(message, KEY)

    assert tls_server.deliveries == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("550 5.7.1 not yours to send from", MisconfiguredError), ("451 4.3.0 later", RetryableError)],
)
def test_check_finds_a_sender_that_is_refused(smtp: SmtpPost, answer: str, kind: type[Exception]) -> None:
    smtp.server.answers["MAIL"] = answer
    with pytest.raises(kind):
        smtp.mailer().check()
