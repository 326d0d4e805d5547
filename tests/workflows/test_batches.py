"""Certificates and ideas go before the sponsor in batches; silence is neither a signature nor an answer."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import Client

from activities.letters.catalogue import Letter
from integrations.answers import Purpose
from tests.workflows.running import ListeningPairing, RunningTown, begun, heard, life_of, listening, under_way
from tests.workflows.test_stopping import consented
from tests.workflows.test_stuck import until
from tests.workflows.town import lived
from workflows.names import WORKFLOWS
from workflows.pairing import PairingWorkflow
from workflows.stages import Outcome, PairingStart

FIRST, LATER = ("a", "b"), "c"


@pytest.mark.parametrize("continue_after", [8_000, 30])
async def test_certificates_due_together_are_signed_with_one_letter_and_later_ones_with_the_next(
    client: Client, continue_after: int
) -> None:
    start = under_way(*FIRST, LATER, continue_after=continue_after)
    town = RunningTown(client, start)
    town.choices[Purpose.CERTIFICATE_SIGNING] = "sign"
    async with lived(town, [ListeningPairing]):
        pairings = await listening(client, *FIRST, LATER)
        programme = await begun(client, start)
        due = town.clock.now()
        for mentee in (*FIRST, FIRST[0]):
            await programme.signal("closing-reviewed", life_of(mentee))
        await heard({one: pairings[one] for one in FIRST}, "signed")
        assert await pairings[LATER].query(ListeningPairing.heard) == []
        await programme.signal("closing-reviewed", life_of(LATER))
        await heard(pairings, "signed")
        for handle in pairings.values():
            assert await handle.query(ListeningPairing.heard) == ["signed"]
            await handle.terminate()
        await programme.terminate()
    asked = town.kept.of(Letter.CERTIFICATE_SIGNING)[0].ask
    # Three working days are gathered and twelve are left to answer, which is three weeks.
    assert asked
    assert asked.answer_by - due >= timedelta(days=19)
    batches = [one.about.people for one in town.kept.of(Letter.CERTIFICATE_SIGNING)]
    assert batches == [("mentor of a", "mentor of b"), ("mentor of c",)]
    assert town.kept.readers(Letter.CERTIFICATE_SIGNING) == ["sponsor", "sponsor"]


@pytest.mark.parametrize("answer", ["talk", None])
async def test_certificate_that_is_not_signed_is_the_coordinators_task_of_its_pairing(
    client: Client, answer: str | None
) -> None:
    start = under_way(*FIRST)
    assert start.terms
    # Long enough for both to fall into one batch, however far their lives drift apart.
    timings = start.terms.timings.model_copy(update={"signing_gather_wd": 10})
    terms = start.terms.model_copy(update={"sessions": 1})
    start = start.model_copy(update={"terms": start.terms.model_copy(update={"timings": timings})})
    town = RunningTown(client, start)
    if answer:
        town.choices[Purpose.CERTIFICATE_SIGNING] = answer
    else:
        town.silent.add(Purpose.CERTIFICATE_SIGNING)
    town.silent.add(Purpose.TASK)
    async with lived(town):
        pairings = [
            await client.start_workflow(
                PairingWorkflow.run,
                PairingStart(terms=terms, state=consented(one)),
                id=life_of(one),
                task_queue=WORKFLOWS,
            )
            for one in FIRST
        ]
        programme = await begun(client, start)
        ends = [await asyncio.wait_for(one.result(), 600) for one in pairings]
        await until(lambda: bool(town.reports.written))
        await programme.terminate()
    assert ends == [Outcome.COMPLETED] * 2
    assert list(town.open_tasks()) == ["certificate-unsigned"] * 2
    assert len(town.archive.tasks) == len(("opened", "closed")) * 2
    assert town.archive.owners["certificate-unsigned"] == "coordinator"
    readers = ["sponsor"] if answer else ["sponsor", "sponsor", "coordinator"]
    assert town.kept.readers(Letter.CERTIFICATE_SIGNING) == readers
    assert town.kept.of(Letter.CERTIFICATE) == []
