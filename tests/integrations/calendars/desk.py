"""What the suites need of a provider: its adapter, and the hands of the people whose calendars it reaches."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from integrations.calendars.calendar import Attendee, Calendar, EventRef, EventSpec, Rsvp, Window

TUESDAY = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Hand(Protocol):
    """What people do in their own calendars, with their own client."""

    def answer(self, address: str, ref: EventRef, rsvp: Rsvp) -> None:
        """Answers an invitation."""

    def move(self, address: str, ref: EventRef, to: Window) -> None:
        """Moves the event in this person's calendar."""

    def delete(self, address: str, ref: EventRef) -> None:
        """Deletes the event from this person's calendar."""

    def call_off(self, address: str, ref: EventRef) -> None:
        """Marks the event as cancelled in this person's calendar."""

    def has(self, address: str, ref: EventRef) -> bool:
        """Whether this person's calendar has the event, and not as cancelled."""

    def count(self, address: str) -> int:
        """How many live events this person's calendar has."""

    def title(self, address: str, ref: EventRef) -> str:
        """What the event is called in this person's calendar."""

    def occupy(self, address: str, window: Window) -> None:
        """Puts an appointment of this person's own into their calendar."""


@dataclass(frozen=True)
class Desk:
    """An adapter, its people's hands, and three addresses with an empty calendar each."""

    calendar: Calendar
    hand: Hand
    organizer: str
    mentor: str
    mentee: str
    stranger: str

    def spec(self, start: datetime = TUESDAY, summary: str = "Digital session") -> EventSpec:
        """A meeting of the two, an hour long."""
        return EventSpec(
            summary=summary,
            description="Decline it or move it here.\nThe programme follows your calendar.",
            start=start,
            end=start + HOUR,
            organizer=Attendee(address=self.organizer, name="Programme office"),
            attendees=(
                Attendee(address=self.mentor, name="Zoé Dupont"),
                Attendee(address=self.mentee, name="Max O'Neill, CFO"),
            ),
        )
