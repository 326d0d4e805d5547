"""Both mail adapters with the server each speaks to, behind one face for the suite of the port."""

import base64
from abc import ABC, abstractmethod
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from enum import StrEnum
from typing import Any

from integrations.mail.mail import Mailer
from integrations.mail.sendgrid import KEY_ARGUMENT, SendGrid
from integrations.mail.smtp import Smtp
from tests.integrations.mail.sendgrid_server import KEY, Answer, SendGridServer
from tests.integrations.mail.smtp_server import PASSWORD, SmtpServer

SENDER = "mentoring@acme.example"
SENDER_NAME = "Programme de mentorat inversé"


class Trouble(StrEnum):
    """What can go wrong at any provider."""

    UNREACHABLE = "unreachable"
    BUSY = "busy"
    LOST = "lost"
    SILENT = "silent"
    FAILED = "failed"
    TOO_BIG = "too-big"
    WRONG_LOGIN = "wrong-login"


@dataclass(frozen=True)
class Arrived:
    """One letter as its recipient's side sees it."""

    sender: tuple[str, str]
    to: tuple[str, str]
    subject: str
    text: str
    html: str
    reply_to: str
    headers: dict[str, str]
    calendar: tuple[str, str]
    """Method and text."""
    files: tuple[tuple[str, str, bytes], ...]


class Post(ABC):
    """A provider and the adapter that speaks to it."""

    @abstractmethod
    def mailer(self, *, timeout_s: float = 60) -> Mailer: ...

    @abstractmethod
    def make(self, trouble: Trouble) -> None: ...

    @abstractmethod
    def arrived(self, *, newest: int = 0) -> list[Arrived]:
        """The newest letters, oldest first; all for 0."""

    @abstractmethod
    def stop(self) -> None: ...


class SmtpPost(Post):
    def __init__(self) -> None:
        self.server = SmtpServer(knows_auth=True)
        self.server.start()
        self.password = PASSWORD

    def mailer(self, *, timeout_s: float = 60) -> Smtp:
        return Smtp(
            "127.0.0.1",
            self.server.port,
            sender_address=SENDER,
            sender_name=SENDER_NAME,
            user="us",
            password=self.password,
            timeout_s=timeout_s,
        )

    def make(self, trouble: Trouble) -> None:
        match trouble:
            case Trouble.UNREACHABLE:
                self.server.stop()
            case Trouble.BUSY:
                self.server.answers["RCPT"] = "451 4.7.1 greylisted"
            case Trouble.LOST | Trouble.FAILED:
                self.server.drops_after_data = True
            case Trouble.SILENT:
                self.server.hangs_after_data = True
            case Trouble.TOO_BIG:
                self.server.answers["DATA"] = "552 5.3.4 too big"
            case Trouble.WRONG_LOGIN:
                self.password = "hunter2"

    def arrived(self, *, newest: int = 0) -> list[Arrived]:
        return [read(delivery.content) for delivery in self.server.deliveries[-newest:]]

    def stop(self) -> None:
        self.server.stop()


class SendGridPost(Post):
    def __init__(self) -> None:
        self.server = SendGridServer()
        self.server.start()
        self.key = KEY

    def mailer(self, *, timeout_s: float = 60) -> SendGrid:
        return SendGrid(
            self.key,
            sender_address=SENDER,
            sender_name=SENDER_NAME,
            base_url=self.server.url,
            timeout_s=timeout_s,
        )

    def make(self, trouble: Trouble) -> None:
        match trouble:
            case Trouble.UNREACHABLE:
                self.server.stop()
            case Trouble.BUSY:
                self.server.answer = Answer(429)
            case Trouble.LOST:
                self.server.drops = True
            case Trouble.FAILED:
                self.server.answer = Answer(500)
            case Trouble.SILENT:
                self.server.hangs = True
            case Trouble.TOO_BIG:
                self.server.answer = Answer(413)
            case Trouble.WRONG_LOGIN:
                self.key = "SG.hunter2"

    def arrived(self, *, newest: int = 0) -> list[Arrived]:
        return [_from_json(letter) for letter in self.server.letters[-newest:]]

    def stop(self) -> None:
        self.server.stop()


OWN_HEADERS = {"from", "to", "subject", "reply-to", "date", "mime-version", "content-type"}


def read(content: bytes) -> Arrived:
    """A letter as a mail reader takes it apart."""
    letter = message_from_bytes(content, policy=policy.default)
    assert isinstance(letter, EmailMessage)
    assert not letter.defects, letter.defects
    mixed = letter.get_content_type() == "multipart/mixed"
    body = next(letter.iter_parts()) if mixed else letter
    parts: dict[str, Any] = {part.get_content_type(): part for part in body.walk()}
    calendar = parts.get("text/calendar")
    raw = message_from_bytes(content)
    return Arrived(
        sender=_mailbox(raw["From"]),
        to=_mailbox(raw["To"]),
        subject=str(letter["Subject"]),
        text=_text(parts.get("text/plain")),
        html=_text(parts.get("text/html")),
        reply_to=str(letter["Reply-To"] or ""),
        headers={name: str(value) for name, value in letter.items() if name.lower() not in OWN_HEADERS},
        calendar=(calendar["Content-Type"].params["method"], _calendar(calendar)) if calendar else ("", ""),
        files=tuple(
            (part.get_filename() or "", part.get_content_type(), part.get_payload(decode=True))  # type: ignore[misc]
            for part in (letter.iter_attachments() if mixed else ())
        ),
    )


def _mailbox(raw: str) -> tuple[str, str]:
    """Address and name; what folds a line is no part of a name (RFC 2047, section 6.2)."""
    ((name, address),) = getaddresses([raw.replace("\r\n", "")])
    return address, str(make_header(decode_header(name))) if name else ""


def _text(part: EmailMessage | None) -> str:
    """The part with plain line ends, without the last one, which MIME adds."""
    return part.get_content().replace("\r\n", "\n").removesuffix("\n") if part else ""


def _calendar(part: Any) -> str:
    return str(part.get_payload(decode=True).decode())


def _from_json(body: dict[str, Any]) -> Arrived:
    (personalization,) = body["personalizations"]
    (to,) = personalization["to"]
    content = {part["type"].partition(";")[0]: part for part in body["content"]}
    calendar = content.get("text/calendar", {"type": "", "value": ""})
    return Arrived(
        sender=(body["from"]["email"], body["from"].get("name", "")),
        to=(to["email"], to.get("name", "")),
        subject=body["subject"],
        text=content["text/plain"]["value"],
        html=content.get("text/html", {"value": ""})["value"],
        reply_to=body.get("reply_to", {"email": ""})["email"],
        headers=body["headers"],
        calendar=(calendar["type"].partition("method=")[2], calendar["value"]),
        files=tuple(
            (file["filename"], file["type"], base64.b64decode(file["content"]))
            for file in body.get("attachments", ())
        ),
    )


def key_of(body: dict[str, Any]) -> str:
    """The key that SendGrid's event webhook will bring back."""
    return str(body["personalizations"][0]["custom_args"][KEY_ARGUMENT])
