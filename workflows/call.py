"""The call of a programme: who is invited, reminded and welcomed, and who cannot be written to."""

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from activities.correspondence import Correspondence, Invite, Recipient
from activities.letters.catalogue import Letter
from activities.scheduling import MeetingKind
from workflows import policies
from workflows.matters import decide
from workflows.stages import ProgrammeStage

if TYPE_CHECKING:
    from workflows.programme import ProgrammeWorkflow

UNDELIVERABLE: Final = "undeliverable"
_DAY: Final = timedelta(days=1)
_MENTEES: Final = "mentees"


class Call:
    """Mentors apply and managers opt in side by side; then every application is decided."""

    def __init__(self, programme: "ProgrammeWorkflow") -> None:
        self._programme = programme

    async def live(self) -> None:
        """Lives the call until the applications are decided, or the time for that is up."""
        programme = self._programme
        programme.enter(ProgrammeStage.CALL)
        timings = programme.terms.timings
        opened = programme.since("call")
        closes = opened + timings.call_open_d * _DAY
        opt_in_closes = programme.days.add(opened, timings.opt_in_wd)
        await asyncio.gather(
            programme.once("invited/mentees", lambda: self._invite(_MENTEES)),
            programme.once("invited/mentors", lambda: self._invite("mentors")),
            programme.once("invited/line-managers", lambda: self._invite("line-managers")),
        )
        await programme.clock.until(opened + timings.call_reminder_d * _DAY, summary="reminders of the call")
        await programme.once("reminded/mentors", lambda: self._invite("mentors", 1))
        await programme.once("reminded/mentees", lambda: self._invite(_MENTEES, 1))
        await programme.clock.until(max(closes, opt_in_closes), summary="the call closes")
        await self._welcome()
        decided = programme.days.add(closes, 2 * (timings.line_manager_consent_wd + timings.screening_wd))
        await programme.clock.met(self._all_decided, by=decided, summary="applications decided")

    def _all_decided(self) -> bool:
        return "applied" not in self._programme.state.mentors.values()

    def _closes(self, kind: str) -> datetime:
        """Until when those invited may answer."""
        opened, timings = self._programme.since("call"), self._programme.terms.timings
        if kind == _MENTEES:
            return self._programme.days.add(opened, timings.opt_in_wd)
        return opened + timings.call_open_d * _DAY

    async def _invite(self, kind: str, reminder: int = 0) -> None:
        """Writes to all of a kind; for whom mail cannot reach, the coordinator has the address mended."""
        programme, answer_by = self._programme, self._closes(kind)
        request = Invite(
            key=programme.key("invite", kind),
            programme_id=programme.terms.programme_id,
            kind=kind,
            life=programme.life_id,
            answer_by=answer_by,
            expires_at=answer_by,
            reminder=reminder,
        )
        invited = await programme.act(Correspondence.invite, request, policies.MAILING, f"invite {kind}")
        for ref in invited.undeliverable:
            programme.aside(f"{UNDELIVERABLE}/{kind}/{ref}")

    async def undeliverable(self, name: str) -> None:
        """Asks the coordinator about an address that mail cannot reach; once it is mended, the call goes out.

        `name` is `undeliverable/<kind>/<ref>`.
        """
        programme = self._programme
        _, kind, ref = name.split("/")
        word = await decide(programme, name, UNDELIVERABLE, about=programme.about(), about_ref=ref)
        if word == "done" and programme.clock.now() < self._closes(kind):
            await programme.once(f"{name}/again", lambda: self._invite(kind))

    async def _welcome(self) -> None:
        """Welcomes who opted in and books one briefing with all who can come."""
        programme, mentees = self._programme, self._programme.mentees()
        recipients = (Recipient(ref=ref, role="mentee") for ref in mentees)
        await programme.write("welcome", Letter.MENTEE_WELCOME, *recipients, about=programme.about())
        if mentees:
            minutes, host = programme.terms.timings.briefing_min, programme.terms.roles.coordinator
            await programme.group_meeting(MeetingKind.BRIEFING, 1, host, mentees, minutes)
