"""Invitations by mail for people whose calendar we cannot reach, and what they answer (RFC 6047)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from activities.correspondence import About, Recipient, SendLetters
from activities.letters.catalogue import Letter
from integrations import deadline
from integrations.calendars.calendar import Attendee, EventSpec
from integrations.calendars.ics import event_uid
from integrations.calendars.ics_invitation import invitation
from integrations.database.bookings import Booking
from integrations.database.mail_replies import MailReplies, MailReply
from integrations.database.people import Directory, Person
from integrations.errors import GoneError, RetryableError

_A_LETTER_S: Final = 5.0
_ANSWERED: Final = "answered-in-calendar"
_NOTES: Final[Mapping[str, str]] = {
    "en": "If the hour does not suit, decline or propose another one: the programme goes by your answer.",
    "fr": "Si l'heure ne convient pas, refusez ou proposez-en une autre : le programme en tient compte.",
}


class Post(Protocol):
    """Posts one letter to one person, with a calendar part where there is one."""

    def post(
        self, request: SendLetters, to: Recipient, *, calendar: str = "", method: str = "REQUEST"
    ) -> None:
        """Posts the letter once for the request's key."""
        ...


@dataclass(frozen=True)
class AnswerBox:
    """The mailbox to which calendars send their answers, and where what came in is kept."""

    address: str
    replies: MailReplies


class MailInvitations:
    """Sends REQUEST and CANCEL of a booking to its attendees without a calendar, once a sequence number.

    With an answer box the events are organized from there; without one nobody reads what calendars answer,
    and the letters ask for a word instead.
    """

    def __init__(self, directory: Directory, post: Post, box: AnswerBox | None = None) -> None:
        self._directory = directory
        self._post = post
        self._box = box

    def invite(self, letter: Letter, booking: Booking, spec: EventSpec) -> None:
        """Invites everybody in `booking.by_mail`, or tells them of the new hour."""
        if self._box and booking.by_mail:
            uid = event_uid(booking.key, booking.generation)
            self._box.replies.invite(uid, booking.key, booking.generation, booking.by_mail)
        for ref in booking.by_mail:
            self._mail(letter, booking, spec, ref, "REQUEST")

    def cancel(self, booking: Booking, spec: EventSpec, spare: Sequence[str]) -> None:
        """Tells everybody in `booking.by_mail` but those spared that the meeting is off."""
        for ref in booking.by_mail:
            if ref not in spare:
                self._mail(Letter.EVENT_CANCELLED, booking, spec, ref, "CANCEL")

    def replies(self, booking: Booking) -> Mapping[str, MailReply]:
        """What people have answered to the latest invitation, by ref; earlier answers are void."""
        if self._box is None or not booking.by_mail:
            return {}
        kept = self._box.replies.replies(booking.key, booking.generation)
        return {reply.person_ref: reply for reply in kept if reply.sequence >= booking.sequence}

    def _mail(self, letter: Letter, booking: Booking, spec: EventSpec, ref: str, method: str) -> None:
        if not deadline.has(_A_LETTER_S):
            raise RetryableError("no time was left for the letters; the calendars took all of it")
        try:
            person = self._directory.person(ref)
        except GoneError:
            return
        text = invitation(
            self._spec(spec, person),
            key=booking.key,
            generation=booking.generation,
            sequence=booking.sequence + (method == "CANCEL"),
            method=method,
        )
        about = About(
            programme_id=booking.programme_id,
            meeting_key=booking.key,
            session=booking.number,
            reason=_ANSWERED if self._box else "",
        )
        request = SendLetters(
            key=f"{booking.key}/{booking.generation}/{booking.sequence}/{method.lower()}",
            letter=letter,
            to=(Recipient(ref=ref, role="attendee"),),
            about=about,
        )
        self._post.post(request, request.to[0], calendar=text, method=method)

    def _spec(self, spec: EventSpec, person: Person) -> EventSpec:
        """The event as this person is to read it, and nobody else's name in it."""
        own = {"attendees": (Attendee(address=person.address, name=person.name),)}
        if self._box is None:
            return spec.model_copy(update={**own, "description": ""})
        organizer = Attendee(address=self._box.address, name=spec.organizer.name)
        note = _NOTES[person.language] if spec.description else ""
        return spec.model_copy(update={**own, "description": note, "organizer": organizer})
