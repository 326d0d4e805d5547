"""The desk where answers by mail arrive: whose they are, whether they count, kept, and the life told."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from integrations.calendars.calendar import Rsvp, Window
from integrations.calendars.ics import plain_address
from integrations.calendars.ics_answers import EventAnswer, Method
from integrations.database.bookings import Booking, Bookings, BookingStatus
from integrations.database.mail_replies import MailInvitation, MailReplies, MailReply
from integrations.database.people import Directory, Person
from integrations.mail.incoming import Incoming, SetAsideError, Why, read_mail
from integrations.mail.vouching import Vouching

_logger = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of one answer."""

    KEPT = "kept"
    NOT_NEWER = "not-newer"
    UNKNOWN_EVENT = "unknown-event"
    NOT_INVITED = "not-invited"
    ANOTHERS = "anothers"
    STALE = "stale"
    OVER = "over"


class Changed(Protocol):
    """Has a life look at one of its meetings; `EventSink.meeting_changed` is one."""

    def __call__(self, life: str, meeting: str, key: str) -> Awaitable[None]:
        """Hands the hint over; raises RetryableError where it could not be taken now."""
        ...


@dataclass(frozen=True)
class _Case:
    """A message's answer to an invitation, and the booking that the invitation was to."""

    mail: Incoming
    answer: EventAnswer
    invitation: MailInvitation
    booking: Booking | None


@dataclass(frozen=True)
class _Judged:
    """An answer, what became of it, and the booking and the hint where the life is to be told."""

    outcome: Outcome
    booking: Booking | None = None
    hint: str = ""


class ReplyDesk:
    """Takes messages whole. Everything may be taken again: what is kept already is only told once more.

    `now` is programme time; people's programs write by the real one.
    """

    def __init__(  # noqa: PLR0913 - three books, who is told, and two clocks
        self,
        *,
        bookings: Bookings,
        directory: Directory,
        replies: MailReplies,
        changed: Changed,
        now: Callable[[], datetime],
        real_now: Callable[[], datetime],
    ) -> None:
        self._bookings = bookings
        self._directory = directory
        self._replies = replies
        self._changed = changed
        self._now = now
        self._real_now = real_now

    async def take(self, raw: bytes, vouched: Vouching) -> Why | None:
        """Takes a message; says why it was set aside, if it answers no invitation.

        Raises RetryableError where the database or the lives cannot be reached. An answer that does not
        count, or whose sender nobody vouches for, is dropped with a line in the log.
        """
        try:
            mail = await asyncio.to_thread(read_mail, raw)
        except SetAsideError as aside:
            _logger.info("mail.reply.set-aside", extra={"why": aside.why.value})
            return aside.why
        if not vouched(mail):
            _logger.warning("mail.reply.unproven")
            return None
        for judged in await asyncio.to_thread(lambda: list(self._judged(mail))):
            meeting = judged.booking.key if judged.booking else ""
            _logger.info("mail.reply.%s", judged.outcome.value, extra={"meeting": meeting})
            if judged.booking and judged.hint:
                await self._changed(judged.booking.life, judged.booking.key, judged.hint)
        return None

    def _judged(self, mail: Incoming) -> Iterator[_Judged]:
        for answer in mail.answers:
            invitation = self._replies.invitation(answer.uid)
            if invitation is None:
                yield _Judged(Outcome.UNKNOWN_EVENT)
            else:
                booking = self._bookings.get(invitation.key)
                yield from self._of_case(_Case(mail, answer, invitation, booking))

    def _of_case(self, case: _Case) -> Iterator[_Judged]:
        """The answers of those who were invited; some programs list the other attendees beside the sender."""
        said = {one.address: one.rsvp for one in case.answer.answers}
        invited = self._directory.people(case.invitation.refs).values()
        named = [person for person in invited if plain_address(person.address) in said]
        own = [person for person in named if case.mail.sender in self._speakers(person)]
        if not own:
            yield _Judged(Outcome.ANOTHERS if named else Outcome.NOT_INVITED, case.booking)
        for person in own:
            yield self._judge(case, person.ref, said[plain_address(person.address)])

    def _speakers(self, person: Person) -> frozenset[str]:
        """Who may answer for a person: themselves, and the assistant who keeps their calendar."""
        refs = (person.assistant_ref,) if person.assistant_ref else ()
        assistants = self._directory.people(refs).values()
        return frozenset(plain_address(one.address) for one in (person, *assistants))

    def _judge(self, case: _Case, ref: str, rsvp: Rsvp) -> _Judged:
        booking, answer = case.booking, case.answer
        if booking is None or _is_past(booking, case.invitation):
            return _Judged(Outcome.STALE, booking)
        if booking.end <= self._now():
            return _Judged(Outcome.OVER, booking)
        sequence = _sequence(answer, booking)
        if sequence < booking.sequence:
            return _Judged(Outcome.STALE, booking)
        reply = MailReply(
            key=booking.key,
            generation=booking.generation,
            person_ref=ref,
            sequence=sequence,
            stamp=self._stamp(case),
            rsvp=rsvp,
            proposed=_wish(answer, booking),
            received_at=self._now(),
        )
        outcome = Outcome.KEPT if self._replies.keep(reply) else Outcome.NOT_NEWER
        return _Judged(outcome, booking, _hint(reply))

    def _stamp(self, case: _Case) -> datetime:
        """When the answer was written; never later than now, or it would outlast every later one."""
        now = max(self._real_now(), self._now())
        return min(case.answer.stamp or case.mail.sent_at or now, now)


def _is_past(booking: Booking, invitation: MailInvitation) -> bool:
    """Whether the invitation was to an event that is gone."""
    return booking.status is BookingStatus.CANCELLED or booking.generation != invitation.generation


def _sequence(answer: EventAnswer, booking: Booking) -> int:
    """Which invitation is answered; a program that counts on for its own wish means the one it has.

    Where the answer does not say, it is the present one if the hour is, else the first.
    """
    if answer.sequence is None:
        is_present = answer.method is Method.REPLY and answer.start == booking.start
        return booking.sequence if is_present else 0
    return min(answer.sequence, booking.sequence)


def _wish(answer: EventAnswer, booking: Booking) -> Window | None:
    """The time asked for, if it is another than the meeting's; as long as that where its end is not said."""
    if answer.method is not Method.COUNTER or answer.start is None or answer.start == booking.start:
        return None
    return Window(start=answer.start, end=answer.end or answer.start + (booking.end - booking.start))


def _hint(reply: MailReply) -> str:
    """The same for the same reply, and another for any other."""
    told = reply.model_dump_json(exclude={"received_at"})
    return f"mail/{hashlib.sha256(told.encode()).hexdigest()[:32]}"
