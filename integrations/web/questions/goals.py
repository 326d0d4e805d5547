"""Goals of a pairing: the mentor writes them down, the mentee says whether they are theirs."""

from typing import Final

from integrations.answers import Goal
from integrations.facts import Facts
from integrations.web.fields import Group, LongText, OptionGroup, Posted, Select
from integrations.web.languages import Say, speaker
from integrations.web.pages import Page
from integrations.web.questions import choices, skills

_GOALS: Final = 3
_GOAL_FIELDS: Final = ("competence", "level_now", "level_wanted", "evidence")


def goals(facts: Facts) -> Page:
    """Asks the mentor for the goals found with the mentee."""
    say, language = skills.say_to(facts), skills.language_of(facts)
    mentee = skills.short_name(facts.mentee or facts.partner, say("your mentee", "votre mentoré"))
    wanted = ", ".join(skills.competence(key, language) for key in facts.needs or facts.suggestions)
    return Page(
        title=say(f"Goals with {mentee}", f"Les objectifs avec {mentee}"),
        lead=(
            say(
                "One to three goals you found together. A good goal can be seen: what will show it?",
                "Un à trois objectifs trouvés ensemble. Un bon objectif se voit : à quoi le "
                "reconnaîtra-t-on ?",
            ),
        ),
        facts=((say("Wishes so far", "Souhaits exprimés"), wanted),) if wanted else (),
        parts=tuple(_goal(index, say, language) for index in range(_GOALS)),
        buttons=choices.only("propose", say("Send the goals", "Envoyer les objectifs")),
        rule=lambda values: _goal_errors(values, say),
        values=_kept_goals(facts.goals),
        privacy=say("Only the two of you see the goals.", "Vous seuls voyez les objectifs."),
        thanks={
            "": say(
                f"{mentee} is now asked to agree to them, or to say what should change.",
                f"Nous demandons maintenant à {mentee} de les valider, ou de dire quoi changer.",
            )
        },
        shows_competences=True,
    )


def _goal(index: int, say: Say, language: str) -> Group:
    return Group(
        f"goal-{index}",
        say(f"Goal {index + 1}", f"Objectif {index + 1}"),
        (
            _folded(index, "competence", say("Competence", "Compétence"), skills.competences(language), say),
            _folded(index, "level_now", say("Level now", "Niveau actuel"), skills.levels(language), say),
            _folded(index, "level_wanted", say("Level wanted", "Niveau visé"), skills.levels(language), say),
            LongText(
                ("goals", index, "evidence"),
                say("What will show it", "Ce qui le montrera"),
                hint=say(
                    "Something you can both see.", "Quelque chose que vous pourrez constater tous deux."
                ),
                optional=True,
                marked=False,
                rows=2,
                longest=300,
                shortest=3,
            ),
        ),
        optional=index > 0,
        repeats=True,
    )


def _folded(index: int, name: str, label: str, groups: tuple[OptionGroup, ...], say: Say) -> Select:
    """One of the lists of a goal; which goals must be whole is a rule of the page."""
    empty = say("choose", "choisir")
    return Select(("goals", index, name), label, optional=True, marked=False, groups=groups, empty=empty)


def _kept_goals(goals: tuple[Goal, ...]) -> Posted:
    return {
        f"goals-{index}-{name}": (str(getattr(goal, name)),)
        for index, goal in enumerate(goals[:_GOALS])
        for name in _GOAL_FIELDS
    }


def _goal_errors(values: Posted, say: Say) -> dict[str, str]:
    errors: dict[str, str] = {}
    for index in range(_GOALS):
        given = {name: "".join(values.get(f"goals-{index}-{name}", ())).strip() for name in _GOAL_FIELDS}
        missing = [name for name, value in given.items() if not value]
        if not missing and given["level_wanted"] <= given["level_now"]:
            errors[f"goals-{index}-level_wanted"] = say(
                "The level wanted must be above the level now.",
                "Le niveau visé doit être au-dessus du niveau actuel.",
            )
        if len(missing) == len(_GOAL_FIELDS) and index:
            continue
        for name in missing:
            errors[f"goals-{index}-{name}"] = say("This is missing.", "Il manque ceci.")
    return errors


def goals_agreement(facts: Facts) -> Page:
    """Asks the mentee whether the goals are theirs."""
    say, language = skills.say_to(facts), skills.language_of(facts)
    return Page(
        title=say("Are these your goals?", "Sont-ce bien vos objectifs ?"),
        quotes=goal_quotes(facts.goals, language),
        parts=(
            choices.answer(
                say,
                ("agree", say("Yes, I agree", "Oui, je suis d'accord")),
                ("change", say("I would like a change", "J'aimerais un changement")),
            ),
            LongText(("note",), say("What should change", "Ce qui devrait changer"), when=("change",)),
        ),
        buttons=choices.send(say),
        privacy=say("Only the two of you see the goals.", "Vous seuls voyez les objectifs."),
        thanks={
            "agree": say(
                "You both work towards them from the next session on.",
                "Vous les poursuivez ensemble dès la prochaine séance.",
            ),
            "": say(
                "Your mentor is asked to adjust them, and you see them again.",
                "Votre mentor est invité à les revoir, puis nous vous les montrerons à nouveau.",
            ),
        },
        shows_competences=True,
    )


def goal_quotes(goals: tuple[Goal, ...], language: str) -> tuple[tuple[str, str], ...]:
    """Goals as pages show them: competence and levels over what will show it."""
    return tuple((_headed(goal, language), goal.evidence) for goal in goals)


def _headed(goal: Goal, language: str) -> str:
    name = skills.competence(goal.competence, language)
    now, wanted = (skills.level(number, language) for number in (goal.level_now, goal.level_wanted))
    return speaker(language)(f"{name}: {now} → {wanted}", f"{name} : {now} → {wanted}")
