"""One session inside a pairing: booked, briefed, watched, reminded, then held, missed or unconfirmed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from activities.correspondence import SendLetters
from activities.letters.catalogue import Letter
from activities.scheduling import BookMeeting, MeetingKind
from workflows.asking import Question, Step, StepKind, ask
from workflows.meeting import Meeting, times
from workflows.stages import MeetingRecord, MeetingStage

if TYPE_CHECKING:
    from workflows.pairing import PairingWorkflow

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class _Moment:
    """One thing to do at an instant counted from the session's start or end."""

    name: str
    at: datetime


class Session(Meeting):
    """Session `number` of a pairing in its `attempt`-th try; its record lives in the pairing's state."""

    def __init__(self, pairing: "PairingWorkflow", number: int, attempt: int) -> None:
        super().__init__(pairing, MeetingKind.SESSION, f"session/{number}/{attempt}", number)

    async def book(self, earliest: datetime, latest: datetime, near: datetime | None) -> MeetingRecord | None:
        """Books the session within the window, close to `near`; None where there is no common hour."""
        pairing = self._pairing
        request = BookMeeting(
            key=pairing.key(self.name),
            kind=MeetingKind.SESSION,
            programme_id=pairing.terms.programme_id,
            life=pairing.life_id,
            required=(pairing.state.mentor_ref, pairing.state.mentee_ref),
            minutes=pairing.terms.session_minutes,
            earliest=earliest,
            latest=latest,
            near=near,
            prefer=pairing.state.mentee_ref,
            number=self.number,
        )
        return await pairing.book(self.name, request)

    async def live(self) -> MeetingStage:
        """Lives the booked session through to what became of it."""
        while (record := self.record) and record.stage is MeetingStage.BOOKED:
            moment = self._next_moment(record)
            if moment is None:
                return await self._what_happened(record)
            hinted = await self._pairing.clock.met(
                self.is_hinted,
                by=moment.at,
                summary=f"session {self.number}: {moment.name}",
            )
            await (self.look(record, "a hint") if hinted else self._do(moment.name, record))
        if record and record.handed_over:
            await self._pairing.decide(f"{self.name}/hour", "no-common-slot")
        return record.stage if record else MeetingStage.CANCELLED

    def _next_moment(self, record: MeetingRecord) -> _Moment | None:
        """The earliest thing not yet done for the session as it is booked now; None when it is over."""
        start, end = times(record)
        days, timings = self._pairing.days, self._pairing.terms.timings
        moments = (
            _Moment("brief", days.add(start, -timings.brief_wd)),
            _Moment("watch", start - 3 * _DAY),
            _Moment("remind", days.add(start, -timings.session_reminder_wd)),
        )
        now = self._pairing.clock.now()
        for moment in moments:
            if self._done_key(moment.name, record) not in self._pairing.state.done and (
                moment.at > now or start > now
            ):
                return moment
        over = _Moment("over", end + timings.happened_after_h * _HOUR)
        return over if over.at > now else None

    def _done_key(self, name: str, record: MeetingRecord) -> str:
        return f"{self.name}/{name}/{record.moves}"

    async def _do(self, name: str, record: MeetingRecord) -> None:
        if name == "over":
            return
        start, _ = times(record)
        done = self._done_key(name, record)
        if name == "brief":
            await self._pairing.write(
                f"{self.name}/brief",
                Letter.SESSION_BRIEF,
                self._pairing.mentor,
                about=self._pairing.about(meeting=record.key, session=self.number),
            )
            await self._pairing.book_ahead(self.number, start)
        elif name == "remind":
            await self._remind(record, start)
        else:
            await self.look(record, name)
        self._pairing.state.done.add(done)

    async def _remind(self, record: MeetingRecord, start: datetime) -> None:
        """Reminds both, if the calendars still say the same; one look and one letter in one act."""
        sent = await self._pairing.send(
            SendLetters(
                key=self._pairing.key(self.name, "reminder", record.moves),
                letter=Letter.SESSION_REMINDER,
                to=(self._pairing.mentor, self._pairing.mentee),
                about=self._pairing.about(meeting=record.key, session=self.number),
                check_meeting=True,
                expected_start=start,
                not_after=start,
            )
        )
        if sent.meeting:
            await self.heed(sent.meeting, record)

    async def _what_happened(self, record: MeetingRecord) -> MeetingStage:
        """Asks both apart; two yeses or one unopposed are a session held, contradiction or silence is not."""
        question = Question(
            key=f"{self.name}/happened/{record.moves}",
            letter=Letter.SESSION_HAPPENED,
            to=(self._pairing.mentor, self._pairing.mentee),
            about=self._pairing.about(meeting=record.key, session=self.number),
            steps=(Step(after=1, kind=StepKind.REMIND),),
            lapses=self._pairing.terms.timings.happened_silence_wd,
            expected_start=record.start,
        )
        asked = await ask(self._pairing, question)
        if asked.stale:
            await self.heed(asked.stale, record)
            return await self.live()
        said = {given.choice for given in asked.answers.values()}
        record.stage = _verdict(said)
        return record.stage


def _verdict(said: set[str]) -> MeetingStage:
    if said == {"held"}:
        return MeetingStage.HELD
    if not said or "held" in said:
        return MeetingStage.UNCONFIRMED
    return MeetingStage.MISSED
