"""Mentors who missed a half-day join another group's: found, reserved, and put on the event that stands."""

from typing import Final

from activities.events import Events
from activities.hours import Hours
from activities.keeping import Copies
from activities.rules.stretches import outward
from activities.rules.training_days import HalfDay
from activities.scheduling import RedistributeMissed
from integrations.database.bookings import Booking, BookingStatus
from integrations.errors import GoneError

_TRAINER: Final = 1
"""Who is at a half-day besides the mentors."""


class SecondChances:
    """Looks for seats in other groups. May be repeated: who was given a seat keeps it.

    One at a time for a programme, as what is changed is the list of a booking's people.
    """

    def __init__(self, hours: Hours, events: Events) -> None:
        self._hours = hours
        self._events = events

    def give(self, request: RedistributeMissed, copies: Copies) -> dict[str, str]:
        """The half-day (by key) that each mentor (by ref) has joined; errors are those of the calendars."""
        dates = {one.key: one for one in map(copies.read, request.keys) if one and _can_be(one, request)}
        seats = {ref: one.key for one in dates.values() for ref in request.refs if ref in one.attendees}
        others = tuple(ref for ref in request.refs if ref not in seats)
        found = self._hours.redistribute(request, others, [_half_day(one, request) for one in dates.values()])
        for ref, key in sorted(found.items()):
            grown = dates[key].model_copy(update={"attendees": (*dates[key].attendees, ref)})
            if copies.reserve(grown):
                dates[key], seats[ref] = grown, key
        lost = {key for key in sorted(set(seats.values())) if not self._is_invited(dates[key], seats, copies)}
        return {ref: key for ref, key in seats.items() if key not in lost}

    def _is_invited(self, booking: Booking, seats: dict[str, str], copies: Copies) -> bool:
        """Brings the event to the booking; where it is gone, newcomers are given their hour back."""
        new = tuple(ref for ref, key in seats.items() if key == booking.key)
        try:
            self._events.admit(booking, new, copies.keep)
        except GoneError:
            stay = tuple(ref for ref in booking.attendees if ref not in new)
            copies.keep(booking.model_copy(update={"attendees": stay}))
            return False
        return True


def _can_be(booking: Booking, request: RedistributeMissed) -> bool:
    is_ahead = booking.status is BookingStatus.BOOKED and booking.start >= request.earliest
    return is_ahead and booking.number == request.part


def _half_day(booking: Booking, request: RedistributeMissed) -> HalfDay:
    return HalfDay(
        key=booking.key,
        part=booking.number,
        when=outward(booking.start, booking.end),
        seats=max(0, request.most + _TRAINER - len(booking.attendees)),
    )
