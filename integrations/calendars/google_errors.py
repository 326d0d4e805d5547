"""What goes wrong with Google, told in our words: refusals by status and reason, networks, tokens."""

import http.client
import json
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httplib2  # type: ignore[import-untyped]
from google.auth.exceptions import GoogleAuthError, RefreshError

from integrations.errors import (
    AmbiguousError,
    ConflictError,
    GoneError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    PersonUnavailableError,
    QuotaParkedError,
    RetryableError,
)

_WATCH, _STOP, _LIST = "calendar.events.watch", "calendar.channels.stop", "calendar.events.list"
_WRITES = frozenset({"calendar.events.insert", "calendar.events.patch", "calendar.events.delete", _WATCH})
_NAMING_AN_EVENT = frozenset({"calendar.events.get", "calendar.events.patch", "calendar.events.delete"})
# httplib2 sends a request again by itself, so that Google may refuse the id of a channel it has just made.
_TAKEN = frozenset({"channelIdNotUnique"})
# "Manage quotas" and "Handle API errors" of the Calendar API: these two 403 are what 429 is elsewhere.
_TOO_FAST = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_USED_UP = frozenset({"quotaExceeded", "dailyLimitExceeded", "variableTermLimitExceeded"})
_NO_CALENDAR = frozenset({"notACalendarUser", "userSuspended", "accountDisabled"})
# Google names no end: an account over its limits is read-only "for several hours".
_PARKED = timedelta(hours=3)


class Refusal(Exception):  # noqa: N818 - an answer of Google's; what it means is told by `translated`
    """An answer that is no success: its status, headers and body."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"Google answered {status}")
        self.status = status
        self.retry_after = headers.get("retry-after", "")
        self.reason = _reason(body)


def translated(error: Exception, method: str) -> IntegrationError:
    """What an error of the API method `method` ("calendar.events.insert") is in ours.

    A write whose answer was lost, or was a server error, is ambiguous; a read is simply made again. Whatever
    happens before there is a token has written nothing.
    """
    match error:
        case Refusal():
            return _refused(error, method)
        case RefreshError():
            return _no_token(error)
        case ssl.SSLCertVerificationError():
            return MisconfiguredError("Google's certificate is not trusted here; name the proxy's CA")
    kind = type(error).__name__
    if method in _WRITES and not isinstance(error, GoogleAuthError) and not _never_sent(error):
        return AmbiguousError(f"the answer to {method} was lost ({kind}); read before writing again")
    return RetryableError(f"Google did not answer {method} ({kind})")


def _refused(refusal: Refusal, method: str) -> IntegrationError:
    said = f"Google answered {refusal.status} {refusal.reason or '(no reason)'} to {method}"
    if known := _of_notices(refusal, method, said):
        return known
    error: IntegrationError
    match refusal.status:
        case 403:
            error = _forbidden(refusal, said)
        case 429:
            error = RetryableError(said, after=_wait(refusal.retry_after))
        case 409 | 412:
            error = ConflictError(f"{said}: read the event again")
        case 404 | 410 if method in _NAMING_AN_EVENT:
            error = GoneError(f"{said}: the event is gone")
        case 401 | 404 | 410:
            error = MisconfiguredError(f"{said}: check the service account and the API's address")
        case status if status >= http.client.INTERNAL_SERVER_ERROR or status == http.client.REQUEST_TIMEOUT:
            error = _troubled(refusal, method, said)
        case status if status < http.client.BAD_REQUEST:
            error = MisconfiguredError(f"{said}: something else than Google answers there")
        case _:
            error = InvalidError(said)
    return error


def _of_notices(refusal: Refusal, method: str, said: str) -> IntegrationError | None:
    """What a refusal means only where channels and changes are concerned."""
    match refusal.status:
        case 404 | 410 if method == _STOP:
            return GoneError(f"{said}: the channel has ended")
        case 410 if method == _LIST:
            return GoneError(f"{said}: the sync token is too old; begin anew")
        case 400 if refusal.reason in _TAKEN:
            return ConflictError(f"{said}: take another id")
    return None


def _troubled(refusal: Refusal, method: str, said: str) -> IntegrationError:
    if method in _WRITES:
        return AmbiguousError(f"{said}: read before writing again")
    return RetryableError(said, after=_wait(refusal.retry_after))


def _forbidden(refusal: Refusal, said: str) -> IntegrationError:
    if refusal.reason in _TOO_FAST:
        return RetryableError(said, after=_wait(refusal.retry_after))
    if refusal.reason in _USED_UP:
        wait = max(_wait(refusal.retry_after) or _PARKED, timedelta(minutes=1))
        return QuotaParkedError(f"{said}: this organizer is read-only", until=datetime.now(UTC) + wait)
    if refusal.reason in _NO_CALENDAR:
        return PersonUnavailableError(f"{said}: this account has no calendar")
    return MisconfiguredError(f"{said}: check the API is enabled and both scopes are delegated")


def _no_token(error: RefreshError) -> IntegrationError:
    """Why there is no token; RFC 6749, section 5.2, has the codes."""
    code = str(error.args[0]) if error.args else ""
    if error.retryable:
        return RetryableError(f"Google's token endpoint answered {code}")
    if code == "invalid_grant":
        return PersonUnavailableError("Google gives no token for this organizer (invalid_grant)")
    if code == "unauthorized_client":
        return MisconfiguredError(
            "the service account may not act for this organizer (unauthorized_client); delegate both scopes"
        )
    return MisconfiguredError(f"Google gives the service account no token ({code}); check its key and clock")


def _never_sent(error: BaseException) -> bool:
    """Whether no connection came about at all.

    httplib2 sends a second time when the first connection drops. That it is refused then says nothing about
    the first, which is among the error's contexts.
    """
    refused = (ConnectionRefusedError, httplib2.ServerNotFoundError, httplib2.socks.ProxyError)
    return isinstance(error, refused) and not _was_sent_before(error.__context__)


def _was_sent_before(error: BaseException | None) -> bool:
    return error is not None and (
        isinstance(error, http.client.HTTPException) or _was_sent_before(error.__context__)
    )


def _wait(retry_after: str) -> timedelta | None:
    """Retry-After as seconds or as a date (RFC 9110, section 10.2.3); None where it says nothing."""
    if retry_after.isascii() and retry_after.isdigit():
        return timedelta(seconds=int(retry_after[:9]))
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max((until if until.tzinfo else until.replace(tzinfo=UTC)) - datetime.now(UTC), timedelta())


def _reason(body: bytes) -> str:
    """The reason Google gives for a program; its message may quote the request, and is left out."""
    try:
        told = json.loads(body)["error"]
        reason = told["errors"][0]["reason"] if "errors" in told else told["status"]
    except (ValueError, LookupError, TypeError):
        return ""
    return reason if isinstance(reason, str) and reason.isidentifier() else ""
