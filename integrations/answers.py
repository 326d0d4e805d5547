"""What people answer on the response pages: one model per purpose of a link.

The inbox validates a posted form into one of these, the database keeps it, activities read it. A workflow
only ever sees the answer's id and its `choice`.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Level = Annotated[int, Field(ge=1, le=4)]
Agreement5 = Annotated[int, Field(ge=1, le=5)]
CompetenceId = Annotated[str, Field(pattern=r"^[1-5]\.[1-6]$")]
Note = Annotated[str, Field(max_length=1500)]
Colleagues = Annotated[str, Field(max_length=500)]
"""People by work address or full name, one a line."""


class Purpose(StrEnum):
    """What a signed link is for; a link never serves another purpose."""

    GO_NO_GO = "go-no-go"
    APPLICATION = "application"
    OPT_IN = "opt-in"
    LINE_MANAGER_CONSENT = "line-manager-consent"
    SCREENING = "screening"
    ATTENDANCE = "attendance"
    MATERIALS = "materials"
    DRY_RUN = "dry-run"
    MATCH_REVIEW = "match-review"
    PROPOSAL = "proposal"
    AGREEMENT = "agreement"
    NEEDS = "needs"
    GOALS = "goals"
    GOALS_AGREEMENT = "goals-agreement"
    HAPPENED = "happened"
    PULSE = "pulse"
    SLOT_CHOICE = "slot-choice"
    MID_REVIEW = "mid-review"
    IDEA = "idea"
    IDEA_AGREEMENT = "idea-agreement"
    IDEAS_DIGEST = "ideas-digest"
    CLOSING_REVIEW = "closing-review"
    CERTIFICATE_SIGNING = "certificate-signing"
    FOLLOW_UP = "follow-up"
    REPORT_APPROVAL = "report-approval"
    REMATCH = "rematch"
    STOP_CONFIRMATION = "stop-confirmation"
    TASK = "task"


class WeekPart(StrEnum):
    """A morning (08:00-13:00) or afternoon (13:00-18:00) of a weekday, in the person's own zone."""

    MON_AM = "mon-am"
    MON_PM = "mon-pm"
    TUE_AM = "tue-am"
    TUE_PM = "tue-pm"
    WED_AM = "wed-am"
    WED_PM = "wed-pm"
    THU_AM = "thu-am"
    THU_PM = "thu-pm"
    FRI_AM = "fri-am"
    FRI_PM = "fri-pm"


class Form(BaseModel):
    """One answer as it was given; `choice` is all that a workflow learns of it."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)
    choice: str


class GoNoGo(Form):
    """The sponsor lets the programme start, or not yet."""

    choice: Literal["go", "not-now"]
    note: Note = ""


class Application(Form):
    """A young employee applies to be a mentor; whom they would rather not have stays confidential."""

    choice: Literal["apply", "decline"]
    motivation: Note = ""
    strengths: Mapping[CompetenceId, Level] = {}
    interests: tuple[CompetenceId, ...] = ()
    languages: tuple[str, ...] = ()
    preferred: tuple[WeekPart, ...] = ()
    rather_with: Colleagues = ""
    rather_not_with: Colleagues = ""


class OptIn(Form):
    """A manager opts in as a mentee, names an assistant and says when, what and, in confidence, with whom."""

    choice: Literal["yes", "no"]
    assistant_address: str = Field(default="", max_length=254)
    preferred: tuple[WeekPart, ...] = ()
    interests: tuple[CompetenceId, ...] = Field(default=(), max_length=6)
    wishes: Note = ""
    rather_with: Colleagues = ""
    rather_not_with: Colleagues = ""


class LineManagerConsent(Form):
    """The line manager agrees to the time a mentor needs, or not."""

    choice: Literal["yes", "no"]
    note: Note = ""


class Screening(Form):
    """The coordinator scores an application (1-4 each) and decides; the reason goes to the applicant."""

    choice: Literal["accept", "waiting-list", "not-now"]
    digital_practice: Level
    pedagogy: Level
    discretion: Level
    motivation: Level
    reason: Note = ""


class Attendance(Form):
    """The trainer says who came to a half-day of training, by person ref."""

    choice: Literal["held", "not-held"]
    present: tuple[str, ...] = ()


class Materials(Form):
    """A mentor hands in their own session materials, by link or file reference."""

    choice: Literal["hand-in"]
    reference: str = Field(min_length=3, max_length=500)
    note: Note = ""


class DryRun(Form):
    """The trainer's verdict on materials and observed dry run."""

    choice: Literal["ready", "once-more", "not-now"]
    note: Note = ""


class MatchReview(Form):
    """The coordinator publishes the proposed pairs, or has them solved again with pairs fixed or forbidden.

    Pairs are written `mentor_ref:mentee_ref`.
    """

    choice: Literal["publish", "solve-again"]
    fixed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


class ReviewedProposal(MatchReview):
    """A coordinator's word on a matching, with the id of the proposal that the page showed."""

    proposal: str = ""


class Proposal(Form):
    """A mentee or mentor accepts or declines a proposed pairing; the reason is never passed on."""

    choice: Literal["accept", "decline"]
    reason: Note = ""


class MentoringAgreement(Form):
    """One of the pair signs the mentoring agreement, or wants to talk first."""

    choice: Literal["sign", "talk"]
    typed_name: str = Field(default="", max_length=120)


