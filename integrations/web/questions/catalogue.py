"""Every purpose and the page that asks for it."""

from collections.abc import Callable, Mapping
from typing import Final

from integrations.answers import Purpose
from integrations.facts import Facts
from integrations.web.pages import Page
from integrations.web.questions import (
    beginning,
    calls,
    endings,
    goals,
    ideas,
    joining,
    match_review,
    matching,
    sessions,
    tasks,
    training,
)

QUESTIONS: Final[Mapping[Purpose, Callable[[Facts], Page]]] = {
    Purpose.GO_NO_GO: calls.go_no_go,
    Purpose.APPLICATION: joining.application,
    Purpose.OPT_IN: joining.opt_in,
    Purpose.LINE_MANAGER_CONSENT: calls.line_manager_consent,
    Purpose.SCREENING: calls.screening,
    Purpose.ATTENDANCE: training.attendance,
    Purpose.MATERIALS: training.materials,
    Purpose.DRY_RUN: training.dry_run,
    Purpose.MATCH_REVIEW: match_review.match_review,
    Purpose.PROPOSAL: matching.proposal,
    Purpose.AGREEMENT: beginning.agreement,
    Purpose.NEEDS: beginning.needs,
    Purpose.GOALS: goals.goals,
    Purpose.GOALS_AGREEMENT: goals.goals_agreement,
    Purpose.HAPPENED: sessions.happened,
    Purpose.PULSE: sessions.pulse,
    Purpose.SLOT_CHOICE: sessions.slot_choice,
    Purpose.MID_REVIEW: sessions.mid_review,
    Purpose.IDEA: ideas.idea,
    Purpose.IDEA_AGREEMENT: ideas.idea_agreement,
    Purpose.IDEAS_DIGEST: ideas.ideas_digest,
    Purpose.CLOSING_REVIEW: endings.closing_review,
    Purpose.CERTIFICATE_SIGNING: training.certificate_signing,
    Purpose.FOLLOW_UP: endings.follow_up,
    Purpose.REPORT_APPROVAL: endings.report_approval,
    Purpose.REMATCH: matching.rematch,
    Purpose.STOP_CONFIRMATION: endings.stop_confirmation,
    Purpose.TASK: tasks.task,
}


def page_for(purpose: Purpose, facts: Facts) -> Page:
    """The page of a purpose, told with these facts in their reader's language."""
    return QUESTIONS[purpose](facts)
