"""What a life remembers: stages, outcomes, asks, meetings - all that continue-as-new carries. Pure."""

from enum import StrEnum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from activities.directory import Stamp, Terms
from activities.scheduling import MeetingKind, MeetingState


class Outcome(StrEnum):
    """How a pairing ends; exactly one of these."""

    COMPLETED = "completed"
    ENDED_EARLY = "ended_early"
    DECLINED = "declined"
    LAPSED = "lapsed"
    ERASED = "erased"
    PROGRAMME_STOPPED = "programme_stopped"


class Stage(StrEnum):
    """Where a pairing stands."""

    CONSENT = "consent"
    TRAINING_GATE = "training gate"
    KICK_OFF = "kick-off"
    SESSIONS = "sessions"
    CLOSING_REVIEW = "closing review"
    CERTIFICATES = "certificates"
    FOLLOW_UP = "follow-up"
    ENDED = "ended"

    def precedes(self, other: "Stage") -> bool:
        """Whether a pairing comes to this stage before the other."""
        order = list(Stage)
        return order.index(self) < order.index(other)


class MentorStage(StrEnum):
    """Where a mentor stands in a programme."""

    CONSENT = "line manager's consent"
    SCREENING = "screening"
    TRAINING = "training"
    CERTIFICATE = "certificate"
    SERVING = "serving"
    ENDED = "ended"


class ProgrammeStage(StrEnum):
    """Where a programme stands."""

    OPENED = "opened"
    CALL = "call for mentors"
    TRAINING = "training"
    MATCHING = "matching"
    SUPERVISION = "supervision"
    REPORT = "report"
    RETENTION = "retention"
    ENDED = "ended"


class StopMode(StrEnum):
    """How a programme is stopped: let pairings finish, close them soon, or at once."""

    DRAIN = "drain"
    WIND_DOWN = "wind-down"
    STOP_NOW = "stop-now"


def stage_list(here: StrEnum) -> str:
    """All stages of the kind that `here` is one of, in Markdown: done, under way and to come."""
    order = list(type(here))
    now = order.index(here)
    marks = ("✅" if n < now else "⏳" if n == now else "⬜" for n in range(len(order)))
    return "\n".join(f"- {mark} {stage.value}" for mark, stage in zip(marks, order, strict=True))


class _Record(BaseModel):
    model_config = ConfigDict(extra="ignore", validate_assignment=False)


class Given(_Record):
    """One person's answer: what they chose, and where the rest of it is kept."""

    choice: str
    answer_id: str


class AskRecord(_Record):
    """How far one ask has come: when it was first sent, which steps were taken, who answered."""

    asked_at: AwareDatetime | None = None
    step: int = 0
    answers: dict[str, Given] = Field(default_factory=dict)
    waived: bool = False
    asked_again: bool = False
    dealt_with: bool = False
    unreachable: bool = False
    closed: bool = False
    stale: MeetingState | None = None

    @property
    def first(self) -> Given | None:
        """The first answer given, or None."""
        return next(iter(self.answers.values()), None)


class MeetingStage(StrEnum):
    """Where one meeting stands."""

    WANTED = "wanted"
    BOOKED = "booked"
    HELD = "held"
    MISSED = "missed"
    UNCONFIRMED = "unconfirmed"
    CANCELLED = "cancelled"


class MeetingRecord(_Record):
    """One meeting of a life. It is open until it was held, missed or successfully cancelled."""

    key: str
    kind: MeetingKind
    number: int = 0
    stage: MeetingStage = MeetingStage.WANTED
    start: AwareDatetime | None = None
    end: AwareDatetime | None = None
    moves: int = 0
    declines: int = 0
    handed_over: bool = False

    def want_again(self) -> None:
        """Has it booked anew; what was asked and sent about its old hour counts for no other."""
        self.stage, self.start, self.end = MeetingStage.WANTED, None, None
        self.moves, self.declines = self.moves + 1, 0

    @property
    def is_booked(self) -> bool:
        """Whether it has, or had, a place in the calendars."""
        return self.stage is not MeetingStage.WANTED

    @property
    def is_open(self) -> bool:
        """Whether the event may still stand in somebody's calendar ahead."""
        return self.stage in {MeetingStage.WANTED, MeetingStage.BOOKED}


class Ending(_Record):
    """Why a life has to end before its time."""

    outcome: Outcome
    leaver_ref: str | None = None


