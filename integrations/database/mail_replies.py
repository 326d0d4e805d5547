"""Invitations that went out by mail, and what people answered to them by mail."""

from collections.abc import Sequence
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, ConfigDict

from integrations.calendars.calendar import Rsvp, Window


class MailInvitation(BaseModel):
    """Which booking a UID stands for, and who was invited to it by mail."""

    model_config = ConfigDict(frozen=True)

    key: str
    generation: int
    refs: tuple[str, ...]


class MailReply(BaseModel):
    """What one person last answered to one invitation, and the time they asked for instead.

    `sequence` is that of the invitation they answered, `stamp` when their program wrote the answer; of two
    answers the one to the later invitation counts, then the one written later.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    generation: int
    person_ref: str
    sequence: int
    stamp: AwareDatetime
    rsvp: Rsvp
    proposed: Window | None = None
    received_at: AwareDatetime


class MailReplies(Protocol):
    """Keeps what is mailed out and what comes back; no address, name or word of a letter."""

    def invite(self, uid: str, key: str, generation: int, refs: Sequence[str]) -> None:
        """Remembers whom the invitations of this UID go to; kept before they are mailed. Repeats add."""
        ...

    def invitation(self, uid: str) -> MailInvitation | None:
        """What this UID stands for, or None where we mailed nothing under it."""
        ...

    def keep(self, reply: MailReply) -> bool:
        """Keeps a reply unless a later one, or the same, is kept; says whether it was kept.

        A reply of the same moment keeps the wish of the one before, where it has none of its own: some
        programs send an answer and a wish apart.
        """
        ...

    def replies(self, key: str, generation: int) -> tuple[MailReply, ...]:
        """The last reply of each person, by ref."""
        ...
