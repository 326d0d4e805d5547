"""What goes wrong with Microsoft 365, told in our words: Graph's refusals, lost answers, tokens not given."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import Enum

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

# ResponseCodeType of [MS-OXWSCDATA], and Graph's own codes.
_GONE = frozenset({"ErrorItemNotFound", "ErrorCalendarCannotUpdateDeletedItem"})
_NO_MAILBOX = frozenset(
    {
        "ErrorInvalidUser",
        "ErrorNonExistentMailbox",
        "MailboxNotEnabledForRESTAPI",
        "MailboxNotSupportedForRESTAPI",
        "Request_ResourceNotFound",
        "ResourceNotFound",
    }
)
_TAKEN = frozenset({"ErrorDuplicateTransactionId"})
_FORGOTTEN = frozenset(
    {"SyncStateNotFound", "SyncStateInvalid", "ResyncRequired", "ErrorInvalidSyncStateData"}
)
_USED_UP = frozenset({"ErrorExceededMessageLimit", "ErrorMessageSubmissionBlocked"})
_FULL = frozenset({"ErrorQuotaExceeded", "ErrorMailboxStoreQuotaExceeded"})
_BUSY = frozenset({421, 423, 429, 503})
# "Microsoft Entra authentication and authorization error codes": these three pass by themselves.
_PASSING = frozenset({90006, 90024, 90033})
_PASSING_ERRORS = frozenset({"temporarily_unavailable", "server_error"})
# Exchange Online counts recipients over 24 hours and names no end.
_PARKED = timedelta(hours=3)


class Act(Enum):
    """What is asked: the verb, and the path below the mailbox's."""

    ASK = ("POST", "/calendar/getSchedule")
    CREATE = ("POST", "/events")
    FIND = ("GET", "/events")
    READ = ("GET", "/events/{id}")
    CHANGE = ("PATCH", "/events/{id}")
    CANCEL = ("POST", "/events/{id}/cancel")
    DELETE = ("DELETE", "/events/{id}")
    CHANGES = ("GET", "/calendarView/delta")
    SUBSCRIBE = ("POST", "/subscriptions")
    SUBSCRIPTIONS = ("GET", "/subscriptions")
    RENEW = ("PATCH", "/subscriptions/{id}")
    UNSUBSCRIBE = ("DELETE", "/subscriptions/{id}")
    TOKEN = ("POST", "/oauth2/v2.0/token")

    @property
    def verb(self) -> str:
        """The HTTP method."""
        return self.value[0]

    @property
    def path(self) -> str:
        """The path, `{id}` in place of the event's or the subscription's."""
        return self.value[1]

    @property
    def writes(self) -> bool:
        """Whether something is different afterwards."""
        return self in {Act.CREATE, Act.CHANGE, Act.CANCEL, Act.DELETE, Act.SUBSCRIBE}

    @property
    def names_an_event(self) -> bool:
        """Whether a 404 may be the event's."""
        return "{id}" in self.path and not self.is_of_app

    @property
    def is_of_app(self) -> bool:
        """Whether it is about the app's subscriptions, which are below no mailbox."""
        return self.path.startswith("/subscriptions")

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


