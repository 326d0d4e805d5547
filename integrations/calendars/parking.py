"""Mailboxes that a provider keeps from writing, or from everything, for hours: known to the whole process."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from integrations.errors import QuotaParkedError

T = TypeVar("T")


class Parking:
    """Until when providers refuse mailboxes, in real time; may be shared between threads.

    Where a write was refused only writes are parked: a used-up quota leaves a calendar to be read. Where a
    read was refused, both are.
    """

    def __init__(self, real_now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._real_now = real_now
        self._lock = threading.Lock()
        self._until: dict[tuple[str, str, bool], datetime] = {}

    def check(self, provider: str, mailbox: str, *, writes: bool) -> None:
        """Raises QuotaParkedError where the mailbox is parked, and nothing need be asked."""
        kinds = (False, True) if writes else (False,)
        with self._lock:
            known = [self._until.get((provider, mailbox.lower(), kind)) for kind in kinds]
        until = max((one for one in known if one), default=None)
        if until and until > self._real_now():
            raise QuotaParkedError(
                f"{provider} refuses this organizer for now; it was not asked again", until=until
            )

    def call(self, provider: str, mailbox: str, act: Callable[[], T], *, writes: bool) -> T:
        """Makes a call unless the mailbox is parked, and parks it where the call is refused for that."""
        self.check(provider, mailbox, writes=writes)
        try:
            return act()
        except QuotaParkedError as error:
            with self._lock:
                self._until[provider, mailbox.lower(), writes] = error.until
            raise
