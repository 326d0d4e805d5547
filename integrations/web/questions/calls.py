"""Who decides at the start: the sponsor's go, the line manager's consent, the coordinator's screening."""

from integrations.facts import Facts
from integrations.web.fields import Group, LongText, Posted, Scale
from integrations.web.figures import figures
from integrations.web.languages import Say
from integrations.web.pages import Page
from integrations.web.questions import choices, skills


def go_no_go(facts: Facts) -> Page:
    """Asks the sponsor whether the programme starts."""
    say = skills.say_to(facts)
    return Page(
        title=say("Shall the programme start?", "Le programme peut-il commencer ?"),
        lead=(
            say(
                "With your go, the call for mentors and the invitations to the managers go out.",
                "Avec votre accord partent l'appel aux mentors et les invitations aux dirigeants.",
            ),
        ),
        facts=figures(facts.counts, skills.language_of(facts)),
        parts=(
            choices.decision(
                say,
                ("go", say("Yes, the programme starts", "Oui, le programme commence")),
                ("not-now", say("Not now", "Pas maintenant")),
            ),
            choices.note(say),
        ),
        buttons=choices.send(say),
        thanks=_after_go_no_go(say),
    )


def _after_go_no_go(say: Say) -> dict[str, str]:
    return {
        "go": say(
            "The letters go out in the next working hours. You hear from us when pairings are running.",
            "Les lettres partent aux prochaines heures ouvrées. Nous vous écrirons dès que des binômes "
            "seront en cours.",
        ),
        "": say(
            "Nothing is sent to anyone. The coordinator gets in touch with you.",
            "Rien n'est envoyé à personne. La coordination prend contact avec vous.",
        ),
    }


def line_manager_consent(facts: Facts) -> Page:
    """Asks the line manager of an applicant whether the time suits."""
    say = skills.say_to(facts)
    name = facts.mentor.name if facts.mentor else say("Your colleague", "Votre collègue")
    time = _time_it_takes(facts, say)
    return Page(
        title=say(f"{name} would like to be a mentor", f"{name} souhaite être mentor"),
        lead=(
            say(
                f"It takes {time}, in working hours and over about six months. Does that suit the team?",
                f"Cela demande {time}, sur le temps de travail et sur environ six mois. Est-ce possible "
                "pour l'équipe ?",
            ),
        ),
        parts=(
            choices.answer(
                say,
                ("yes", say("Yes, I agree to the time", "Oui, je suis d'accord pour ce temps")),
                ("no", say("No, not at the moment", "Non, pas en ce moment")),
            ),
            choices.note(say),
        ),
        buttons=choices.send(say),
        thanks=_after_line_manager_consent(say),
    )


def _time_it_takes(facts: Facts, say: Say) -> str:
    time = say("three half-days of training", "trois demi-journées de formation")
    if facts.sessions_planned:
        minutes = facts.session_minutes or 60
        time += say(
            f", then {facts.sessions_planned} sessions of {minutes} minutes",
            f", puis {facts.sessions_planned} séances de {minutes} minutes",
        )
    return time


def _after_line_manager_consent(say: Say) -> dict[str, str]:
    return {
        "yes": say(
            "The coordinator now reads the application and answers the applicant.",
            "La coordination lit maintenant la candidature et y répond.",
        ),
        "": say(
            "The applicant is told kindly that it does not work out this time.",
            "Nous dirons avec tact que cela n'est pas possible cette fois.",
        ),
    }


def screening(facts: Facts) -> Page:
    """Asks the coordinator to score an application and to decide."""
    say = skills.say_to(facts)
    name = facts.mentor.name if facts.mentor else say("An applicant", "Une candidature")
    return Page(
        title=say(f"Application: {name}", f"Candidature : {name}"),
        facts=_application_facts(facts, say),
        quotes=_application_quote(facts, say),
        parts=(
            Group(
                "rubric",
                say("What you see in the application", "Ce que montre la candidature"),
                _rubric(say),
            ),
            choices.decision(
                say,
                ("accept", say("Accept", "Accepter")),
                ("waiting-list", say("Waiting list", "Liste d'attente")),
                ("not-now", say("Not now", "Pas maintenant")),
            ),
            _reason(say),
        ),
        buttons=choices.send(say),
        rule=lambda values: _no_without_reason(values, say),
        thanks=_after_screening(say),
        shows_competences=True,
    )


def _reason(say: Say) -> LongText:
    return LongText(
        ("reason",),
        say("Reason", "Motif"),
        hint=say(
            "The applicant reads it. Needed for “not now”.",
            "La personne le lira. Nécessaire pour « pas maintenant ».",
        ),
        optional=True,
    )


def _after_screening(say: Say) -> dict[str, str]:
    return {
        "accept": say("The mentor is invited to the training.", "Le mentor est invité à la formation."),
        "": say("The applicant is told, with your reason.", "La personne est prévenue, avec votre motif."),
    }


def _application_facts(facts: Facts, say: Say) -> tuple[tuple[str, str], ...]:
    applicant, language = facts.applicant, skills.language_of(facts)
    if applicant is None:
        return ()
    strengths = "; ".join(
        f"{skills.competence(key, language)} ({skills.level(level, language)})"
        for key, level in sorted(applicant.strengths.items(), key=lambda item: (-item[1], item[0]))
    )
    spoken = ", ".join(skills.language_name(code, language) for code in applicant.languages)
    consent = say("agreed", "donné") if applicant.consented else say("not yet given", "pas encore donné")
    told = (
        (say("Strengths", "Points forts"), strengths),
        (say("Languages", "Langues"), spoken),
        (say("Line manager's consent", "Accord du responsable"), consent),
    )
    return tuple((label, value) for label, value in told if value)


def _application_quote(facts: Facts, say: Say) -> tuple[tuple[str, str], ...]:
    if facts.applicant is None or not facts.applicant.motivation:
        return ()
    return ((say("Motivation", "Motivation"), facts.applicant.motivation),)


def _rubric(say: Say) -> tuple[Scale, ...]:
    criteria = (
        ("digital_practice", say("Digital practice", "Pratique numérique")),
        ("pedagogy", say("Liking to explain", "Goût d'expliquer")),
        ("discretion", say("Discretion", "Discrétion")),
        ("motivation", say("Motivation", "Motivation")),
    )
    return tuple(
        Scale(
            (name,),
            label,
            choices=skills.numbers(1, 4),
            low=say("1 = little of it", "1 = peu visible"),
            high=say("4 = plain to see", "4 = évident"),
        )
        for name, label in criteria
    )


def _no_without_reason(values: Posted, say: Say) -> dict[str, str]:
    if values.get("choice") != ("not-now",) or any(text.strip() for text in values.get("reason", ())):
        return {}
    return {"reason": say("Give a reason; the applicant reads it.", "Donnez un motif ; la personne le lira.")}