class Refusal(Exception):  # noqa: N818 - an answer of Graph's; what it means is told by `translated`
    """An answer that is no success: its status, its code and the wait it asks for; nothing it quotes."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"answered {status}")
        self.status = status
        self.after = _wait(headers.get("Retry-After") or "")
        self.code = _code(body)


class Lost(Exception):  # noqa: N818 - as above
    """A call without a usable answer: the kind of error, and how far it came."""

    def __init__(self, kind: str, *, never_sent: bool = False, is_distrusted: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.never_sent = never_sent
        self.is_distrusted = is_distrusted


class NoToken(Exception):  # noqa: N818 - as above
    """An answer of the token endpoint without a token (RFC 6749, section 5.2), and its AADSTS numbers."""

    def __init__(self, answer: Mapping[str, object]) -> None:
        self.code = _word(answer.get("error")) or "no code"
        numbers = answer.get("error_codes")
        self.numbers = [one for one in numbers if isinstance(one, int)] if isinstance(numbers, list) else []
        super().__init__(", ".join((self.code, *(f"AADSTS{number}" for number in self.numbers))))


def translated(error: Refusal | Lost | NoToken, act: Act) -> IntegrationError:
    """What an error is in ours.

    A write whose answer was lost, or was a server error, is ambiguous; a read is simply made again. A 503 is
    no such error: it is how an overloaded Exchange refuses, before it does anything.
    """
    match error:
        case Refusal():
            return _refused(error, act)
        case NoToken():
            return _no_token(error)
        case Lost(is_distrusted=True):
            return MisconfiguredError("Microsoft's certificate is not trusted here; name the proxy's CA")
        case Lost() if act.writes and not error.never_sent:
            return AmbiguousError(f"the answer to {act} was lost ({error.kind}); read before writing again")
    return RetryableError(f"Microsoft did not answer {act} ({error.kind})")


def _refused(refusal: Refusal, act: Act) -> IntegrationError:
    said = f"Microsoft answered {refusal.status} {refusal.code or '(no code)'} to {act}"
    if known := _of_notices(refusal, act, said) or _known(refusal, act, said):
        return known
    error: IntegrationError
    match refusal.status:
        case status if status in _BUSY:
            error = RetryableError(said, after=refusal.after)
        case 409 | 412:
            error = ConflictError(f"{said}: read the event again")
        case 401 | 403 | 404 | 410:
            error = MisconfiguredError(f"{said}: check the app's Calendars.ReadWrite, its scope, the address")
        case status if (status >= 500 or status == 408) and act.writes:  # noqa: PLR2004 - RFC 9110
            error = AmbiguousError(f"{said}: read before writing again")
        case status if status >= 500 or status == 408:  # noqa: PLR2004
            error = RetryableError(said, after=refusal.after)
        case status if status < 400:  # noqa: PLR2004
            error = MisconfiguredError(f"{said}: something else than Microsoft answers there")
        case _:
            error = InvalidError(said)
    return error


def _known(refusal: Refusal, act: Act, said: str) -> IntegrationError | None:
    """What a code means whatever the status beside it."""
    if refusal.code in _GONE and act.names_an_event:
        return GoneError(f"{said}: the event is gone")
    if refusal.code in _NO_MAILBOX:
        return PersonUnavailableError(f"{said}: this account has no mailbox in Exchange Online")
    if refusal.code in _TAKEN:
        return ConflictError(f"{said}: look for the event by its key")
    if refusal.code in _USED_UP:
        until = datetime.now(UTC) + max(refusal.after or _PARKED, timedelta(minutes=1))
        return QuotaParkedError(f"{said}: this organizer has sent enough for today", until=until)
    if refusal.code in _FULL or refusal.status == 507:  # noqa: PLR2004 - RFC 4918, section 11.5
        return MisconfiguredError(f"{said}: the organizer's mailbox is full")
    return None


def _of_notices(refusal: Refusal, act: Act, said: str) -> IntegrationError | None:
    """What a refusal means only where subscriptions and changes are concerned.

    Graph refuses to subscribe while our receiver does not answer its handshake, which may be on its way up.
    """
    if act in {Act.RENEW, Act.UNSUBSCRIBE} and refusal.status in {404, 410}:
        return GoneError(f"{said}: the subscription has ended")
    if act is Act.CHANGES and (refusal.status == 410 or refusal.code in _FORGOTTEN):  # noqa: PLR2004 - RFC 9110
        return GoneError(f"{said}: Graph does not remember that far back; begin anew")
    if act is Act.SUBSCRIBE and refusal.status == 400:  # noqa: PLR2004
        return RetryableError(f"{said}: Graph must reach public_url and get its token back")
    return None


def _no_token(error: NoToken) -> IntegrationError:
    """Client credentials name no person: what is refused here is refused to the app as a whole."""
    if error.code in _PASSING_ERRORS or _PASSING & set(error.numbers):
        return RetryableError(f"Entra gives no token for now ({error})")
    return MisconfiguredError(f"Entra gives the app no token ({error}); check tenant, client and certificate")


def _wait(retry_after: str) -> timedelta | None:
    """Retry-After as seconds or as a date (RFC 9110, section 10.2.3); None where it says nothing."""
    if retry_after.isascii() and retry_after.isdigit():
        return timedelta(seconds=int(retry_after[:9]))
    try:
        until = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return max((until if until.tzinfo else until.replace(tzinfo=UTC)) - datetime.now(UTC), timedelta())


def _code(body: bytes) -> str:
    """The code Graph gives for a program; its message may quote the request, and is left out."""
    try:
        return _word(json.loads(body)["error"]["code"])
    except (ValueError, LookupError, TypeError):
        return ""


def _word(text: object) -> str:
    return text if isinstance(text, str) and text.isidentifier() else ""
