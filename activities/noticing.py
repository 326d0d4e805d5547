"""Calendars' notices as acts: keep the provider's subscription alive, read what changed meanwhile."""

from abc import ABC, abstractmethod

from pydantic import AwareDatetime
from temporalio import activity

from activities.values import Value


class KeepSubscription(Value):
    """A subscription of a provider to be kept; with `renew` whatever its age."""

    provider: str
    renew: bool = False


class KeptSubscription(Value):
    """When to come back (real time), and whether notices may have been missed before.

    Without an instant there is nothing to keep: the provider's push is not used (any more).
    """

    again_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    is_new: bool = False


class ReadChanges(Value):
    """Changes to be read from a position on; None is the oldest position known."""

    provider: str
    position: int | None = None


class Hint(Value):
    """A meeting that may have changed, and the life it belongs to."""

    life: str
    meeting: str


class SeenChanges(Value):
    """The position to go on from, and where something may have changed; `more` is to be read at once.

    With `everything` the hints are all meetings that stand: the provider did not remember that far back.
    """

    position: int
    hints: tuple[Hint, ...] = ()
    everything: bool = False
    more: bool = False


class Noticing(ABC):
    """The acts by which push wakes lives before their own looks; the implementation's interface."""

    @activity.defn(name="keep-subscription")
    @abstractmethod
    def keep_subscription(self, request: KeepSubscription) -> KeptSubscription:
        """Keeps one subscription alive and ends all others; says when to come back."""

    @activity.defn(name="read-changes")
    @abstractmethod
    def read_changes(self, request: ReadChanges) -> SeenChanges:
        """Reads what changed; a repeat from the same position reads it again."""
