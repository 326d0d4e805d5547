"""Who takes part: a young employee applies as a mentor, a manager opts in as a mentee."""

from typing import Final

from integrations import wording
from integrations.facts import Facts
from integrations.web.fields import Checks, Group, Line, LongText, Option, OptionGroup, Posted, Select
from integrations.web.languages import Say
from integrations.web.pages import Page
from integrations.web.questions import choices, skills

_APPLY: Final = ("apply",)
_YES: Final = ("yes",)


def application(facts: Facts) -> Page:
    """Asks a young employee to apply as a mentor, in about ten minutes."""
    say, language = skills.say_to(facts), skills.language_of(facts)
    return Page(
        title=say("Become a mentor", "Devenir mentor"),
        lead=(
            say(
                "Four short parts, about ten minutes. There are no right answers: say what feels easy.",
                "Quatre courtes parties, une dizaine de minutes. Il n'y a pas de bonne réponse : dites où "
                "vous vous sentez à l'aise.",
            ),
        ),
        parts=(_motivation(say), _strengths(say, language), *_wishes(say, language)),
        buttons=(
            Option("apply", say("Send my application", "Envoyer ma candidature")),
            Option("decline", say("Not this time", "Pas cette fois")),
        ),
        rule=lambda values: _without_strengths(values, say),
        privacy=say(
            "The coordinator reads your application; your line manager is only asked whether the time suits.",
            "La coordination lit votre candidature ; à votre responsable, on demande seulement si le temps "
            "convient.",
        ),
        thanks=_after_application(say),
        shows_competences=True,
    )


def _after_application(say: Say) -> dict[str, str]:
    return {
        "apply": say(
            "We first ask your line manager about the time, then the coordinator reads your application. "
            "You get an answer by mail, whatever it is.",
            "Nous voyons d'abord avec votre responsable si le temps convient, puis la coordination lit "
            "votre candidature. Vous aurez une réponse par courriel, quelle qu'elle soit.",
        ),
        "": say(
            "We do not write to you about this call again. Nobody asks you why.",
            "Nous ne vous écrirons plus au sujet de cet appel. Personne ne vous demandera pourquoi.",
        ),
    }


def _motivation(say: Say) -> LongText:
    return LongText(
        ("motivation",),
        say("Why would you like to be a mentor?", "Pourquoi aimeriez-vous être mentor ?"),
        hint=say("A few sentences are enough.", "Quelques phrases suffisent."),
        when=_APPLY,
        rows=5,
    )


def _strengths(say: Say, language: str) -> Group:
    areas = tuple(
        Group(
            f"strengths-{group.title[0]}",
            group.title,
            tuple(
                Select(
                    ("strengths", option.value),
                    option.label,
                    optional=True,
                    marked=False,
                    when=_APPLY,
                    groups=skills.levels(language),
                    empty=say("not a strength", "pas un point fort"),
                )
                for option in group.options
            ),
        )
        for group in skills.competences(language)
    )
    return Group(
        "strengths",
        say("What you are strong in", "Vos points forts"),
        areas,
        lead=say(
            "Choose a level wherever you could teach somebody; leave the rest as it is.",
            "Choisissez un niveau partout où vous pourriez transmettre ; laissez le reste tel quel.",
        ),
    )


def _interests(say: Say, language: str) -> Checks:
    return Checks(
        ("interests",),
        say("What you would most like to pass on", "Ce que vous aimeriez surtout transmettre"),
        optional=True,
        when=_APPLY,
        groups=skills.competences(language),
    )


def _wishes(say: Say, language: str) -> tuple[Checks, Group]:
    return _interests(say, language), _practical(say, language)


def _practical(say: Say, language: str) -> Group:
    return Group(
        "practical",
        say("Practical matters", "Côté pratique"),
        (
            Checks(
                ("languages",),
                say("Languages you could hold sessions in", "Langues dans lesquelles animer des séances"),
                when=_APPLY,
                groups=(OptionGroup("", skills.spoken(language)),),
            ),
            skills.week(say, when=_APPLY),
            *choices.colleagues(say, when=_APPLY),
        ),
    )