class Needs(Form):
    """The mentee's five screening answers (0 never - 3 easily) and up to four competences to work on."""

    choice: Literal["answered"]
    q1: Annotated[int, Field(ge=0, le=3)]
    q2: Annotated[int, Field(ge=0, le=3)]
    q3: Annotated[int, Field(ge=0, le=3)]
    q4: Annotated[int, Field(ge=0, le=3)]
    q5: Annotated[int, Field(ge=0, le=3)]
    competences: tuple[CompetenceId, ...] = Field(min_length=1, max_length=4)
    wish: Note = ""


class Goal(BaseModel):
    """A competence, where it is, where it should be, and what will show it."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)
    competence: CompetenceId
    level_now: Level
    level_wanted: Level
    evidence: str = Field(min_length=3, max_length=300)


class Goals(Form):
    """The mentor writes down the goals found with the mentee in the first session."""

    choice: Literal["propose"]
    goals: tuple[Goal, ...] = Field(min_length=1, max_length=3)


class GoalsAgreement(Form):
    """The mentee agrees to the goals, or asks for a change."""

    choice: Literal["agree", "change"]
    note: Note = ""


class Happened(Form):
    """One of the pair says what became of a session; the other never learns who said what."""

    choice: Literal["held", "other-absent", "i-could-not", "moved"]


class Pulse(Form):
    """Trust statements (agree 1-5), usefulness (0-10) and a wish to be contacted."""

    choice: Literal["answered", "contact-me"]
    trust_1: Agreement5
    trust_2: Agreement5
    trust_3: Agreement5
    trust_4: Agreement5
    trust_mentor: Agreement5 | None = None
    useful: Annotated[int, Field(ge=0, le=10)]
    note: Note = ""


class SlotChoice(Form):
    """One of up to three offered slots by number, none of them, or no session at all."""

    choice: Literal["1", "2", "3", "none", "cancel"]


class MidReview(Form):
    """Half-way: go on, adjust the goals, or end."""

    choice: Literal["continue", "adjust", "end"]
    note: Note = ""


class Idea(Form):
    """An idea for the company that came out of the pairing."""

    choice: Literal["share", "none"]
    text: str = Field(default="", max_length=300)


class IdeaAgreement(Form):
    """The other of the pair agrees to hand the idea in, or not."""

    choice: Literal["agree", "no"]


class IdeaDecision(BaseModel):
    """The sponsor's answer to one idea."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)
    decision: Literal["adopt", "try", "not-now"]
    why: str = Field(min_length=3, max_length=500)


class IdeasDigest(Form):
    """The sponsor's answers to the ideas handed in, by idea id."""

    choice: Literal["answered"]
    decisions: Mapping[str, IdeaDecision]


class ClosingReview(Form):
    """The closing review of one of the pair: levels reached by goal number, trust, what changed."""

    choice: Literal["answered"]
    levels: Mapping[str, Level] = {}
    trust_1: Agreement5
    trust_2: Agreement5
    trust_3: Agreement5
    trust_4: Agreement5
    trust_mentor: Agreement5 | None = None
    changed: Note = ""


class CertificateSigning(Form):
    """The sponsor signs the certificates of the mentors named on the page, or wants to talk first."""

    choice: Literal["sign", "talk"]


class FollowUp(Form):
    """Two questions, 90 days after the end."""

    choice: Literal["answered"]
    still_using: Agreement5
    would_again: Literal["yes", "no"]


class ReportApproval(Form):
    """The coordinator closes the programme with its report, or holds it."""

    choice: Literal["close", "hold"]


class Rematch(Form):
    """The one who stays wants a new partner, or has had enough."""

    choice: Literal["yes", "no"]


class StopConfirmation(Form):
    """The second person confirms that the programme is stopped, having seen what that means."""

    choice: Literal["confirm", "refuse"]


class Task(Form):
    """The owner of a task says what became of it: dealt with, answer waived, or ask once more."""

    choice: Literal["done", "waive", "remind"]
    note: Note = ""


FORMS: Mapping[Purpose, type[Form]] = {
    Purpose.GO_NO_GO: GoNoGo,
    Purpose.APPLICATION: Application,
    Purpose.OPT_IN: OptIn,
    Purpose.LINE_MANAGER_CONSENT: LineManagerConsent,
    Purpose.SCREENING: Screening,
    Purpose.ATTENDANCE: Attendance,
    Purpose.MATERIALS: Materials,
    Purpose.DRY_RUN: DryRun,
    Purpose.MATCH_REVIEW: MatchReview,
    Purpose.PROPOSAL: Proposal,
    Purpose.AGREEMENT: MentoringAgreement,
    Purpose.NEEDS: Needs,
    Purpose.GOALS: Goals,
    Purpose.GOALS_AGREEMENT: GoalsAgreement,
    Purpose.HAPPENED: Happened,
    Purpose.PULSE: Pulse,
    Purpose.SLOT_CHOICE: SlotChoice,
    Purpose.MID_REVIEW: MidReview,
    Purpose.IDEA: Idea,
    Purpose.IDEA_AGREEMENT: IdeaAgreement,
    Purpose.IDEAS_DIGEST: IdeasDigest,
    Purpose.CLOSING_REVIEW: ClosingReview,
    Purpose.CERTIFICATE_SIGNING: CertificateSigning,
    Purpose.FOLLOW_UP: FollowUp,
    Purpose.REPORT_APPROVAL: ReportApproval,
    Purpose.REMATCH: Rematch,
    Purpose.STOP_CONFIRMATION: StopConfirmation,
    Purpose.TASK: Task,
}
