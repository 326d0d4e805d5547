"""A proposed pairing, and another partner."""

from integrations.facts import Facts
from integrations.web.fields import LongText, Option
from integrations.web.languages import Say
from integrations.web.pages import Page
from integrations.web.questions import choices, skills


def proposal(facts: Facts) -> Page:
    """Asks one of the pair whether they take up a proposed pairing."""
    say = skills.say_to(facts)
    name = facts.partner.name if facts.partner else say("a colleague", "un ou une collègue")
    return Page(
        title=say(f"Would you like to work with {name}?", f"Souhaitez-vous former un binôme avec {name} ?"),
        lead=(_proposed(facts, say),),
        facts=((say("Who", "Qui"), skills.introduced(facts.partner)),) if facts.partner else (),
        points_legend=say("What speaks for it", "Ce qui plaide pour ce binôme") if facts.suggestions else "",
        points=facts.suggestions,
        parts=(
            choices.answer(
                say,
                ("accept", say("Yes, I would like to", "Oui, volontiers")),
                ("decline", say("No, rather not", "Non, plutôt pas")),
            ),
            _reason(say),
        ),
        buttons=choices.send(say),
        privacy=say(
            "A decline is never shown to the other person, and neither is the reason.",
            "Un refus n'est jamais montré à l'autre personne, pas plus que son motif.",
        ),
        thanks=_after_proposal(facts, say),
    )


def _proposed(facts: Facts, say: Say) -> str:
    if facts.role == "mentor":
        return say(
            "We think you could pass on a lot in this pairing. The mentee would like to work with you.",
            "Nous pensons que vous pourriez beaucoup transmettre dans ce binôme. La personne mentorée "
            "souhaite travailler avec vous.",
        )
    return say(
        "This is the mentor we propose to you. We ask them only if you say yes.",
        "Voici le mentor que nous vous proposons. Nous ne le consulterons que si vous dites oui.",
    )


def _reason(say: Say) -> LongText:
    return LongText(
        ("reason",),
        say("If not: why?", "Si c'est non : pourquoi ?"),
        hint=say("It is never passed on.", "Ce motif n'est jamais transmis."),
        optional=True,
        when=("decline",),
    )


def _after_proposal(facts: Facts, say: Say) -> dict[str, str]:
    if facts.role == "mentor":
        accepted = say(
            "You both get a confirmation, then a date for the kick-off.",
            "Vous recevez tous deux une confirmation, puis une date de lancement.",
        )
        declined = say(
            "This pair is not proposed again. You stay free for another one.",
            "Ce binôme ne sera plus proposé. Vous restez disponible pour un autre.",
        )
        return {"accept": accepted, "": declined}
    accepted = say(
        "We now ask the mentor and write to you as soon as we know.",
        "Nous consultons maintenant le mentor et vous écrivons dès que possible.",
    )
    declined = say(
        "This pair is not proposed again. We look for another mentor.",
        "Ce binôme ne sera plus proposé. Nous cherchons un autre mentor.",
    )
    return {"accept": accepted, "": declined}


def rematch(facts: Facts) -> Page:
    """Asks the one who stays whether they want a new partner."""
    say = skills.say_to(facts)
    return Page(
        title=say(
            "Would you like to go on with somebody else?", "Souhaitez-vous continuer avec quelqu'un d'autre ?"
        ),
        lead=(
            say(
                "Your pairing has ended. Some sessions are left: we can propose a new partner.",
                "Votre binôme a pris fin. Il reste des séances : nous pouvons vous proposer "
                "quelqu'un d'autre.",
            ),
        ),
        buttons=(
            Option("yes", say("Yes, propose somebody", "Oui, proposez-moi quelqu'un")),
            Option("no", say("No, thank you", "Non, merci")),
        ),
        thanks={
            "yes": say(
                "You get a proposal by mail as soon as we have found somebody.",
                "Vous recevrez une proposition par courriel dès que nous aurons trouvé.",
            ),
            "": say(
                "We leave it at that. Thank you for your time.", "Nous en restons là. Merci du temps donné."
            ),
        },
    )
