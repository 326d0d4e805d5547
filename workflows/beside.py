"""What goes on beside the sessions of a pairing: needs, goals, pulse, mid review and ideas."""

from typing import TYPE_CHECKING, Final

from activities.correspondence import Recipient
from activities.letters.catalogue import Letter
from activities.lives import programme_life
from activities.scheduling import MeetingKind
from workflows.asking import Question, ask
from workflows.stages import StopMode

if TYPE_CHECKING:
    from workflows.pairing import PairingWorkflow


_SECOND: Final = 2
_READY_WD: Final = 2
_LEAST_WD, _MOST_WD = 4, 10
_MATTERS = {"contact": "contact-wanted", "no-show": "no-show"}


class Beside:
    """The stories beside the main one, by name; all they remember lives in the pairing's state."""

    def __init__(self, pairing: "PairingWorkflow") -> None:
        self._pairing = pairing

    async def tell(self, name: str) -> None:
        """Tells the story: `confirmed`, `needs`, `goals`, `goals-adjusted`, `mid-review`, `last-day`.

        `pulse/<n>` and `idea/<n>` come after a session; `contact/<n>/<ref>` and `no-show/<n>` put a matter
        before the coordinator.
        """
        kind, _, number = name.partition("/")
        match kind:
            case "confirmed":
                await self._confirmed()
            case "last-day":
                await self._last_day()
            case "needs":
                await self._needs()
            case "goals":
                await self._goals()
            case "goals-adjusted":
                await self._goals_adjusted()
            case "mid-review":
                await self._mid_review()
            case "pulse":
                await self._pulse(int(number))
            case "idea":
                await self._idea(int(number))
            case "contact" | "no-show":
                about_ref = number.partition("/")[2] or None
                await self._pairing.decide(name, _MATTERS[kind], about_ref)
            case _:
                raise ValueError(f"a pairing has no story {name}")

    async def _confirmed(self) -> None:
        pairing = self._pairing
        told = [pairing.mentor, pairing.mentee]
        if pairing.state.line_manager_ref:
            told.append(Recipient(ref=pairing.state.line_manager_ref, role="line-manager"))
        await pairing.write("confirmed", Letter.PAIRING_CONFIRMED, *told, about=pairing.about())

    async def _last_day(self) -> None:
        """Ends the pairing when the last day of one of the pair is over; moved or taken back, it waits on."""
        pairing = self._pairing
        ref, _ = await pairing.clock.first_of(
            pairing.state.last_days, summary="the last day of one of the pair"
        )
        pairing.leave(ref)

    async def _needs(self) -> None:
        question = Question(
            key="needs",
            letter=Letter.NEEDS,
            to=(self._pairing.mentee,),
            about=self._pairing.about(),
            steps=self._pairing.person_steps(10),
            lapses=10,
        )
        await ask(self._pairing, question)

    async def _goals(self) -> None:
        """The mentor writes down the goals after the first session; the mentee agrees or has them changed."""
        for attempt in (1, 2):
            days = self._days_for(f"goals/{attempt}")
            written = Question(
                key=f"goals/{attempt}",
                letter=Letter.GOALS,
                to=(self._pairing.mentor,),
                about=self._pairing.about(session=1),
                steps=self._pairing.person_steps(days, task=days - 2),
                lapses=days,
            )
            if self._pairing.mentor.ref not in (await ask(self._pairing, written)).answers:
                return
            days = self._days_for(f"goals-agreement/{attempt}")
            agreed = Question(
                key=f"goals-agreement/{attempt}",
                letter=Letter.GOALS_AGREEMENT,
                to=(self._pairing.mentee,),
                about=self._pairing.about(session=1),
                steps=self._pairing.person_steps(days),
                lapses=days,
            )
            answer = (await ask(self._pairing, agreed)).answers.get(self._pairing.mentee.ref)
            if answer is None or answer.choice == "agree":
                return

    def _days_for(self, step: str) -> int:
        """How many working days a step to the goals has; the same after continue-as-new."""
        return self._pairing.state.counts.setdefault(f"{step}/days", self._before_the_second())

    def _before_the_second(self) -> int:
        """So many working days are left until two before the second session; ten at most, four at least."""
        pairing, wanted = self._pairing, (MeetingKind.SESSION, _SECOND)
        meetings = pairing.state.meetings.values()
        booked = [one.start for one in meetings if (one.kind, one.number) == wanted and one.is_open]
        now, start = pairing.clock.now(), next(filter(None, booked), None)
        if start is None:
            return _MOST_WD
        due = pairing.days.add(start, -_READY_WD)
        fitting = (days for days in range(_MOST_WD, _LEAST_WD, -1) if pairing.days.add(now, days) <= due)
        return next(fitting, _LEAST_WD)

    async def _pulse(self, number: int) -> None:
        question = self._pairing.both(f"pulse/{number}", Letter.PULSE, number, lapses=10)
        await ask(self._pairing, question)

    async def _mid_review(self) -> None:
        question = self._pairing.both("mid-review", Letter.MID_REVIEW, self._pairing.state.held, lapses=10)
        said = {given.choice for given in (await ask(self._pairing, question)).answers.values()}
        if "end" in said:
            self._pairing.state.winding_down = StopMode.WIND_DOWN
        elif "adjust" in said:
            self._pairing.aside("goals-adjusted")

    async def _goals_adjusted(self) -> None:
        question = Question(
            key="goals/adjusted",
            letter=Letter.GOALS,
            to=(self._pairing.mentor,),
            about=self._pairing.about(session=self._pairing.state.held),
            steps=self._pairing.person_steps(10),
            lapses=10,
        )
        await ask(self._pairing, question)

    async def _idea(self, number: int) -> None:
        """Each may write an idea; it is handed in only if the other agrees."""
        asked = await ask(self._pairing, self._pairing.both(f"idea/{number}", Letter.IDEA, number, lapses=10))
        for author, other in (
            (self._pairing.mentor, self._pairing.mentee),
            (self._pairing.mentee, self._pairing.mentor),
        ):
            given = asked.answers.get(author.ref)
            if given and given.choice == "share":
                await self._agree_idea(f"idea/{number}/{author.role}", other, given.answer_id)

    async def _agree_idea(self, key: str, other: Recipient, answer_id: str) -> None:
        question = Question(
            key=f"{key}/agreement",
            letter=Letter.IDEA_AGREEMENT,
            to=(other,),
            about=self._pairing.about(record_id=answer_id),
            steps=self._pairing.person_steps(10),
            lapses=10,
        )
        given = (await ask(self._pairing, question)).answers.get(other.ref)
        if given is not None and given.choice == "agree":
            life = programme_life(self._pairing.terms.programme_id)
            await self._pairing.tell_once(f"{key}/told", life, "idea-handed-in", answer_id)
