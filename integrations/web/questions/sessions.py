"""Between sessions: did it happen, another hour, how it goes, the mid review."""

from typing import Final

from integrations.facts import Facts
from integrations.web.fields import LongText, Option, Radios, Scale
from integrations.web.languages import Say
from integrations.web.pages import Page
from integrations.web.questions import choices, skills
from integrations.web.questions.goals import goal_quotes
from integrations.web.questions.meetings import meeting_facts, meeting_words

_OFFERS: Final = 3
_ONCE: Final = frozenset({"kick-off", "closing-review"})
"""The meetings that a pairing has once and cannot do without."""


def happened(facts: Facts) -> Page:
    """Asks one of the pair what became of a session."""
    say = skills.say_to(facts)
    other = skills.short_name(facts.partner, say("The other", "L'autre"))
    number = facts.session or (facts.meeting.number if facts.meeting else 0)
    return Page(
        title=say(f"Did session {number} take place?", f"La séance {number} a-t-elle eu lieu ?")
        if number
        else say("Did your session take place?", "Votre séance a-t-elle eu lieu ?"),
        facts=meeting_facts(facts.meeting, facts, say("Session", "Séance")),
        buttons=(
            Option("held", say("Yes, it took place", "Oui, elle a eu lieu")),
            Option("moved", say("We have moved it", "Nous l'avons déplacée")),
            Option("other-absent", say(f"{other} did not come", f"{other} n'est pas venu")),
            Option("i-could-not", say("I could not", "Je n'ai pas pu")),
        ),
        privacy=say(
            "We ask both of you apart and tell nobody who said what.",
            "Nous vous interrogeons séparément et ne disons à personne qui a dit quoi.",
        ),
        thanks={
            "held": say("See you at the next session.", "À la prochaine séance."),
            "": say(
                "We look for another date; it comes by calendar.",
                "Nous cherchons une autre date ; elle arrivera dans votre agenda.",
            ),
        },
    )


def slot_choice(facts: Facts) -> Page:
    """Offers up to three hours for a meeting of the pair; only a session can be left out."""
    say = skills.say_to(facts)
    offers = [
        (str(number), meeting_words(meeting, facts))
        for number, meeting in enumerate(facts.meetings[:_OFFERS], start=1)
    ]
    return Page(
        title=say("Which time suits you?", "Quel moment vous convient ?"),
        lead=(say("Both calendars are free at these times.", "Les deux agendas sont libres à ces moments."),),
        facts=meeting_facts(facts.meeting, facts, say("So far", "Jusqu'ici")),
        parts=(
            choices.answer(
                say,
                *offers,
                ("none", say("None of these", "Aucun de ceux-ci")),
                *_without_a_session(facts, say),
            ),
        ),
        buttons=choices.send(say),
        thanks=_after_slot_choice(say),
    )


def _without_a_session(facts: Facts, say: Say) -> tuple[tuple[str, str], ...]:
    if facts.meeting and facts.meeting.kind in _ONCE:
        return ()
    return (("cancel", say("No session this time", "Pas de séance cette fois")),)


def _after_slot_choice(say: Say) -> dict[str, str]:
    return {
        "none": say(
            "The coordinator looks for an hour with you both.",
            "La coordination cherche un moment avec vous deux.",
        ),
        "cancel": say(
            "The session leaves both calendars; the coordinator looks at how to go on.",
            "La séance disparaît des deux agendas ; la coordination voit comment poursuivre.",
        ),
        "": say(
            "The event in both calendars moves to this time.",
            "L'événement est déplacé à ce moment dans les deux agendas.",
        ),
    }


def pulse(facts: Facts) -> Page:
    """Asks one of the pair how the sessions are going."""
    say = skills.say_to(facts)
    return Page(
        title=say("How are your sessions going?", "Comment se passent vos séances ?"),
        lead=(say("Two minutes, each of you apart.", "Deux minutes, chacun de son côté."),),
        parts=(
            *skills.trust(say, mentor=facts.role == "mentor"),
            Scale(
                ("useful",),
                say("How useful are the sessions to you?", "Les séances vous sont-elles utiles ?"),
                choices=skills.numbers(0, 10),
                low=say("0 = not at all", "0 = pas du tout"),
                high=say("10 = very", "10 = très"),
            ),
            LongText(("note",), say("Anything to add", "Quelque chose à ajouter"), optional=True),
            _contact(say),
        ),
        buttons=choices.send(say),
        values={"choice": ("answered",)},
        privacy=_pulse_privacy(say),
        thanks=_after_pulse(say),
    )


def _after_pulse(say: Say) -> dict[str, str]:
    return {
        "contact-me": say(
            "The coordinator gets in touch with you within two working days.",
            "La coordination prend contact avec vous sous deux jours ouvrés.",
        ),
        "": say(
            "We ask again in a few sessions. If something bothers you before, write to us.",
            "Nous vous le redemanderons dans quelques séances. D'ici là, écrivez-nous si quelque chose "
            "vous gêne.",
        ),
    }


def _contact(say: Say) -> Radios:
    return choices.choose(
        say("Would you like to talk to the coordinator?", "Souhaitez-vous parler à la coordination ?"),
        ("answered", say("No need", "Pas besoin")),
        ("contact-me", say("Yes, please contact me", "Oui, contactez-moi")),
    )


def _pulse_privacy(say: Say) -> str:
    return say(
        "Nobody in your reporting line reads this. Reports only count groups of five people or more.",
        "Personne dans votre ligne hiérarchique ne lit ceci. Les rapports ne comptent que des groupes d'au "
        "moins cinq personnes.",
    )


def mid_review(facts: Facts) -> Page:
    """Asks one of the pair, half-way, whether to go on as it is."""
    say, language = skills.say_to(facts), skills.language_of(facts)
    return Page(
        title=say("Half-way: shall you go on like this?", "À mi-parcours : continuer ainsi ?"),
        quotes=goal_quotes(facts.goals, language),
        parts=(
            choices.answer(
                say,
                ("continue", say("Yes, go on like this", "Oui, continuons ainsi")),
                ("adjust", say("Go on with other goals", "Continuer avec d'autres objectifs")),
                ("end", say("End it here", "En rester là")),
            ),
            choices.note(say),
        ),
        buttons=choices.send(say),
        privacy=say(
            "We ask both of you apart. Ending needs no reason.",
            "Nous vous interrogeons séparément. Arrêter ne demande aucune raison.",
        ),
        thanks=_after_mid_review(say),
        shows_competences=bool(facts.goals),
    )


def _after_mid_review(say: Say) -> dict[str, str]:
    return {
        "continue": say("The next session stands as booked.", "La prochaine séance est maintenue."),
        "adjust": say(
            "The mentor is asked to write down the goals anew, with the mentee.",
            "Le mentor est invité à réécrire les objectifs, avec le mentoré.",
        ),
        "": say(
            "No further session is held; a closing review follows.",
            "Il n'y aura plus de séance ; un bilan final suivra.",
        ),
    }
