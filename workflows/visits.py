"""Second chances in other groups: who missed a half-day joins one of the same part that is still ahead."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from temporalio import workflow

from activities.scheduling import MeetingKind, RedistributeMissed, Scheduling
from workflows import policies
from workflows.cohort import MOST_IN_A_GROUP
from workflows.stages import GroupState, MeetingStage

if TYPE_CHECKING:
    from workflows.programme import ProgrammeWorkflow

_PREFIX: Final = "training"


class Visits:
    """What mentors of a group do in other groups, and others in it; it lives in the programme's state."""

    def __init__(self, programme: "ProgrammeWorkflow", number: int, group: GroupState) -> None:
        self._programme = programme
        self._number = number
        self._group = group

    async def arrange(self, name: str, half_day: int, refs: tuple[str, ...], earliest: datetime) -> list[str]:
        """Finds seats in other groups, once for the name; returns who was given one."""
        if name not in self._group.visits:
            await self._programme.shelter(self._arrange(name, half_day, refs, earliest))
        return list(self._group.visits[name])

    async def _arrange(self, name: str, half_day: int, refs: tuple[str, ...], earliest: datetime) -> None:
        """One group after the other, as two that ask at once could be given the same seat."""
        async with self._programme.seating:
            joined: dict[str, str] = {}
            if keys := self._ahead(half_day, earliest):
                # While seats are looked for a half-day may come to its end: nobody waits for a guest by then.
                request = RedistributeMissed(
                    programme_id=self._programme.terms.programme_id,
                    part=half_day,
                    refs=refs,
                    earliest=earliest,
                    keys=keys,
                    most=MOST_IN_A_GROUP,
                )
                found = await self._programme.persist(
                    Scheduling.redistribute_missed, request, policies.CALENDAR, f"missed training {half_day}"
                )
                joined = {ref: key for ref, key in found.joined.items() if key in self._ahead(half_day)}
            self._group.visits[name] = joined

    def _ahead(self, half_day: int, earliest: datetime | None = None) -> tuple[str, ...]:
        """The half-days of this part that other groups have booked and not held yet, by key."""
        own = f"{_PREFIX}/{self._number}/"
        return tuple(
            record.key
            for name, record in self._programme.state.meetings.items()
            if record.kind is MeetingKind.TRAINING
            and record.number == half_day
            and record.stage is MeetingStage.BOOKED
            and not name.startswith(own)
            and record.start
            and (earliest is None or record.start >= earliest)
        )

    async def outcome(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Waits for the visits; returns who came, and who did not though the half-day was held."""
        came: list[str] = []
        absent: list[str] = []
        for ref, key in self._group.visits.get(name, {}).items():
            host = self._programme.state.groups[_group_of(self._programme.key(_PREFIX), key) - 1]
            await workflow.wait_condition(lambda host=host, key=key: key in host.guests)  # type: ignore[misc]
            present = host.guests[key]
            if present is not None:
                (came if ref in present else absent).append(ref)
        return tuple(came), tuple(absent)

    def expected(self, key: str) -> tuple[str, ...]:
        """Who of other groups comes to this half-day."""
        return tuple(
            ref
            for group in self._programme.state.groups
            for visits in group.visits.values()
            for ref, where in visits.items()
            if where == key
        )

    def welcome(self, key: str, present: tuple[str, ...] | None) -> None:
        """Says who of other groups came to this half-day; None where it was not held."""
        if guests := self.expected(key):
            came = None if present is None else [ref for ref in guests if ref in present]
            self._group.guests.setdefault(key, came)


def _group_of(prefix: str, key: str) -> int:
    """The number of the group that a half-day's key names: `<prefix>/<group>/<half-day>/<attempt>`."""
    return int(key.removeprefix(f"{prefix}/").partition("/")[0])
