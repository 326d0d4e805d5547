"""The acts that write letters, over their ports: facts read, link minted, ledger kept, mail handed over."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.correspondence import (
    Correspondence,
    Invite,
    Invited,
    LetterBatch,
    SendLetters,
    SentBatch,
    SentLetters,
)
from activities.failures import is_of_neighbour, most_urgent, not_yet, translated
from activities.office.calls import Calls
from activities.office.glance import Draft, Glance
from activities.office.posting import Posting
from activities.scheduling import MeetingState, MeetingStatus
from integrations.clock import ProgrammeClock
from integrations.database.books import Books
from integrations.errors import IntegrationError, InvalidError, PersonUnavailableError

Look = Callable[[str], MeetingState]
"""Reads a meeting in everybody's calendar, by its key."""

_BEAT = 20
_TOGETHER_S = 10
"""How long a batch of letters may take before what is left of it goes by itself; an act has 30 seconds."""
_FOR_GOOD = (InvalidError, PersonUnavailableError)
_MOMENT = timedelta(seconds=1.5)
"""Less than a round trip through Temporal and back is worth."""


@dataclass
class _Progress:
    """What became of letters so far, people by ref; `later` are those whose readers' hours open when."""

    sent: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    failed: list[tuple[str, IntegrationError]] = field(default_factory=list)
    later: list[tuple[Draft, datetime]] = field(default_factory=list)


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

    @activity.defn(name="send-letter-batch")
    @translated
    def send_letter_batch(self, request: LetterBatch) -> SentBatch:
        """Sends what can go now of some letters, each as by itself; fails only where none can."""
        outcomes: list[SentLetters | ApplicationError] = []
        until = time.monotonic() + _TOGETHER_S
        for letter in request.letters:
            outcome = self._tried(letter)
            outcomes.append(outcome)
            failed = isinstance(outcome, ApplicationError) and is_of_neighbour(outcome)
            if failed or time.monotonic() >= until:
                # A neighbour that fails, or is slow, is for each of the others to wait for by itself.
                break
        errors = [outcome for outcome in outcomes if isinstance(outcome, ApplicationError)]
        if len(errors) == len(outcomes):
            raise most_urgent(errors)
        sent = [outcome if isinstance(outcome, SentLetters) else None for outcome in outcomes]
        return SentBatch(sent=(*sent, *[None] * (len(request.letters) - len(sent))))

    def _tried(self, request: SendLetters) -> SentLetters | ApplicationError:
        try:
            return self.send_letters(request)
        except ApplicationError as error:
            return error

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
        self, letters: Sequence[Draft], undeliverable: dict[str, IntegrationError] | None = None
    ) -> tuple[list[str], list[str]]:
        """Posts the letters as their readers' hours open; returns who was written to and who was not.

        An hour that opens in a moment (as they do in a rehearsal) is waited for, for any other the act comes
        back. An error of one letter is raised after all others went out; where `undeliverable` is given, it
        takes those that no repeat will mend, by ref.
        """
        progress = _Progress()
        left, now = list(letters), self._clock.now()
        while left:
            for first in range(0, len(left), _BEAT):
                if first and activity.in_activity():
                    activity.heartbeat(len(progress.sent))
                self._post_now(left[first : first + _BEAT], now, progress)
            for to, error in progress.failed:
                if undeliverable is None or not isinstance(error, _FOR_GOOD):
                    raise error
                undeliverable[to] = error
            left, opening = [draft for draft, _ in progress.later], [opens for _, opens in progress.later]
            progress.failed, progress.later = [], []
            now = self._wait(min(opening)) if opening else now
        return progress.sent, progress.skipped

    def _post_now(self, drafts: Sequence[Draft], now: datetime, progress: _Progress) -> None:
        """Posts those of these letters that may go now."""
        glance = Glance.at(self._books, drafts)
        for request, to in drafts:
            opens = glance.may_go(request, to, now)
            if opens is None or (request.not_after and opens >= request.not_after):
                progress.skipped.append(to.ref)
            elif opens > now:
                progress.later.append(((request, to), opens))
            else:
                try:
                    self._posting.post(request, to, glance.people[to.ref])
                except IntegrationError as error:
                    progress.failed.append((to.ref, error))
                else:
                    progress.sent.append(to.ref)

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
