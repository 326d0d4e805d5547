"""Invitations by mail for people whose calendar we cannot reach (RFC 6047)."""

from collections.abc import Sequence
from typing import Protocol

from activities.correspondence import About, Recipient, SendLetters
from activities.letters.catalogue import Letter
from integrations.calendars.calendar import Attendee, EventSpec
from integrations.calendars.ics import invitation
from integrations.database.bookings import Booking
from integrations.database.people import Directory


class Post(Protocol):
    """Posts one letter to one person, with a calendar part where there is one."""

    def post(
        self, request: SendLetters, to: Recipient, *, calendar: str = "", method: str = "REQUEST"
    ) -> None:
        """Posts the letter once for the request's key."""
        ...


class MailInvitations:
    """Sends REQUEST and CANCEL of a booking to its attendees without a calendar, once a sequence number."""

    def __init__(self, directory: Directory, post: Post) -> None:
        self._directory = directory
        self._post = post

    def invite(self, letter: Letter, booking: Booking, spec: EventSpec) -> None:
        """Invites everybody in `booking.by_mail`, or tells them of the new hour."""
        for ref in booking.by_mail:
            self._mail(letter, booking, spec, ref, "REQUEST")

    def cancel(self, booking: Booking, spec: EventSpec, spare: Sequence[str]) -> None:
        """Tells everybody in `booking.by_mail` but those spared that the meeting is off."""
        for ref in booking.by_mail:
            if ref not in spare:
                self._mail(Letter.EVENT_CANCELLED, booking, spec, ref, "CANCEL")

    def _mail(self, letter: Letter, booking: Booking, spec: EventSpec, ref: str, method: str) -> None:
        person = self._directory.person(ref)
        attendee = Attendee(address=person.address, name=person.name)
        text = invitation(
            spec.model_copy(update={"attendees": (attendee,)}),
            key=booking.key,
            generation=booking.generation,
            sequence=booking.sequence + (method == "CANCEL"),
            method=method,
        )
        about = About(programme_id=booking.programme_id, meeting_key=booking.key, session=booking.number)
        request = SendLetters(
            key=f"{booking.key}/{booking.generation}/{booking.sequence}/{method.lower()}",
            letter=letter,
            to=(Recipient(ref=ref, role="attendee"),),
            about=about,
        )
        self._post.post(request, request.to[0], calendar=text, method=method)
