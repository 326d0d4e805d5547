"""Goals: what a mentor may propose after the needs are known, and what was gained at the end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from activities.rules.needs import level_now, needs
from integrations.answers import Goal, Needs

MOST_GOALS = 3


@dataclass(frozen=True)
class SuggestedGoal:
    """A competence worth a goal, the level a mentee shows and the next one."""

    competence: str
    level_now: int
    level_wanted: int


def suggested_goals(form: Needs, strengths: Mapping[str, int] | None = None) -> tuple[SuggestedGoal, ...]:
    """At most three goals, the heaviest need first; one level up is what six sessions can reach.

    With the mentor's `strengths`, competences that the mentor masters above the mentee's level come first.
    """
    weights = needs(form)
    taught = strengths or {}

    def urgency(competence: str) -> tuple[bool, int, str]:
        return taught.get(competence, 0) <= level_now(form, competence), -weights[competence], competence

    chosen = sorted(weights, key=urgency)[:MOST_GOALS]
    return tuple(_one_level_up(competence, level_now(form, competence)) for competence in chosen)


def level_gain(goals: Sequence[Goal], reviews: Iterable[Mapping[str, int]]) -> Mapping[str, tuple[int, int]]:
    """The level at the start and at the closing of each goal that a closing review speaks of, by competence.

    A review gives levels by goal number, from "1"; where reviews differ the lower middle one counts.
    """
    given = list(reviews)
    gained = {}
    for number, goal in enumerate(goals, start=1):
        reached = [review[str(number)] for review in given if str(number) in review]
        if reached:
            gained[goal.competence] = (goal.level_now, median_low(reached))
    return gained


def _one_level_up(competence: str, level: int) -> SuggestedGoal:
    return SuggestedGoal(competence, level, level + 1)
