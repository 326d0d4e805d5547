"""The coordinator's review of a matching: look, fix, forbid, have it solved again, publish."""

from typing import Final

from integrations.facts import Facts, Named, ProposedPair
from integrations.web.fields import Checks, Option, OptionGroup, PairRow, PairSection, PairTable, Posted
from integrations.web.languages import Say
from integrations.web.pages import Page
from integrations.web.questions import skills
from integrations.web.questions.changes import changed
from integrations.web.resolving import Review

SOLVE_AGAIN: Final = "solve-again"
"""The choice that asks for other pairs."""

_CHANGED: Final = ("What solving again has changed", "Ce que le nouveau calcul a changé")


def match_review(facts: Facts) -> Page:
    """Shows the coordinator what the letter told of a matching; they publish it, or have it solved again."""
    return reviewed(Review(facts))


def reviewed(review: Review) -> Page:
    """Shows the coordinator a proposal under their wishes; they publish it, or have it solved again."""
    say, facts = skills.say_to(review.facts), review.facts
    changes = review.compared.changes if review.compared else ()
    moved = frozenset(change.mentee.ref for change in changes)
    proposed = _rows(facts.pairs, moved=moved, mark=say("New", "Nouveau"))
    near, ruled_out = _rows(facts.near_misses), _rows(review.ruled_out)
    return Page(
        title=say("Proposed pairings", "Binômes proposés"),
        lead=(_lead(say), *review.notes),
        points_legend=say(*_CHANGED) if review.compared else "",
        points=changed(review.compared, say) if review.compared else (),
        parts=(_table(review.proposal, proposed, near, ruled_out, say),),
        values={"fixed": review.fixed, "forbidden": review.forbidden},
        after=tuple((named.name, why) for named, why in facts.unmatched),
        after_legend=say("Without a partner", "Sans partenaire"),
        buttons=(
            Option("publish", say("Publish these pairs", "Publier ces binômes")),
            Option(SOLVE_AGAIN, say("Solve again", "Recalculer")),
        ),
        rule=lambda values: _contradictions(values, proposed, say),
        thanks=_after_match_review(say),
        wide=True,
    )


def _lead(say: Say) -> str:
    return say(
        "The service suggests, you decide. Fix a pair you want for certain, forbid one that must not be, and "
        "have the rest solved again, as often as you like. Nothing goes out before you publish.",
        "Le service propose, vous décidez. Fixez un binôme auquel vous tenez, écartez-en un autre, et faites "
        "recalculer le reste, autant de fois que vous voulez. Rien ne part avant que vous ne publiiez.",
    )


def _after_match_review(say: Say) -> dict[str, str]:
    return {
        "publish": say(
            "Each mentee is now asked, then the mentor. A decline is never shown to the other side.",
            "Chaque mentoré est maintenant consulté, puis le mentor. Un refus n'est jamais montré à l'autre.",
        ),
        "": say(
            "Solving for so many people takes a few minutes. A new proposal reaches you by mail.",
            "Le calcul pour autant de personnes prend quelques minutes. Une nouvelle proposition vous "
            "parvient par courriel.",
        ),
    }


def _rows(
    pairs: tuple[ProposedPair, ...], *, moved: frozenset[str] = frozenset(), mark: str = ""
) -> tuple[PairRow, ...]:
    """The pairs as rows; those whose mentee moved carry the mark."""
    return tuple(
        PairRow(
            f"{pair.mentor.ref}:{pair.mentee.ref}",
            _who(pair.mentor),
            _who(pair.mentee),
            pair.score,
            pair.reasons,
            mark if pair.mentee.ref in moved else "",
        )
        for pair in pairs
    )


def _who(person: Named) -> tuple[str, str]:
    return person.name, ", ".join(filter(None, (person.title, person.site)))


def _table(
    proposal: str,
    proposed: tuple[PairRow, ...],
    near: tuple[PairRow, ...],
    ruled_out: tuple[PairRow, ...],
    say: Say,
) -> PairTable:
    rows = (*proposed, *near, *ruled_out)
    named = tuple(Option(row.value, f"{row.mentor[0]} - {row.mentee[0]}") for row in rows)
    sections = (
        PairSection(say("Near misses", "Presque retenus"), near),
        PairSection(say("Ruled out by you", "Écartés par vos soins"), ruled_out),
    )
    options = (OptionGroup("", named),)
    return PairTable(
        sections=(
            PairSection(say("Proposed pairs", "Binômes proposés"), proposed),
            *(section for section in sections if section.rows),
        ),
        fixed=Checks(("fixed",), say("Fix", "Fixer"), optional=True, groups=options),
        forbidden=Checks(("forbidden",), say("Forbid", "Écarter"), optional=True, groups=options),
        proposal=proposal,
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
    if len({pair.rpartition(":")[2] for pair in fixed}) < len(fixed):
        return {
            "fixed": say(
                "Two mentors are fixed for the same mentee; untick one of them.",
                "Deux mentors sont fixés pour la même personne ; décochez l'un des deux.",
            )
        }
    shown = {row.value for row in proposed}
    if values.get("choice") != ("publish",) or (fixed <= shown and not forbidden & shown):
        return {}
    return {
        "forbidden" if forbidden & shown else "fixed": say(
            "Your ticks would change the pairs: solve again first, or untick them and publish.",
            "Vos cases modifieraient les binômes : recalculez d'abord, ou décochez-les et publiez.",
        )
    }
