"""Mail by SMTP (RFC 5321): a company's relay in production, a local server in a rehearsal."""

import re
import smtplib
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

from integrations.errors import AmbiguousError, MisconfiguredError, RetryableError
from integrations.mail.headers import mail_address
from integrations.mail.mail import Mailer, Message
from integrations.mail.mime import Letter, compose
from integrations.mail.replies import (
    accepted,
    is_temporary,
    refused_letter,
    refused_recipient,
    refused_sender,
)

IDLE_LIMIT_S = 10.0
"""How long an unused connection is kept; Postfix and Exchange Online hang up on idle ones after minutes."""

LETTERS_PER_CONNECTION = 100
"""After so many letters a new connection is opened; many relays cap a session at this number."""

_START_INPUT = 354


class Smtp(Mailer):
    """Hands letters to one SMTP server, over connections that are kept for the next letter.

    Safe for many threads. Up to the last byte of a letter everything that fails is certainly unsent; from
    its first byte on a lost answer is ambiguous. `timeout_s` bounds each wait for the server, in seconds.
    """

    def __init__(  # noqa: PLR0913 -- one argument a setting
        self,
        host: str,
        port: int,
        *,
        sender_address: str,
        sender_name: str,
        user: str = "",
        password: str = "",
        starttls: bool = False,
        timeout_s: float = 20,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._host, self._port = host, port
        self._sender_address, self._sender_name = sender_address, sender_name
        self._user, self._password = user, password
        self._starttls = starttls
        self._timeout_s = timeout_s
        self._now = now
        self._idle: deque[_Connection] = deque()

    def send(self, message: Message, key: str) -> str:
        """Sends the message and returns its Message-ID, which the key alone decides."""
        letter = compose(
            message,
            key,
            sender_address=self._sender_address,
            sender_name=self._sender_name,
            written_at=self._now(),
        )
        connection = self._begin(letter)
        try:
            connection.address(letter)
            connection.hand_over(letter)
        except BaseException:
            connection.close()
            raise
        self._keep(connection)
        return letter.message_id

    def check(self) -> None:
        """Opens a session up to MAIL FROM, so that encryption, login and sender are seen to be accepted."""
        self._open(Letter(mail_address(self._sender_address), "", "", b"")).quit()

    def close(self) -> None:
        """Says goodbye on every connection that is kept."""
        while self._idle:
            self._idle.pop().quit()

    def _begin(self, letter: Letter) -> "_Connection":
        """A connection that has accepted the sender; one the server gave up meanwhile is replaced."""
        while self._idle:
            try:
                kept = self._idle.pop()
            except IndexError:  # another thread took the last one
                break
            if kept.is_fresh():
                try:
                    kept.announce(letter)
                except RetryableError:
                    kept.close()
                    continue
                except BaseException:
                    kept.close()
                    raise
                return kept
            kept.quit()
        return self._open(letter)

    def _open(self, letter: Letter) -> "_Connection":
        """A new connection, greeted, encrypted and logged in as the settings say."""
        connection = _Connection(self._host, self._port, self._timeout_s)
        try:
            if self._starttls:
                connection.encrypt()
            if self._user:
                connection.log_in(self._user, self._password)
            connection.announce(letter)
        except BaseException:
            connection.close()
            raise
        return connection

    def _keep(self, connection: "_Connection") -> None:
        """Leaves the connection to the next letter of any thread."""
        if connection.letters < LETTERS_PER_CONNECTION:
            self._idle.append(connection)
        else:
            connection.quit()


class _Connection:
    """One session with the server; every method tells what went wrong in our own errors."""

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        self.letters = 0
        self._used_at = time.monotonic()
        try:
            self._server = smtplib.SMTP(host, port, local_hostname=_own_name(), timeout=timeout_s)
        except (OSError, smtplib.SMTPException) as error:
            _unsent(error, "the greeting")
        self.introduce()

    def introduce(self) -> None:
        """EHLO, or HELO for an old server; what the server can do is asked again after STARTTLS."""
        try:
            self._server.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            _unsent(error, "EHLO")

    def is_fresh(self) -> bool:
        """Whether the server will still be there, as far as a clock can tell."""
        return time.monotonic() - self._used_at < IDLE_LIMIT_S

    def encrypt(self) -> None:
        """STARTTLS with a verified certificate; a server without it is a mistake in the settings."""
        try:
            self._server.starttls(context=ssl.create_default_context())
        except (OSError, smtplib.SMTPException) as error:
            _unsent(error, "STARTTLS")
        self.introduce()

    def log_in(self, user: str, password: str) -> None:
        """AUTH by the best method both sides know."""
        try:
            self._server.login(user, password)
        except (OSError, smtplib.SMTPException) as error:
            _unsent(error, "AUTH")

    def announce(self, letter: Letter) -> None:
        """MAIL FROM, with the size where the server wants to know it (RFC 1870)."""
        options = [f"SIZE={len(letter.content)}"] if self._server.has_extn("size") else []
        try:
            code, reply = self._server.mail(letter.sender, options)
        except (OSError, smtplib.SMTPException) as error:
            _unsent(error, "MAIL FROM")
        if not accepted(code):
            raise refused_sender(code, reply)

    def address(self, letter: Letter) -> None:
        """RCPT TO and DATA: the last steps at which a failure certainly sends nothing."""
        try:
            code, reply = self._server.rcpt(letter.recipient)
            if not accepted(code):
                raise refused_recipient(code, reply)
            code, reply = self._server.docmd("DATA")
        except (OSError, smtplib.SMTPException) as error:
            _unsent(error, "RCPT TO")
        if code != _START_INPUT:
            raise refused_letter(code)

    def hand_over(self, letter: Letter) -> None:
        """The letter itself, dot-stuffed (RFC 5321, section 4.5.2), and the server's word that it has it."""
        stuffed = re.sub(rb"(?m)^\.", b"..", letter.content)
        ending = b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n"
        try:
            self._server.send(stuffed + ending)
            code, _ = self._server.getreply()
        except (OSError, smtplib.SMTPException) as error:
            raise AmbiguousError("the SMTP server was lost before it confirmed a letter") from error
        if not accepted(code):
            raise refused_letter(code)
        self.letters += 1
        self._used_at = time.monotonic()

    def quit(self) -> None:
        """Ends the session politely; what goes wrong here concerns no letter."""
        try:
            self._server.quit()
        except (OSError, smtplib.SMTPException):
            self.close()

    def close(self) -> None:
        """Drops the session."""
        self._server.close()


def _own_name() -> str:
    """The name for EHLO: the host's where it is a full one, else an address literal (RFC 5321, 4.1.3).

    smtplib would ask the DNS for it, once a connection.
    """
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _unsent(error: Exception, step: str) -> NoReturn:
    """Translates what stopped a session before any letter was written."""
    if isinstance(error, smtplib.SMTPResponseException):
        kind = RetryableError if is_temporary(error.smtp_code) else MisconfiguredError
        raise kind(f"the SMTP server answered {step} with {error.smtp_code}; see its log") from error
    if isinstance(error, smtplib.SMTPNotSupportedError):
        raise MisconfiguredError(f"the SMTP server offers no {step}; correct the SMTP settings") from error
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        raise MisconfiguredError(f"TLS with the SMTP server failed: {error.reason}") from error
    if isinstance(error, smtplib.SMTPServerDisconnected) or not isinstance(error, smtplib.SMTPException):
        raise RetryableError(f"the SMTP server was not reached for {step}: {type(error).__name__}") from error
    raise MisconfiguredError(f"the SMTP server and this client share no way of {step}") from error
