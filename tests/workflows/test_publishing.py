"""The pairs of a matching are published page by page, also where the programme continues as new meanwhile."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from temporalio import activity
from temporalio.client import Client

from activities.letters.catalogue import Letter
from activities.lives import pairing_life, programme_life
from activities.matching import (
    FoundCandidate,
    Matching,
    NextCandidate,
    ProposedPairs,
    ProposePairs,
    PublishedPair,
    PublishedPairs,
    PublishPairs,
)
from integrations.answers import Purpose
from integrations.clock import ProgrammeClock
from tests.workflows.test_call_and_training import CALLED, opened
from tests.workflows.test_stuck import until
from tests.workflows.town import Town, lived
from workflows.names import WORKFLOWS
from workflows.programme import ProgrammeWorkflow
from workflows.stages import AskRecord, Given, ProgrammeStart, ProgrammeState

PEOPLE = [f"p{number:02}" for number in range(30)]
ALONE = ("p05", "p29")
PAGE = 4


class Pages(Matching):
    """Publishes a few mentees at a time, however many are wanted."""

    def __init__(self) -> None:
        self.asked: list[PublishPairs] = []

    @activity.defn(name="propose-pairs")
    def propose_pairs(self, request: ProposePairs) -> ProposedPairs:
        return ProposedPairs(matching_id=request.matching_id, pairs=len(PEOPLE), unmatched=0)

    @activity.defn(name="publish-pairs")
    def publish_pairs(self, request: PublishPairs) -> PublishedPairs:
        self.asked.append(request)
        refs = [ref for ref in PEOPLE if ref > request.after]
        page = refs[:PAGE]
        pairs = tuple(
            PublishedPair(
                pairing_id=pairing_life("digital", ref, 1), mentor_ref=f"m of {ref}", mentee_ref=ref, score=1
            )
            for ref in page
            if ref not in ALONE
        )
        alone = tuple(ref for ref in page if ref in ALONE)
        return PublishedPairs(pairs=pairs, unmatched=alone, rest=page[-1] if len(page) < len(refs) else "")

    @activity.defn(name="next-candidate")
    def next_candidate(self, request: NextCandidate) -> FoundCandidate:  # noqa: ARG002 - nobody is left
        return FoundCandidate()


def reviewed(continue_after: int) -> ProgrammeStart:
    """A programme without training whose matching was just looked at and released."""
    state = ProgrammeState(programme_id="digital", done={*CALLED, "grouped", "proposed/1"})
    word = Given(choice="publish", answer_id="word")
    state.asks["match-review/1"] = AskRecord(closed=True, answers={"coordinator": word})
    start = opened(state)
    assert start.terms
    state.instants["call"] = start.terms.clock.programme_anchor - timedelta(days=60)
    slow = ProgrammeClock.starting(start.terms.clock.programme_anchor, at=datetime.now(UTC), rate=1)
    terms = start.terms.model_copy(update={"continue_after_events": continue_after, "clock": slow})
    return start.model_copy(update={"terms": terms})


@pytest.mark.parametrize("continue_after", [8_000, 60])
async def test_every_pair_of_every_page_begins_once(client: Client, continue_after: int) -> None:
    start = reviewed(continue_after)
    assert start.terms
    town, matching = Town(client, start.terms.clock), Pages()
    town.records.append(matching)
    town.silent.update({Purpose.PROPOSAL, Purpose.TASK})
    async with lived(town):
        programme = await client.start_workflow(
            ProgrammeWorkflow.run, start, id=programme_life("digital"), task_queue=WORKFLOWS
        )
        begun = len(PEOPLE) - len(ALONE)
        await until(
            lambda: (
                town.post.letters[Letter.PROPOSAL_TO_MENTEE] >= begun
                and town.archive.tasks.count("no-candidate-left") >= len(ALONE)
                and matching.asked[-1].after >= PEOPLE[-1 - PAGE]
            )
        )
        await programme.terminate()
        first = [key for key in town.post.keys if key.endswith("/proposal/mentee/0")]
        assert sorted(first) == sorted(
            f"{pairing_life('digital', ref, 1)}/proposal/mentee/0" for ref in PEOPLE if ref not in ALONE
        )
        again = await client.get_workflow_handle(programme.id).describe()
        assert (again.run_id != programme.first_execution_run_id) == (continue_after == 60)
    assert town.archive.tasks.count("no-candidate-left") == len(ALONE)
    assert {one.most for one in matching.asked} == {500}
    # A run begins with the page that the one before it was at, never with the first.
    pages = [one.after for one in matching.asked]
    assert pages == sorted(pages)
    assert list(Counter(pages)) == ["", *PEOPLE[PAGE - 1 : -1 : PAGE]][: len(Counter(pages))]
    assert len(Counter(pages)) == -(-len(PEOPLE) // PAGE)
