"""The acts that write letters, over their ports: facts read, link minted, ledger kept, mail handed over."""

import time
from collections.abc import Callable, Sequence
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
from integrations.errors import GoneError, IntegrationError, InvalidError, PersonUnavailableError

Look = Callable[[str], MeetingState]
"""Reads a meeting in everybody's calendar, by its key."""

_BEAT = 20
_FOR_GOOD = (InvalidError, PersonUnavailableError)
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
        sent, skipped = self._deliver([(request, to) for to in request.to])
        return SentLetters(sent=tuple(sent), skipped=tuple(skipped), at=self._clock.now())

    @activity.defn(name="invite")
    @translated
    def invite(self, request: Invite) -> Invited:
        """Writes to everybody who may take part and has not answered yet; heartbeats as it goes."""
        undeliverable: dict[str, IntegrationError] = {}
        letters = [(call, to) for call in self._calls.of(request) for to in call.to]
        sent, _ = self._deliver(letters, undeliverable)
        if len(undeliverable) > 1 and not sent:
            # Nobody could be written to: that is no matter of addresses.
            raise next(iter(undeliverable.values()))
        return Invited(refs=tuple(sent), undeliverable=tuple(undeliverable))

    def _deliver(
        self,
        letters: Sequence[tuple[SendLetters, Recipient]],
        undeliverable: dict[str, IntegrationError] | None = None,
    ) -> tuple[list[str], list[str]]:
        """Posts the letters as their readers' hours open; returns who was written to and who was not.

        An hour that opens in a moment (as they do in a rehearsal) is waited for, for any other the act comes
        back. An error of one letter is raised after all others went out; where `undeliverable` is given, it
        takes those that no repeat will mend, by ref.
        """
        sent: list[str] = []
        skipped: list[str] = []
        failed: list[IntegrationError] = []
        left, now = list(letters), self._clock.now()
        while left:
            later: list[tuple[SendLetters, Recipient]] = []
            opening: list[datetime] = []
            for request, to in left:
                opens = self._may_go(request, to, now)
                if opens is None or (request.not_after and opens >= request.not_after):
                    skipped.append(to.ref)
                elif opens > now:
                    later.append((request, to))
                    opening.append(opens)
                elif error := self._post(request, to):
                    if undeliverable is not None and isinstance(error, _FOR_GOOD):
                        undeliverable[to.ref] = error
                    else:
                        failed.append(error)
                else:
                    sent.append(to.ref)
                    if len(sent) % _BEAT == 0 and activity.in_activity():
                        activity.heartbeat(len(sent))
            if failed:
                raise failed[0]
            left = later
            now = self._wait(min(opening)) if opening else now
        return sent, skipped

    def _post(self, request: SendLetters, to: Recipient) -> IntegrationError | None:
        """Posts the letter; returns what went wrong, for the others to go out first."""
        try:
            self._posting.post(request, to)
        except IntegrationError as error:
            return error
        return None

    def _may_go(self, request: SendLetters, to: Recipient, now: datetime) -> datetime | None:
        """From when on this letter may go to this person; None where it must not go at all."""
        try:
            person = self._books.directory.person(to.ref)
        except GoneError:
            return None
        if self._posting.is_posted(request, to):
            return now
        if has_left(person, now) or not person.address:
            return None
        off = days_off(self._books.programmes.load(request.about.programme_id), person.site)
        return next_sending_instant(now, ZoneInfo(person.zone), off)

    def _wait(self, opens: datetime) -> datetime:
        """Waits for an hour that opens in a moment and returns it; has the act come back for any other."""
        wait = self._clock.real_duration(opens - self._clock.now())
        if wait > _MOMENT:
            raise not_yet("outside the reader's sending hours", wait)
        time.sleep(max(wait.total_seconds(), 0))
        return opens


def _is_stale(state: MeetingState, expected_start: datetime | None) -> bool:
    """Whether the calendars say something else than the life that wants to write about the meeting."""
    return (
        state.status is MeetingStatus.CANCELLED
        or state.start != expected_start
        or bool(state.deleted_by)
        or "declined" in state.rsvps.values()
    )
