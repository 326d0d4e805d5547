"""A match review in the hands of its reader: the newest proposal, solved again as often as they like."""

from typing import Final

from activities.cohorts import Cohorts, Wishes
from activities.matching import matching_of
from activities.proposals import Proposals
from activities.review import MatchReviewReader
from activities.solving import Solving, TooManyError
from integrations.answers import Purpose
from integrations.clock import ProgrammeClock
from integrations.database.books import Books
from integrations.database.links import Link, LinkProblem
from integrations.errors import GoneError
from integrations.web.resolving import Review, Solver

_CELLS: Final = 1_500_000
"""Mentees times mentors that are solved while somebody waits: 1,200 of each take about a second."""


class ReviewSolver(Solver):
    """Implements the solver behind the review page.

    A proposal that was shown is never changed: what the page showed is what its reader publishes.
    """

    def __init__(self, books: Books, clock: ProgrammeClock, most_cells: int = _CELLS) -> None:
        cohorts = Cohorts(books)
        self._answers = books.answers
        self._proposals = Proposals(books.pairings)
        self._solving = Solving(cohorts, books.pairings, clock)
        self._reader = MatchReviewReader(books, cohorts)
        self._most_cells = most_cells

    def newest(self, link: Link) -> Review | LinkProblem:
        """The newest proposal of the review that a link is for; USED where somebody else has decided it."""
        asked = (link.life, link.ask_key)
        answers = self._answers.of_programme(link.programme_id, Purpose.MATCH_REVIEW)
        if asked in {(answer.life, answer.ask_key) for answer in answers}:
            return LinkProblem.USED
        try:
            newest = self._proposals.newest(matching_of(link.programme_id, link.ask_key))
        except GoneError:
            return Review(link.facts)
        return self._reader.review(newest, link.facts)

    def solve_again(self, link: Link, fixed: tuple[str, ...], forbidden: tuple[str, ...]) -> bool:
        """Solves under these wishes; False where there are too many people to be waited for."""
        wishes = Wishes.of(fixed, forbidden)
        try:
            proposal = self._solving.propose(link.programme_id, wishes, most_cells=self._most_cells)
        except TooManyError:
            return False
        matching_id = matching_of(link.programme_id, link.ask_key)
        before = self._proposals.newest_id(matching_id)
        self._proposals.keep(matching_id, link.programme_id, proposal, before=before)
        return True
