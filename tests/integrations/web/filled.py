"""A valid answer for every purpose, as a browser posts it, to pages told with the letters' sample facts."""

from collections.abc import Mapping

from activities.letters.catalogue import PURPOSES, Letter
from activities.letters.samples import sample_facts
from integrations.answers import Purpose
from integrations.facts import Facts

Fields = Mapping[str, str | list[str]]

_LETTERS = {
    purpose: letter for letter, purpose in PURPOSES.items() if letter is not Letter.PROPOSAL_TO_MENTOR
}
_TRUST = {"trust_1": "5", "trust_2": "4", "trust_3": "3", "trust_4": "4", "trust_mentor": "5"}
_GOAL = {
    "goals-0-competence": "1.2",
    "goals-0-level_now": "1",
    "goals-0-level_wanted": "3",
    "goals-0-evidence": "Checks two sources",
}

FILLED: Mapping[Purpose, Fields] = {
    Purpose.GO_NO_GO: {"choice": "go", "note": "Good luck"},
    Purpose.APPLICATION: {
        "choice": "apply",
        "motivation": "I like explaining things",
        "strengths-1.1": "4",
        "strengths-2.4": "3",
        "strengths-3.1": "",
        "interests": ["2.4", "5.3"],
        "languages": ["en", "fr"],
        "preferred": ["mon-am", "fri-pm"],
        "rather_with": "Henri Faure",
        "rather_not_with": "carl.n@company.example",
    },
    Purpose.OPT_IN: {
        "choice": "yes",
        "assistant_address": "rose.aubertin@company.example",
        "preferred": ["tue-am"],
        "interests": ["1.2", "4.2"],
        "wishes": "Less mail",
        "rather_with": "Lina Moreau",
        "rather_not_with": "sami.b@company.example",
    },
    Purpose.LINE_MANAGER_CONSENT: {"choice": "yes", "note": ""},
    Purpose.SCREENING: {
        "choice": "accept",
        "digital_practice": "4",
        "pedagogy": "3",
        "discretion": "3",
        "motivation": "4",
        "reason": "Clear and kind",
    },
    Purpose.ATTENDANCE: {"choice": "held", "present": ["p-lina", "p-sami"]},
    Purpose.MATERIALS: {"choice": "hand-in", "reference": "https://files.example/kit", "note": ""},
    Purpose.DRY_RUN: {"choice": "ready", "note": "Calm and clear"},
    Purpose.MATCH_REVIEW: {
        "choice": "solve-again",
        "fixed": ["p-lina:p-henri"],
        "forbidden": ["p-sami:p-carl"],
    },
    Purpose.PROPOSAL: {"choice": "decline", "reason": "We know each other too well"},
    Purpose.AGREEMENT: {"choice": "sign", "typed_name": "Lina Moreau"},
    Purpose.NEEDS: {
        "choice": "answered",
        **{f"q{number}": "2" for number in range(1, 6)},
        "competences": ["1.2", "2.4"],
        "wish": "Shared documents",
    },
    Purpose.GOALS: {"choice": "propose", **_GOAL},
    Purpose.GOALS_AGREEMENT: {"choice": "change", "note": "The second one is not mine"},
    Purpose.HAPPENED: {"choice": "held"},
    Purpose.PULSE: {"choice": "contact-me", **_TRUST, "useful": "9", "note": "All well"},
    Purpose.SLOT_CHOICE: {"choice": "2"},
    Purpose.MID_REVIEW: {"choice": "adjust", "note": "Other goals"},
    Purpose.IDEA: {"choice": "share", "text": "Shared dashboards for all sites"},
    Purpose.IDEA_AGREEMENT: {"choice": "agree"},
    Purpose.IDEAS_DIGEST: {
        "choice": "answered",
        "decisions-idea-1-decision": "try",
        "decisions-idea-1-why": "It costs little",
        "decisions-idea-2-decision": "not-now",
        "decisions-idea-2-why": "Not this year",
    },
    Purpose.CLOSING_REVIEW: {
        "choice": "answered",
        "levels-1": "3",
        "levels-2": "",
        **_TRUST,
        "changed": "I look it up myself",
    },
    Purpose.CERTIFICATE_SIGNING: {"choice": "sign"},
    Purpose.FOLLOW_UP: {"choice": "answered", "still_using": "5", "would_again": "yes"},
    Purpose.REPORT_APPROVAL: {"choice": "close"},
    Purpose.REMATCH: {"choice": "yes"},
    Purpose.STOP_CONFIRMATION: {"choice": "confirm"},
    Purpose.TASK: {"choice": "done", "note": "They found an hour"},
}


def facts_for(purpose: Purpose, language: str) -> Facts:
    """What the letter of this purpose tells, and so its page."""
    return sample_facts(_LETTERS[purpose], language)


def kept(content: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """What the database holds of an answer, flat, under the names of the form."""
    flat: dict[str, object] = {}
    for key, value in content.items():
        if isinstance(value, Mapping):
            flat |= kept(value, f"{prefix}{key}-")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            for index, item in enumerate(value):
                flat |= kept(item, f"{prefix}{key}-{index}-")
        elif value not in ("", [], None):
            flat[prefix + key] = list(map(str, value)) if isinstance(value, list) else str(value)
    return flat
