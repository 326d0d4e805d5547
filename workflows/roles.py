"""The roles of a programme: who leaves hands theirs over, and every running life hears who has them now."""

from typing import TYPE_CHECKING

from activities.directory import DirectoryActs, HandOverRoles, Roles
from activities.lives import mentor_life
from workflows import policies
from workflows.matters import decide

if TYPE_CHECKING:
    from workflows.programme import ProgrammeWorkflow

_SERVING = frozenset({"applied", "selected", "certified"})


class RoleHolders:
    """What a programme does when one of those who run it leaves."""

    def __init__(self, programme: "ProgrammeWorkflow") -> None:
        self._programme = programme

    async def live(self) -> None:
        """Has each role handed over on the day its holder leaves, unless that is taken back; has no end."""
        state = self._programme.state
        while True:
            ref, day = await self._programme.clock.first_of(
                state.leaving, summary="the last day of somebody with a role"
            )
            await self._hand_over(ref)
            if state.leaving.get(ref) == day:
                del state.leaving[ref]

    async def _hand_over(self, ref: str) -> None:
        programme = self._programme
        request = HandOverRoles(programme_id=programme.terms.programme_id, person_ref=ref)
        roles = await programme.act(
            DirectoryActs.hand_over_roles, request, policies.RECORD, "hand roles over"
        )
        programme.terms = programme.terms.model_copy(update={"roles": roles})
        await self._tell(ref, roles)
        programme.aside(f"successor/{ref}")

    async def _tell(self, ref: str, roles: Roles) -> None:
        programme = self._programme
        lives = [name for name, pair in programme.state.pairings.items() if pair.outcome is None]
        lives += [
            mentor_life(programme.terms.programme_id, mentor)
            for mentor, status in programme.state.mentors.items()
            if status in _SERVING
        ]
        for life in lives:
            await programme.tell_once(f"roles/{ref}/{life}", life, "roles-changed", roles)

    async def successor(self, ref: str) -> None:
        """Asks for the successor of somebody who has left, whose roles a stand-in has by now."""
        programme = self._programme
        about = programme.about()
        await decide(programme, f"successor/{ref}", "role-successor", about=about, about_ref=ref)
