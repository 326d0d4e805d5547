"""The acts on calendars, over their ports: the hour is reserved first, then written to the calendars.

A booking that was begun is finished as it was begun, by whichever worker takes over; so a crash between the
calendars and the database leaves one event, never two.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from temporalio import activity

from activities.events import Events
from activities.failures import translated
from activities.hours import Hours
from activities.scheduling import (
    BookingOutcome,
    BookMeeting,
    CancelMeetings,
    MeetingState,
    MeetingStatus,
    MoveMeeting,
    OfferedSlots,
    OfferSlots,
    Scheduling,
    WatchMeeting,
)
from activities.seeking import Sought
from integrations.clock import ProgrammeClock
from integrations.database.bookings import Booking, Bookings, BookingStatus
from integrations.errors import GoneError, RetryableError

_TRIES = 20
_OFFERS = 3
_DAY = timedelta(days=1)


class Appointments(Scheduling):
    """Implements the acts on calendars."""

    def __init__(self, *, bookings: Bookings, hours: Hours, events: Events, clock: ProgrammeClock) -> None:
        self._bookings = bookings
        self._hours = hours
        self._events = events
        self._clock = clock

    @activity.defn(name="book-meeting")
    @translated
    def book_meeting(self, request: BookMeeting) -> BookingOutcome:
        """Finds the best common hour and books it; finishes or adopts its own earlier booking."""
        known = self._bookings.get(request.key)
        if known and known.status is not BookingStatus.CANCELLED:
            if self._is_worth_keeping(known):
                return _booked(self._finish(known))
            self._cancel(known, "", ())
        generation = known.generation + 1 if known else 0
        sought = Sought.of(request)
        for _ in range(_TRIES):
            found = self._hours.find(sought)
            if not found.slots:
                return BookingOutcome(booked=False, removed=found.removed)
            slot = found.slots[0]
            booking = Booking(
                key=request.key,
                programme_id=request.programme_id,
                life=request.life,
                kind=request.kind.value,
                number=request.number,
                generation=generation,
                start=slot.start,
                end=slot.end,
                attendees=(*request.required, *(ref for ref in request.wanted if ref in slot.present)),
                status=BookingStatus.INTENDED,
            )
            if self._bookings.reserve(booking):
                return _booked(self._finish(booking))
        raise RetryableError("the hours found were taken by other meetings each time")

    @activity.defn(name="watch-meeting")
    @translated
    def watch_meeting(self, request: WatchMeeting) -> MeetingState:
        """Reads the meeting; adopts a person's own move if it is ahead and free for the others."""
        return self.look(request.key)

    def look(self, key: str) -> MeetingState:
        """The meeting as the calendars have it now, a person's own move adopted where it can be.

        A time that somebody proposes is no instruction: who declines, or half accepts, for its sake declines.
        """
        booking = self._known(key)
        if booking.status is BookingStatus.CANCELLED:
            return _state(booking, MeetingStatus.CANCELLED)
        if booking.status is not BookingStatus.BOOKED:
            booking = self._finish(booking)
        seen = self._events.read(booking)
        if seen is None:
            return _state(booking, MeetingStatus.CANCELLED)
        if seen.moved_to is not None:
            return self._adopt(booking, seen.moved_to, seen.moved_by, seen.answers)
        return _state(booking, MeetingStatus.BOOKED, rsvps=seen.answers, deleted_by=seen.deleted_by)

    @activity.defn(name="move-meeting")
    @translated
    def move_meeting(self, request: MoveMeeting) -> BookingOutcome:
        """Moves the meeting to the hour somebody proposes, the next common or the offered one.

        The event stays the same one; the others can decline the proposed hour as they could any other.
        """
        booking = self._known(request.key)
        if booking.status is BookingStatus.CANCELLED:
            return BookingOutcome(booked=False, removed={"cancelled": 1})
        if booking.status is BookingStatus.MOVING or booking.start != request.moved_from:
            return _booked(self._finish(booking))
        offered = booking.offers[request.offer - 1 :][:1] if request.offer else ()
        for wish in self._wishes(booking, request):
            is_meant = not request.offer or wish in offered
            if is_meant and (moved := self._move(booking, wish, wish + (booking.end - booking.start))):
                return _booked(moved)
        sought = Sought.moving(booking, request.earliest, request.latest, first_choice=offered)
        for _ in range(_TRIES):
            found = self._hours.find(sought)
            if not found.slots:
                return BookingOutcome(booked=False, removed=found.removed)
            slot = found.slots[0]
            if moved := self._move(booking, slot.start, slot.end):
                return _booked(moved)
        raise RetryableError("the hours found were taken by other meetings each time")

    @activity.defn(name="offer-slots")
    @translated
    def offer_slots(self, request: OfferSlots) -> OfferedSlots:
        """Finds up to three hours on different days and keeps them under the meeting's key; a wish first."""
        booking = self._known(request.key)
        wishes = self._wishes(booking, request)[:1]
        found = self._hours.find(Sought.moving(booking, request.earliest, request.latest, spread=True))
        others = [
            slot.start for slot in found.slots if all(abs(slot.start - wish) >= _DAY for wish in wishes)
        ]
        offers = (*wishes, *sorted(others[: _OFFERS - len(wishes)]))
        self._bookings.save(booking.model_copy(update={"offers": offers}))
        return OfferedSlots(count=len(offers))

    @activity.defn(name="cancel-meetings")
    @translated
    def cancel_meetings(self, request: CancelMeetings) -> None:
        """Cancels the meetings in every calendar; one never booked has nothing to cancel."""
        for key in request.keys:
            booking = self._bookings.get(key)
            if booking and booking.status is not BookingStatus.CANCELLED:
                self._cancel(booking, request.reason, request.spare)

    def _cancel(self, booking: Booking, reason: str, spare: tuple[str, ...]) -> None:
        self._events.cancel(booking, reason, spare)
        self._bookings.save(booking.model_copy(update={"status": BookingStatus.CANCELLED}))

    def _known(self, key: str) -> Booking:
        booking = self._bookings.get(key)
        if booking is None:
            raise GoneError(f"meeting {key} was never booked")
        return booking

    def _is_worth_keeping(self, booking: Booking) -> bool:
        """Whether an earlier try's booking is still good; an intention for an hour gone by is cancelled."""
        return booking.status is not BookingStatus.INTENDED or booking.start > self._clock.now()

    def _finish(self, booking: Booking) -> Booking:
        """Brings the calendars to what the booking says, and the booking to `booked`; may be repeated."""
        if booking.status is BookingStatus.INTENDED:
            booking = self._events.make(booking)
        elif booking.status is BookingStatus.MOVING:
            booking = self._events.move(booking)
        else:
            return booking
        booking = booking.model_copy(update={"status": BookingStatus.BOOKED})
        self._bookings.save(booking)
        return booking

    def _move(self, booking: Booking, start: datetime, end: datetime) -> Booking | None:
        """Moves the meeting; None where somebody else has taken the hour meanwhile."""
        moving = booking.model_copy(
            update={
                "start": start,
                "end": end,
                "status": BookingStatus.MOVING,
                "sequence": booking.sequence + 1,
                "offers": (),
            }
        )
        return self._finish(moving) if self._bookings.reserve(moving) else None

    def _wishes(self, booking: Booking, within: MoveMeeting | OfferSlots) -> tuple[datetime, ...]:
        """The hours people ask for within a request's window that are free for the others, earliest first."""
        seen = self._events.read(booking)
        lasts = booking.end - booking.start
        first = max(within.earliest, self._clock.now())
        return tuple(
            wish
            for ref, wish in sorted((seen.wishes if seen else {}).items(), key=lambda item: item[1])
            if first <= wish <= within.latest - lasts
            and self._hours.are_free(
                booking, tuple(one for one in booking.attendees if one != ref), wish, wish + lasts
            )
        )

    def _adopt(
        self, booking: Booking, start: datetime, by: str | None, rsvps: Mapping[str, str]
    ) -> MeetingState:
        """Takes a person's own move as an instruction; one that cannot be is a decline of the old hour."""
        end = start + (booking.end - booking.start)
        # Google and Exchange have one event for all: moved by its organizer, it keeps everybody busy itself.
        others = tuple(ref for ref in booking.attendees if ref != by) if by else ()
        free = start > self._clock.now() and self._hours.are_free(booking, others, start, end)
        moved = self._move(booking, start, end) if free else None
        if moved:
            return _state(moved, MeetingStatus.BOOKED, moved=True)
        declined = {**rsvps, **({by: "declined"} if by else {})}
        return _state(booking, MeetingStatus.BOOKED, rsvps=declined)


def _booked(booking: Booking) -> BookingOutcome:
    return BookingOutcome(booked=True, start=booking.start, end=booking.end)


def _state(
    booking: Booking,
    status: MeetingStatus,
    *,
    rsvps: Mapping[str, str] | None = None,
    moved: bool = False,
    deleted_by: tuple[str, ...] = (),
) -> MeetingState:
    return MeetingState(
        key=booking.key,
        start=booking.start,
        end=booking.end,
        status=status,
        rsvps=rsvps or {},
        moved=moved,
        deleted_by=deleted_by,
    )
