"""The act that counts a programme, over its ports; of what people said and did only of five or more."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from statistics import fmean
from typing import TypeVar

from temporalio import activity

from activities.failures import translated
from activities.reports import Reports, WriteReport, WrittenReport
from activities.rules.figures import Figures, Pair, tally
from activities.rules.goals import level_gain
from integrations.answers import ClosingReview, FollowUp, Form, Goals, Pulse, Purpose
from integrations.database.books import Books

_F = TypeVar("_F", bound=Form)


class Statistics(Reports):
    """Implements the act that counts."""

    def __init__(self, books: Books) -> None:
        self._books = books

    @activity.defn(name="write-report")
    @translated
    def write_report(self, request: WriteReport) -> WrittenReport:
        """Counts the programme and keeps the figures under the report's id, replacing earlier ones."""
        figures = Figures()
        self._count_pairings(figures, request.programme_id)
        self._count_ideas(figures, request.programme_id)
        self._ask_people(figures, request.programme_id)
        self._books.pairings.save_matching(
            request.report_id,
            request.programme_id,
            {"counts": figures.counts, "withheld": figures.withheld},
        )
        return WrittenReport(report_id=request.report_id, withheld=figures.withheld)

    def _count_pairings(self, figures: Figures, programme_id: str) -> None:
        pairings = self._books.pairings.of_programme(programme_id)
        pairs: dict[str, list[Pair]] = defaultdict(list)
        for pairing in pairings:
            pairs[pairing.status].append((pairing.mentor_ref, pairing.mentee_ref))
        figures.outcomes("pairings", pairs)
        figures.plain("sessions_held", sum(pairing.held for pairing in pairings))
        statuses = list(self._books.programmes.mentors(programme_id).values())
        figures.plain("mentors_applied", len(statuses))
        figures.plain("mentors_certified", statuses.count("certified"))

    def _count_ideas(self, figures: Figures, programme_id: str) -> None:
        ideas = self._books.ideas.of_programme(programme_id)
        figures.plain("ideas", len(ideas))
        for decision, count in tally([idea.decision for idea in ideas if idea.decision]).items():
            figures.plain(f"ideas_{decision}", count)
        if unanswered := sum(not idea.decision for idea in ideas):
            figures.plain("ideas_unanswered", unanswered)

    def _ask_people(self, figures: Figures, programme_id: str) -> None:
        pulses = self._said(programme_id, Purpose.PULSE, Pulse)
        reviews = self._said(programme_id, Purpose.CLOSING_REVIEW, ClosingReview)
        later = self._said(programme_id, Purpose.FOLLOW_UP, FollowUp)
        figures.average("trust_during", _averages(pulses, _trust))
        figures.average("useful", _averages(pulses, lambda pulse: pulse.useful))
        figures.average("trust_at_the_end", _averages(reviews, _trust))
        figures.average("levels_gained", self._gains(programme_id))
        figures.average("still_using", _averages(later, lambda form: form.still_using))
        last = {ref: list(forms.values())[-1] for ref, forms in later.items()}
        figures.share("would_again", {ref: form.would_again == "yes" for ref, form in last.items()})

    def _said(self, programme_id: str, purpose: Purpose, kind: type[_F]) -> Mapping[str, Mapping[str, _F]]:
        """What each person said last in each of their lives, the latest word at the end."""
        said: dict[str, dict[str, _F]] = defaultdict(dict)
        for answer in self._books.answers.of_programme(programme_id, purpose):
            if isinstance(answer.form, kind):
                said[answer.person_ref].pop(answer.life, None)
                said[answer.person_ref][answer.life] = answer.form
        return said

    def _gains(self, programme_id: str) -> Mapping[str, int]:
        """By how many levels each mentee rose in all their goals, as they say themselves."""
        goals = {
            life: form.goals
            for forms in self._said(programme_id, Purpose.GOALS, Goals).values()
            for life, form in forms.items()
        }
        reviews = self._said(programme_id, Purpose.CLOSING_REVIEW, ClosingReview)
        gains: dict[str, int] = defaultdict(int)
        for pairing in self._books.pairings.of_programme(programme_id):
            review = reviews.get(pairing.mentee_ref, {}).get(pairing.id)
            if review and pairing.id in goals:
                risen = level_gain(goals[pairing.id], [review.levels]).values()
                gains[pairing.mentee_ref] += sum(after - before for before, after in risen)
        return gains


def _averages(said: Mapping[str, Mapping[str, _F]], value: Callable[[_F], float]) -> Mapping[str, float]:
    """One value for each person: the average over their lives."""
    return {ref: fmean(map(value, forms.values())) for ref, forms in said.items()}


def _trust(form: Pulse | ClosingReview) -> float:
    """The average of the four trust statements, 1 to 5."""
    return (form.trust_1 + form.trust_2 + form.trust_3 + form.trust_4) / 4
