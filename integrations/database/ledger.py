"""The mail ledger: which letter was claimed, sent or lost on the way, by its key."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict


class Claim(StrEnum):
    """What a claim found: ours to send, sent before, or perhaps sent by a claim that broke off."""

    NEW = "new"
    SENT = "sent"
    UNSURE = "unsure"


class SentLetter(BaseModel):
    """A letter that went out, and when (programme time, UTC)."""

    model_config = ConfigDict(frozen=True)

    key: str
    letter: str
    person_ref: str
    sent_at: AwareDatetime


class Ledger(Protocol):
    """Claim, send, mark: no letter goes out without a claim."""

    def claim(self, key: str, letter: str, person_ref: str, programme_id: str, now: datetime) -> Claim:
        """Claims a letter; of two racing claims one is NEW."""
        ...

    def which_sent(self, keys: Sequence[str]) -> frozenset[str]:
        """Those of these keys whose letters went out."""
        ...

    def mark_sent(self, key: str, receipt: str, now: datetime) -> None:
        """Remembers that the letter went out."""
        ...

    def release(self, key: str) -> None:
        """Gives a claim back: the letter certainly did not go out."""
        ...

    def unsure(self, programme_id: str) -> tuple[str, ...]:
        """The keys of a programme that were claimed but neither marked nor given back, by name.

        Their letters are on their way, or an end of the process left it open whether they went out.
        """
        ...

    def sent(self, programme_id: str) -> tuple[SentLetter, ...]:
        """The letters of a programme that went out, oldest first."""
        ...
