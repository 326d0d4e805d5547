"""What people did to a meeting in their calendars and by mail, told by their refs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from integrations.calendars.calendar import Rsvp, Snapshot
from integrations.database.bookings import Booking
from integrations.database.mail_replies import MailReply


@dataclass(frozen=True)
class Seen:
    """What the calendars say of a meeting, people by ref; `moved_to` is where somebody has put it.

    `wishes` are the times that people ask for instead.
    """

    rsvps: Mapping[str, str] = field(default_factory=dict)
    deleted_by: tuple[str, ...] = ()
    moved_to: datetime | None = None
    moved_by: str | None = None
    wishes: Mapping[str, datetime] = field(default_factory=dict)

    @property
    def answers(self) -> Mapping[str, str]:
        """The RSVPs, where a tentative one with a wish for another time declines this one."""
        declined = {ref for ref in self.wishes if self.rsvps.get(ref) == Rsvp.TENTATIVE}
        return {ref: "declined" if ref in declined else rsvp for ref, rsvp in self.rsvps.items()}

    @classmethod
    def of(
        cls,
        booking: Booking,
        event: Snapshot,
        people: Mapping[str, str],
        mailed: Mapping[str, MailReply],
    ) -> Self:
        """The event as it is now, and what came by mail; `people` are refs by address in lower case."""
        moved = _moved(booking, event, people)
        told = {people[who.lower()]: rsvp for who, rsvp in event.rsvps.items() if who.lower() in people}
        told |= {ref: mailed[ref].rsvp if ref in mailed else Rsvp.NEEDS_ACTION for ref in booking.by_mail}
        asked = {people[who.lower()]: wish for who, wish in event.proposed.items() if who.lower() in people}
        asked |= {ref: reply.proposed for ref, reply in mailed.items() if reply.proposed}
        return cls(
            rsvps={ref: rsvp.value for ref, rsvp in told.items()},
            deleted_by=tuple(people[who.lower()] for who in event.deleted_by if who.lower() in people),
            moved_to=moved[0] if moved else None,
            moved_by=moved[1] if moved else None,
            wishes={ref: wish.start for ref, wish in asked.items() if wish.start != booking.start},
        )


def _moved(
    booking: Booking, event: Snapshot, people: Mapping[str, str]
) -> tuple[datetime, str | None] | None:
    for address, window in sorted(event.moved.items()):
        if window.start != booking.start:
            return window.start, people.get(address.lower())
    return (event.start, None) if event.start != booking.start else None
