"""What a link asks: a match review about its newest proposal, everything else as its letter did."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from anyio import to_thread

from integrations.answers import FORMS, Form, Purpose, ReviewedProposal
from integrations.database.links import Link, LinkProblem
from integrations.facts import Facts
from integrations.web import forms
from integrations.web.fields import Posted
from integrations.web.pages import Page
from integrations.web.questions.catalogue import page_for
from integrations.web.questions.match_review import SOLVE_AGAIN, reviewed
from integrations.web.questions.skills import say_to
from integrations.web.resolving import Review, Solved, Solver

_PATIENCE: Final = 20.0
"""Seconds that somebody waits for their turn and the result; a browser would wait longer."""


@dataclass(frozen=True)
class Asked:
    """A page, what it tells, and the model of its answer; `review` is the proposal it is about, if any."""

    page: Page
    facts: Facts
    model: type[Form]
    review: Review | None = None

    def is_outdated(self, posted: Posted) -> bool:
        """Whether the answer is about a proposal that has been solved again since its page was shown."""
        return self.review is not None and posted.get("proposal", ("",)) != (self.review.proposal,)

    def is_repeated(self, posted: Posted) -> bool:
        """Whether an outdated answer only wishes for what was done meanwhile, as a double click does."""
        if self.review is None or posted.get(forms.CHOICE) != (SOLVE_AGAIN,):
            return False
        wishes = (set(posted.get(name, ())) for name in ("fixed", "forbidden"))
        return [*wishes] == [set(self.review.fixed), set(self.review.forbidden)]

    def read(self, posted: Posted) -> Form | forms.Refused:
        """The answer, with the proposal it is about, or all that is wrong with it."""
        form = forms.read(self.page, self.model, posted, say_to(self.facts))
        if self.review is None or isinstance(form, forms.Refused):
            return form
        return form.model_copy(update={"proposal": self.review.proposal})


@dataclass(frozen=True)
class Reviews:
    """Finds out what links ask; matchings are solved again one at a time, as each takes a whole processor.

    The one thread that solves is the limit: who gives up while waiting leaves the line, and a solve that was
    given up ends at its next step, so that nothing piles up.
    """

    solver: Solver | None
    turns: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "solve-again"))

    async def asked(self, link: Link) -> Asked | LinkProblem:
        """What a link asks now; USED where somebody else has decided on the matching."""
        solver = self.solver
        if solver is None or link.purpose is not Purpose.MATCH_REVIEW:
            return Asked(page_for(link.purpose, link.facts), link.facts, FORMS[link.purpose])
        review = await to_thread.run_sync(lambda: solver.newest(link), abandon_on_cancel=True)
        if isinstance(review, LinkProblem):
            return review
        return Asked(reviewed(review), review.facts, ReviewedProposal, review)

    async def solved_again(self, link: Link, form: Form) -> Solved | None:
        """What became of the wish to solve again, None where there was none; TimeoutError after 20 s."""
        solver = self.solver
        if solver is None or not isinstance(form, ReviewedProposal) or form.choice != SOLVE_AGAIN:
            return None
        if not form.proposal:
            return Solved.TOO_MANY
        given_up = threading.Event()
        solve = partial(
            solver.solve_again,
            link,
            form,
            instead_of=form.proposal,
            is_awaited=lambda: not given_up.is_set(),
        )
        try:
            async with asyncio.timeout(_PATIENCE):
                return await asyncio.get_running_loop().run_in_executor(self.turns, solve)
        finally:
            given_up.set()
