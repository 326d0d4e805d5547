"""What a letter is about beyond people and meetings: goals, needs, ideas, applications, figures."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from activities.correspondence import About
from activities.letters.catalogue import Letter
from activities.lives import mentor_life
from activities.no_hour import NoHour
from activities.review import MatchReviewReader
from activities.rules.goals import level_gain, suggested_goals
from activities.rules.invitees import called_mentors, invited_mentees
from integrations.answers import (
    Application,
    ClosingReview,
    DryRun,
    Goal,
    Goals,
    Idea,
    IdeasDigest,
    Materials,
    Needs,
    Purpose,
    Screening,
)
from integrations.database.books import Books
from integrations.database.ideas import IdeaRecord
from integrations.facts import Applicant, NamedIdea

Extra = dict[str, Any]
"""Fields of Facts by name; the values are checked where the facts are made."""

_WITH_GOALS = frozenset(
    {
        Letter.GOALS_AGREEMENT,
        Letter.SESSION_BRIEF,
        Letter.MID_REVIEW,
        Letter.CLOSING_REVIEW,
        Letter.CLOSING_SUMMARY,
        Letter.CERTIFICATE,
        Letter.GOALS,
    }
)


class Matters:
    """Reads the matter of a letter by what it is about."""

    def __init__(self, books: Books, review: MatchReviewReader) -> None:
        self._books = books
        self._review = review
        self._of: Mapping[Letter, Callable[[About, str], Extra]] = {
            Letter.GO_NO_GO: self._opening,
            Letter.MENTOR_SCREENING: self._applicant,
            Letter.MENTOR_NOT_NOW: self._screened,
            Letter.MENTOR_NEXT_STEPS: self._verdict,
            Letter.DRY_RUN: self._materials,
            Letter.MATCH_REVIEW: self._matching,
            Letter.PROPOSAL_TO_MENTEE: self._why,
            Letter.PROPOSAL_TO_MENTOR: self._why,
            Letter.GOALS: self._suggestions,
            Letter.SESSION_BRIEF: self._topics,
            Letter.IDEA_AGREEMENT: self._idea,
            Letter.IDEAS_DIGEST: self._named_ideas,
            Letter.IDEA_ANSWER: self._answered_ideas,
            Letter.IDEA_UNANSWERED: self._named_ideas,
            Letter.CLOSING_SUMMARY: self._gain,
            Letter.CERTIFICATE: self._gain,
            Letter.REPORT_APPROVAL: self._report,
            Letter.REPORT: self._report,
            Letter.STOP_CONFIRMATION: self._running,
            Letter.TASK: self._no_hour,
        }

    def of(self, letter: Letter, about: About, language: str) -> Extra:
        """The fields of Facts that this letter needs beyond people and meetings."""
        extra: Extra = {"goals": self.goals(about)} if letter in _WITH_GOALS else {}
        more = self._of.get(letter)
        return {**extra, **(more(about, language) if more else {})}

    def goals(self, about: About) -> tuple[Goal, ...]:
        """The goals of a pairing as they were written down last."""
        form = self._last(about.pairing_id or "", Purpose.GOALS)
        return form.goals if isinstance(form, Goals) else ()

    def _last(self, life: str, purpose: Purpose) -> object:
        answers = self._books.answers.of_life(life, purpose)
        return answers[-1].form if answers else None

    def _opening(self, about: About, _language: str) -> Extra:
        programme, people = self._books.programmes.load(about.programme_id), self._books.directory.everybody()
        mentees = invited_mentees(programme, people)
        invited = {person.ref for person in mentees}
        mentors = [person for person in called_mentors(programme, people) if person.ref not in invited]
        return {"counts": {"people": len(people), "mentors_called": len(mentors), "mentees": len(mentees)}}

    def _applicant(self, about: About, _language: str) -> Extra:
        life = mentor_life(about.programme_id, about.mentor_ref or "")
        form = self._last(life, Purpose.APPLICATION)
        if not isinstance(form, Application):
            return {}
        consents = self._books.answers.of_life(life, Purpose.LINE_MANAGER_CONSENT)
        applicant = Applicant(
            motivation=form.motivation,
            strengths=dict(form.strengths),
            languages=form.languages,
            consented=bool(consents) and consents[-1].choice == "yes",
        )
        return {"applicant": applicant}

    def _screened(self, about: About, _language: str) -> Extra:
        form = self._books.answers.get(about.record_id).form if about.record_id else None
        return {"reason": form.reason} if isinstance(form, Screening) else {}

    def _verdict(self, about: About, _language: str) -> Extra:
        form = self._books.answers.get(about.record_id).form if about.record_id else None
        return {"reason": form.note} if isinstance(form, DryRun) else {}

    def _materials(self, about: About, _language: str) -> Extra:
        form = self._last(mentor_life(about.programme_id, about.mentor_ref or ""), Purpose.MATERIALS)
        return {"materials": form.reference} if isinstance(form, Materials) else {}

    def _matching(self, about: About, language: str) -> Extra:
        return self._review.facts(about.record_id or "", language)

    def _why(self, about: About, language: str) -> Extra:
        pairing = self._books.pairings.get(about.pairing_id or "")
        return {"suggestions": self._review.reasons(pairing, language)}

    def _suggestions(self, about: About, _language: str) -> Extra:
        form = self._last(about.pairing_id or "", Purpose.NEEDS)
        if not isinstance(form, Needs):
            return {}
        suggested = suggested_goals(form, self._strengths(about))
        return {"needs": form.competences, "suggestions": tuple(goal.competence for goal in suggested)}

    def _topics(self, about: About, _language: str) -> Extra:
        """What the mentee would like to work on."""
        form = self._last(about.pairing_id or "", Purpose.NEEDS)
        return {"needs": form.competences} if isinstance(form, Needs) else {}

    def _strengths(self, about: About) -> Mapping[str, int]:
        """What the mentor is strong in, by their application."""
        form = self._last(mentor_life(about.programme_id, about.mentor_ref or ""), Purpose.APPLICATION)
        return form.strengths if isinstance(form, Application) else {}

    def _no_hour(self, about: About, language: str) -> Extra:
        """What would have helped where a pairing found no common hour."""
        if about.task != "no-common-slot" or not about.pairing_id:
            return {}
        return {"suggestions": NoHour(self._books.pairings).hints(about.pairing_id, language)}

    def _idea(self, about: About, _language: str) -> Extra:
        """An idea that is with its pair still: as its author wrote it."""
        answer = self._books.answers.get(about.record_id or "")
        text = answer.form.text if isinstance(answer.form, Idea) else ""
        return {"ideas": (NamedIdea(id=answer.id, text=text),)}

    def _named_ideas(self, about: About, _language: str) -> Extra:
        return {"ideas": tuple(_named_idea(self._books.ideas.get(idea)) for idea in about.ideas)}

    def _answered_ideas(self, about: About, _language: str) -> Extra:
        form = self._books.answers.get(about.record_id or "").form
        decided = frozenset(form.decisions) if isinstance(form, IdeasDigest) else frozenset[str]()
        ideas = self._books.ideas.of_programme(about.programme_id)
        mine = (idea for idea in ideas if idea.pairing_id == about.pairing_id and idea.id in decided)
        return {"ideas": tuple(map(_named_idea, mine))}

    def _gain(self, about: About, _language: str) -> Extra:
        goals = self.goals(about)
        answers = self._books.answers.of_life(about.pairing_id or "", Purpose.CLOSING_REVIEW)
        reviews = [cast("ClosingReview", answer.form) for answer in answers]
        return {"level_gain": level_gain(goals, [review.levels for review in reviews])}

    def _report(self, about: About, _language: str) -> Extra:
        return {"counts": self._books.pairings.matching(about.record_id or "")["counts"]}

    def _running(self, about: About, _language: str) -> Extra:
        statuses = [pairing.status for pairing in self._books.pairings.of_programme(about.programme_id)]
        running = sum(status in {"proposed", "confirmed"} for status in statuses)
        mentors = self._books.programmes.mentors(about.programme_id)
        return {"counts": {"pairings_running": running, "mentors": len(mentors)}}


def _named_idea(idea: IdeaRecord) -> NamedIdea:
    return NamedIdea(id=idea.id, text=idea.text, decision=idea.decision, why=idea.why)
