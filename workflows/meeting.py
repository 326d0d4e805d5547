"""One meeting of a pairing: booked once, watched, moved on a decline, and handed over when hours run out."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from activities.letters.catalogue import Letter
from activities.scheduling import (
    BookMeeting,
    MeetingKind,
    MeetingState,
    MeetingStatus,
    MoveMeeting,
    OfferSlots,
    Scheduling,
    WatchMeeting,
)
from workflows import policies
from workflows.asking import Question, Step, StepKind, ask
from workflows.stages import MeetingRecord, MeetingStage

if TYPE_CHECKING:
    from workflows.pairing import PairingWorkflow

_DAY: Final = timedelta(days=1)
_DECLINED: Final = "declined"
_CHOICE: Final = 2
"""The decline after which hours are offered to choose from; a deleted event is as good as one decline."""
_WIDENINGS: Final = (0, 10, 20)
"""Working days by which a window is widened, one after the other, before a meeting has no hour."""


class Meeting:
    """A meeting of the pair under its name; its record lives in the pairing's state."""

    def __init__(self, pairing: "PairingWorkflow", kind: MeetingKind, name: str, number: int = 0) -> None:
        self._pairing = pairing
        self._kind = kind
        self.number = number
        self.name = name
        self._label = f"{kind.value} {number or ''}".strip()

    @property
    def record(self) -> MeetingRecord | None:
        """The meeting's record, or None while it is not booked."""
        record = self._pairing.state.meetings.get(self.name)
        return record if record and record.is_booked else None

    def is_hinted(self) -> bool:
        """Whether somebody is said to have done something to it since it was looked at last."""
        return self._pairing.key(self.name) in self._pairing.state.hints

    async def look(self, record: MeetingRecord, why: str) -> None:
        """Reads the calendars and heeds what they say; whatever was hinted at before is seen by this."""
        hints = self._pairing.state.hints
        hints[:] = [meeting for meeting in hints if meeting != record.key]
        watch = WatchMeeting(key=record.key)
        state = await self._pairing.act(
            Scheduling.watch_meeting, watch, policies.CALENDAR, f"{self._label}: {why}"
        )
        await self.heed(state, record)

    async def heed(self, state: MeetingState, record: MeetingRecord) -> None:
        """Acts on what people did in their calendars: a move is adopted, a decline looks for another hour."""
        if state.start != record.start:
            record.start, record.end, record.moves = state.start, state.end, record.moves + 1
            self._pairing.show()
        elif state.status is MeetingStatus.CANCELLED or state.deleted_by:
            record.declines = max(record.declines, 1)
            await self._another_hour(record)
        elif _DECLINED in state.rsvps.values():
            await self._another_hour(record)

    async def _another_hour(self, record: MeetingRecord) -> None:
        declines = record.declines + 1
        request = await self._other_hour(record, declines)
        await (self._move(record, request) if request else self._hand_over(record))
        record.declines = declines

    async def _other_hour(self, record: MeetingRecord, declines: int) -> MoveMeeting | None:
        """First the next common hour, then one of three to choose from; None is for a human."""
        earliest, latest = self.around(record)
        if earliest >= latest:
            return None
        if declines < _CHOICE:
            return to_move(record, earliest, latest)
        offer = await self._chosen(record, earliest, latest) if declines == _CHOICE else None
        return to_move(record, earliest, latest, offer) if offer else None

    async def _chosen(self, record: MeetingRecord, earliest: datetime, latest: datetime) -> int | None:
        """Which of the hours offered the mentee has chosen; the first where they say nothing."""
        pairing = self._pairing
        offer = OfferSlots(key=record.key, earliest=earliest, latest=latest)
        offered = await pairing.act(Scheduling.offer_slots, offer, policies.CALENDAR, "offer three hours")
        if not offered.count:
            return None
        question = Question(
            key=f"{self.name}/slots/{record.moves}",
            letter=Letter.SLOT_CHOICE,
            to=(pairing.mentee,),
            about=pairing.about(meeting=record.key, session=self.number),
            steps=(Step(after=1, kind=StepKind.REMIND),),
            lapses=2,
        )
        answer = (await ask(pairing, question)).answers.get(pairing.state.mentee_ref)
        if answer is None:
            return 1
        return int(answer.choice) if answer.choice.isdigit() else None

    def around(self, record: MeetingRecord) -> tuple[datetime, datetime]:
        """The window in which another hour is looked for; never without a day's notice.

        It is empty where the pair may not meet so late any more.
        """
        start, _ = times(record)
        days, width = self._pairing.days, self._pairing.terms.timings.reschedule_window_wd
        notice = self._pairing.clock.now() + _DAY
        earliest = max(days.add(start, -width), notice)
        latest = max(days.add(start, width), days.add(notice, width))
        until = self._pairing.latest(self._kind)
        return earliest, min(latest, until) if until else latest

    async def _move(self, record: MeetingRecord, request: MoveMeeting) -> None:
        """Moves the meeting within its event; where there is no hour it is handed over."""
        outcome = await self._pairing.act(
            Scheduling.move_meeting, request, policies.CALENDAR, f"{self._label}: another hour"
        )
        if outcome.booked:
            record.start, record.end, record.moves = outcome.start, outcome.end, record.moves + 1
        else:
            await self._hand_over(record)

    async def _hand_over(self, record: MeetingRecord) -> None:
        """Gives the meeting up to a human, and its event with it."""
        record.handed_over = True
        if record.is_open:
            await self._pairing.drop_meeting(record)


