"""The report of a programme: written, approved by the coordinator, sent to the sponsor."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from activities.correspondence import Recipient
from activities.letters.catalogue import Letter
from activities.reports import Reports, WriteReport
from workflows import policies
from workflows.matters import decide
from workflows.stages import Outcome, ProgrammeStage

if TYPE_CHECKING:
    from workflows.programme import ProgrammeWorkflow

_DAY: Final = timedelta(days=1)
_REPORTS: Final = 6
_HELD_WD: Final = 10


class Report:
    """What the sponsor learns at the end; silence of the coordinator holds it back."""

    def __init__(self, programme: "ProgrammeWorkflow") -> None:
        self._programme = programme

    async def live(self) -> None:
        """Writes the report until the coordinator closes the programme with it.

        One held back six times becomes the coordinator's task, and the programme goes on without it.
        """
        self._programme.enter(ProgrammeStage.REPORT)
        if any(pair.outcome is Outcome.COMPLETED for pair in self._programme.state.pairings.values()):
            answered = (self._programme.state.last_end or self._programme.clock.now()) + (
                self._programme.terms.timings.follow_up_d + 15
            ) * _DAY
            await self._programme.clock.until(answered, summary="follow-up answers")
        report_id = f"{self._programme.terms.programme_id}/report"
        for number in range(1, _REPORTS + 1):
            if await self._is_approved(number, report_id):
                break
            held = self._programme.days.add(self._programme.since(f"report held/{number}"), _HELD_WD)
            await self._programme.clock.until(held, summary="the report is held")
        else:
            await decide(self._programme, "report", "report-held-back", about=self._programme.about())
            return
        about = self._programme.about().model_copy(update={"record_id": report_id})
        sponsor = Recipient(ref=self._programme.terms.roles.sponsor, role="sponsor")
        await self._programme.write("report-letter", Letter.REPORT, sponsor, about=about)

    async def _is_approved(self, number: int, report_id: str) -> bool:
        """Writes the report anew and asks whether the programme may be closed with it; silence is no yes."""
        request = WriteReport(programme_id=self._programme.terms.programme_id, report_id=report_id)
        await self._programme.act(Reports.write_report, request, policies.RECORD, f"report {number}")
        coordinator = Recipient(ref=self._programme.terms.roles.coordinator, role="coordinator")
        question = self._programme.decision(
            f"report-approval/{number}",
            Letter.REPORT_APPROVAL,
            coordinator,
            deputy=self._programme.terms.roles.deputy,
            record_id=report_id,
        )
        return await self._programme.choice(question) == "close"
