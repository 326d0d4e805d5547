"""Matching: the coordinator's review, a proposed pairing, another partner."""

from integrations.facts import Facts, Named, ProposedPair
from integrations.web.fields import Checks, LongText, Option, OptionGroup, PairRow, PairTable, Posted
from integrations.web.languages import Say
from integrations.web.pages import Page
from integrations.web.questions import choices, skills


def match_review(facts: Facts) -> Page:
    """Shows the coordinator what the solver found; they publish it, or have it solved again."""
    say = skills.say_to(facts)
    proposed, near = _rows(facts.pairs), _rows(facts.near_misses)
    return Page(
        title=say("Proposed pairings", "Binômes proposés"),
        lead=(
            say(
                "The service suggests, you decide. Fix a pair you want for certain, forbid one that must not "
                "be, and have the rest solved again; or publish the pairs as they are.",
                "Le service propose, vous décidez. Fixez un binôme auquel vous tenez, écartez-en un autre, "
                "et faites recalculer le reste ; ou publiez les binômes tels quels.",
            ),
        ),
        parts=(_table(proposed, near, say),),
        after=tuple((named.name, why) for named, why in facts.unmatched),
        after_legend=say("Without a partner", "Sans partenaire"),
        buttons=(
            Option("publish", say("Publish these pairs", "Publier ces binômes")),
            Option("solve-again", say("Solve again", "Recalculer")),
        ),
        rule=lambda values: _contradictions(values, proposed, say),
        thanks=_after_match_review(say),
        wide=True,
    )


def _after_match_review(say: Say) -> dict[str, str]:
    return {
        "publish": say(
            "Each mentee is now asked, then the mentor. A decline is never shown to the other side.",
            "Chaque mentoré est maintenant consulté, puis le mentor. Un refus n'est jamais montré à l'autre.",
        ),
        "": say(
            "A new proposal reaches you by mail in a few minutes.",
            "Une nouvelle proposition vous parvient par courriel dans quelques minutes.",
        ),
    }


def _rows(pairs: tuple[ProposedPair, ...]) -> tuple[PairRow, ...]:
    return tuple(
        PairRow(
            f"{pair.mentor.ref}:{pair.mentee.ref}",
            _who(pair.mentor),
            _who(pair.mentee),
            pair.score,
            pair.reasons,
        )
        for pair in pairs
    )


def _who(person: Named) -> tuple[str, str]:
    return person.name, ", ".join(filter(None, (person.title, person.site)))


def _table(proposed: tuple[PairRow, ...], near: tuple[PairRow, ...], say: Say) -> PairTable:
    options = (
        OptionGroup(
            "", tuple(Option(row.value, f"{row.mentor[0]} - {row.mentee[0]}") for row in proposed + near)
        ),
    )
    return PairTable(
        legend=say("Proposed pairs", "Binômes proposés"),
        rows=proposed,
        near_legend=say("Near misses", "Presque retenus"),
        near=near,
        fixed=Checks(("fixed",), say("Fix", "Fixer"), optional=True, groups=options),
        forbidden=Checks(("forbidden",), say("Forbid", "Écarter"), optional=True, groups=options),
    )


def _contradictions(values: Posted, proposed: tuple[PairRow, ...], say: Say) -> dict[str, str]:
    fixed, forbidden = set(values.get("fixed", ())), set(values.get("forbidden", ()))
    if fixed & forbidden:
        return {
            "fixed": say(
                "A pair is both fixed and forbidden; untick one of the two.",
                "Un binôme est à la fois fixé et écarté ; décochez l'un des deux.",
            )
        }
    as_they_are = not forbidden and fixed <= {row.value for row in proposed}
    if values.get("choice") != ("publish",) or as_they_are:
        return {}
    return {
        "forbidden" if forbidden else "fixed": say(
            "Your ticks would change the pairs: solve again first, or untick them and publish.",
            "Vos cases modifieraient les binômes : recalculez d'abord, ou décochez-les et publiez.",
        )
    }


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
