"""The mentors of a programme: who is trained together, who comes too late, and who opens a pairing's gate."""

from typing import TYPE_CHECKING, Final

from temporalio import workflow

from activities.dossiers import Dossiers, FormGroups
from activities.lives import mentor_life
from workflows import policies
from workflows.stages import GroupState

if TYPE_CHECKING:
    from workflows.programme import ProgrammeWorkflow

MOST_IN_A_GROUP: Final = 10
_EXPECTING: Final = frozenset({"applied", "selected", "certified"})
GATE: Final = {"certified": "mentor-certified", "released": "mentor-released"}
"""What a pairing at the training gate is told, by what became of its mentor."""


class MentorCohort:
    """What a programme does about its mentors; where each stands lives in the programme's state."""

    def __init__(self, programme: "ProgrammeWorkflow") -> None:
        self._programme = programme

    async def form_groups(self) -> None:
        """Forms the training groups of all who are selected by now."""
        selected = sorted(
            ref for ref, status in self._programme.state.mentors.items() if status == "selected"
        )
        request = FormGroups(mentor_refs=tuple(selected), most=MOST_IN_A_GROUP)
        formed = await self._programme.act(Dossiers.form_groups, request, policies.RECORD, "training groups")
        self._programme.state.groups = [GroupState(members=list(members)) for members in formed.groups]

    async def put_off_latecomers(self) -> None:
        """Puts whoever is selected after the groups were formed on the waiting list; has no end."""
        while True:
            await workflow.wait_condition(lambda: bool(self._late()))
            for ref in self._late():
                life = mentor_life(self._programme.terms.programme_id, ref)
                await self._programme.tell_once(f"late/{ref}", life, "training-full")

    async def dismiss(self) -> None:
        """Tells every mentor that the programme is over, once."""
        for ref in self.waiting():
            life = mentor_life(self._programme.terms.programme_id, ref)
            await self._programme.tell_once(f"over/{ref}", life, "programme-over")

    def waiting(self) -> list[str]:
        """The mentors who still expect something of the programme and were not told that it is over."""
        state = self._programme.state
        return [
            ref
            for ref, status in state.mentors.items()
            if status in _EXPECTING and f"over/{ref}" not in state.done
        ]

    async def open_gates(self) -> None:
        """Tells running pairings what became of a mentor who was still in training; has no end."""
        while True:
            await workflow.wait_condition(lambda: bool(self._at_the_gate()))
            for pairing, signal in self._at_the_gate():
                await self._programme.tell_once(f"gate/{pairing}", pairing, signal)

    def _late(self) -> list[str]:
        state = self._programme.state
        grouped = {ref for group in state.groups for ref in group.members}
        return [
            ref
            for ref, status in state.mentors.items()
            if status == "selected" and ref not in grouped and f"late/{ref}" not in state.done
        ]

    def _at_the_gate(self) -> list[tuple[str, str]]:
        state = self._programme.state
        return [
            (pairing, GATE[state.mentors[pair.mentor_ref]])
            for pairing, pair in state.pairings.items()
            if pair.outcome is None
            and not pair.certified
            and state.mentors.get(pair.mentor_ref) in GATE
            and f"gate/{pairing}" not in state.done
        ]
