"""HR deliveries as they arrived, allow-listed facts only."""

from datetime import datetime
from enum import StrEnum
from typing import Protocol

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
        """The event of a delivery; raises GoneError where it is not known."""
        ...

    def counts(self) -> dict[str, int]:
        """How many deliveries of each type were received."""
        ...
