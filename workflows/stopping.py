"""The stop of a programme: asked for by one, confirmed by another, told to everybody concerned."""

from typing import TYPE_CHECKING

from temporalio import workflow

from activities.correspondence import Recipient
from activities.letters.catalogue import Letter

if TYPE_CHECKING:
    from workflows.programme import ProgrammeWorkflow


class Stopping:
    """What becomes of a wish to stop; nothing stops before a second person confirms."""

    def __init__(self, programme: "ProgrammeWorkflow") -> None:
        self._programme = programme

    async def live(self) -> None:
        """A stop is confirmed by a second person who has seen what it means; then every pairing is told."""
        while self._programme.state.stopped is None:
            await workflow.wait_condition(lambda: self._programme.state.stop_wanted is not None)
            mode = self._programme.state.stop_wanted
            # Counted once it is decided, so that a story told again asks the same question.
            number = self._programme.state.counts.get("stop", 0) + 1
            sponsor = Recipient(ref=self._programme.terms.roles.sponsor, role="sponsor")
            question = self._programme.decision(
                f"stop/{number}",
                Letter.STOP_CONFIRMATION,
                sponsor,
                deputy=self._programme.terms.roles.deputy,
                reason=str(mode),
            )
            confirmed = await self._programme.choice(question) == "confirm"
            self._programme.state.counts["stop"] = number
            if confirmed:
                self._programme.state.stopped = mode
            else:
                self._programme.state.stop_wanted = None
        if not self._programme.state.pairings:
            await self._say_stopped()
        for pairing, pair in list(self._programme.state.pairings.items()):
            if pair.outcome is None:
                await self._programme.tell_once(
                    f"stopping/{pairing}", pairing, "programme-stopping", self._programme.state.stopped
                )
        self._programme.show()

    async def _say_stopped(self) -> None:
        """Tells mentors and mentees of a programme that ends before anybody was paired."""
        waiting = {"applied", "selected", "certified"}
        mentors = (ref for ref, status in sorted(self._programme.state.mentors.items()) if status in waiting)
        to = [Recipient(ref=ref, role="mentor") for ref in mentors]
        to += [Recipient(ref=ref, role="mentee") for ref in self._programme.mentees()]
        await self._programme.write("stopped", Letter.PROGRAMME_STOPPED, *to, about=self._programme.about())
