"""What can go wrong outside, told in one tree whatever the vendor.

Each vendor file translates its own errors in one function and raises one of these `from` the original.
Messages carry a value and what to do about it, never a name, an address or a secret: they end up in
workflow histories.
"""

from datetime import datetime, timedelta


class IntegrationError(Exception):
    """A neighbour did not do what was asked."""


class RetryableError(IntegrationError):
    """Nothing happened at the neighbour's; the same call may succeed later.

    `after` is the wait the neighbour asked for (Retry-After), or None where it named none.
    """

    def __init__(self, message: str, *, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.after = after


class AmbiguousError(IntegrationError):
    """The call may or may not have taken effect: the answer was lost after the request had been written."""


class ConflictError(IntegrationError):
    """The thing was changed by someone else in between; read it again before writing."""


class GoneError(IntegrationError):
    """The thing existed and does so no longer."""


class MisconfiguredError(IntegrationError):
    """Credentials, scopes or addresses are wrong; an operator must act, retrying is useless until then."""


class PersonUnavailableError(IntegrationError):
    """This one person's account cannot be reached (no mailbox, revoked, suspended); others can."""


class InvalidError(IntegrationError):
    """The neighbour refuses this request for what it says; the same request will never succeed."""


class QuotaParkedError(IntegrationError):
    """The neighbour refuses this account's writes for hours; park it until `until` (aware, UTC)."""

    def __init__(self, message: str, *, until: datetime) -> None:
        super().__init__(message)
        self.until = until
