"""Dossiers as acts: what was answered, turned into what the lives need to know."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from temporalio import activity

from activities.values import Value


class ReadAttendance(Value):
    """The trainer's answer about one half-day."""

    answer_id: str


class Attended(Value):
    """Who came, by ref."""

    present: tuple[str, ...]


class ReadLineManager(Value):
    """The person whose line manager is asked for."""

    person_ref: str


class LineManager(Value):
    """The line manager's ref, or None where there is nobody above."""

    ref: str | None = None


class FormGroups(Value):
    """The mentors to be trained, and the most a group may have."""

    mentor_refs: tuple[str, ...]
    most: int


class Groups(Value):
    """Training groups: who works at the same hours learns together."""

    groups: tuple[tuple[str, ...], ...]


class SetPairingStatus(Value):
    """The status of a pairing for the directory of pairings (capacity, reports)."""

    pairing_id: str
    status: str
    held: int = 0


class SetMentorStatus(Value):
    """A mentor's status in a programme: applied, selected, certified, released and the like."""

    programme_id: str
    mentor_ref: str
    status: str


class OpenTask(Value):
    """A matter that needs a human, once for its key."""

    key: str
    kind: str
    programme_id: str
    life: str
    owner_ref: str
    about_ref: str | None = None


class CloseTask(Value):
    """A task that is dealt with."""

    key: str
    outcome: str


class KeepIdeas(Value):
    """Ideas that their pairs agreed to hand in, by the ids of the answers they were written in."""

    answer_ids: tuple[str, ...]


class KeptIdeas(Value):
    """The ids of the ideas kept, and the same by the pairing that handed them in.

    An idea whose answer was destroyed meanwhile is not among them.
    """

    idea_ids: tuple[str, ...]
    by_pairing: Mapping[str, tuple[str, ...]] = {}


class RecordDecisions(Value):
    """The sponsor's answers to a digest of ideas."""

    programme_id: str
    answer_id: str


class DecidedIdeas(Value):
    """The pairings whose ideas were answered."""

    pairing_ids: tuple[str, ...]


class DestroyDossiers(Value):
    """The programme whose personal data is due to be destroyed."""

    programme_id: str


class Destroyed(Value):
    """How many rows went."""

    rows: int


class Dossiers(ABC):
    """The acts on dossiers. Blocking: runs on the records queue."""

    @activity.defn(name="read-attendance")
    @abstractmethod
    def read_attendance(self, request: ReadAttendance) -> Attended:
        """Reads who came to a half-day of training."""

    @activity.defn(name="read-line-manager")
    @abstractmethod
    def read_line_manager(self, request: ReadLineManager) -> LineManager:
        """Reads who a person reports to today."""

    @activity.defn(name="form-groups")
    @abstractmethod
    def form_groups(self, request: FormGroups) -> Groups:
        """Forms training groups of people whose working hours meet."""

    @activity.defn(name="set-pairing-status")
    @abstractmethod
    def set_pairing_status(self, request: SetPairingStatus) -> None:
        """Records where a pairing stands."""

    @activity.defn(name="set-mentor-status")
    @abstractmethod
    def set_mentor_status(self, request: SetMentorStatus) -> None:
        """Records where a mentor stands in a programme."""

    @activity.defn(name="open-task")
    @abstractmethod
    def open_task(self, request: OpenTask) -> None:
        """Opens a task for its owner."""

    @activity.defn(name="close-task")
    @abstractmethod
    def close_task(self, request: CloseTask) -> None:
        """Closes a task with its outcome."""

    @activity.defn(name="keep-ideas")
    @abstractmethod
    def keep_ideas(self, request: KeepIdeas) -> KeptIdeas:
        """Keeps ideas handed in; one that is kept already stays as it is, with the sponsor's answer."""

    @activity.defn(name="record-decisions")
    @abstractmethod
    def record_decisions(self, request: RecordDecisions) -> DecidedIdeas:
        """Keeps the sponsor's answers to the ideas of a digest."""

    @activity.defn(name="destroy-dossiers")
    @abstractmethod
    def destroy_dossiers(self, request: DestroyDossiers) -> Destroyed:
        """Destroys the personal data of a programme whose retention is over."""