class LifeState(_Record):
    """What every life carries; keys are business keys, so a step done is never done again."""

    done: set[str] = Field(default_factory=set)
    asks: dict[str, AskRecord] = Field(default_factory=dict)
    meetings: dict[str, MeetingRecord] = Field(default_factory=dict)
    tasks: dict[str, str] = Field(default_factory=dict)
    seen: list[str] = Field(default_factory=list)
    beside: list[str] = Field(default_factory=list)
    instants: dict[str, AwareDatetime] = Field(default_factory=dict)
    counts: dict[str, int] = Field(default_factory=dict)
    hints: list[str] = Field(default_factory=list)
    heard: dict[str, Stamp] = Field(default_factory=dict)
    shown: dict[str, str] = Field(default_factory=dict)


class PairingState(LifeState):
    """What a pairing carries."""

    pairing_id: str
    mentor_ref: str
    mentee_ref: str
    line_manager_ref: str | None = None
    certified: bool = False
    stage: Stage = Stage.CONSENT
    held: int = 0
    attempts: int = 0
    missed: int = 0
    last_days: dict[str, AwareDatetime] = Field(default_factory=dict)
    winding_down: StopMode | None = None
    stopping: bool = False
    close_by: AwareDatetime | None = None
    mentor_unavailable: bool = False
    ending: Ending | None = None
    outcome: Outcome | None = None
    signed: bool = False


class MentorState(LifeState):
    """What a mentor's life carries."""

    mentor_ref: str
    stage: MentorStage = MentorStage.CONSENT
    trained: bool = False
    released: bool = False
    missed_training: bool = False
    put_off: bool = False
    programme_over: bool = False


class PairState(_Record):
    """A pairing as its programme knows it; running while it has no outcome."""

    mentor_ref: str
    mentee_ref: str
    certified: bool = False
    outcome: Outcome | None = None


class PairingEnded(_Record):
    """What a pairing tells its programme when it has ended."""

    pairing_id: str
    mentor_ref: str
    mentee_ref: str
    outcome: Outcome
    held: int = 0
    leaver_ref: str | None = None
    mentor_unavailable: bool = False


class Seat(_Record):
    """One mentee's seat: which pairing holds it and how many proposals were made."""

    attempts: int = 0
    outcome: Outcome | None = None
    closed: bool = False


class GroupState(_Record):
    """A training group: who belongs to it and how many of the half-days each has attended.

    `visits` says by half-day and attempt at which half-day (by key) of another group its members make up for
    what they missed; `guests` who of other groups came to one of this group's, None where it was not held.
    """

    members: list[str]
    attended: dict[str, int] = Field(default_factory=dict)
    visits: dict[str, dict[str, str]] = Field(default_factory=dict)
    guests: dict[str, list[str] | None] = Field(default_factory=dict)


class ProgrammeState(LifeState):
    """What a programme carries."""

    programme_id: str
    stage: ProgrammeStage = ProgrammeStage.OPENED
    mentors: dict[str, str] = Field(default_factory=dict)
    groups: list[GroupState] = Field(default_factory=list)
    batches: dict[str, list[str]] = Field(default_factory=dict)
    seats: dict[str, Seat] = Field(default_factory=dict)
    pairings: dict[str, PairState] = Field(default_factory=dict)
    published_to: str = ""
    ended: list[PairingEnded] = Field(default_factory=list)
    held: dict[int, int] = Field(default_factory=dict)
    ideas: list[str] = Field(default_factory=list)
    to_sign: list[str] = Field(default_factory=list)
    last_end: AwareDatetime | None = None
    leaving: dict[str, AwareDatetime] = Field(default_factory=dict)
    stop_wanted: StopMode | None = None
    stopped: StopMode | None = None


class PairingStart(_Record):
    """What a pairing starts or continues with."""

    terms: Terms
    state: PairingState


class MentorProgress(_Record):
    """What a mentor's life tells its programme: applied, selected, certified or released."""

    mentor_ref: str
    status: str


class MentorStart(_Record):
    """What a mentor's life starts or continues with; terms are read at the first start."""

    programme_id: str
    mentor_ref: str
    terms: Terms | None = None
    state: MentorState | None = None


class ProgrammeStart(_Record):
    """What a programme starts or continues with; terms are read at the first start."""

    programme_id: str
    terms: Terms | None = None
    state: ProgrammeState | None = None
