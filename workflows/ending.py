"""The end of a pairing, whatever brought it: no event ahead, neutral notes, and the programme told."""

from typing import TYPE_CHECKING, Final

from activities.correspondence import Recipient
from activities.letters.catalogue import Letter
from activities.lives import programme_life
from workflows.asking import Question, ask
from workflows.stages import Ending, Outcome, PairingEnded

if TYPE_CHECKING:
    from workflows.pairing import PairingWorkflow


_LASTING: Final = frozenset({"contact"})
"""Who asked to be contacted is, whatever became of the pairing."""


class EndedError(Exception):
    """The story of a pairing has come to this end."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


class Ends:
    """What is to be done when a pairing ends; all it remembers is in the pairing's state."""

    def __init__(self, pairing: "PairingWorkflow") -> None:
        self._pairing = pairing

    async def end_early(self, ending: Ending) -> Outcome:
        """Ends for a reason outside the story: neutral notes, then a short review if sessions were held."""
        spare = (ending.leaver_ref,) if ending.leaver_ref else ()
        await self._pairing.cancel_open_meetings(spare=spare)
        await self._pairing.once("settled", self._settle)
        staying = tuple(r for r in (self._pairing.mentor, self._pairing.mentee) if r.ref not in spare)
        confirmed = self._pairing.is_confirmed()
        stopped = not ending.leaver_ref and self._stopped(ending)
        if not confirmed and self._mentee_had_accepted() and self._pairing.mentee in staying:
            letter = Letter.PROGRAMME_STOPPED if stopped else Letter.PROPOSAL_CLOSED
            await self._pairing.write(
                "proposal-closed", letter, self._pairing.mentee, about=self._pairing.about(reason="proposal")
            )
        if confirmed:
            letter = Letter.PROGRAMME_STOPPED if stopped else Letter.PAIRING_ENDED
            await self._pairing.write("ended", letter, *staying, about=self._pairing.about())
        if confirmed and self._pairing.state.held and not self._stopped(ending):
            await self._pairing.continued(self._short_review(staying))
        return ending.outcome

    @staticmethod
    def _stopped(ending: Ending) -> bool:
        return ending.outcome is Outcome.PROGRAMME_STOPPED

    async def _short_review(self, staying: tuple[Recipient, ...]) -> None:
        question = Question(
            key="closing-review/short",
            letter=Letter.CLOSING_REVIEW,
            to=staying,
            about=self._pairing.about(reason="short"),
            steps=self._pairing.person_steps(10),
            lapses=10,
        )
        await ask(self._pairing, question)

    async def close(self, outcome: Outcome) -> Outcome:
        """Ends for a reason of the story itself."""
        await self._pairing.cancel_open_meetings()
        await self._pairing.once("settled", self._settle)
        if outcome in {Outcome.DECLINED, Outcome.LAPSED} and self._mentee_had_accepted():
            await self._pairing.write(
                "proposal-closed", Letter.PROPOSAL_CLOSED, self._pairing.mentee, about=self._pairing.about()
            )
        if outcome is Outcome.ENDED_EARLY:
            await self._pairing.write(
                "ended",
                Letter.PAIRING_ENDED,
                self._pairing.mentor,
                self._pairing.mentee,
                about=self._pairing.about(),
            )
        return outcome

    async def _settle(self) -> None:
        """Lets what went on beside the sessions end with them, and closes the tasks it had opened."""
        self._pairing.drop_asides(but=_LASTING)
        self._pairing.close_asks(but=_LASTING)
        await self._pairing.close_tasks(but=_LASTING)

    def _mentee_had_accepted(self) -> bool:
        accepted = self._pairing.state.asks.get("proposal/mentee")
        return accepted is not None and any(one.choice == "accept" for one in accepted.answers.values())

    async def report(self, outcome: Outcome) -> None:
        """Tells directory and programme how the pairing ended."""
        await self._pairing.set_status(outcome.value)
        programme = programme_life(self._pairing.terms.programme_id)
        ended = PairingEnded(
            pairing_id=self._pairing.state.pairing_id,
            mentor_ref=self._pairing.state.mentor_ref,
            mentee_ref=self._pairing.state.mentee_ref,
            outcome=outcome,
            held=self._pairing.state.held,
            leaver_ref=self._pairing.state.ending.leaver_ref if self._pairing.state.ending else None,
            mentor_unavailable=self._pairing.state.mentor_unavailable,
        )
        await self._pairing.tell_once("told/ended", programme, "pairing-ended", ended)
