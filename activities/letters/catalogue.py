"""The catalogue of letters: every letter is named by what happened."""

from collections.abc import Mapping
from enum import StrEnum

from integrations.answers import Purpose


class Letter(StrEnum):
    """Every letter the service sends."""

    GO_NO_GO = "go-no-go"
    CALL_FOR_MENTORS = "call-for-mentors"
    CALL_NOTE = "call-note"
    MENTEE_INVITATION = "mentee-invitation"
    MENTEE_WELCOME = "mentee-welcome"
    APPLICATION_RECEIVED = "application-received"
    LINE_MANAGER_CONSENT = "line-manager-consent"
    MENTOR_SCREENING = "mentor-screening"
    MENTOR_ACCEPTED = "mentor-accepted"
    MENTOR_WAITING_LIST = "mentor-waiting-list"
    MENTOR_NOT_NOW = "mentor-not-now"
    TRAINING_PROGRAMME = "training-programme"
    TRAINING_DAY_BEFORE = "training-day-before"
    TRAINING_MISSED = "training-missed"
    TRAINING_ATTENDANCE = "training-attendance"
    MATERIALS = "materials"
    DRY_RUN = "dry-run"
    MENTOR_CERTIFIED = "mentor-certified"
    MENTOR_NEXT_STEPS = "mentor-next-steps"
    MENTOR_RELEASED = "mentor-released"
    MATCH_REVIEW = "match-review"
    PROPOSAL_TO_MENTEE = "proposal-to-mentee"
    PROPOSAL_TO_MENTOR = "proposal-to-mentor"
    PROPOSAL_CLOSED = "proposal-closed"
    PAIRING_CONFIRMED = "pairing-confirmed"
    AGREEMENT = "agreement"
    AGREEMENT_COUNTERSIGNED = "agreement-countersigned"
    NEEDS = "needs"
    GOALS = "goals"
    GOALS_AGREEMENT = "goals-agreement"
    SESSION_BRIEF = "session-brief"
    SESSION_REMINDER = "session-reminder"
    SESSION_HAPPENED = "session-happened"
    PULSE = "pulse"
    SLOT_CHOICE = "slot-choice"
    MID_REVIEW = "mid-review"
    IDEA = "idea"
    IDEA_AGREEMENT = "idea-agreement"
    IDEAS_DIGEST = "ideas-digest"
    IDEA_ANSWER = "idea-answer"
    IDEA_UNANSWERED = "idea-unanswered"
    CLOSING_REVIEW = "closing-review"
    CLOSING_SUMMARY = "closing-summary"
    CERTIFICATE_SIGNING = "certificate-signing"
    CERTIFICATE = "certificate"
    THANKS_MENTEE = "thanks-mentee"
    THANKS_LINE_MANAGER = "thanks-line-manager"
    FOLLOW_UP = "follow-up"
    REPORT_APPROVAL = "report-approval"
    REPORT = "report"
    TASK = "task"
    PAIRING_ENDED = "pairing-ended"
    REMATCH_OFFER = "rematch-offer"
    EVENT_INVITATION = "event-invitation"
    EVENT_MOVED = "event-moved"
    EVENT_CANCELLED = "event-cancelled"
    STOP_CONFIRMATION = "stop-confirmation"
    PROGRAMME_STOPPED = "programme-stopped"


PURPOSES: Mapping[Letter, Purpose] = {
    Letter.GO_NO_GO: Purpose.GO_NO_GO,
    Letter.CALL_FOR_MENTORS: Purpose.APPLICATION,
    Letter.MENTEE_INVITATION: Purpose.OPT_IN,
    Letter.LINE_MANAGER_CONSENT: Purpose.LINE_MANAGER_CONSENT,
    Letter.MENTOR_SCREENING: Purpose.SCREENING,
    Letter.TRAINING_ATTENDANCE: Purpose.ATTENDANCE,
    Letter.MATERIALS: Purpose.MATERIALS,
    Letter.DRY_RUN: Purpose.DRY_RUN,
    Letter.MATCH_REVIEW: Purpose.MATCH_REVIEW,
    Letter.PROPOSAL_TO_MENTEE: Purpose.PROPOSAL,
    Letter.PROPOSAL_TO_MENTOR: Purpose.PROPOSAL,
    Letter.AGREEMENT: Purpose.AGREEMENT,
    Letter.NEEDS: Purpose.NEEDS,
    Letter.GOALS: Purpose.GOALS,
    Letter.GOALS_AGREEMENT: Purpose.GOALS_AGREEMENT,
    Letter.SESSION_HAPPENED: Purpose.HAPPENED,
    Letter.PULSE: Purpose.PULSE,
    Letter.SLOT_CHOICE: Purpose.SLOT_CHOICE,
    Letter.MID_REVIEW: Purpose.MID_REVIEW,
    Letter.IDEA: Purpose.IDEA,
    Letter.IDEA_AGREEMENT: Purpose.IDEA_AGREEMENT,
    Letter.IDEAS_DIGEST: Purpose.IDEAS_DIGEST,
    Letter.CLOSING_REVIEW: Purpose.CLOSING_REVIEW,
    Letter.CERTIFICATE_SIGNING: Purpose.CERTIFICATE_SIGNING,
    Letter.FOLLOW_UP: Purpose.FOLLOW_UP,
    Letter.REPORT_APPROVAL: Purpose.REPORT_APPROVAL,
    Letter.TASK: Purpose.TASK,
    Letter.REMATCH_OFFER: Purpose.REMATCH,
    Letter.STOP_CONFIRMATION: Purpose.STOP_CONFIRMATION,
}
"""What the answer link of a letter is for; letters that ask nothing have none."""

NUDGES = frozenset(
    {
        Letter.TRAINING_DAY_BEFORE,
        Letter.SESSION_BRIEF,
        Letter.SESSION_REMINDER,
        Letter.PULSE,
        Letter.IDEA,
        Letter.FOLLOW_UP,
    }
)
"""Letters sent at most once when it is unsure whether they went out; all others at least once."""
