"""The supervision of a programme: seats filled again, mentors met, until every pairing has ended."""

from functools import partial
from typing import TYPE_CHECKING, Final

from temporalio import workflow

from activities.scheduling import MeetingKind
from workflows.seats import Seats
from workflows.stages import ProgrammeStage

if TYPE_CHECKING:
    from workflows.programme import ProgrammeWorkflow

_SUPERVISED: Final = (1, 3, 5)
ENDLESS: Final = frozenset({"stopping", "roles", "latecomers", "gates"})
"""The stories beside a programme's own that have no end."""


class Supervision:
    """What a programme does while its pairings live."""

    def __init__(self, programme: "ProgrammeWorkflow") -> None:
        self._programme = programme

    async def live(self) -> None:
        """Fills seats again, supervises mentors, carries ideas and signatures until every seat is settled."""
        self._programme.enter(ProgrammeStage.SUPERVISION)
        self._programme.aside("signing")
        self._programme.aside("ideas")
        for number in _SUPERVISED:
            self._programme.aside(f"supervision/{number}")
        while not self._programme.settled():
            ended = self._ended()
            for pairing_id in sorted(ended):
                self._programme.aside(f"refill/{pairing_id}")
            await workflow.wait_condition(partial(self._has_changed_from, ended))
        await self._programme.asides_done(but=ENDLESS)

    def _ended(self) -> frozenset[str]:
        """The pairings that ended and whose seats were not seen to yet."""
        return frozenset(one.pairing_id for one in self._programme.state.ended)

    def _has_changed_from(self, ended: frozenset[str]) -> bool:
        """Whether another pairing ended, or a seat of these was seen to, or all are settled."""
        return self._ended() != ended or self._programme.settled()

    async def refill(self, pairing_id: str) -> None:
        """Sees to the seat of a pairing that has ended."""
        ended = next(one for one in self._programme.state.ended if one.pairing_id == pairing_id)
        await Seats(self._programme).refill(ended)
        self._programme.state.ended.remove(ended)

    async def meet(self, number: int) -> None:
        """When half of the running pairings have held this session, trainer and mentors meet."""
        await workflow.wait_condition(lambda: self._half_held(number) or self._programme.settled())
        mentors = tuple(
            dict.fromkeys(
                pair.mentor_ref for pair in self._programme.state.pairings.values() if pair.outcome is None
            )
        )
        if mentors:
            minutes = self._programme.terms.timings.supervision_min
            await self._programme.group_meeting(
                MeetingKind.SUPERVISION, number, self._programme.terms.roles.trainer, mentors, minutes
            )

    def _half_held(self, number: int) -> bool:
        running = sum(pair.outcome is None for pair in self._programme.state.pairings.values())
        return bool(running) and 2 * self._programme.state.held.get(number, 0) >= running
