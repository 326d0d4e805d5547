"""What one act knows of the bookings it works on, so that none of its steps is kept over another act's."""

from integrations.database.bookings import Booking, Bookings, BookingStatus
from integrations.errors import ConflictError

OFF = frozenset({BookingStatus.CANCELLING, BookingStatus.CANCELLED})
"""How bookings stand whose meeting nobody is to bring back."""


class OvertakenError(ConflictError):
    """The meeting was cancelled, or begun anew, while an act was at work: what the act made has to go."""


class Copies:
    """The bookings of one act as it last saw them; each step is kept over that only.

    An act that was taken for dead may still be at work; whatever it keeps then fails with ConflictError.
    """

    def __init__(self, bookings: Bookings) -> None:
        self._bookings = bookings
        self._seen: dict[str, Booking | None] = {}

    def read(self, key: str) -> Booking | None:
        """The booking under this key as it is now, or None."""
        booking = self._seen[key] = self._bookings.get(key)
        return booking

    def reserve(self, booking: Booking) -> bool:
        """Keeps the booking unless an attendee's time is held by another."""
        is_kept = self._bookings.reserve(booking, self._seen.get(booking.key))
        if is_kept:
            self._seen[booking.key] = booking
        return is_kept

    def keep(self, booking: Booking) -> None:
        """Keeps a step; OvertakenError where the meeting is off, or another generation of it is on."""
        try:
            self._bookings.replace(self._seen.get(booking.key), booking)
        except ConflictError as error:
            now = self._bookings.get(booking.key)
            if now is None or now.status in OFF or now.generation != booking.generation:
                raise OvertakenError(f"meeting {booking.key} was cancelled while it was worked on") from error
            raise
        self._seen[booking.key] = booking
