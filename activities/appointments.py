"""The acts on calendars, over their ports: the hour is reserved first, then written to the calendars.

A booking that was begun is finished as it was begun, by whichever worker takes over; so a crash between the
calendars and the database leaves one event, never two.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from temporalio import activity

from activities.events import Events
from activities.failures import translated
from activities.hours import Hours
from activities.keeping import OFF, Copies
from activities.scheduling import (
    BookingOutcome,
    BookMeeting,
    CancelMeetings,
    MeetingState,
    MeetingStatus,
    MoveMeeting,
    OfferedSlots,
    OfferSlots,
    Redistributed,
    RedistributeMissed,
    Scheduling,
    WatchMeeting,
)
from activities.second_chances import SecondChances
from activities.seeking import Sought
from activities.seen import Seen
from integrations import deadline
from integrations.clock import ProgrammeClock
from integrations.database.bookings import Booking, Bookings, BookingStatus
from integrations.deadline import within
from integrations.errors import (
    ConflictError,
    GoneError,
    IntegrationError,
    InvalidError,
    PersonUnavailableError,
    RetryableError,
)

ACT_S: Final = 25.0
"""The time of one act in seconds: below what its life gives it, so that a second try never overtakes it."""
_TRIES = 20
_A_CANCEL_S = 8.0
_SOON = timedelta(seconds=1)
_OFFERS = 3
_DAY = timedelta(days=1)


class Appointments(Scheduling):
    """Implements the acts on calendars."""

    def __init__(self, *, bookings: Bookings, hours: Hours, events: Events, clock: ProgrammeClock) -> None:
        self._bookings = bookings
        self._hours = hours
        self._events = events
        self._clock = clock
        self._second_chances = SecondChances(hours, events)

    @activity.defn(name="book-meeting")
    @translated
    @within(ACT_S)
    def book_meeting(self, request: BookMeeting) -> BookingOutcome:
        """Finds the best common hour and books it; finishes or adopts its own earlier booking."""
        self._events.check(request.programme_id)
        copies = Copies(self._bookings)
        known = copies.read(request.key)
        if known and known.status is not BookingStatus.CANCELLED:
            if self._is_worth_keeping(known):
                return _booked(self._finish(copies, known))
            self._cancel(copies, known, "", ())
        generation = known.generation + 1 if known else 0
        sought = Sought.of(request)
        for _ in range(_TRIES):
            found = self._hours.find(sought)
            if not found.slots:
                return BookingOutcome(booked=False, removed=found.removed, would_help=found.would_help)
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
            if copies.reserve(booking):
                return _booked(self._finish(copies, booking))
        raise RetryableError("the hours found were taken by other meetings each time")

    @activity.defn(name="watch-meeting")
    @translated
    @within(ACT_S)
    def watch_meeting(self, request: WatchMeeting) -> MeetingState:
        """Reads the meeting; adopts a person's own move if it is ahead and free for the others."""
        return self.look(request.key)

    @within(ACT_S)
    def look(self, key: str) -> MeetingState:
        """The meeting as the calendars have it now, a person's own move adopted where it can be.

        A time that somebody proposes is no instruction: who declines, or half accepts, for its sake declines.
        """
        copies = Copies(self._bookings)
        booking = _known(copies, key)
        if booking.status in OFF:
            return _state(booking, MeetingStatus.CANCELLED)
        if booking.status is not BookingStatus.BOOKED:
            booking = self._finish(copies, booking)
        seen = self._events.read(booking)
        if seen is None:
            return _state(booking, MeetingStatus.CANCELLED)
        if seen.moved_to is not None:
            return self._adopt(copies, booking, seen.moved_to, seen)
        return _state(booking, MeetingStatus.BOOKED, rsvps=seen.answers, deleted_by=seen.deleted_by)

    @activity.defn(name="move-meeting")
    @translated
    @within(ACT_S)
    def move_meeting(self, request: MoveMeeting) -> BookingOutcome:
        """Moves the meeting to the hour somebody proposes, the next common or the offered one.

        The event stays the same one; the others can decline the proposed hour as they could any other.
        """
        copies = Copies(self._bookings)
        booking = _known(copies, request.key)
        if booking.status in OFF:
            return BookingOutcome(booked=False, removed={"cancelled": 1})
        if booking.status is BookingStatus.MOVING or booking.start != request.moved_from:
            return _booked(self._finish(copies, booking))
        offered = booking.offers[request.offer - 1 :][:1] if request.offer else ()
        for wish in self._wishes(booking, request):
            is_meant = not request.offer or wish in offered
            if is_meant and (moved := self._move(copies, booking, wish)):
                return _booked(moved)
        sought = Sought.moving(booking, request.earliest, request.latest, first_choice=offered)
        for _ in range(_TRIES):
            found = self._hours.find(sought)
            if not found.slots:
                return BookingOutcome(booked=False, removed=found.removed, would_help=found.would_help)
            if moved := self._move(copies, booking, found.slots[0].start):
                return _booked(moved)
        raise RetryableError("the hours found were taken by other meetings each time")

    @activity.defn(name="offer-slots")
    @translated
    @within(ACT_S)
    def offer_slots(self, request: OfferSlots) -> OfferedSlots:
        """Finds up to three hours on different days and keeps them under the meeting's key; a wish first."""
        copies = Copies(self._bookings)
        booking = _known(copies, request.key)
        wishes = self._wishes(booking, request)[:1]
        found = self._hours.find(Sought.moving(booking, request.earliest, request.latest, spread=True))
        others = [
            slot.start for slot in found.slots if all(abs(slot.start - wish) >= _DAY for wish in wishes)
        ]
        offers = (*wishes, *sorted(others[: _OFFERS - len(wishes)]))
        copies.keep(booking.model_copy(update={"offers": offers}))
        return OfferedSlots(count=len(offers))

    @activity.defn(name="redistribute-missed")
    @translated
    @within(ACT_S)
    def redistribute_missed(self, request: RedistributeMissed) -> Redistributed:
        """Puts as many mentors as can be on half-days of other groups, as early as can be."""
        return Redistributed(joined=self._second_chances.give(request, Copies(self._bookings)))

    @activity.defn(name="cancel-meetings")
    @translated
    @within(ACT_S)
    def cancel_meetings(self, request: CancelMeetings) -> None:
        """Cancels the meetings in every calendar; one never booked has nothing to cancel.

        Each is kept as cancelled at once, so that a try for which there are too many leaves fewer to the
        next; one that was begun is finished by the next. One that cannot be cancelled keeps none of the
        others, and is told at the end.
        """
        copies = Copies(self._bookings)
        refused: IntegrationError | None = None
        done = 0
        for booking in filter(None, map(copies.read, request.keys)):
            if booking.status is BookingStatus.CANCELLED:
                continue
            if done and not deadline.has(_A_CANCEL_S):
                raise RetryableError("there are more meetings to be cancelled", after=_SOON)
            try:
                self._cancel(copies, booking, request.reason, request.spare)
            except (ConflictError, InvalidError, PersonUnavailableError) as error:
                refused = refused or error
            except RetryableError as error:
                # What has been done is no reason to wait as long as after tries that did nothing.
                raise RetryableError(str(error), after=error.after or (_SOON if done else None)) from error
            else:
                done += 1
        if refused:
            raise refused

    def _cancel(self, copies: Copies, booking: Booking, reason: str, spare: tuple[str, ...]) -> None:
        """Cancels the meeting; that it is off is kept first, so that nobody at work on it brings it back."""
        off = booking.model_copy(update={"status": BookingStatus.CANCELLING})
        copies.keep(off)
        off = self._events.cancel(off, reason, spare, copies.keep)
        copies.keep(off.model_copy(update={"status": BookingStatus.CANCELLED}))

    def _is_worth_keeping(self, booking: Booking) -> bool:
        """Whether an earlier try's booking is still good; an intention for an hour gone by is cancelled."""
        if booking.status is BookingStatus.CANCELLING:
            return False
        return booking.status is not BookingStatus.INTENDED or booking.start > self._clock.now()

    def _finish(self, copies: Copies, booking: Booking) -> Booking:
        """Brings the calendars to what the booking says, and the booking to `booked`; may be repeated."""
        if booking.status is BookingStatus.INTENDED:
            booking = self._events.make(booking, copies.keep)
        elif booking.status is BookingStatus.MOVING:
            booking = self._events.move(booking, copies.keep)
        else:
            return booking
        booking = booking.model_copy(update={"status": BookingStatus.BOOKED})
        copies.keep(booking)
        return booking

    def _move(self, copies: Copies, booking: Booking, start: datetime) -> Booking | None:
        """Moves the meeting; None where somebody else has taken the hour meanwhile."""
        moving = booking.model_copy(
            update={
                "start": start,
                "end": start + (booking.end - booking.start),
                "status": BookingStatus.MOVING,
                "sequence": booking.sequence + 1,
                "offers": (),
            }
        )
        return self._finish(copies, moving) if copies.reserve(moving) else None

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

    def _adopt(self, copies: Copies, booking: Booking, start: datetime, seen: Seen) -> MeetingState:
        """Takes a person's own move as an instruction; one that cannot be is a decline of the old hour.

        The organizer's moves the event for everybody: one onto an hour that another meeting of its people
        holds is taken back, and all are asked anew. One into the past says no more than that it was moved.
        """
        end, by, rsvps = start + (booking.end - booking.start), seen.moved_by, seen.answers
        # Google and Exchange have one event for all: moved by its organizer, it keeps everybody busy itself.
        others = tuple(ref for ref in booking.attendees if ref != by) if by else ()
        free = start > self._clock.now() and self._hours.are_free(booking, others, start, end)
        moved = self._move(copies, booking, start) if free else None
        if moved:
            return _state(moved, MeetingStatus.BOOKED, moved=True)
        if free and by is None:
            booking = self._events.move(booking, copies.keep)
            by_mail = {ref: rsvp for ref, rsvp in rsvps.items() if ref in booking.by_mail}
            return _state(booking, MeetingStatus.BOOKED, rsvps=by_mail)
        declined = {**rsvps, **({by: "declined"} if by else {})}
        return _state(booking, MeetingStatus.BOOKED, rsvps=declined)


def _known(copies: Copies, key: str) -> Booking:
    booking = copies.read(key)
    if booking is None:
        raise GoneError(f"meeting {key} was never booked")
    return booking


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
