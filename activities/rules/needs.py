"""What a mentee needs to learn: weights by competence that sum to 100."""

from collections.abc import Iterable, Mapping

from activities.rules.cohort import NEEDS_TOTAL, TOP_LEVEL
from integrations.answers import Needs


def needs(form: Needs) -> Mapping[str, int]:
    """The chosen competences, weighted by how much there is to learn in their area.

    Question n asks about area n of the competences; an answer of 0 (never) weighs four times one of 3.
    """
    return shares({competence: TOP_LEVEL - _answer(form, competence) for competence in form.competences})


def needs_of_interests(interests: Iterable[str]) -> Mapping[str, int]:
    """What is known before the needs were asked: every interest weighs the same."""
    return shares(dict.fromkeys(interests, 1))


def level_now(form: Needs, competence: str) -> int:
    """The level a mentee shows in a competence, from the answer about its area: 0 and 1 are both basic."""
    return max(_answer(form, competence), 1)


def shares(weights: Mapping[str, int], total: int = NEEDS_TOTAL) -> Mapping[str, int]:
    """Weights scaled to integers that sum to `total`, by largest remainder; equal remainders go by name."""
    everything = sum(weights.values())
    if everything <= 0:
        return {}
    exact = {name: divmod(weight * total, everything) for name, weight in sorted(weights.items())}
    short = total - sum(whole for whole, _ in exact.values())
    raised = set(sorted(exact, key=lambda name: -exact[name][1])[:short])
    return {name: whole + (name in raised) for name, (whole, _) in exact.items()}


def _answer(form: Needs, competence: str) -> int:
    return {"1": form.q1, "2": form.q2, "3": form.q3, "4": form.q4, "5": form.q5}[competence[0]]
