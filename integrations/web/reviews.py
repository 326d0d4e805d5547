"""What a link asks: a match review about its newest proposal, everything else as its letter did."""

from dataclasses import dataclass, field
from typing import Final

from anyio import CapacityLimiter, fail_after, to_thread

from integrations.answers import FORMS, Form, Purpose, ReviewedProposal
from integrations.database.links import Link, LinkProblem
from integrations.facts import Facts
from integrations.web import forms
from integrations.web.fields import Posted
from integrations.web.pages import Page
from integrations.web.questions.catalogue import page_for
from integrations.web.questions.match_review import SOLVE_AGAIN, reviewed
from integrations.web.questions.skills import say_to
from integrations.web.resolving import Review, Solver

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
    """Finds out what links ask; matchings are solved again one at a time, as each takes a whole processor."""

    solver: Solver | None
    turns: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(1))

    async def asked(self, link: Link) -> Asked | LinkProblem:
        """What a link asks now; USED where somebody else has decided on the matching."""
        solver = self.solver
        if solver is None or link.purpose is not Purpose.MATCH_REVIEW:
            return Asked(page_for(link.purpose, link.facts), link.facts, FORMS[link.purpose])
        review = await to_thread.run_sync(lambda: solver.newest(link), abandon_on_cancel=True)
        if isinstance(review, LinkProblem):
            return review
        return Asked(reviewed(review), review.facts, ReviewedProposal, review)

    async def solved_again(self, link: Link, form: Form) -> bool:
        """Whether the answer was the wish to solve again, and it is done; TimeoutError after 20 seconds."""
        solver = self.solver
        if solver is None or not isinstance(form, ReviewedProposal) or form.choice != SOLVE_AGAIN:
            return False
        with fail_after(_PATIENCE):
            return await to_thread.run_sync(
                lambda: bool(form.proposal) and solver.solve_again(link, form.fixed, form.forbidden),
                abandon_on_cancel=True,
                limiter=self.turns,
            )
