"""HR deliveries as they arrived, allow-listed facts only, and what became of them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from integrations.hr.events import HrEvent


class Receipt(StrEnum):
    """What the key of a delivery says: never seen, seen with the same body, or seen with another."""

    NEW = "new"
    SAME = "same"
    DIFFERENT = "different"


class Deliveries(Protocol):
    """Keeps deliveries by source and key."""

    def receive(self, source: str, key: str, digest: str, event: HrEvent, at: datetime) -> Receipt:
        """Keeps a delivery unless its key was seen; the digest of the body tells a repeat from a clash."""
        ...

    def event(self, source: str, key: str) -> HrEvent:
        """The event of a delivery, without facts once it was applied; GoneError where it is not known."""
        ...

    def settle(self, source: str, key: str, outcome: Mapping[str, Any]) -> None:
        """Keeps what a delivery did in place of what it said about a person; doing it again is fine."""
        ...

    def outcome(self, source: str, key: str) -> Mapping[str, Any] | None:
        """What a delivery did, or None while it was not applied."""
        ...

    def counts(self) -> dict[str, int]:
        """How many deliveries of each type were received."""
        ...
