"""Where calendar providers push to: proven, gathered, handed over, and only then acknowledged.

Nothing in a notice is believed but that it is one: what changed is read from the provider.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Final, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from integrations.calendars.notices import Hooks, NoticeKind

LARGEST_BODY: Final = 256 * 1024
LARGEST_TOKEN: Final = 2048
# Graph counts an answer after 2.9 s as slow, and pushes less to those who are slow often.
GATHER_S: Final = 0.25
HANDOVER_S: Final = 2.0
ARRIVAL_S: Final = 10.0
_RETRY_AFTER: Final = {"Retry-After": "5"}
_LIFECYCLE: Final = {
    "missed": NoticeKind.MISSED,
    "subscriptionRemoved": NoticeKind.REMOVED,
    "reauthorizationRequired": NoticeKind.REAUTHORIZE,
}

_logger = logging.getLogger(__name__)


class NoticeSink(Protocol):
    """Takes notices that were proven; everything may be handed over again.

    Raises RetryableError where it could not be taken now.
    """

    async def calendar_changed(self, provider: str, kind: NoticeKind) -> None:
        """Takes a notice of a provider."""
        ...


class _Notice(BaseModel):
    """What is used of Graph's changeNotification."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    client_state: str | None = Field(default=None, alias="clientState")
    lifecycle_event: str | None = Field(default=None, alias="lifecycleEvent")


class _Notices(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    value: tuple[_Notice, ...]


def notice_routes(*, sink: NoticeSink, hooks: Hooks, providers: Collection[str]) -> list[Route]:
    """The routes of the providers whose push is used, one each."""
    receivers = {"google": _google, "microsoft": _microsoft}
    return [
        Route(
            f"/calendars/{provider}",
            _Receiver(provider, hooks, sink, receive).take,
            methods=["POST"],
            max_body_size=LARGEST_BODY,
        )
        for provider, receive in receivers.items()
        if provider in providers
    ]


class _Receiver:
    """Takes the notices of one provider; those that come together are handed over together."""

    def __init__(
        self,
        provider: str,
        hooks: Hooks,
        sink: NoticeSink,
        receive: "Callable[[_Receiver, Request], Awaitable[Response]]",
    ) -> None:
        self.provider = provider
        self._hooks = hooks
        self._sink = sink
        self._receive = receive
        self._gathered: set[NoticeKind] = set()
        self._next: asyncio.Task[None] | None = None

    async def take(self, request: Request) -> Response:
        """POST /calendars/<provider>."""
        try:
            return await self._receive(self, request)
        except HTTPException:
            raise
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception as error:  # noqa: BLE001 - whatever it is, providers send again after a 503
            extra = {"provider": self.provider, "error": type(error).__name__}
            _logger.warning("notice.postponed", extra=extra)
            return Response(status_code=503, headers=_RETRY_AFTER)

    def knows(self, token: str) -> bool:
        """Whether the provider got this token from us."""
        return self._hooks.knows(self.provider, token)

    def refused(self, status: int, why: str) -> Response:
        """The answer to what is not taken; nothing is started."""
        _logger.warning("notice.refused", extra={"provider": self.provider, "why": why})
        return Response(status_code=status)

    async def hand_over(self, kinds: Collection[NoticeKind]) -> Response:
        """Hands the notice over with all others that come within a moment; acknowledges what was taken.

        One that comes while others are being handed over is handed over after them: it may tell of a change
        that came after the look they cause.
        """
        self._gathered.update(kinds)
        if self._next is None:
            self._next = asyncio.create_task(self._hand_over())
        await asyncio.shield(self._next)
        return Response(status_code=202)

    async def _hand_over(self) -> None:
        await asyncio.sleep(GATHER_S)
        kinds, self._gathered, self._next = self._gathered, set(), None
        async with asyncio.timeout(HANDOVER_S):
            for kind in sorted(kinds):
                await self._sink.calendar_changed(self.provider, kind)


async def _google(receiver: _Receiver, request: Request) -> Response:
    """A message of a watch channel, which says all in its headers; `sync` says that the channel is open."""
    headers = request.headers
    if not headers.get("x-goog-channel-id") or not receiver.knows(headers.get("x-goog-channel-token", "")):
        return receiver.refused(401, "no token of ours")
    # It is empty; one that is too large is no message of Google's.
    await _body(request)
    if headers.get("x-goog-resource-state") == "sync":
        return Response(status_code=200)
    return await receiver.hand_over([NoticeKind.CHANGED])


async def _microsoft(receiver: _Receiver, request: Request) -> Response:
    """A handshake of Graph, which wants its token back as it is, or a collection of notices."""
    if (token := request.query_params.get("validationToken")) is not None:
        if not token or len(token) > LARGEST_TOKEN:
            return receiver.refused(400, "a handshake without a usable token")
        return PlainTextResponse(token)
    try:
        notices = _Notices.model_validate_json(await _body(request)).value
    except ValidationError:
        return receiver.refused(400, "no collection of notices")
    proven = [one for one in notices if receiver.knows(one.client_state or "")]
    if not proven:
        return receiver.refused(401, "no token of ours")
    if len(proven) < len(notices):
        receiver.refused(401, "some without a token of ours")
    return await receiver.hand_over(
        {_LIFECYCLE.get(one.lifecycle_event or "", NoticeKind.CHANGED) for one in proven}
    )


async def _body(request: Request) -> bytes:
    """The body, given up where it is too large or too slow."""
    try:
        async with asyncio.timeout(ARRIVAL_S):
            return await request.body()
    except TimeoutError:
        raise HTTPException(408) from None
