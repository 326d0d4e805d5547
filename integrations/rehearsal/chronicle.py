"""The chronicle of a rehearsal: what happened to whom, in which order, as values."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class EntryKind(StrEnum):
    """What an entry tells of."""

    PROPOSAL = "proposal"
    LETTER = "letter"
    ANSWER = "answer"
    MEETING = "meeting"
    TASK = "task"


class Became(StrEnum):
    """What became of a meeting, as far as its pair said or the calendars tell."""

    HELD = "held"
    MISSED = "missed"
    UNCONFIRMED = "unconfirmed"
    CANCELLED = "cancelled"
    BOOKED = "booked"


class Entry(_Value):
    """One thing that happened in a life.

    `what` is the kind of letter or task, the purpose of the answer, or the meeting; `said` the choice or
    outcome. What people wrote is left out. `letter` is the number of the letter's page, where it has one.
    """

    at: AwareDatetime
    kind: EntryKind
    what: str
    person_ref: str = ""
    person: str = ""
    role: str = ""
    said: str = ""
    subject: str = ""
    language: str = ""
    letter: int | None = None


class Session(_Value):
    """One try of one session; `attempt` counts the tries that came to nothing before it."""

    number: int
    attempt: int
    start: AwareDatetime
    end: AwareDatetime
    became: Became


class Stretch(_Value):
    """The time a pairing spent in one stage; a band may be as short as an instant."""

    stage: str
    start: AwareDatetime
    end: AwareDatetime


class PairingTold(_Value):
    """The life of one pairing; `outcome` is its status in the database."""

    id: str
    mentor_ref: str
    mentor: str
    mentee_ref: str
    mentee: str
    score: int
    outcome: str
    held: int
    stages: tuple[Stretch, ...]
    sessions: tuple[Session, ...]
    timeline: tuple[Entry, ...]


class Milestone(_Value):
    """A step on a mentor's way: when, what was said, and the page of the letter that tells of it."""

    at: AwareDatetime
    said: str = ""
    letter: int | None = None


MILESTONES: Final = (
    "applied",
    "line manager",
    "screening",
    "training",
    "materials",
    "dry run",
    "certified",
    "certificate",
)
"""The steps from the application to the certificate, in order."""


class MentorTold(_Value):
    """The way of one mentor; `milestones` has a subset of MILESTONES."""

    ref: str
    name: str
    title: str
    status: str
    milestones: Mapping[str, Milestone]
    pairings: tuple[str, ...]


class EventTold(_Value):
    """One meeting as the service booked it; `on_server` where the calendar server has it at that hour too."""

    key: str
    kind: str
    number: int
    life: str
    start: AwareDatetime
    end: AwareDatetime
    attendees: tuple[str, ...]
    status: str
    on_server: bool


class TaskTold(_Value):
    """One matter that needed a human; `life` is the workflow it belongs to."""

    key: str
    kind: str
    life: str
    owner: str
    about: str
    opened_at: AwareDatetime
    outcome: str


class LetterTold(_Value):
    """One letter, by the number of its page.

    `key` is empty where a mailbox has a letter beyond those of the ledger; `copy_of` is the key of the letter
    it is a second copy of, as around a crash. `in_mailbox` is False where the ledger has a letter that no
    mailbox holds, which therefore has no page.
    """

    number: int
    key: str
    copy_of: str = ""
    letter: str
    person_ref: str
    person: str
    address: str
    subject: str
    language: str
    sent_at: AwareDatetime
    in_mailbox: bool
    attachments: tuple[str, ...] = ()


class Chronicle(_Value):
    """Everything that happened; pairings by their proposal, all else by time."""

    pairings: tuple[PairingTold, ...]
    mentors: tuple[MentorTold, ...]
    programme: tuple[Entry, ...]
    events: tuple[EventTold, ...]
    tasks: tuple[TaskTold, ...]
    letters: tuple[LetterTold, ...]
    strays: tuple[str, ...]
    """Events at the calendar server under keys that the service has no booked meeting for."""
