"""What holds for every response of the inbox: its security headers, and 503 for what nobody foresaw."""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADERS: Final = {
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
_UNKEPT: Final = "no-store"

_logger = logging.getLogger(__name__)


class Guard:
    """Wraps the whole application.

    Nothing is kept by a browser or proxy unless the response says otherwise. An uncaught error is logged by
    its type and place alone: messages and paths may hold what a person wrote, or a token.
    """

    def __init__(self, app: ASGIApp, unavailable: Callable[[Headers], Response]) -> None:
        self._app = app
        self._unavailable = unavailable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on; only HTTP is guarded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", _UNKEPT)
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except ClientDisconnect:
            _logger.info("web.disconnected")
        except Exception as error:
            if started:
                raise
            _logger.error("web.failed", extra=_described(error))  # noqa: TRY400 - see above
            await self._unavailable(Headers(scope=scope))(scope, receive, guarded)


def _described(error: Exception) -> dict[str, str]:
    *_, last = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "at": f"{Path(last.filename).name}:{last.lineno}"}
