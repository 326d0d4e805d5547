"""The act that counts a programme, over its ports; what people said is only told of five or more."""

from collections.abc import Sequence

from temporalio import activity

from activities.failures import translated
from activities.reports import Reports, WriteReport, WrittenReport
from activities.rules.figures import Figures, tally
from activities.rules.goals import level_gain
from integrations.answers import ClosingReview, FollowUp, Form, Goals, Pulse, Purpose
from integrations.database.answers import AnswerRecord
from integrations.database.books import Books


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
        figures.plain("pairings", len(pairings))
        for status, count in tally([pairing.status for pairing in pairings]).items():
            figures.plain(f"pairings_{status}", count)
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
        pulses = [form for form in self._latest(programme_id, Purpose.PULSE) if isinstance(form, Pulse)]
        reviews = [
            form
            for form in self._latest(programme_id, Purpose.CLOSING_REVIEW)
            if isinstance(form, ClosingReview)
        ]
        later = [form for form in self._latest(programme_id, Purpose.FOLLOW_UP) if isinstance(form, FollowUp)]
        figures.average("trust_during", [_trust(pulse) for pulse in pulses])
        figures.average("useful", [pulse.useful for pulse in pulses])
        figures.average("trust_at_the_end", [_trust(review) for review in reviews])
        figures.average("levels_gained", self._gains(programme_id))
        figures.average("still_using", [form.still_using for form in later])
        figures.share("would_again", sum(form.would_again == "yes" for form in later), len(later))

    def _latest(self, programme_id: str, purpose: Purpose) -> Sequence[Form]:
        """The latest answer of each person in each life."""
        latest: dict[tuple[str, str], AnswerRecord] = {}
        for answer in self._books.answers.of_programme(programme_id, purpose):
            latest[answer.life, answer.person_ref] = answer
        return [answer.form for answer in latest.values()]

    def _gains(self, programme_id: str) -> list[int]:
        """By how many levels each mentee rose in all their goals, as they say themselves."""
        goals = {
            answer.life: answer.form
            for answer in self._books.answers.of_programme(programme_id, Purpose.GOALS)
            if isinstance(answer.form, Goals)
        }
        mentees = {
            pairing.id: pairing.mentee_ref for pairing in self._books.pairings.of_programme(programme_id)
        }
        return [
            sum(
                after - before
                for before, after in level_gain(goals[answer.life].goals, [form.levels]).values()
            )
            for answer in self._books.answers.of_programme(programme_id, Purpose.CLOSING_REVIEW)
            if answer.life in goals
            and mentees.get(answer.life) == answer.person_ref
            and isinstance(form := answer.form, ClosingReview)
        ]


def _trust(form: Pulse | ClosingReview) -> float:
    """The average of the four trust statements, 1 to 5."""
    return (form.trust_1 + form.trust_2 + form.trust_3 + form.trust_4) / 4
