"""A programme ends with a report: written when every pairing is settled, sent when the coordinator closes."""

import asyncio

import pytest
from temporalio.client import Client

from activities.letters.catalogue import Letter
from tests.workflows.running import RunningTown, begun, ended, under_way
from tests.workflows.town import lived
from workflows.stages import Outcome, StopMode


@pytest.mark.parametrize("continue_after", [8_000, 60])
@pytest.mark.parametrize(
    ("answers", "approvals", "stopped"),
    [
        (("close",), ["coordinator"], None),
        (("close",), ["coordinator"], StopMode.DRAIN),
        (("hold", "close"), ["coordinator"] * 2, None),
        (
            (None, "close"),
            ["coordinator", "coordinator", "deputy", "sponsor", "coordinator"],
            None,
        ),
        (("hold",) * 6, ["coordinator"] * 6, None),
    ],
    ids=["closed", "stopped and closed", "held", "silent", "held for good"],
)
async def test_sponsor_reads_the_report_once_the_coordinator_closes_with_it(
    client: Client,
    continue_after: int,
    answers: tuple[str | None, ...],
    approvals: list[str],
    stopped: StopMode | None,
) -> None:
    start = under_way("a", "b", continue_after=continue_after)
    assert start.state
    assert start.terms
    timings = start.terms.timings.model_copy(update={"retention_months": 1})
    start = start.model_copy(update={"terms": start.terms.model_copy(update={"timings": timings})})
    assert start.state
    start.state.stopped = stopped
    start.state.mentors.clear()
    town = RunningTown(client, start)
    for number, answer in enumerate(answers, 1):
        key = f"report-approval/{number}"
        if answer:
            town.words[key] = answer
        else:
            town.mute[key] = {"coordinator", "deputy", "sponsor"}
    async with lived(town):
        programme = await begun(client, start)
        await programme.signal("pairing-ended", ended("a"))
        # Four programme days, in which a report would have been written.
        await asyncio.sleep(0.5)
        assert town.reports.written == []
        await programme.signal("pairing-ended", ended("b", Outcome.ENDED_EARLY, held=1, leaver_ref="b"))
        assert await asyncio.wait_for(programme.result(), 600) == ("stopped" if stopped else "completed")
    assert town.kept.readers(Letter.REPORT_APPROVAL) == approvals
    assert len(town.reports.written) >= len(answers)
    closed = answers[-1] == "close"
    assert town.kept.readers(Letter.REPORT) == (["sponsor"] if closed else [])
    tasks = [(one.about.task, one.to[0].role) for one in town.kept.of(Letter.TASK)]
    assert tasks == ([] if closed else [("report-held-back", "coordinator")])
