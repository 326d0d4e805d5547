"""Answers by SMTP (RFC 5321): the mailbox of invitations, to which the company's relay hands over."""

import asyncio
import ipaddress
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Final, Self

from aiosmtpd.smtp import SMTP, Envelope, Session

from integrations.calendars.ics import plain_address
from integrations.errors import MisconfiguredError, RetryableError
from integrations.mail.incoming import LARGEST_MAIL, Why

TAKEN: Final = "250 2.0.0 taken"
LATER: Final = "451 4.3.0 not taken now; send it again"
NOT_HERE: Final = "550 5.1.1 no such mailbox here"
NOT_FROM_THERE: Final = "554 5.7.1 not taken from there"
ANSWERS_ONLY: Final = "550 5.6.0 this mailbox reads the answers of calendars only; please reply to the letter"
TAKES_S: Final = 20.0
_IDLE_S: Final = 60.0
_MOST_COMMANDS: Final = 50
# The return path of bounces, which are never answered (RFC 5321, section 4.5.5), as aiosmtpd has it.
_NOBODY: Final = frozenset({None, "", "<>"})

# They write addresses: `mail.log` at INFO.
logging.getLogger("mail").setLevel(logging.ERROR)
_logger = logging.getLogger(__name__)

Take = Callable[[bytes], Awaitable[Why | None]]
"""Takes a message; says why it is no answer, and raises RetryableError where it cannot be taken now."""


def server_tls(pem: Path) -> ssl.SSLContext:
    """What a PEM file with key and certificate makes of a server; MisconfiguredError where it is none."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(pem)
    except (OSError, ssl.SSLError, ValueError):
        raise MisconfiguredError(
            "the certificate of the mailbox of answers cannot be read; it is a PEM file with its key"
        ) from None
    return context


class SmtpInbox:
    """One mailbox on the running loop, from `async with` on; it takes mail for `address` and no other.

    `peers` are the networks that may connect, as in `10.0.0.0/8`; none means all. With a `tls` context
    STARTTLS is offered, and with `needs_tls` it is asked for. Port 0 takes a free one.
    """

    def __init__(  # noqa: PLR0913 - an address, a place to listen, and who may come
        self,
        take: Take,
        *,
        address: str,
        host: str,
        port: int,
        peers: Sequence[str] = (),
        tls: ssl.SSLContext | None = None,
        needs_tls: bool = False,
    ) -> None:
        if needs_tls and tls is None:
            raise MisconfiguredError("the mailbox of answers can ask for TLS only with a certificate")
        self._handler = _Handler(take, address, _networks(peers))
        self._place = (host, port)
        self._tls = tls
        self._needs_tls = needs_tls
        self._sessions: set[_Session] = set()
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on."""
        if self._server is None:
            raise RuntimeError("the mailbox of answers is not open")
        return int(self._server.sockets[0].getsockname()[1])

    async def __aenter__(self) -> Self:
        """Listens; raises MisconfiguredError where the place is taken."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._session, *self._place)
        except OSError as error:
            raise MisconfiguredError(
                f"the mailbox of answers cannot listen on {self._place[0]}:{self._place[1]} "
                f"({error.strerror}); choose a free port or stop what uses it"
            ) from error
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stops listening and hangs up: what was not confirmed is sent again."""
        if self._server:
            self._server.close()
            for session in tuple(self._sessions):
                session.hang_up()
            await self._server.wait_closed()
        self._server = None

    def _session(self) -> "_Session":
        return _Session(
            self._handler,
            self._sessions,
            data_size_limit=LARGEST_MAIL,
            # Without a name it would ask the DNS for its own, once a connection.
            hostname=self._handler.address.rpartition("@")[2],
            ident="SMTP",
            tls_context=self._tls,
            require_starttls=self._needs_tls,
            auth_exclude_mechanism=["LOGIN", "PLAIN"],
            command_call_limit=_MOST_COMMANDS,
            timeout=_IDLE_S,
            loop=asyncio.get_running_loop(),
        )


class _Session(SMTP):
    """A session that is known while it lasts."""

    def __init__(self, handler: "_Handler", sessions: "set[_Session]", **told: object) -> None:
        super().__init__(handler, **told)  # type: ignore[arg-type]
        self._sessions = sessions

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins, or begins anew over TLS."""
        self._sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Ends."""
        self._sessions.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> None:
        """Drops the connection."""
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()


class _Handler:
    """What is answered; aiosmtpd calls each verb by its name."""

    def __init__(self, take: Take, address: str, peers: Sequence["_Network"]) -> None:
        self.address = plain_address(address)
        self._take = take
        self._peers = peers

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes mail from networks that are allowed, whoever it says it is from."""
        if self._peers and not self._is_peer(session.peer):
            _logger.warning("mail.inbox.refused", extra={"why": "peer"})
            return NOT_FROM_THERE
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 sender taken"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Takes mail for the one mailbox."""
        if plain_address(address) != self.address:
            return NOT_HERE
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 recipient taken"

    async def handle_VRFY(self, _server: SMTP, _session: Session, _envelope: Envelope, _: str) -> str:  # noqa: N802
        """Says nothing of mailboxes (RFC 5321, section 7.3)."""
        return "252 2.5.1 send some mail, it may be taken"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Confirms what was kept and told; mail of a person that holds no answer goes back to them."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            async with asyncio.timeout(TAKES_S):
                why = await self._take(content)
        except (RetryableError, TimeoutError) as error:
            _logger.warning("mail.inbox.postponed", extra={"error": type(error).__name__})
            return LATER
        is_a_persons = why in {Why.NO_CALENDAR, Why.TNEF} and envelope.mail_from not in _NOBODY
        return ANSWERS_ONLY if is_a_persons else TAKEN

    async def handle_exception(self, error: Exception) -> str:
        """Postpones what failed as nobody foresaw; an error's message may hold what was written."""
        _logger.error("mail.inbox.failed", extra={"error": type(error).__name__})
        return LATER

    def _is_peer(self, peer: object) -> bool:
        try:
            address = ipaddress.ip_address(str(peer[0]) if isinstance(peer, tuple) else "")
        except ValueError:
            return False
        return any(address in network for network in self._peers)


_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(peers: Sequence[str]) -> tuple[_Network, ...]:
    try:
        return tuple(map(ipaddress.ip_network, peers))
    except ValueError:
        raise MisconfiguredError("the networks of the relay must be written as in 10.0.0.0/8") from None
