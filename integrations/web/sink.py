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

    async def meeting_changed(self, life: str, meeting: str, key: str) -> None:
        """Takes a hint that people did something to a meeting in their calendars: the life looks at once.

        `key` names the hint, so that a repeat does nothing. A hint never says what has changed.
        """
        ...
