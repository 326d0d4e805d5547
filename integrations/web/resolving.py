"""Solving a matching again while its review page is open: what the page shows, and who solves."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from integrations.answers import MatchReview
from integrations.database.links import Link, LinkProblem
from integrations.facts import Facts, Named, ProposedPair


@dataclass(frozen=True)
class Change:
    """A mentee whose mentor is another one than in the proposal before; None is nobody."""

    mentee: Named
    before: Named | None
    after: Named | None


@dataclass(frozen=True)
class Comparison:
    """What solving again has changed; points are the scores of all pairs together."""

    changes: tuple[Change, ...]
    points_before: int
    points_after: int


@dataclass(frozen=True)
class Review:
    """A proposal as its review page shows it.

    `fixed` and `forbidden` are the wishes it was solved under, written as in MatchReview; `ruled_out` are the
    forbidden pairs. `compared` is None for a matching that was not solved again. Without `proposal` the page
    shows what the letter told, and nothing can be solved in place. `notes` speak of all pairs together.
    """

    facts: Facts
    proposal: str = ""
    fixed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    ruled_out: tuple[ProposedPair, ...] = ()
    compared: Comparison | None = None
    notes: tuple[str, ...] = ()


class Solved(StrEnum):
    """What became of the wish to solve again; only DONE has changed anything.

    TOO_MANY people take too long for somebody who waits. OUTDATED says that others have solved again since
    the page was shown, GIVEN_UP that nobody waits any more.
    """

    DONE = "done"
    TOO_MANY = "too-many"
    OUTDATED = "outdated"
    GIVEN_UP = "given-up"


class Solver(Protocol):
    """Reads the proposals of a review and solves them again. Blocking."""

    def newest(self, link: Link) -> Review | LinkProblem:
        """The newest proposal of the review that a link is for; USED where somebody else has decided it."""
        ...

    def solve_again(
        self,
        link: Link,
        wishes: MatchReview,
        *,
        instead_of: str,
        is_awaited: Callable[[], bool] = lambda: True,
    ) -> Solved:
        """Solves under these wishes, which replace all earlier ones; the result becomes the newest proposal.

        It does so only while `instead_of` is the newest: of two who solve the same proposal again one wins.
        `is_awaited` is asked again and again, from the thread that solves.
        """
        ...
