"""Endings: closing review, follow-up, the report, and the stop of a programme."""

from integrations.facts import Facts
from integrations.web.fields import Group, LongText, Option, Radios, Scale, Select
from integrations.web.figures import figures
from integrations.web.languages import Say
from integrations.web.pages import Page
from integrations.web.questions import choices, skills
from integrations.web.questions.goals import goal_quotes


def closing_review(facts: Facts) -> Page:
    """Asks one of the pair how far they came."""
    say = skills.say_to(facts)
    short = facts.reason == "short"
    return Page(
        title=say("Looking back", "Regard en arrière"),
        lead=(_looking_back(say, short=short),),
        parts=(
            *_reached(facts, say),
            *skills.trust(say, mentor=facts.role == "mentor"),
            LongText(
                ("changed",), say("What has changed for you", "Ce qui a changé pour vous"), optional=True
            ),
        ),
        buttons=choices.only("answered", say("Send my review", "Envoyer mon bilan")),
        privacy=say(
            "Nobody in your reporting line reads this. Reports only count groups of five people or more.",
            "Personne dans votre ligne hiérarchique ne lit ceci. Les rapports ne comptent que des groupes "
            "d'au moins cinq personnes.",
        ),
        thanks={"": _after_closing(say, short=short)},
        shows_competences=bool(facts.goals),
    )


def _looking_back(say: Say, *, short: bool) -> str:
    if short:
        return say(
            "Your pairing has ended early. Tell us briefly what it brought.",
            "Votre binôme s'est arrêté plus tôt que prévu. Dites-nous brièvement ce qu'il a apporté.",
        )
    return say(
        "How far did you come together? Three minutes are enough.",
        "Quel chemin avez-vous fait ensemble ? Trois minutes suffisent.",
    )


def _after_closing(say: Say, *, short: bool) -> str:
    if short:
        return say("Thank you for the time you gave.", "Merci du temps que vous y avez donné.")
    return say(
        "You both get a short summary of the levels reached. Two last questions follow in three months.",
        "Vous recevrez tous deux un court résumé des niveaux atteints. Deux dernières questions suivront "
        "dans trois mois.",
    )


def _reached(facts: Facts, say: Say) -> tuple[Group, ...]:
    language = skills.language_of(facts)
    return tuple(
        Group(
            f"goal-{number}",
            say(f"Goal {number}", f"Objectif {number}"),
            (
                Select(
                    ("levels", str(number)),
                    say("Level reached", "Niveau atteint"),
                    optional=True,
                    marked=False,
                    groups=skills.levels(language),
                    empty=say("hard to say", "difficile à dire"),
                ),
            ),
            lead=title,
            quote=evidence,
            repeats=True,
        )
        for number, (title, evidence) in enumerate(goal_quotes(facts.goals, language), start=1)
    )


def follow_up(facts: Facts) -> Page:
    """Asks two questions after three months."""
    say = skills.say_to(facts)
    return Page(
        title=say("Three months later", "Trois mois après"),
        parts=(
            Scale(
                ("still_using",),
                say("I still use what I learnt.", "J'utilise toujours ce que j'ai appris."),
                choices=skills.numbers(1, 5),
                low=say("1 = not at all", "1 = pas du tout"),
                high=say("5 = very much", "5 = tout à fait"),
            ),
            Radios(
                ("would_again",),
                say("Would you take part again?", "Participeriez-vous à nouveau ?"),
                choices=(Option("yes", say("Yes", "Oui")), Option("no", say("No", "Non"))),
            ),
        ),
        buttons=choices.only("answered", say("Send my answers", "Envoyer mes réponses")),
        thanks={
            "": say(
                "That was the last question. Thank you for taking part.",
                "C'était la dernière question. Merci de votre participation.",
            )
        },
    )


def report_approval(facts: Facts) -> Page:
    """Asks the coordinator whether the programme closes with this report."""
    say, language = skills.say_to(facts), skills.language_of(facts)
    gained = tuple(
        (
            skills.competence(key, language),
            f"{skills.level(before, language)} → {skills.level(after, language)}",
        )
        for key, (before, after) in facts.level_gain.items()
    )
    return Page(
        title=say("The programme's report", "Le rapport du programme"),
        lead=(
            say(
                "Numbers only; of answers and of how pairings ended only those of five people or more. It "
                "goes to the sponsor.",
                "Des chiffres seulement ; pour les réponses et l'issue des binômes, à partir de cinq "
                "personnes. Il est destiné au parrainage.",
            ),
        ),
        facts=figures(facts.counts, language) + gained,
        buttons=(
            Option("close", say("Send it and close the programme", "L'envoyer et clore le programme")),
            Option("hold", say("Hold it", "Attendre")),
        ),
        thanks=_after_report_approval(say),
        shows_competences=bool(facts.level_gain),
    )


def _after_report_approval(say: Say) -> dict[str, str]:
    return {
        "close": say(
            "The sponsor gets the report. Personal data is destroyed when its time is over.",
            "Le rapport part. Les données personnelles seront détruites à l'échéance.",
        ),
        "": say("We keep your word on it.", "Nous prenons note de votre décision."),
    }


def stop_confirmation(facts: Facts) -> Page:
    """Asks the second person to confirm that a programme is stopped."""
    say = skills.say_to(facts)
    return Page(
        title=say("Shall the programme be stopped?", "Faut-il arrêter le programme ?"),
        lead=(
            say(
                "A stop needs a second person's word: yours. It cannot be taken back.",
                "Un arrêt demande l'accord d'une seconde personne : vous. Il est sans retour.",
            ),
            *_how_it_stops(facts.reason, say),
        ),
        facts=figures(facts.counts, skills.language_of(facts)),
        buttons=(
            Option("refuse", say("No, go on", "Non, continuer")),
            Option("confirm", say("Yes, stop the programme", "Oui, arrêter le programme")),
        ),
        thanks={
            "confirm": say("Every pairing is told.", "Chaque binôme est prévenu."),
            "": say("Everything goes on as it was.", "Tout continue comme avant."),
        },
    )


def _how_it_stops(mode: str, say: Say) -> tuple[str, ...]:
    modes = {
        "drain": say(
            "Pairings under way finish all their sessions; no new one begins.",
            "Les binômes en cours terminent leurs séances ; aucun autre ne commence.",
        ),
        "wind-down": say(
            "Pairings under way hold one last session, then their closing review.",
            "Les binômes en cours tiennent une dernière séance, puis leur bilan final.",
        ),
        "stop-now": say(
            "All pairings end at once and their events leave all calendars.",
            "Tous les binômes s'arrêtent aussitôt et leurs événements quittent les agendas.",
        ),
    }
    return (modes[mode],) if mode in modes else ()
