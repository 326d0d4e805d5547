"""Push of a vendor on a desk of its own: its adapter, a receiver, and what the vendor is told to do."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette

from integrations.calendars.google import Google
from integrations.calendars.google_notices import GoogleNotices
from integrations.calendars.microsoft import Microsoft
from integrations.calendars.microsoft_notices import MicrosoftNotices
from integrations.calendars.notices import Hooks, NoticeKind, Notices
from integrations.errors import RetryableError
from integrations.web.calendar_notices import notice_routes
from integrations.web.server import bind, serve
from tests.integrations.calendars.desk import TUESDAY, Desk
from tests.integrations.calendars.google_server import GoogleServer
from tests.integrations.calendars.graph_server import GraphServer
from tests.integrations.calendars.pusher import Pusher

KEY = "a key of the tests of calendars' push"
NOW = TUESDAY - timedelta(days=1)


@dataclass
class Listener:
    """Hears what the receiver hands over; takes nothing while it is `down`."""

    heard: list[tuple[str, NoticeKind]] = field(default_factory=list)
    down: bool = False
    refused: int = 0

    async def calendar_changed(self, provider: str, kind: NoticeKind) -> None:
        if self.down:
            self.refused += 1
            raise RetryableError("the listener is down")
        self.heard.append((provider, kind))


@dataclass(frozen=True)
class PushDesk:
    """A vendor's push: `forget` makes cursors too old, `alive` counts subscriptions, `lapse` ends all."""

    provider: str
    desk: Desk
    notices: Notices
    pusher: Pusher
    forget: Callable[[], None]
    alive: Callable[[], int]
    pages_of: Callable[[int], None]
    lapse: Callable[[], None]


@contextmanager
def listening(app: Starlette) -> Iterator[str]:
    """Serves the application until the end of the block; its URL."""
    bound = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{bound.getsockname()[1]}"
    with served_on(bound, app):
        yield url


@contextmanager
def receiver(listener: Listener, key: str = KEY) -> Iterator[Hooks]:
    """Listens for both vendors until the end of the block; the hooks it knows."""
    bound = bind("127.0.0.1", 0)
    hooks = Hooks(f"http://127.0.0.1:{bound.getsockname()[1]}", [key])
    routes = notice_routes(sink=listener, hooks=hooks, providers=("google", "microsoft"))
    with served_on(bound, Starlette(routes=routes)):
        yield hooks


@contextmanager
def served_on(bound: socket.socket, app: Starlette) -> Iterator[None]:
    """Serves the application from a thread of its own."""
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    serving = serve(app, bound, stop)
    thread = threading.Thread(target=loop.run_until_complete, args=(serving,), daemon=True)
    bound.listen()
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()
        bound.close()


def google_push(server: GoogleServer, desk: Desk) -> PushDesk:
    assert isinstance(desk.calendar, Google)

    def pages_of(entries: int) -> None:
        server.channels.page = entries

    def lapse() -> None:
        for channel in server.channels.channels.values():
            channel.ends = datetime.now(UTC)

    return PushDesk(
        provider="google",
        desk=desk,
        notices=GoogleNotices(desk.calendar, desk.organizer),
        pusher=server.channels.pusher,
        forget=server.channels.forget,
        alive=lambda: len(server.channels.open_channels()),
        pages_of=pages_of,
        lapse=lapse,
    )


def microsoft_push(server: GraphServer, desk: Desk) -> PushDesk:
    assert isinstance(desk.calendar, Microsoft)

    def pages_of(entries: int) -> None:
        server.subscriptions.page = entries

    def lapse() -> None:
        server.subscriptions.alive.clear()

    return PushDesk(
        provider="microsoft",
        desk=desk,
        notices=MicrosoftNotices(desk.calendar, desk.organizer),
        pusher=server.subscriptions.pusher,
        forget=server.subscriptions.forget,
        alive=lambda: len(server.subscriptions.live()),
        pages_of=pages_of,
        lapse=lapse,
    )
