"""The close of a pairing: the review, certificate and thanks, and two questions after some months."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from activities.correspondence import Recipient
from activities.letters.catalogue import Letter
from activities.lives import programme_life
from activities.scheduling import MeetingKind
from workflows.asking import ask
from workflows.meeting import Gathering, gathered
from workflows.stages import MeetingStage, Stage

if TYPE_CHECKING:
    from workflows.pairing import PairingWorkflow

_DAY: Final = timedelta(days=1)
_REVIEW: Final = MeetingKind.CLOSING_REVIEW


class Closing:
    """How a pairing closes that was told to its end; all it remembers is in the pairing's state."""

    def __init__(self, pairing: "PairingWorkflow") -> None:
        self._pairing = pairing

    async def review(self) -> None:
        """The review meets, both answer apart, and the summary goes to the pair only."""
        pairing = self._pairing
        pairing.enter(Stage.CLOSING_REVIEW)
        while await self._is_moved(await self._met()):
            pass
        both = (pairing.mentor, pairing.mentee)
        await pairing.write("closing-summary", Letter.CLOSING_SUMMARY, *both, about=pairing.about())

    async def _met(self) -> Gathering | None:
        timings = self._pairing.terms.timings
        return await gathered(self._pairing, _REVIEW, timings.closing_min, timings.closing_within_wd)

    async def _is_moved(self, meeting: Gathering | None) -> bool:
        """Asks both after the meeting; says whether it was moved instead, and they must be asked again."""
        pairing, record = self._pairing, meeting.record if meeting else None
        asked = pairing.state.counts.get(_REVIEW.value, 0)
        question = pairing.both(
            f"{_REVIEW.value}/{asked}" if asked else _REVIEW.value,
            Letter.CLOSING_REVIEW,
            pairing.state.held,
            lapses=10,
            after=record,
        )
        stale = (await ask(pairing, question)).stale
        if stale is None or meeting is None or record is None:
            return False
        record.stage = MeetingStage.BOOKED
        await meeting.heed(stale, record)
        pairing.state.counts[_REVIEW.value] = asked + 1
        return True

    async def certificates(self) -> None:
        """The sponsor signs for a whole batch; then certificate and thanks go out."""
        self._pairing.enter(Stage.CERTIFICATES)
        if not await self._signed("told/closed", "signature"):
            reminded = await self._pairing.decide("unsigned", "certificate-unsigned") == "done"
            if reminded and not self._pairing.state.signed:
                await self._signed("told/closed/again", "signature again")
        await self._thanks()

    async def _thanks(self) -> None:
        """Certificate, where it is signed, and thanks to everybody; none waits for another's reader."""
        pairing, about = self._pairing, self._pairing.about()
        letters: list[Coroutine[Any, Any, None]] = []
        if pairing.state.signed:
            letters.append(pairing.write("certificate", Letter.CERTIFICATE, pairing.mentor, about=about))
        letters.append(pairing.write("thanks", Letter.THANKS_MENTEE, pairing.mentee, about=about))
        if pairing.state.line_manager_ref:
            boss = Recipient(ref=pairing.state.line_manager_ref, role="line-manager")
            letters.append(
                pairing.write("thanks-line-manager", Letter.THANKS_LINE_MANAGER, boss, about=about)
            )
        await asyncio.gather(*letters)

    async def _signed(self, told: str, since: str) -> bool:
        """Has the sponsor asked for the signature with their next batch; says whether it came in time."""
        pairing = self._pairing
        life = programme_life(pairing.terms.programme_id)
        await pairing.tell_once(told, life, "closing-reviewed", pairing.state.pairing_id)
        overdue = pairing.days.add(pairing.since(since), pairing.terms.timings.signing_overdue_wd)
        return await pairing.clock.met(
            lambda: pairing.state.signed, by=overdue, summary="sponsor's signature"
        )

    async def follow_up(self) -> None:
        """Two questions to both after some months."""
        self._pairing.enter(Stage.FOLLOW_UP)
        due = self._pairing.since("follow-up") + self._pairing.terms.timings.follow_up_d * _DAY
        await self._pairing.clock.until(due, summary="follow-up")
        await ask(
            self._pairing,
            self._pairing.both("follow-up", Letter.FOLLOW_UP, self._pairing.state.held, lapses=10),
        )
