"""Training of one group of mentors inside a programme: three half-days, attendance, a second chance."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from activities.correspondence import About, Recipient
from activities.dossiers import Dossiers, ReadAttendance
from activities.letters.catalogue import Letter
from activities.lives import mentor_life
from activities.scheduling import BookMeeting, MeetingKind
from workflows import policies
from workflows.asking import Question, ask, of_an_owner
from workflows.matters import decide
from workflows.stages import GroupState, MeetingRecord, MeetingStage
from workflows.visits import Visits

if TYPE_CHECKING:
    from workflows.programme import ProgrammeWorkflow

_DAY = timedelta(days=1)
_HALF_DAYS = (1, 2, 3)
_CHANCES = 3
_SPARE = 2
"""How often a half-day that could not be held is tried again."""


class TrainingGroup:
    """A group on its way through the half-days; what it has attended lives in the programme's state."""

    def __init__(self, programme: "ProgrammeWorkflow", number: int, group: GroupState) -> None:
        self._programme = programme
        self._number = number
        self._group = group
        self._visits = Visits(programme, number, group)

    @property
    def _trainer(self) -> Recipient:
        """Who trains at present."""
        return Recipient(ref=self._programme.terms.roles.trainer, role="trainer")

    async def live(self) -> None:
        """Books all half-days at once, holds them, and releases who missed one of them too often."""
        members = tuple(self._group.members)
        booked = [await self._book(half_day, 1, members) for half_day in _HALF_DAYS]
        keys = tuple(record.key for record in booked if record)
        await self._programme.write(
            f"training/{self._number}/programme",
            Letter.TRAINING_PROGRAMME,
            *self._mentors(members),
            about=self._about(keys=keys, people=members),
        )
        # Side by side: a second chance at one half-day keeps nobody from hearing of the next.
        await asyncio.gather(
            *(
                self._half_day(half_day, record, members)
                for half_day, record in zip(_HALF_DAYS, booked, strict=True)
            )
        )
        for ref in members:
            done = self._group.attended.get(ref, 0) == len(_HALF_DAYS)
            life = mentor_life(self._programme.terms.programme_id, ref)
            signal = "trained" if done else "training-missed"
            await self._programme.tell_once(f"training/{self._number}/{ref}", life, signal)

    async def _half_day(self, half_day: int, first: MeetingRecord | None, members: tuple[str, ...]) -> None:
        """Holds one half-day, then again for those who missed it, as long as they have chances left.

        Who missed it goes to the next one of another group, if there is a seat. Only one that was held can be
        missed. What nobody can hold, time after time, is left to the trainer's judgement at the certificate.
        """
        missed = dict.fromkeys(members, 0)
        record = first
        for attempt in range(1, _CHANCES + _SPARE + 1):
            name = f"{half_day}/{attempt}"
            away = await self._go_elsewhere(half_day, name, tuple(ref for ref in missed if missed[ref]))
            here = tuple(ref for ref in missed if ref not in away)
            if attempt > 1:
                record = await self._book(half_day, attempt, here) if here else None
            if record and (late := tuple(ref for ref in here if missed[ref])):
                await self._write_to(f"missed/{name}", Letter.TRAINING_MISSED, late, record)
            present = await self._hold(half_day, attempt, record, here) if record else None
            if here and present is None:
                await self._not_held(half_day, attempt)
            came, absent = await self._visits.outcome(name)
            if present is not None:
                absent = (*absent, *(ref for ref in here if ref not in present))
                came = (*came, *(ref for ref in here if ref in present))
            self._count(name, came)
            for ref in absent:
                missed[ref] += 1
            missed = {ref: n for ref, n in missed.items() if ref not in came and n < _CHANCES}
            if not missed:
                return
        self._count(f"{half_day}/excused", tuple(missed))

    async def _go_elsewhere(self, half_day: int, name: str, late: tuple[str, ...]) -> list[str]:
        """Sends those who missed a half-day to other groups' next one; returns who found a seat."""
        if not late:
            return []
        away = await self._visits.arrange(name, half_day, late, self._earliest(half_day))
        visits = self._group.visits[name]
        for key in sorted(set(visits.values())):
            guests = tuple(ref for ref, where in visits.items() if where == key)
            await self._programme.write(
                f"training/{self._number}/missed/{name}/{key}",
                Letter.TRAINING_MISSED,
                *self._mentors(guests),
                about=self._about(keys=(key,), people=guests),
            )
        return away

    def _count(self, key: str, attended: tuple[str, ...]) -> None:
        """Counts a half-day for these mentors, once for its key."""
        counted = f"training/{self._number}/counted/{key}"
        if counted not in self._programme.state.done:
            for ref in attended:
                self._group.attended[ref] = self._group.attended.get(ref, 0) + 1
            self._programme.state.done.add(counted)

    async def _not_held(self, half_day: int, attempt: int) -> None:
        """Has the coordinator see that the half-day can be held; then it is booked anew."""
        name = f"training/{self._number}/not-held/{half_day}/{attempt}"
        await decide(self._programme, name, "training-not-held", about=self._programme.about())

    async def _hold(
        self, half_day: int, attempt: int, record: MeetingRecord, expected: tuple[str, ...]
    ) -> tuple[str, ...] | None:
        """Reminds the day before, then has the trainer say who came; None where it was not held.

        Where the trainer says nothing, nobody is taken for absent.
        """
        programme = self._programme
        if record.start is None or record.end is None:
            return None
        await programme.clock.until(programme.days.add(record.start, -1), summary="training tomorrow")
        key = f"day-before/{half_day}/{attempt}"
        everybody = (*expected, *self._visits.expected(record.key))
        await self._write_to(key, Letter.TRAINING_DAY_BEFORE, everybody, record)
        await programme.clock.until(record.end, summary=f"training {half_day}")
        record.stage = MeetingStage.HELD
        everybody = (*expected, *self._visits.expected(record.key))
        present = await self._who_came(half_day, attempt, record, everybody)
        self._visits.welcome(record.key, present)
        return present

    async def _who_came(
        self, half_day: int, attempt: int, record: MeetingRecord, expected: tuple[str, ...]
    ) -> tuple[str, ...] | None:
        programme = self._programme
        roles, days = programme.terms.roles, programme.terms.timings.attendance_wd
        question = Question(
            key=f"training/{self._number}/attendance/{half_day}/{attempt}",
            letter=Letter.TRAINING_ATTENDANCE,
            to=(self._trainer,),
            about=self._about(keys=(record.key,), people=expected),
            steps=of_an_owner(days, deputy=roles.coordinator, sponsor=None),
            lapses=5 * days,
            any_of=True,
        )
        given = (await ask(programme, question)).first
        if given is None:
            return expected
        if given.choice != "held":
            return None
        read = ReadAttendance(answer_id=given.answer_id)
        attended = await programme.act(Dossiers.read_attendance, read, policies.RECORD, "who came")
        return attended.present

    async def _book(self, half_day: int, attempt: int, members: tuple[str, ...]) -> MeetingRecord | None:
        """Books the half-day after the one before it, where a quorum (else whoever is free) can come."""
        programme = self._programme
        timings = programme.terms.timings
        name = f"training/{self._number}/{half_day}/{attempt}"
        earliest = self._earliest(half_day)
        quorums = (min(programme.terms.quorum, len(members)), 1)
        for quorum, width in zip(
            quorums, (timings.training_within_wd, 2 * timings.training_within_wd), strict=True
        ):
            request = BookMeeting(
                key=programme.key(name),
                kind=MeetingKind.TRAINING,
                programme_id=programme.terms.programme_id,
                life=programme.life_id,
                required=(self._trainer.ref,),
                wanted=members,
                quorum=quorum,
                minutes=timings.training_half_day_min,
                earliest=earliest,
                latest=programme.days.add(earliest, width),
                number=half_day,
            )
            if record := await programme.book(name, request):
                return record
        return None

    def _earliest(self, half_day: int) -> datetime:
        """From when on a half-day may be: after the one before it, and not at once."""
        now = self._programme.clock.now()
        before = self._programme.state.meetings.get(f"training/{self._number}/{half_day - 1}/1")
        return before.end if before and before.end and before.end > now else now + 2 * _DAY

    async def _write_to(
        self, key: str, letter: Letter, members: tuple[str, ...], record: MeetingRecord
    ) -> None:
        about = self._about(keys=(record.key,), people=members)
        await self._programme.write(
            f"training/{self._number}/{key}", letter, *self._mentors(members), about=about
        )

    @staticmethod
    def _mentors(refs: tuple[str, ...]) -> tuple[Recipient, ...]:
        return tuple(Recipient(ref=ref, role="mentor") for ref in refs)

    def _about(self, *, keys: tuple[str, ...], people: tuple[str, ...]) -> About:
        return About(
            programme_id=self._programme.terms.programme_id,
            meeting_key=keys[0] if keys else None,
            meeting_keys=keys,
            people=people,
            reason="training",
        )
