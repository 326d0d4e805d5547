"""Facts made up for every letter: what previews show and tests render. Nobody in them exists."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from activities.letters.catalogue import PURPOSES, Letter
from integrations.answers import Goal
from integrations.facts import Applicant, Facts, Meeting, Named, NamedIdea, ProposedPair

_MENTOR: Final = Named(ref="p-lina", name="Lina Moreau", given_name="Lina", title="Data analyst", site="Lyon")
_MENTEE: Final = Named(
    ref="p-henri", name="Henri Castellane", given_name="Henri", title="Chief Financial Officer", site="Paris"
)
_SPONSOR: Final = Named(
    ref="p-ines", name="Inès Valadier", given_name="Inès", title="Chief Executive Officer", site="Paris"
)
_COORDINATOR: Final = Named(ref="p-maud", name="Maud Ferrand", given_name="Maud", title="HR development")
_DEPUTY: Final = Named(ref="p-yann", name="Yann Kerbrat", given_name="Yann", title="HR development")
_TRAINER: Final = Named(ref="p-olga", name="Olga Brandt", given_name="Olga", title="Trainer")
_BOSS: Final = Named(ref="p-paul", name="Paul Esnault", given_name="Paul", title="Head of data", site="Lyon")
_ASSISTANT: Final = Named(ref="p-rose", name="Rose Aubertin", given_name="Rose", title="Executive assistant")
_OTHERS: Final = (
    Named(ref="p-sami", name="Sami Haddad", given_name="Sami", title="Product designer", site="Lyon"),
    Named(ref="p-anna", name="Anna Lindqvist", given_name="Anna", title="Engineer", site="Paris"),
    Named(ref="p-theo", name="Théo Marchetti", given_name="Théo", title="Community manager", site="Lille"),
)
_OTHER_MENTEES: Final = (
    Named(ref="p-carl", name="Carl Weidmann", given_name="Carl", title="Chief Operating Officer"),
    Named(ref="p-nora", name="Nora Delcourt", given_name="Nora", title="Director, Legal"),
)
_READERS: Final = {
    "mentor": _MENTOR,
    "mentee": _MENTEE,
    "line-manager": _BOSS,
    "coordinator": _COORDINATOR,
    "deputy": _DEPUTY,
    "sponsor": _SPONSOR,
    "trainer": _TRAINER,
    "assistant": _ASSISTANT,
}
_PROGRAMME: Final = {"en": "Digital Exchange 2026", "fr": "Échanges numériques 2026"}
_START: Final = datetime(2026, 10, 6, 8, 0, tzinfo=UTC)

_ROLES: Final = {
    Letter.GO_NO_GO: "sponsor",
    Letter.CALL_NOTE: "line-manager",
    Letter.MENTEE_INVITATION: "mentee",
    Letter.MENTEE_WELCOME: "mentee",
    Letter.LINE_MANAGER_CONSENT: "line-manager",
    Letter.MENTOR_SCREENING: "coordinator",
    Letter.TRAINING_ATTENDANCE: "trainer",
    Letter.DRY_RUN: "trainer",
    Letter.MATCH_REVIEW: "coordinator",
    Letter.PROPOSAL_TO_MENTEE: "mentee",
    Letter.PROPOSAL_CLOSED: "mentee",
    Letter.NEEDS: "mentee",
    Letter.GOALS_AGREEMENT: "mentee",
    Letter.SLOT_CHOICE: "mentee",
    Letter.IDEAS_DIGEST: "sponsor",
    Letter.CERTIFICATE_SIGNING: "sponsor",
    Letter.THANKS_MENTEE: "mentee",
    Letter.THANKS_LINE_MANAGER: "line-manager",
    Letter.REPORT_APPROVAL: "coordinator",
    Letter.REPORT: "sponsor",
    Letter.TASK: "coordinator",
    Letter.REMATCH_OFFER: "mentee",
    Letter.STOP_CONFIRMATION: "sponsor",
}
_NO_PAIR_YET: Final = frozenset(
    {
        Letter.CALL_FOR_MENTORS,
        Letter.CALL_NOTE,
        Letter.MENTEE_INVITATION,
        Letter.MENTEE_WELCOME,
        Letter.GO_NO_GO,
    }
)


def sample_facts(letter: Letter, language: str) -> Facts:
    """Facts for the letter, rich enough that every part of it is shown."""
    role = _ROLES.get(letter, "mentor")
    pair = {} if letter in _NO_PAIR_YET else {"mentor": _MENTOR, "mentee": _MENTEE}
    partner = {"mentor": _MENTEE, "mentee": _MENTOR}.get(role) if pair else None
    own = _OWN.get(letter, {})
    fields: dict[str, Any] = {
        "programme": _PROGRAMME[language],
        "language": language,
        "zone": "Europe/Paris",
        "role": role,
        "reader": _READERS[role],
        "sponsor": _SPONSOR,
        "coordinator": _COORDINATOR,
        "partner": partner,
        "reply_address": "exchange@mentoring.example",
        "answer_by": _START + timedelta(days=3, hours=8) if letter in PURPOSES else None,
        "sessions_planned": 6,
        "session_minutes": 60,
        "sessions_held": 2,
        "session": 2,
        "meeting": _meeting(0, 60, number=2),
        **pair,
        **own,
        **_WORDS[language].get(letter, {}),
    }
    return Facts(**fields)


def _meeting(days: int, minutes: int, *, number: int = 0) -> Meeting:
    start = _START + timedelta(days=days)
    return Meeting(
        start=start,
        end=start + timedelta(minutes=minutes),
        number=number,
        conference="https://meet.example/q7w-2kd-9pz",
    )


_HALF_DAYS: Final = tuple(_meeting(7 * n, 210, number=n + 1) for n in range(3))
_OFFERS: Final = tuple(_meeting(n, 60, number=2) for n in (2, 3, 6))
_REPORT: Final = {
    "pairings": 15,
    "pairings_completed": 10,
    "pairings_otherwise": 5,
    "sessions_held": 66,
    "mentors_applied": 31,
    "mentors_certified": 14,
    "ideas": 9,
    "ideas_adopt": 2,
    "ideas_try": 4,
    "trust_during": 431,
    "trust_during_people": 24,
    "useful": 864,
    "useful_people": 24,
    "levels_gained": 265,
    "levels_gained_people": 10,
    "would_again": 100,
    "would_again_people": 21,
}

_OWN: Final[dict[Letter, dict[str, Any]]] = {
    Letter.GO_NO_GO: {"counts": {"people": 1840, "mentors_called": 312, "mentees": 12}},
    Letter.CALL_NOTE: {"people": _OTHERS},
    Letter.MENTOR_SCREENING: {"partner": None},
    Letter.TRAINING_PROGRAMME: {
        "meetings": _HALF_DAYS,
        "meeting": _HALF_DAYS[0],
        "people": (_MENTOR, *_OTHERS),
    },
    Letter.TRAINING_DAY_BEFORE: {"meeting": _HALF_DAYS[0], "people": (_MENTOR, *_OTHERS)},
    Letter.TRAINING_MISSED: {"meeting": _HALF_DAYS[1], "people": (_MENTOR,)},
    Letter.TRAINING_ATTENDANCE: {"meeting": _HALF_DAYS[0], "people": (_MENTOR, *_OTHERS)},
    Letter.DRY_RUN: {"materials": "https://files.example/kits/lina-moreau-session-1.pdf"},
    Letter.CERTIFICATE_SIGNING: {"people": (_MENTOR, *_OTHERS)},
    Letter.REPORT_APPROVAL: {"counts": _REPORT},
    Letter.REPORT: {"counts": _REPORT},
    Letter.STOP_CONFIRMATION: {"counts": {"pairings_running": 9, "mentors": 14}, "reason": "wind-down"},
    Letter.TASK: {"task": "no-common-slot", "people": (_MENTEE,)},
    Letter.SLOT_CHOICE: {"meetings": _OFFERS},
    Letter.SESSION_BRIEF: {"needs": ("1.2", "2.4", "4.2")},
    Letter.GOALS: {"needs": ("1.2", "2.4", "4.2"), "suggestions": ("1.2", "2.4", "4.2")},
    Letter.CLOSING_SUMMARY: {"level_gain": {"1.2": (1, 3), "2.4": (2, 3)}, "sessions_held": 6},
    Letter.CERTIFICATE: {"level_gain": {"1.2": (1, 3), "2.4": (2, 3)}, "sessions_held": 6},
    Letter.THANKS_MENTEE: {"sessions_held": 6},
    Letter.THANKS_LINE_MANAGER: {"sessions_held": 6},
    Letter.FOLLOW_UP: {"sessions_held": 6},
    Letter.CLOSING_REVIEW: {"sessions_held": 6},
}


def _told(language: str) -> dict[Letter, dict[str, Any]]:
    """What people wrote, in the language of the letter."""
    say = 0 if language == "en" else 1
    goals = (
        Goal(competence="1.2", level_now=1, level_wanted=3, evidence=_EVIDENCE[0][say]),
        Goal(competence="2.4", level_now=2, level_wanted=3, evidence=_EVIDENCE[1][say]),
    )
    ideas = tuple(NamedIdea(id=f"idea-{n}", text=words[say]) for n, words in enumerate(_IDEAS, 1))
    answered = (
        ideas[0].model_copy(update={"decision": "try", "why": _WHY[say]}),
        ideas[1].model_copy(update={"decision": "not-now", "why": _WHY_NOT[say]}),
    )
    applicant = Applicant(
        motivation=_MOTIVATION[say], strengths={"1.2": 4, "2.4": 3, "3.1": 3}, languages=("fr", "en")
    )
    reasons = tuple(words[say] for words in _REASONS)
    pairs = tuple(
        ProposedPair(
            mentor=mentor, mentee=mentee, score=score, reasons=tuple(words[say] for words in _WHY_PAIR)
        )
        for mentor, mentee, score in (
            (_MENTOR, _MENTEE, 74),
            (_OTHERS[0], _OTHER_MENTEES[0], 74),
        )
    )
    matching = {
        "pairs": pairs,
        "unmatched": ((_OTHER_MENTEES[1], _UNMATCHED[say]),),
        "near_misses": (
            ProposedPair(mentor=_OTHERS[1], mentee=_MENTEE, score=81, reasons=(_NEAR_MISS[say],)),
        ),
    }
    with_goals = (
        Letter.GOALS_AGREEMENT,
        Letter.SESSION_BRIEF,
        Letter.MID_REVIEW,
        Letter.CLOSING_REVIEW,
        Letter.CLOSING_SUMMARY,
        Letter.CERTIFICATE,
    )
    return {
        **{letter: {"goals": goals} for letter in with_goals},
        Letter.MENTOR_SCREENING: {"applicant": applicant},
        Letter.MENTOR_NOT_NOW: {"reason": _NOT_NOW[say]},
        Letter.MATCH_REVIEW: matching,
        Letter.PROPOSAL_TO_MENTEE: {"suggestions": reasons},
        Letter.PROPOSAL_TO_MENTOR: {"suggestions": reasons},
        Letter.IDEA_AGREEMENT: {"ideas": ideas[:1]},
        Letter.IDEAS_DIGEST: {"ideas": ideas},
        Letter.IDEA_ANSWER: {"ideas": answered},
        Letter.IDEA_UNANSWERED: {"ideas": ideas[:1]},
    }


_EVIDENCE: Final = (
    (
        "Checks a forwarded article with two independent sources before passing it on",
        "Vérifie un article reçu auprès de deux sources indépendantes avant de le transmettre",
    ),
    (
        "Runs the weekly meeting from a shared page instead of attachments",
        "Anime la réunion hebdomadaire à partir d'une page partagée, sans pièces jointes",
    ),
)
_IDEAS: Final = (
    (
        "Open the executive committee's dashboard to all site managers, read-only.",
        "Ouvrir le tableau de bord du comité de direction à tous les responsables de site, en lecture.",
    ),
    (
        "One afternoon a month without internal mail, in every team.",
        "Un après-midi par mois sans courriel interne, dans chaque équipe.",
    ),
)
_WHY: Final = (
    "Lyon and Lille will have it from January; we look at the questions it brings in March.",
    "Lyon et Lille l'auront dès janvier ; nous ferons le point en mars sur les questions posées.",
)
_WHY_NOT: Final = (
    "The support teams cannot pause their mail. We will look for a form that suits them first.",
    "Les équipes support ne peuvent pas couper leur messagerie. Cherchons d'abord une forme adaptée.",
)
_MOTIVATION: Final = (
    (
        "I helped my whole team move to shared documents and liked the questions more than the tool.\n"
        "I would like to learn how decisions are made higher up."
    ),
    (
        "J'ai aidé mon équipe à passer aux documents partagés, et j'ai aimé les questions plus que l'outil.\n"
        "J'aimerais comprendre comment se prennent les décisions plus haut."
    ),
)
_REASONS: Final = (
    ("strong in what the mentee wants to learn", "à l'aise dans ce que le mentoré veut apprendre"),
    ("four half-days a week in common", "quatre demi-journées communes par semaine"),
    ("different departments", "services différents"),
)
_WHY_PAIR: Final = (
    (
        "Strong in what is needed (Evaluating information): 44 points.",
        "Points forts qui répondent aux besoins (Évaluer l'information) : 44 points.",
    ),
    ("They work in different functions: 30 points.", "Métiers différents : 30 points."),
    ("The best of 6 mentors who fit.", "Le meilleur des 6 mentors possibles."),
)
_UNMATCHED: Final = (
    "Without a shared language: 6 mentors of 6.",
    "Sans langue commune : 6 mentors sur 6.",
)
_NEAR_MISS: Final = (
    "Possible with 2 h of common working time a week instead of 3 h: Anna Lindqvist.",
    "Possible avec 2 h de travail en commun par semaine au lieu de 3 h : Anna Lindqvist.",
)
_NOT_NOW: Final = (
    "You joined the new project team last month; we would like you to find your feet there first.",
    "Vous venez de rejoindre l'équipe projet ; nous souhaitons que vous y preniez d'abord vos marques.",
)
_WORDS: Final = {language: _told(language) for language in ("en", "fr")}
