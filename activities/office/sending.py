"""The acts that write letters, over their ports: facts read, link minted, ledger kept, mail handed over."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from temporalio import activity

from activities.correspondence import (
    Correspondence,
    Invite,
    Invited,
    Recipient,
    SendLetters,
    SentLetters,
)
from activities.failures import not_yet, translated
from activities.office.calls import Calls
from activities.office.posting import Posting
from activities.rules.days_off import days_off
from activities.rules.presence import has_left
from activities.rules.sending_hours import next_sending_instant
from activities.scheduling import MeetingState, MeetingStatus
from integrations.clock import ProgrammeClock
from integrations.database.books import Books
from integrations.database.people import Person
from integrations.errors import GoneError, IntegrationError

Look = Callable[[str], MeetingState]
"""Reads a meeting in everybody's calendar, by its key."""

_MOMENT = timedelta(seconds=1.5)
"""Less than a round trip through Temporal and back is worth."""


class LetterOffice(Correspondence):
    """Implements the acts that write letters.

    A letter that may not go out yet makes its act come back at the opening of the reader's sending hours;
    those already written to are known from the ledger.
    """

    def __init__(
        self, books: Books, *, posting: Posting, calls: Calls, look: Look, clock: ProgrammeClock
    ) -> None:
        self._books = books
        self._posting = posting
        self._calls = calls
        self._look = look
        self._clock = clock

    @activity.defn(name="send-letters")
    @translated
    def send_letters(self, request: SendLetters) -> SentLetters:
        """Sends one letter to each recipient, once each for its key, within their sending hours."""
        if request.check_meeting and request.about.meeting_key:
            state = self._look(request.about.meeting_key)
            if _is_stale(state, request.expected_start):
                return SentLetters(at=self._clock.now(), meeting=state)
        return self._each(request, request.to)

    @activity.defn(name="invite")
    @translated
    def invite(self, request: Invite) -> Invited:
        """Writes to everybody who may take part and has not answered yet; heartbeats as it goes."""
        refs: list[str] = []
        waiting: list[datetime] = []
        for call in self._calls.of(request):
            opens = self._opens(request.programme_id, self._books.directory.person(call.to[0].ref))
            if not self._waited(opens):
                waiting.append(opens)
                continue
            self._posting.post(call, call.to[0])
            refs.append(call.to[0].ref)
            activity.heartbeat(len(refs))
        self._come_back(waiting)
        return Invited(refs=tuple(refs))

    def _each(self, request: SendLetters, recipients: Iterable[Recipient]) -> SentLetters:
        sent: list[str] = []
        skipped: list[str] = []
        waiting: list[datetime] = []
        failed: list[IntegrationError] = []
        for to in recipients:
            now = self._clock.now()
            opens = self._may_go(request, to, now)
            if opens is None or (request.not_after and opens >= request.not_after):
                skipped.append(to.ref)
            elif not self._waited(opens):
                waiting.append(opens)
            else:
                try:
                    self._posting.post(request, to)
                    sent.append(to.ref)
                except IntegrationError as error:
                    failed.append(error)
        if failed:
            raise failed[0]
        self._come_back(waiting)
        return SentLetters(sent=tuple(sent), skipped=tuple(skipped), at=self._clock.now())

    def _may_go(self, request: SendLetters, to: Recipient, now: datetime) -> datetime | None:
        """From when on this letter may go to this person; None where it must not go at all."""
        try:
            person = self._books.directory.person(to.ref)
        except GoneError:
            return None
        if has_left(person, now) or not person.address:
            return None
        return self._opens(request.about.programme_id, person)

    def _opens(self, programme_id: str, person: Person) -> datetime:
        off = days_off(self._books.programmes.load(programme_id), person.site)
        return next_sending_instant(self._clock.now(), ZoneInfo(person.zone), off)

    def _waited(self, opens: datetime) -> bool:
        """Whether a letter may go now; what is only moments away (as it is in a rehearsal) is waited for."""
        wait = self._clock.real_duration(opens - self._clock.now())
        if wait > _MOMENT:
            return False
        time.sleep(max(wait.total_seconds(), 0))
        return True

    def _come_back(self, waiting: list[datetime]) -> None:
        if waiting:
            wait = self._clock.real_duration(min(waiting) - self._clock.now())
            raise not_yet("outside the reader's sending hours", wait)


def _is_stale(state: MeetingState, expected_start: datetime | None) -> bool:
    """Whether the calendars say something else than the life that wants to write about the meeting."""
    return (
        state.status is MeetingStatus.CANCELLED
        or state.start != expected_start
        or bool(state.deleted_by)
        or "declined" in state.rsvps.values()
    )
