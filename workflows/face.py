"""The face of a life in the Temporal UI: search attributes, and what it waits for in Markdown."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate

from activities.directory import Terms
from workflows.clock import LifeClock
from workflows.names import ATTENTION, PROGRAMME
from workflows.stages import LifeState, MeetingStage

S = TypeVar("S", bound=LifeState)


class Face(Generic[S]):
    """What an operator sees of a life."""

    terms: Terms
    clock: LifeClock
    state: S

    def __init__(self) -> None:
        self._stuck: dict[str, str] = {}

    def attributes(self) -> list[SearchAttributePair[Any]]:
        """The search attributes of this life as they should be now."""
        return []

    def blank(self) -> list[SearchAttributeKey[Any]]:
        """The search attributes that say nothing now and are taken away where they were set."""
        return []

    def details(self) -> str:
        """Where this life stands and what it waits for, in Markdown."""
        return ""

    def show(self) -> None:
        """Brings the Temporal UI up to date; attributes are only written when they changed."""
        workflow.set_current_details(self.details())
        wanted = [
            SearchAttributePair(PROGRAMME, self.terms.programme_id),
            SearchAttributePair(ATTENTION, self._attention()),
            *self.attributes(),
        ]
        updates: list[SearchAttributeUpdate[Any]] = []
        for pair in wanted:
            if self.state.shown.get(pair.key.name) != str(pair.value):
                self.state.shown[pair.key.name] = str(pair.value)
                updates.append(pair.key.value_set(pair.value))
        gone = [key for key in self.blank() if self.state.shown.pop(key.name, None) is not None]
        updates.extend(key.value_unset() for key in gone)
        if updates:
            workflow.upsert_search_attributes(updates)

    def _attention(self) -> str:
        if self._stuck:
            return "needs-operator"
        return "needs-human" if self.state.tasks else "none"

    def waits_for(self) -> str:
        """One bullet list of open asks, tasks and the next meeting, for the details."""
        asks = [
            f"- ⏳ answer to *{key}*"
            for key, ask in self.state.asks.items()
            if ask.asked_at and not ask.closed
        ]
        tasks = [f"- ⚠️ task: **{kind}**" for kind in self.state.tasks.values()]
        meetings = [
            f"- 📅 {record.kind.value} {record.number or ''} on {_instant(record.start)}"
            for record in self.state.meetings.values()
            if record.stage is MeetingStage.BOOKED and record.start
        ]
        due = self.clock.next_due()
        timer = [f"- ⏰ next wake-up {_instant(due)}"] if due else []
        stuck = [
            f"- 🛑 **{what}** failed for good: {why} - press *retry*" for what, why in self._stuck.items()
        ]
        return "\n".join(stuck + tasks + asks + meetings + timer) or "- nothing"


def _instant(instant: datetime | None) -> str:
    return f"{instant:%a %d %b %Y %H:%M} UTC" if instant else "-"
