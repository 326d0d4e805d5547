"""Where SendGrid's Inbound Parse posts mail: the answers to invitations that went out by mail.

The hook must be set to post the raw message. SendGrid posts again after a 5xx, for 72 hours, and drops the
mail after anything else, without a word to its sender: 503 stands for "not now" alone, and 200 for whatever
was read, be it set aside. Only what is no post of SendGrid's at all gets a 4xx.
"""

import asyncio
import hmac
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integrations.errors import MisconfiguredError, RetryableError
from integrations.mail.incoming import LARGEST_MAIL, Why
from integrations.mail.vouching import Vouching, by_sendgrid

LARGEST_BODY: Final = LARGEST_MAIL + 128 * 1024
"""Octets: the message, and what SendGrid says about it."""

ARRIVAL_S: Final = 10.0
TAKES_S: Final = 10.0
IN_FLIGHT: Final = 16
_SHORTEST_SECRET: Final = 16
_MOST_FIELDS: Final = 40
_RETRY_AFTER: Final = {"Retry-After": "60"}

_logger = logging.getLogger(__name__)

Take = Callable[[bytes, Vouching], Awaitable[Why | None]]
"""Takes a message, and what was found out about its sender; raises RetryableError where it cannot now."""


def mail_routes(*, take: Take, secrets: Sequence[str], is_proof_needed: bool = True) -> list[Route]:
    """The route `/mail/sendgrid/<secret>`, for each of these secrets: the newest, and those it replaces.

    Without proof, whoever knows an invitation can answer in another's name: it is left out only where the
    people's domains sign nothing. Raises MisconfiguredError for a secret below 16 characters.
    """
    if any(len(secret) < _SHORTEST_SECRET or not secret.isascii() for secret in secrets):
        raise MisconfiguredError("a secret of the mail hook must have 16 ASCII characters or more")
    receiver = _Receiver(take, tuple(secrets), is_proof_needed)
    return [Route("/mail/sendgrid/{secret}", receiver.post, methods=["POST"])] if secrets else []


@dataclass
class _Receiver:
    """Takes posts, at most IN_FLIGHT at once."""

    take: Take
    secrets: tuple[str, ...]
    is_proof_needed: bool
    in_flight: int = 0

    async def post(self, request: Request) -> Response:
        """POST /mail/sendgrid/<secret>."""
        if not self._is_known(request.path_params["secret"]):
            raise HTTPException(404)
        if self.in_flight >= IN_FLIGHT:
            return _not_now("busy")
        self.in_flight += 1
        try:
            return await self._answer(request)
        except (RetryableError, TimeoutError) as error:
            return _not_now(type(error).__name__)
        finally:
            self.in_flight -= 1

    async def _answer(self, request: Request) -> Response:
        fields = await _fields(request)
        raw = fields.get("email")
        if raw is None:
            _logger.error("mail.hook.not-raw", extra={"todo": "set the hook to post the raw message"})
            return JSONResponse({"status": "not-raw"})
        vouched = by_sendgrid(
            dkim=_text(fields, "dkim"), spf=_text(fields, "SPF"), envelope=_text(fields, "envelope")
        )
        async with asyncio.timeout(TAKES_S):
            why = await self.take(raw, vouched if self.is_proof_needed else lambda _: True)
        return JSONResponse({"status": why.value if why else "taken"})

    def _is_known(self, secret: str) -> bool:
        """Compares in a time that tells nothing of how much is right."""
        given = secret.encode()
        return any(hmac.compare_digest(given, known.encode()) for known in self.secrets)


def _text(fields: dict[str, bytes], name: str) -> str:
    return fields.get(name, b"").decode(errors="replace")


def _not_now(why: str) -> Response:
    _logger.warning("mail.hook.postponed", extra={"why": why})
    return JSONResponse({"status": "later"}, 503, _RETRY_AFTER)


async def _fields(request: Request) -> dict[str, bytes]:
    """The fields of the form, as the bytes they came in; a message has more than one encoding."""
    form = request.headers.get("content-type", "")
    if not form.lower().startswith("multipart/form-data"):
        raise HTTPException(415)
    # Latin-1 gives every octet back, where the parser would guess at what is not UTF-8.
    headers = Headers({"content-type": f"{form}; charset=latin-1"})
    parser = MultiPartParser(
        headers,
        _bounded(request),
        max_files=_MOST_FIELDS,
        max_fields=_MOST_FIELDS,
        max_part_size=LARGEST_BODY,
    )
    try:
        async with asyncio.timeout(ARRIVAL_S):
            parsed = await parser.parse()
    except MultiPartException:
        raise HTTPException(400) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    fields: dict[str, bytes] = {}
    for name, value in parsed.multi_items():
        fields[name] = await value.read() if isinstance(value, UploadFile) else value.encode("latin-1")
    await parsed.close()
    return fields


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    """The body, given up as soon as it is too large."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise HTTPException(413)
        yield chunk
