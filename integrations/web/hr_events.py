"""Where HR systems deliver their events: proven, read, kept, handed over, and only then acknowledged."""

import asyncio
import hashlib
import logging
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.database.deliveries import Deliveries, Receipt
from integrations.errors import InvalidError, RetryableError
from integrations.hr.events import HrEvent
from integrations.hr.native import SOURCE, SetAside, delivery_key, read_event
from integrations.hr.signatures import STANDARD_WEBHOOKS, SignatureError, verify
from integrations.hr.strict_json import MAX_BYTES
from integrations.web.sink import EventSink

# Senders wait a few seconds for an answer: database and Temporal together get 2 s of the 3 s promised.
ARRIVAL_S: Final = 10.0
HANDOVER_S: Final = 2.0
IN_FLIGHT: Final = 16
RETRY_AFTER: Final = timedelta(seconds=5)

_logger = logging.getLogger(__name__)


class _Refused(Exception):  # noqa: N818 - an answer on its way out, not a failure
    """The answer to a request that is not taken."""

    def __init__(self, status: int, message: str, after: timedelta | None = None) -> None:
        super().__init__(message)
        headers = {"Retry-After": str(max(1, math.ceil(after.total_seconds())))} if after else None
        self.response = JSONResponse({"error": message}, status, headers)


def hr_routes(
    *,
    deliveries: Deliveries,
    sink: EventSink,
    secrets: Sequence[str],
    real_now: Callable[[], datetime],
    programme_now: Callable[[], datetime],
) -> list[Route]:
    """The routes HR systems deliver to; raises MisconfiguredError for a secret that is none.

    Signatures are judged by the real time, deliveries are kept under the programme's. The one answer that
    asks to try again is 503 with Retry-After: some HR systems give up on any other.
    """
    for secret in secrets:
        STANDARD_WEBHOOKS.key(secret)
    receiver = _Receiver(deliveries, sink, tuple(secrets), real_now, programme_now)
    return [Route("/hr/native", receiver.native, methods=["POST"])]


@dataclass
class _Receiver:
    """Takes deliveries of the native source, at most IN_FLIGHT proven ones at once."""

    deliveries: Deliveries
    sink: EventSink
    secrets: tuple[str, ...]
    real_now: Callable[[], datetime]
    programme_now: Callable[[], datetime]
    in_flight: int = 0
    set_aside: Counter[SetAside] = field(default_factory=Counter)

    async def native(self, request: Request) -> Response:
        """POST /hr/native."""
        try:
            return await self._answer(request)
        except _Refused as refusal:
            return _logged(refusal)
        except RetryableError as error:
            _logger.warning("hr.delivery.postponed", extra={"source": SOURCE})
            return _try_again(error.after)
        except TimeoutError:
            _logger.warning("hr.delivery.timed-out", extra={"source": SOURCE})
            return _try_again()
        except Exception as error:  # noqa: BLE001 - senders retry a 503 and drop what any other 5xx meant
            # The message may hold what the delivery said; its type says enough to find the place.
            _logger.error("hr.delivery.failed", extra={"source": SOURCE, "error": type(error).__name__})  # noqa: TRY400
            return _try_again()

    async def _answer(self, request: Request) -> Response:
        body = await _body(request)
        try:
            verify(STANDARD_WEBHOOKS, self.secrets, request.headers, body, self.real_now())
        except SignatureError as error:
            raise _Refused(401, str(error)) from None
        if self.in_flight >= IN_FLIGHT:
            raise _Refused(503, "too many deliveries at once", RETRY_AFTER)
        self.in_flight += 1
        try:
            key, event = self._read(request, body)
            if isinstance(event, SetAside):
                return self._put_aside(key, event)
            return await self._take(key, body, event)
        finally:
            self.in_flight -= 1

    def _read(self, request: Request, body: bytes) -> tuple[str, HrEvent | SetAside]:
        try:
            key = delivery_key(request.headers)
            return key, read_event(body, key, max(self.real_now(), self.programme_now()))
        except InvalidError as error:
            raise _Refused(400, str(error)) from None

    async def _take(self, key: str, body: bytes, event: HrEvent) -> Response:
        async with asyncio.timeout(HANDOVER_S):
            receipt = await asyncio.to_thread(self._keep, key, body, event)
            if receipt is Receipt.DIFFERENT:
                _logger.error("hr.delivery.clashed", extra={"source": SOURCE, "key": key})
                raise _Refused(409, "this webhook-id was received before with another body")
            # A repeat is handed over too: the first time may have got no further than the database.
            await self.sink.deliver(SOURCE, key, event.type.value)
        _logger.info("hr.delivery.taken", extra={"source": SOURCE, "key": key, "receipt": receipt.value})
        return JSONResponse({"status": "taken"}, 202)

    def _keep(self, key: str, body: bytes, event: HrEvent) -> Receipt:
        digest = hashlib.sha256(body).hexdigest()
        return self.deliveries.receive(SOURCE, key, digest, event, self.programme_now())

    def _put_aside(self, key: str, why: SetAside) -> Response:
        """Acknowledges what this version cannot read; the sender may deliver it again after an upgrade."""
        self.set_aside[why] += 1
        extra = {"source": SOURCE, "key": key, "count": self.set_aside[why]}
        _logger.warning("hr.delivery.%s", why.value, extra=extra)
        return JSONResponse({"status": why.value}, 202)


async def _body(request: Request) -> bytes:
    """The raw body, given up as soon as it is too large or too slow."""
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise _Refused(415, "content encodings are not taken; send the body as it is")
    chunks = bytearray()
    try:
        async with asyncio.timeout(ARRIVAL_S):
            async for chunk in request.stream():
                chunks += chunk
                if len(chunks) > MAX_BYTES:
                    raise _Refused(413, f"the body is larger than {MAX_BYTES} bytes")
    except ClientDisconnect:
        raise _Refused(400, "the body did not arrive whole") from None
    return bytes(chunks)


def _logged(refusal: _Refused) -> Response:
    """The answer of a refusal, after a line for the operator: senders rarely show what they were told."""
    extra = {"source": SOURCE, "status": refusal.response.status_code, "reason": str(refusal)}
    _logger.warning("hr.delivery.refused", extra=extra)
    return refusal.response


def _try_again(after: timedelta | None = None) -> Response:
    return _Refused(503, "not taken now; send it again", after or RETRY_AFTER).response