class Gathering(Meeting):
    """A meeting that happens once in a pairing: the kick-off or the closing review."""

    def __init__(self, pairing: "PairingWorkflow", kind: MeetingKind, attempt: int = 1) -> None:
        super().__init__(pairing, kind, kind.value if attempt == 1 else f"{kind.value}/{attempt}")

    async def book(
        self, minutes: int, within: datetime, others: tuple[str, ...] = ()
    ) -> MeetingRecord | None:
        """Books the pair and `others` until `within`, or somewhat later; None where there is no hour."""
        if self.record:
            return self.record
        pairing, now = self._pairing, self._pairing.clock.now()
        for latest in self.windows(within):
            request = BookMeeting(
                key=pairing.key(self.name),
                kind=self._kind,
                programme_id=pairing.terms.programme_id,
                life=pairing.life_id,
                required=(pairing.mentor.ref, pairing.mentee.ref, *others),
                minutes=minutes,
                earliest=now + _DAY,
                latest=latest,
                prefer=pairing.mentee.ref,
            )
            if record := await pairing.book(self.name, request):
                return record
        return None

    def windows(self, within: datetime) -> Iterator[datetime]:
        """Until when to look for an hour, one after the other; none where the pair may not meet so late."""
        pairing, soonest = self._pairing, self._pairing.clock.now() + _DAY
        for widening in _WIDENINGS:
            latest = pairing.days.add(within, widening)
            until = pairing.latest(self._kind)
            latest = min(latest, until) if until else latest
            if latest > soonest:
                yield latest

    async def lived(self) -> bool:
        """Watches the booked meeting until it is over; says whether it stood to its end."""
        pairing = self._pairing
        while (record := self.record) and record.stage is MeetingStage.BOOKED:
            start, end = times(record)
            watched = f"{self.name}/watch/{record.moves}"
            eve = pairing.days.add(start, -pairing.terms.timings.session_reminder_wd)
            is_watched = watched in pairing.state.done or start <= pairing.clock.now()
            due, moment = (end, "over") if is_watched else (eve, "watch")
            hinted = await pairing.clock.met(self.is_hinted, by=due, summary=f"{self._label}: {moment}")
            if hinted:
                await self.look(record, "a hint")
            elif is_watched:
                record.stage = MeetingStage.HELD
            else:
                await self.look(record, "watch")
                pairing.state.done.add(watched)
        return record is not None and record.stage is MeetingStage.HELD


async def gathered(
    pairing: "PairingWorkflow", kind: MeetingKind, minutes: int, within_wd: int, others: tuple[str, ...] = ()
) -> Gathering | None:
    """Books a gathering within some working days and lives it; None where it did not come about.

    Where it finds no hour, it is looked for once again on the coordinator's word.
    """
    for attempt in (1, 2):
        meeting = Gathering(pairing, kind, attempt)
        within = pairing.days.add(pairing.since(meeting.name), within_wd)
        await meeting.book(minutes, within, others)
        if await meeting.lived():
            return meeting
        if attempt > 1 or not any(meeting.windows(within)):
            break
        if await pairing.decide(f"{kind.value}/hour", "no-common-slot") != "done":
            break
    return None


def to_move(
    record: MeetingRecord, earliest: datetime, latest: datetime, offer: int | None = None
) -> MoveMeeting:
    """The request to move a booked meeting, to one of the hours offered where `offer` says which."""
    start, _ = times(record)
    return MoveMeeting(key=record.key, moved_from=start, earliest=earliest, latest=latest, offer=offer)


def times(record: MeetingRecord) -> tuple[datetime, datetime]:
    """Start and end; ValueError for a meeting that is not booked."""
    if record.start is None or record.end is None:
        message = f"meeting {record.key} is not booked"
        raise ValueError(message)
    return record.start, record.end
