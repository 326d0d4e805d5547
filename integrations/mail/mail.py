"""The mail port: one message to one recipient, sent or not, or not known."""

from collections.abc import Mapping
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field


class Attachment(BaseModel):
    """A file that comes with a message."""

    model_config = ConfigDict(frozen=True)

    filename: str = Field(pattern=r"^[A-Za-z0-9._-]{1,80}$")
    content_type: str = Field(pattern=r"^[a-z]+/[a-z0-9.+-]+(; ?[a-z]+=[A-Za-z0-9-]+)*$")
    content: bytes


class Message(BaseModel):
    """One letter, ready to go: plain text first, HTML second, a calendar part where there is one.

    `calendar` is iMIP text (RFC 6047) with its `calendar_method`. `headers` are added as they are.
    """

    model_config = ConfigDict(frozen=True)

    to_address: str
    to_name: str
    subject: str
    text: str
    html: str
    reply_to: str = ""
    headers: Mapping[str, str] = {}
    attachments: tuple[Attachment, ...] = ()
    calendar: str = ""
    calendar_method: str = "REQUEST"


class Mailer(Protocol):
    """Hands messages to one provider. Blocks."""

    def send(self, message: Message, key: str) -> str:
        """Sends the message and returns the provider's receipt; `key` travels along for later questions.

        Raises RetryableError where it certainly did not go out, AmbiguousError where it may have,
        InvalidError or PersonUnavailableError where it never will.
        """
        ...

    def check(self) -> None:
        """Asks the provider whether it would take letters of ours, sending none.

        Raises MisconfiguredError where it would not, RetryableError where it does not answer.
        """
        ...
