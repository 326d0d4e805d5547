"""From what went wrong outside to what Temporal does about it; whether to try again is decided only here."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Concatenate, Final, ParamSpec, TypeVar

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory, CancelledError

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

P = ParamSpec("P")
R = TypeVar("R")
T = TypeVar("T")

_LOG = logging.getLogger("acts")
_OPERATOR_ACTS = timedelta(minutes=15)
_BUG: Final = "Bug"
_NOT_YET: Final = "NotYet"


def translated(act: Callable[Concatenate[T, P], R]) -> Callable[Concatenate[T, P], R]:
    """Makes an act raise ApplicationError for every integration error that leaves it."""

    @wraps(act)
    def wrapper(self: T, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return act(self, *args, **kwargs)
        except (ApplicationError, CancelledError):
            raise
        except IntegrationError as error:
            # A cause would travel into the history, and vendors put addresses into their messages.
            raise failure(error) from None
        except Exception as error:  # noqa: BLE001 - what it is must not travel, that it is must
            # A bug keeps being tried until it is mended; its message may quote what a person wrote.
            _LOG.error("act.broke", extra={"act": act.__name__, "error": type(error).__name__})
            _LOG.debug("act.broke", exc_info=error)
            raise ApplicationError(f"{type(error).__name__} in {act.__name__}", type=_BUG) from None

    return wrapper


def failure(error: IntegrationError) -> ApplicationError:
    """What Temporal makes of an integration error.

    A neighbour that asks for patience gets it; a wrong set-up is tried again every 15 minutes, so that an
    operator's mend is noticed by itself; what can never succeed is final.
    """
    kind = type(error).__name__
    match error:
        case RetryableError():
            return ApplicationError(
                str(error), type=kind, next_retry_delay=error.after, category=ApplicationErrorCategory.BENIGN
            )
        case QuotaParkedError():
            wait = max(error.until - datetime.now(UTC), timedelta(seconds=1))
            return ApplicationError(str(error), type=kind, next_retry_delay=wait)
        case MisconfiguredError():
            return ApplicationError(str(error), type=kind, next_retry_delay=_OPERATOR_ACTS)
        case AmbiguousError() | ConflictError():
            return ApplicationError(str(error), type=kind, category=ApplicationErrorCategory.BENIGN)
        case GoneError() | InvalidError() | PersonUnavailableError():
            return ApplicationError(str(error), type=kind, non_retryable=True)
        case _:
            return ApplicationError(str(error), type=kind)


def not_yet(reason: str, wait: timedelta) -> ApplicationError:
    """The act is to be tried again after `wait` (real time); nothing is wrong, it is only too early."""
    return ApplicationError(
        reason, type=_NOT_YET, next_retry_delay=wait, category=ApplicationErrorCategory.BENIGN
    )


def most_urgent(errors: Sequence[ApplicationError]) -> ApplicationError:
    """Which of some errors an act makes known: one that is final, else the one to be tried again first."""
    return min(errors, key=lambda error: (not error.non_retryable, error.next_retry_delay or timedelta()))


def is_of_neighbour(error: ApplicationError) -> bool:
    """Whether a like request would fail alike just now: neither its people nor the request are in the way."""
    return not error.non_retryable and error.type not in {_NOT_YET, _BUG}
