"""From what went wrong outside to what Temporal does about it; whether to try again is decided only here."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

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


def translated(act: Callable[Concatenate[T, P], R]) -> Callable[Concatenate[T, P], R]:
    """Makes an act raise ApplicationError for every integration error that leaves it."""

    @wraps(act)
    def wrapper(self: T, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return act(self, *args, **kwargs)
        except IntegrationError as error:
            # A cause would travel into the history, and vendors put addresses into their messages.
            raise failure(error) from None
        except ApplicationError:
            raise
        except Exception as error:  # noqa: BLE001 - what it is must not travel, that it is must
            # A bug keeps being tried until it is mended; its message may quote what a person wrote.
            _LOG.error("act.broke", extra={"act": act.__name__, "error": type(error).__name__})
            _LOG.debug("act.broke", exc_info=error)
            raise ApplicationError(f"{type(error).__name__} in {act.__name__}", type="Bug") from None

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
        reason, type="NotYet", next_retry_delay=wait, category=ApplicationErrorCategory.BENIGN
    )
