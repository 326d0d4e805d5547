"""Letters as acts: facts read at the moment of sending, links minted, the ledger kept, mail handed over."""

from abc import ABC, abstractmethod

from pydantic import AwareDatetime
from temporalio import activity

from activities.letters.catalogue import Letter
from activities.scheduling import MeetingState
from activities.values import Value


class Recipient(Value):
    """One person a letter goes to, by ref, and the role they have in the matter.

    Roles: mentor, mentee, line-manager, coordinator, deputy, sponsor, trainer, assistant.
    """

    ref: str
    role: str


class About(Value):
    """What a letter is about, by key and count only; the act reads the rest from the database."""

    programme_id: str
    pairing_id: str | None = None
    mentor_ref: str | None = None
    mentee_ref: str | None = None
    meeting_key: str | None = None
    meeting_keys: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    ideas: tuple[str, ...] = ()
    session: int = 0
    sessions_held: int = 0
    reason: str = ""
    task: str = ""
    record_id: str | None = None


class AskLink(Value):
    """The question behind the link: which life waits for the answer, under which key, until when."""

    life: str
    ask_key: str
    answer_by: AwareDatetime
    expires_at: AwareDatetime


class SendLetters(Value):
    """One letter to one or more people, once each for this key.

    With `meeting_key` in `about` and `check_meeting`, the meeting is read from the calendars first; if it
    is no longer at `expected_start`, nothing is sent and the state found comes back.
    """

    key: str
    letter: Letter
    to: tuple[Recipient, ...]
    about: About
    ask: AskLink | None = None
    reminder: int = 0
    escalated: bool = False
    owner_for: str | None = None
    copy_assistant: bool = False
    check_meeting: bool = False
    expected_start: AwareDatetime | None = None
    not_after: AwareDatetime | None = None


class SentLetters(Value):
    """Who was written to and who was not (left, opted out, too late), and when, in programme time (UTC)."""

    sent: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    at: AwareDatetime
    meeting: MeetingState | None = None


class LetterBatch(Value):
    """Letters that are wanted in the same moment."""

    letters: tuple[SendLetters, ...]


class SentBatch(Value):
    """What became of each letter of a batch, in its order; None for one that has to go by itself."""

    sent: tuple[SentLetters | None, ...]


class Invite(Value):
    """A call to everybody who may be a mentor, or the sponsor's invitation to every chosen manager.

    `kind` is `mentors`, `line-managers` (the note that their people were called) or `mentees`. The answer
    link of mentors leads to a life of their own, that of mentees to `life` under `opt-in/<ref>`.
    """

    key: str
    programme_id: str
    kind: str
    life: str
    answer_by: AwareDatetime
    expires_at: AwareDatetime
    reminder: int = 0


class Invited(Value):
    """The refs of those invited by now, and of those whom mail cannot reach at their address."""

    refs: tuple[str, ...] = ()
    undeliverable: tuple[str, ...] = ()


class Correspondence(ABC):
    """The acts that write letters. Blocking: runs on the mail queue's thread pool."""

    @activity.defn(name="send-letters")
    @abstractmethod
    def send_letters(self, request: SendLetters) -> SentLetters:
        """Sends one letter to each recipient, at most once each for its key, within their sending hours."""

    @activity.defn(name="send-letter-batch")
    @abstractmethod
    def send_letter_batch(self, request: LetterBatch) -> SentBatch:
        """Sends what can go now of some letters, each as by itself; fails only where none can."""

    @activity.defn(name="invite")
    @abstractmethod
    def invite(self, request: Invite) -> Invited:
        """Writes to everybody who may take part and has not answered yet; heartbeats as it goes."""
