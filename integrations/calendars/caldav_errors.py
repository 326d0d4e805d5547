"""What goes wrong with a CalDAV server, told in our words: refusals by status, networks, lost answers."""

import errno
import socket
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import niquests

from integrations.errors import (
    AmbiguousError,
    ConflictError,
    IntegrationError,
    InvalidError,
    MisconfiguredError,
    PersonUnavailableError,
    RetryableError,
)

_WRITES = frozenset({"PUT", "DELETE", "MKCALENDAR", "MKCOL"})
_UNREACHED = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN})


def translated(method: str, error: niquests.RequestException) -> IntegrationError:
    """What the library's error is in ours.

    A write whose answer was lost, or was a server error, is ambiguous; a read is simply made again.
    """
    if isinstance(error, niquests.HTTPError) and error.response is not None:
        return _refusal(method, error.response)
    if isinstance(error, (niquests.exceptions.SSLError, niquests.exceptions.InvalidURL)):
        return MisconfiguredError("the CalDAV server's certificate or URL is wrong; check caldav_url")
    kind = type(error).__name__
    if method in _WRITES and not _never_sent(error):
        return AmbiguousError(f"the answer to a {method} was lost ({kind}); read before writing again")
    return RetryableError(f"the CalDAV server did not answer a {method} ({kind})")


def anonymous(error: niquests.RequestException) -> niquests.RequestException:
    """The same kind of error without its text, which holds the URL and with it a person's address."""
    return type(error)(type(error).__name__)


def _refusal(method: str, response: niquests.Response) -> IntegrationError:
    status = response.status_code or 0
    said = f"the CalDAV server answered {status} to a {method}"
    clash = "no-uid-conflict" in (response.text or "")  # RFC 4791, section 5.3.2.1
    error: IntegrationError
    match status:
        case 408 | 423 | 425 | 429 | 503:
            error = RetryableError(said, after=_retry_after(str(response.headers.get("Retry-After", ""))))
        case 412:
            error = ConflictError(f"{said}: the event has changed; read it again")
        case 409 if clash:
            error = ConflictError(f"{said}: its UID stands under another name; delete that")
        case 404 | 409 | 410:
            error = PersonUnavailableError(f"{said}: a calendar is missing; provision it")
        case _ if 400 <= status < 500 and status not in {401, 403}:  # noqa: PLR2004
            error = InvalidError(f"{said} and will do so again")
        case 500 | 502 | 504:
            lost = f"{said}; read before writing again"
            error = AmbiguousError(lost) if method in _WRITES else RetryableError(said)
        case _:
            error = MisconfiguredError(f"{said}; check caldav_url, its user's rights and the server's space")
    return error


def _retry_after(value: str) -> timedelta | None:
    """The wait a Retry-After asks for, in seconds or until a date (RFC 9110, section 10.2.3)."""
    try:
        if value.isdigit():
            return timedelta(seconds=int(value))
        return max(parsedate_to_datetime(value) - datetime.now(UTC), timedelta())
    except (ValueError, OverflowError, TypeError):
        return None


def _never_sent(error: BaseException) -> bool:
    """Whether no connection came about, so that nothing can have been written.

    The library keeps the cause among the arguments, as `reason` or as the exception's context.
    """
    if isinstance(error, (niquests.ConnectTimeout, ConnectionRefusedError, socket.gaierror)):
        return True
    if isinstance(error, OSError) and error.errno in _UNREACHED:
        return True
    causes = (*error.args, getattr(error, "reason", None), error.__cause__, error.__context__)
    return any(_never_sent(cause) for cause in causes if isinstance(cause, BaseException))
