"""Subscriptions to calendars' notices, and how far their changes were read."""

from datetime import datetime
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict


class SubscriptionRecord(BaseModel):
    """A subscription at a provider, or one that was about to be made: then `expires_at` is None.

    `hook` marks the address and the key it was made with; instants are real time.
    """

    model_config = ConfigDict(frozen=True)

    provider: str
    organizer: str
    id: str
    resource: str = ""
    hook: str
    made_at: AwareDatetime
    expires_at: AwareDatetime | None = None

    def is_alive(self, now: datetime) -> bool:
        """Whether it came about and has not ended."""
        return self.expires_at is not None and self.expires_at > now


class Position(BaseModel):
    """A place in the changes of a calendar: positions count up, the cursor is the provider's own."""

    model_config = ConfigDict(frozen=True)

    number: int
    cursor: str


class Subscriptions(Protocol):
    """Keeps subscriptions and positions by provider and organizer."""

    def keep(self, subscription: SubscriptionRecord) -> None:
        """Keeps the subscription as it is now."""
        ...

    def forget(self, provider: str, subscription_id: str) -> None:
        """Removes a subscription; one that is not known is fine."""
        ...

    def of(self, provider: str, organizer: str) -> tuple[SubscriptionRecord, ...]:
        """All subscriptions of an organizer's calendar, newest first."""
        ...

    def position(self, provider: str, organizer: str, number: int | None) -> Position | None:
        """The position of this number; for None the oldest that is kept. None where there is none."""
        ...

    def advance(self, provider: str, organizer: str, position: Position) -> None:
        """Keeps a position and the one before it, which may be read again; drops older ones."""
        ...
