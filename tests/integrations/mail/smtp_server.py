"""An SMTP server in a thread that can be as nasty as real ones."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

PASSWORD = "correct horse"


@dataclass(frozen=True)
class Delivery:
    """What came over the wire for one letter."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    over_tls: bool
    login: str


class SmtpServer:
    """Takes letters, unless told what to answer instead."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, knows_auth: bool = False) -> None:
        self.deliveries: list[Delivery] = []
        self.connections = 0
        self.answers: dict[str, str] = {}
        """`MAIL`, `RCPT` or `DATA` → the whole reply line."""
        self.drops_after_data = False
        self.hangs_after_data = False
        self.hangs_up_after_each = False
        self.hung_up = threading.Event()
        self._tls, self._knows_auth = tls, knows_auth
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._listening: asyncio.Server | None = None
        self.port = 0

    def start(self) -> None:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(60)

    def stop(self) -> None:
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(60)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(60)
            self._loop.close()

    async def _listen(self) -> None:
        self._listening = await self._loop.create_server(self._session, "127.0.0.1", 0)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        assert self._listening is not None
        self._listening.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _session(self) -> SMTP:
        self.connections += 1
        return SMTP(
            self,
            hostname="mx.test",
            tls_context=self._tls,
            authenticator=_check if self._knows_auth else None,
            auth_require_tls=self._tls is not None,
            auth_exclude_mechanism=["LOGIN"],
            loop=self._loop,
        )

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" not in self.answers:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 2.1.0 fine")

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if "RCPT" not in self.answers:
            envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 2.1.5 fine")

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        assert envelope.mail_from is not None
        self.deliveries.append(
            Delivery(
                envelope.mail_from,
                tuple(envelope.rcpt_tos),
                envelope.content,
                session.ssl is not None,
                str(session.auth_data) if session.authenticated else "",
            )
        )
        if self.drops_after_data:
            server.transport.abort()
        if self.hangs_after_data:
            await asyncio.sleep(30)
        if self.hangs_up_after_each:
            self._loop.call_later(0.02, self._hang_up, server.transport)
        return self.answers.get("DATA", "250 2.0.0 kept")

    def _hang_up(self, transport: asyncio.Transport) -> None:
        transport.close()
        self._loop.call_soon(self.hung_up.set)  # runs after what closes the socket


def _check(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: LoginPassword
) -> AuthResult:
    user = data.login.decode()
    return AuthResult(success=data.password == PASSWORD.encode(), handled=False, auth_data=user)


@contextmanager
def scripted(greeting: bytes, *replies: bytes) -> Iterator[int]:
    """A server that greets, says one line after each it is sent, then hangs up; yields its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            with suppress(OSError):
                connection, _ = listener.accept()
                with connection, connection.makefile("rb") as lines:
                    connection.sendall(greeting)
                    for reply in replies:
                        lines.readline()
                        connection.sendall(reply)

        thread = threading.Thread(target=talk, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.close()
        thread.join(60)
