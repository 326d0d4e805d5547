"""The kick-off of a pairing: a first meeting, the agreement signed by both, the mentee's needs."""

import asyncio
from typing import TYPE_CHECKING

from temporalio import workflow

from activities.correspondence import Recipient
from activities.letters.catalogue import Letter
from activities.scheduling import MeetingKind
from workflows.asking import Question, ask
from workflows.ending import EndedError
from workflows.meeting import gathered
from workflows.stages import Outcome, Stage

if TYPE_CHECKING:
    from workflows.pairing import PairingWorkflow


class KickOff:
    """Twenty minutes with the coordinator, and what comes with them."""

    def __init__(self, pairing: "PairingWorkflow") -> None:
        self._pairing = pairing

    async def live(self) -> None:
        """Lives the kick-off until it was held and both have signed."""
        pairing = self._pairing
        pairing.enter(Stage.KICK_OFF)
        pairing.aside("kick-off")
        pairing.aside("needs")
        await asyncio.sleep(0)  # In an act for both, that the pairing is confirmed comes before what it asks.
        await self._agreement()
        await workflow.wait_condition(lambda: "aside/kick-off" in pairing.state.done)

    async def hold(self) -> None:
        """Sees to the meeting, once both know of their pairing.

        Where it finds no hour, it is looked for again on the coordinator's word.
        """
        await workflow.wait_condition(lambda: "confirmed" in self._pairing.state.done)
        timings, host = self._pairing.terms.timings, self._pairing.coordinator.ref
        await gathered(
            self._pairing, MeetingKind.KICK_OFF, timings.kick_off_min, timings.kick_off_within_wd, (host,)
        )

    async def _agreement(self) -> None:
        """Both sign; who wants to talk first is asked again after the coordinator has talked with them."""
        both = (self._pairing.mentor, self._pairing.mentee)
        signed = await self._signatures("agreement", both)
        if signed is None and await self._pairing.decide("agreement-talk", "agreement-talk") == "done":
            signed = await self._signatures("agreement/again", both)
        if not signed:
            raise EndedError(Outcome.ENDED_EARLY)
        await self._pairing.write(
            "countersigned", Letter.AGREEMENT_COUNTERSIGNED, *both, about=self._pairing.about()
        )

    async def _signatures(self, key: str, both: tuple[Recipient, ...]) -> bool | None:
        """Whether both signed, or the coordinator can do without; None where one wants to talk."""
        question = Question(
            key=key,
            letter=Letter.AGREEMENT,
            to=both,
            about=self._pairing.about(),
            steps=self._pairing.person_steps(15, task=5),
            lapses=15,
        )
        record = await ask(self._pairing, question)
        said = [given.choice for given in record.answers.values()]
        if "talk" in said:
            return None
        return record.waived or said == ["sign"] * len(both)
