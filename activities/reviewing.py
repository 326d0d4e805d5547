"""A match review in the hands of its reader: the newest proposal, solved again as often as they like."""

from collections.abc import Callable
from typing import Final

from activities.cohorts import Cohorts, Wishes
from activities.matching import matching_of
from activities.proposals import Proposals
from activities.review import MatchReviewReader
from activities.rules.patience import Patience
from activities.solving import Solving, TooManyError
from integrations.answers import MatchReview, Purpose
from integrations.clock import ProgrammeClock
from integrations.database.books import Books
from integrations.database.links import Link, LinkProblem
from integrations.errors import GoneError
from integrations.web.resolving import Review, Solved, Solver

_CELLS: Final = 1_500_000
"""Mentees times mentors that are solved while somebody waits: 1,200 of each take about a second."""

_QUOTA_CELLS: Final = 500_000
"""The same where there are quotas: 700 of each take two to three seconds."""

_SECONDS: Final = 20.0
"""The most that one step of the quotas may go on for after nobody waits any more."""


class ReviewSolver(Solver):
    """Implements the solver behind the review page.

    A proposal that was shown is never changed: what the page showed is what its reader publishes.
    """

    def __init__(
        self,
        books: Books,
        clock: ProgrammeClock,
        most_cells: int = _CELLS,
        most_quota_cells: int = _QUOTA_CELLS,
    ) -> None:
        cohorts = Cohorts(books)
        self._answers = books.answers
        self._proposals = Proposals(books.pairings)
        self._solving = Solving(cohorts, books.pairings, clock)
        self._reader = MatchReviewReader(books, cohorts)
        self._most_cells = most_cells
        self._most_quota_cells = most_quota_cells

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

    def solve_again(
        self,
        link: Link,
        wishes: MatchReview,
        *,
        instead_of: str,
        is_awaited: Callable[[], bool] = lambda: True,
    ) -> Solved:
        """Solves under these wishes and keeps the result instead of the proposal they were made about."""
        matching_id = matching_of(link.programme_id, link.ask_key)
        if self._proposals.newest_id(matching_id) != instead_of:
            return Solved.OUTDATED

        def go_on() -> None:
            if not is_awaited():
                raise _GivenUpError

        try:
            proposal = self._solving.propose(
                link.programme_id,
                Wishes.of(wishes.fixed, wishes.forbidden),
                most_cells=self._most_cells,
                most_quota_cells=self._most_quota_cells,
                patience=Patience(go_on, _SECONDS),
            )
            go_on()
        except TooManyError:
            return Solved.TOO_MANY
        except _GivenUpError:
            return Solved.GIVEN_UP
        kept = self._proposals.keep_instead_of(instead_of, matching_id, link.programme_id, proposal)
        return Solved.DONE if kept else Solved.OUTDATED


class _GivenUpError(Exception):
    """Nobody waits for the result any more."""
