"""The sessions of a pairing: one after the other, the next always booked before this one starts."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from activities.lives import programme_life
from activities.scheduling import MeetingKind
from workflows.ending import EndedError
from workflows.session import Session
from workflows.stages import MeetingStage, Outcome, Stage

if TYPE_CHECKING:
    from workflows.pairing import PairingWorkflow

_DAY: Final = timedelta(days=1)
_PULSES: Final = frozenset({1, 3, 6})
_IDEAS: Final = frozenset({3, 6})
_SUPERVISED: Final = frozenset({1, 3, 5})
_SECOND_MISS: Final = 2
ENDLESS: Final = frozenset({"last-day"})
"""The stories beside a pairing that nobody waits for."""


class Sessions:
    """What happens between kick-off and closing review; all it remembers is in the pairing's state."""

    def __init__(self, pairing: "PairingWorkflow") -> None:
        self._pairing = pairing

    async def live(self) -> None:
        """Sessions one and two are booked together, and always the next one before this one starts."""
        self._pairing.enter(Stage.SESSIONS)
        while not await self._over():
            session = Session(self._pairing, self._pairing.state.held + 1, self._misses())
            if session.record is None and not await self._book_session(session):
                break
            if session.number == 1 and session.record and session.record.start:
                await self.book_ahead(1, session.record.start)
            self._take_stock(session, await session.live())
            self._pairing.show()
        await self._drop_sessions(lambda _: True)
        await self._pairing.asides_done(but=ENDLESS)
        if self._pairing.state.held == 0:
            raise EndedError(self._pairing.short())

    def _misses(self) -> int:
        """How many tries came to nothing; part of a session's name, so that every try is another event."""
        return self._pairing.state.attempts - self._pairing.state.held

    async def _over(self) -> bool:
        """Heeds what the last session left behind; says whether there is to be no other."""
        terms, held = self._pairing.terms, self._pairing.state.held
        limit = terms.sessions + terms.timings.spare_sessions
        misses = self._misses()
        await self._drop_sessions(lambda name: not name.endswith(f"/{misses}"))
        for number in sorted(_SUPERVISED):
            if number <= held:
                life = programme_life(self._pairing.terms.programme_id)
                await self._pairing.tell_once(f"told/{number}", life, "session-held", number)
        if self._pairing.state.missed:
            await self._pairing.once(f"missed/{self._pairing.state.attempts}", self._after_miss)
        return held >= terms.sessions or self._pairing.state.attempts >= limit or self._last_one()

    def _last_one(self) -> bool:
        """Whether no further session is to be held: winding down, or too close to somebody's last day."""
        if self._pairing.state.winding_down and self._pairing.state.held:
            return True
        closing = self._pairing.closing_deadline()
        return closing is not None and self._pairing.clock.now() + 7 * _DAY > closing

    async def _book_session(self, session: Session) -> bool:
        """Books a session that has no place yet, widening the window before a human is asked."""
        timings, now = self._pairing.terms.timings, self._pairing.clock.now()
        within = (
            timings.reschedule_window_wd if self._pairing.state.missed else timings.first_session_within_wd
        )
        latest = self._pairing.days.add(now, within)
        for widening in (0, 10, 20):
            wide = self._capped(self._pairing.days.add(latest, widening))
            if wide > now + _DAY and await session.book(now + _DAY, wide, None):
                return True
        if self._last_one():
            return False
        await self._pairing.decide(f"{session.name}/booking", "no-common-slot")
        latest = self._capped(self._pairing.days.add(self._pairing.clock.now(), 40))
        return latest > now + _DAY and await session.book(now + _DAY, latest, None) is not None

    async def book_ahead(self, number: int, start: datetime) -> None:
        """Books the session after this one, at the programme's cadence, unless this one is the last."""
        following = Session(self._pairing, number + 1, self._misses())
        if (
            number >= self._pairing.terms.sessions
            or following.record is not None
            or self._pairing.state.winding_down
        ):
            return
        timings = self._pairing.terms.timings
        near = start + timings.session_every_d * _DAY
        earliest, latest = start + timings.session_min_gap_d * _DAY, start + timings.session_max_gap_d * _DAY
        latest = self._capped(latest)
        if latest > earliest:
            await following.book(max(earliest, self._pairing.clock.now() + _DAY), latest, min(near, latest))

    def _capped(self, latest: datetime) -> datetime:
        closing = self._pairing.closing_deadline()
        return min(latest, closing) if closing else latest

    def _take_stock(self, session: Session, became: MeetingStage) -> None:
        """Counts the session and starts what it leaves behind; all at once, so that nothing comes between.

        Nobody has missed a session that found no hour.
        """
        self._pairing.state.attempts += 1
        number = session.number
        if became is not MeetingStage.HELD:
            self._pairing.state.missed += became is not MeetingStage.CANCELLED
            return
        self._pairing.state.held, self._pairing.state.missed = number, 0
        if number == 1:
            self._pairing.aside("goals")
        if number in _PULSES:
            self._pairing.aside(f"pulse/{number}")
        if number in _IDEAS:
            self._pairing.aside(f"idea/{number}")
        if number == self._pairing.terms.sessions // 2:
            self._pairing.aside("mid-review")

    async def _after_miss(self) -> None:
        """The first miss is rebooked, the second goes to the coordinator, the third needs a decision."""
        key = f"missed/{self._pairing.state.attempts}"
        if self._pairing.state.missed == _SECOND_MISS:
            self._pairing.aside(f"no-show/{self._pairing.state.attempts}")
        elif (
            self._pairing.state.missed > _SECOND_MISS and await self._pairing.decide(key, "no-show") != "done"
        ):
            raise EndedError(Outcome.ENDED_EARLY)

    async def _drop_sessions(self, unwanted: Callable[[str], bool]) -> None:
        """Cancels the open sessions whose names are unwanted."""
        for name, record in self._pairing.state.meetings.items():
            if record.kind is MeetingKind.SESSION and record.is_open and unwanted(name):
                await self._pairing.drop_meeting(record)
