"""Where the inbox hands over what it received; workflows/dispatch.py implements it, worker.py joins them."""

from typing import Protocol

from integrations.database.answers import AnswerRecord


class EventSink(Protocol):
    """Takes what the inbox has kept in the database. Everything may be handed over again.

    Raises RetryableError where it could not be taken now.
    """

    async def deliver(self, source: str, key: str, event_type: str) -> None:
        """Takes an HR delivery by source and key."""
        ...

    async def answered(self, answer: AnswerRecord) -> None:
        """Takes a person's answer."""
        ...