def _without_strengths(values: Posted, say: Say) -> dict[str, str]:
    named = any(name.startswith("strengths-") and any(given) for name, given in values.items())
    if named or values.get("choice") != _APPLY:
        return {}
    return {
        "strengths": say(
            "Choose a level for at least one strength.", "Choisissez un niveau pour au moins un point fort."
        )
    }


def opt_in(facts: Facts) -> Page:
    """Asks a manager whether they take part as a mentee, and how."""
    say, language = skills.say_to(facts), skills.language_of(facts)
    return Page(
        title=say("Would you like to take part?", "Souhaitez-vous participer ?"),
        lead=(_what_it_takes(facts, say),),
        parts=(
            choices.answer(
                say,
                ("yes", say("Yes, I take part", "Oui, je participe")),
                ("no", say("No, not this time", "Non, pas cette fois")),
            ),
            _assistant(say),
            skills.week(say, when=_YES),
            _to_work_on(say, language),
            LongText(
                ("wishes",),
                say("Anything you wish for", "Un souhait particulier"),
                optional=True,
                when=_YES,
            ),
            *choices.colleagues(say, when=_YES),
        ),
        buttons=choices.send(say),
        privacy=say(
            "What you want to work on helps to find your mentor. It is no assessment of you.",
            "Ce que vous aimeriez travailler aide à trouver votre mentor. Ce n'est pas une évaluation.",
        ),
        thanks=_after_opt_in(say),
        shows_competences=True,
    )


def _assistant(say: Say) -> Line:
    return Line(
        ("assistant_address",),
        say("Mail address of your assistant", "Adresse électronique de votre assistant ou assistante"),
        hint=say(
            "A colleague, who gets copies of reminders and may answer for you.",
            "Une ou un collègue, qui reçoit les rappels en copie et peut répondre à votre place.",
        ),
        optional=True,
        when=_YES,
        type="email",
        longest=254,
    )


def _to_work_on(say: Say, language: str) -> Checks:
    return Checks(
        ("interests",),
        say("What you would like to work on", "Ce que vous aimeriez travailler"),
        hint=say("Up to six; it can change later.", "Six au plus ; cela pourra changer."),
        optional=True,
        when=_YES,
        groups=skills.competences(language),
        most=6,
    )


def _what_it_takes(facts: Facts, say: Say) -> str:
    sessions, minutes = facts.sessions_planned, facts.session_minutes or 60
    if not sessions:
        return say(
            "A younger colleague works with you, one to one, on the digital tools and habits you choose.",
            "Une ou un jeune collègue travaille avec vous, en tête-à-tête, les outils et usages numériques "
            "que vous choisissez.",
        )
    return say(
        f"A younger colleague works with you, one to one, on the digital tools and habits you choose: "
        f"{sessions} sessions of {minutes} minutes, about {wording.span(facts.session_every_d, 'en')} apart.",
        f"Une ou un jeune collègue travaille avec vous, en tête-à-tête, les outils et usages numériques que "
        f"vous choisissez : {sessions} séances de {minutes} minutes, à "
        f"{wording.span(facts.session_every_d, 'fr')} d'intervalle environ.",
    )


def _after_opt_in(say: Say) -> dict[str, str]:
    return {
        "yes": say(
            "You get a welcome and a short briefing. We then propose a mentor: nothing starts before you "
            "have both said yes.",
            "Vous recevrez un mot d'accueil et une courte présentation. Nous vous proposerons ensuite un "
            "mentor : rien ne commence avant votre accord à tous les deux.",
        ),
        "": say(
            "We do not write to you about this programme again. Nobody asks you why.",
            "Nous ne vous écrirons plus au sujet de ce programme. Personne ne vous demandera pourquoi.",
        ),
    }
